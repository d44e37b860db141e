import Database
import SyncCore

/// What became of held groups.
extension SQLiteHubStore {
    private static let columns = "id, number, kind, reason, why, decided"

    package func addHeldOutcome(_ outcome: HeldOutcome, device: UInt32) throws {
        // A group that is held anew gets a new outcome; the old one would never be asked for again.
        try database.run(
            """
            INSERT OR REPLACE INTO held_outcome (device, number, kind, reason, why, decided)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6)
            """, .integer(Int64(device)), .integer(Int64(bitPattern: outcome.number)),
            .integer(Int64(outcome.kind.rawValue)), .integer(Int64(outcome.reason.rawValue)),
            outcome.why.map { .text($0) } ?? .null, .integer(outcome.milliseconds))
    }

    package func heldOutcome(device: UInt32, number: UInt64) throws -> HeldOutcome? {
        let statement = try database.statement(
            "SELECT \(Self.columns) FROM held_outcome WHERE device = ?1 AND number = ?2")
        defer { statement.reset() }
        try statement.bind(1, Int64(device))
        try statement.bind(2, Int64(bitPattern: number))
        return try statement.step() ? Self.outcome(statement) : nil
    }

    package func heldOutcomes(device: UInt32, after id: UInt64, limit: Int) throws -> [HeldOutcome] {
        let statement = try database.statement(
            "SELECT \(Self.columns) FROM held_outcome WHERE device = ?1 AND id > ?2 ORDER BY id LIMIT ?3")
        defer { statement.reset() }
        try statement.bind(1, Int64(device))
        try statement.bind(2, Int64(clamping: id))
        try statement.bind(3, Int64(limit))
        var outcomes: [HeldOutcome] = []
        while try statement.step() { outcomes.append(try Self.outcome(statement)) }
        return outcomes
    }

    private static func outcome(_ statement: Statement) throws -> HeldOutcome {
        guard let kind = HeldOutcome.Kind(rawValue: Int(statement.integer(2))) else {
            throw HubError.damagedRow(table: "held_outcome")
        }
        return HeldOutcome(
            id: UInt64(bitPattern: statement.integer(0)), number: UInt64(bitPattern: statement.integer(1)), kind: kind,
            reason: HoldReason(rawValue: Int(statement.integer(3))), why: statement.isNull(4) ? nil : statement.text(4),
            milliseconds: statement.integer(5))
    }
}
