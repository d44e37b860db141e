import Database
import SyncCore

/// Held groups and their links.
extension SQLiteHubStore {
    package func addQuarantined(_ group: QuarantinedGroup, body: [UInt8]) throws -> Int64 {
        try database.run(
            "INSERT INTO quarantine (device, number, reason, arrived, changes, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            .integer(Int64(group.device)), .integer(Int64(bitPattern: group.number)),
            .integer(Int64(group.reason.rawValue)), .integer(group.arrivedMilliseconds),
            .integer(Int64(group.changeCount)), .blob(body))
        return database.lastInsertRowID
    }

    private static let columns = "id, device, number, reason, arrived, changes"

    package func quarantined(device: UInt32?) throws -> [QuarantinedGroup] {
        let condition = device == nil ? "" : "WHERE device = ?1"
        let statement = try database.statement("SELECT \(Self.columns) FROM quarantine \(condition) ORDER BY id")
        defer { statement.reset() }
        if let device { try statement.bind(1, Int64(device)) }
        var groups: [QuarantinedGroup] = []
        while try statement.step() { groups.append(try Self.group(statement)) }
        return groups
    }

    package func quarantined(device: UInt32, number: UInt64) throws -> QuarantinedGroup? {
        let statement = try database.statement(
            "SELECT \(Self.columns) FROM quarantine WHERE device = ?1 AND number = ?2")
        defer { statement.reset() }
        try statement.bind(1, Int64(device))
        try statement.bind(2, Int64(bitPattern: number))
        return try statement.step() ? Self.group(statement) : nil
    }

    package func quarantined(id: Int64) throws -> QuarantinedGroup? {
        let statement = try database.statement("SELECT \(Self.columns) FROM quarantine WHERE id = ?1")
        defer { statement.reset() }
        try statement.bind(1, id)
        return try statement.step() ? Self.group(statement) : nil
    }

    private static func group(_ statement: Statement) throws -> QuarantinedGroup {
        QuarantinedGroup(
            id: statement.integer(0), device: UInt32(truncatingIfNeeded: statement.integer(1)),
            number: UInt64(bitPattern: statement.integer(2)), reason: HoldReason(rawValue: Int(statement.integer(3))),
            arrivedMilliseconds: statement.integer(4), changeCount: Int(statement.integer(5)))
    }

    package func quarantinedSize(device: UInt32) throws -> (count: Int, bytes: Int) {
        let statement = try database.statement(
            "SELECT count(*), coalesce(sum(length(body)), 0) FROM quarantine WHERE device = ?1")
        defer { statement.reset() }
        try statement.bind(1, Int64(device))
        return try statement.step() ? (Int(statement.integer(0)), Int(statement.integer(1))) : (0, 0)
    }

    package func removeQuarantined(_ id: Int64) throws {
        try database.run("DELETE FROM quarantine WHERE id = ?1", .integer(id))
    }

    package func quarantinedBody(_ id: Int64) throws -> [UInt8]? {
        let statement = try database.statement("SELECT body FROM quarantine WHERE id = ?1")
        defer { statement.reset() }
        try statement.bind(1, id)
        return try statement.step() ? statement.blob(0) : nil
    }

    package func addHeldLink(_ link: HeldLink, quarantine: Int64) throws {
        let statement = try database.statement(
            "INSERT OR IGNORE INTO held_link VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)")
        try statement.bind(1, Int64(link.table))
        try statement.bind(2, link.record.bytes)
        try statement.bind(3, Int64(link.field))
        try statement.bind(4, Int64(bitPattern: link.stamp.time))
        try statement.bind(5, Int64(link.stamp.device))
        try statement.bindBase(link.base, 6)
        try statement.bind(8, quarantine)
        try statement.run()
    }

    package func wasHeld(table: Int, record: RecordID, field: Int, stamp: Stamp) throws -> Bool {
        try database.integer(
            """
            SELECT 1 FROM held_link WHERE table_number = ?1 AND record = ?2 AND field = ?3 AND time = ?4 AND device = ?5
            AND NOT EXISTS (SELECT 1 FROM quarantine WHERE id = held_link.quarantine)
            """, .integer(Int64(table)), .blob(record.bytes), .integer(Int64(field)),
            .integer(Int64(bitPattern: stamp.time)), .integer(Int64(stamp.device))) != nil
    }

    package func heldLink(table: Int, record: RecordID, field: Int, stamp: Stamp) throws -> HeldLink? {
        let statement = try database.statement(
            """
            SELECT base_time, base_device FROM held_link
            WHERE table_number = ?1 AND record = ?2 AND field = ?3 AND time = ?4 AND device = ?5
            """)
        defer { statement.reset() }
        try statement.bind(1, Int64(table))
        try statement.bind(2, record.bytes)
        try statement.bind(3, Int64(field))
        try statement.bind(4, Int64(bitPattern: stamp.time))
        try statement.bind(5, Int64(stamp.device))
        guard try statement.step() else { return nil }
        return HeldLink(
            table: table, record: record, field: field, stamp: stamp,
            base: statement.isNull(0) ? nil : statement.stamp(0))
    }

    // MARK: Held under another number

    package func addMovedGroup(device: UInt32, likeness: UInt128, sent: UInt64, number: UInt64) throws {
        try database.run(
            "INSERT INTO moved_group VALUES (?1, ?2, ?3, ?4)", .integer(Int64(device)), .blob(likeness.bytes),
            .integer(Int64(clamping: sent)), .integer(Int64(clamping: number)))
    }

    package func movedGroup(device: UInt32, likeness: UInt128) throws -> UInt64? {
        try database.integer(
            "SELECT number FROM moved_group WHERE device = ?1 AND likeness = ?2", .integer(Int64(device)),
            .blob(likeness.bytes)
        ).map { UInt64(clamping: $0) }
    }

    package func movedGroups(device: UInt32, sent: UInt64) throws -> [UInt64] {
        let statement = try database.statement(
            "SELECT number FROM moved_group WHERE device = ?1 AND sent = ?2 ORDER BY number DESC")
        defer { statement.reset() }
        try statement.bind(1, Int64(device))
        try statement.bind(2, Int64(clamping: sent))
        var numbers: [UInt64] = []
        while try statement.step() { numbers.append(UInt64(clamping: statement.integer(0))) }
        return numbers
    }
}
