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

    package func addReasonRecord(_ group: GroupName, table: Int, record: RecordID) throws {
        try database.run(
            "INSERT OR IGNORE INTO held_reason_record VALUES (?1, ?2, ?3, ?4)", .integer(Int64(group.device)),
            .integer(Int64(bitPattern: group.number)), .integer(Int64(table)), .blob(record.bytes))
    }

    package func eraseReasons(table: Int, record: RecordID) throws {
        // A decision on one group takes those along that build on it, in the same words.
        try database.run(
            """
            UPDATE held_outcome SET why = NULL WHERE why IN (
                SELECT why FROM held_outcome WHERE (device, number) IN (
                    SELECT device, number FROM held_reason_record WHERE table_number = ?1 AND record = ?2))
            """, .integer(Int64(table)), .blob(record.bytes))
        try database.run(
            "DELETE FROM held_reason_record WHERE table_number = ?1 AND record = ?2", .integer(Int64(table)),
            .blob(record.bytes))
        // Decisions of an earlier version, and on groups that could not be read.
        try database.run(
            """
            UPDATE held_outcome SET why = NULL WHERE why IS NOT NULL AND NOT EXISTS (
                SELECT 1 FROM held_reason_record WHERE held_reason_record.device = held_outcome.device
                AND held_reason_record.number = held_outcome.number)
            """)
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
