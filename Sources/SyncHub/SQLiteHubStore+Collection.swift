import Database
import RecordStorage
import SyncCore

/// Horizons, the age of feeds, and entries that leave them.
extension SQLiteHubStore {
    package func horizon(area: Int) throws -> UInt64 {
        let sequence = try database.integer("SELECT sequence FROM horizon WHERE area = ?1", .integer(Int64(area)))
        return UInt64(bitPattern: sequence ?? 0)
    }

    package func setHorizon(area: Int, sequence: UInt64) throws {
        try database.run(
            "INSERT OR REPLACE INTO horizon VALUES (?1, ?2)", .integer(Int64(area)),
            .integer(Int64(bitPattern: sequence)))
    }

    package func noteFeed(area: Int, sequence: UInt64, milliseconds: Int64) throws {
        // Of several times at which a feed stood at the same place the first counts.
        try database.run(
            "INSERT OR IGNORE INTO feed_age VALUES (?1, ?2, ?3)", .integer(Int64(area)),
            .integer(Int64(bitPattern: sequence)), .integer(milliseconds))
    }

    package func lastFeedNote(area: Int) throws -> Int64? {
        try database.integer("SELECT max(time) FROM feed_age WHERE area = ?1", .integer(Int64(area)))
    }

    package func feedSequence(area: Int, notedBy milliseconds: Int64) throws -> UInt64? {
        try database.integer(
            "SELECT max(sequence) FROM feed_age WHERE area = ?1 AND time <= ?2", .integer(Int64(area)),
            .integer(milliseconds)
        ).map { UInt64(bitPattern: $0) }
    }

    package func entryCount(area: Int) throws -> Int {
        Int(
            try database.integer(
                "SELECT count(*) FROM feed WHERE position > ?1 AND position < ?2",
                .integer(Self.position(area: area, sequence: 0)), .integer(Self.position(area: area + 1, sequence: 0)))
                ?? 0)
    }

    package func mergeEntry(area: Int, sequence: UInt64, mask: FieldMask) throws -> Bool {
        // Not exact any more: its sender must get the fields of the entries that it takes over as well.
        try database.run(
            "UPDATE feed SET mask = mask | ?2, exact = 0 WHERE position = ?1",
            .integer(Self.position(area: area, sequence: sequence)), .integer(Int64(bitPattern: mask.bits)))
        return database.changes == 1
    }

    package func removeEntry(area: Int, sequence: UInt64) throws {
        try database.run(
            "DELETE FROM feed WHERE position = ?1", .integer(Self.position(area: area, sequence: sequence)))
    }

    package func forEachDeadRecord(table: Int, _ body: (_ table: Int, _ key: Int64) throws -> Void) throws {
        try writeWaiting()
        try tables.forEachDeadKey(table: table, body)
    }

    // MARK: What devices say of their digests

    package func setAreaCheck(_ check: AreaCheck) throws {
        try database.run(
            """
            INSERT INTO area_check VALUES (?1, ?2, ?3, ?4, ?5)
            ON CONFLICT (device, area) DO UPDATE SET outcome = excluded.outcome, time = excluded.time,
                repairs = repairs + excluded.repairs
            """, .integer(Int64(check.device)), .integer(Int64(check.area)),
            .integer(Int64(check.outcome.rawValue)), .integer(check.milliseconds), .integer(Int64(check.repairCount)))
    }

    package func areaChecks() throws -> [AreaCheck] {
        let statement = try database.statement(
            "SELECT device, area, outcome, time, repairs FROM area_check ORDER BY device, area")
        defer { statement.reset() }
        var checks: [AreaCheck] = []
        while try statement.step() {
            guard let outcome = AreaRepair.Outcome(rawValue: Int(statement.integer(2))) else {
                throw HubError.damagedRow(table: "area_check")
            }
            checks.append(
                AreaCheck(
                    device: UInt32(truncatingIfNeeded: statement.integer(0)), area: Int(statement.integer(1)),
                    outcome: outcome, milliseconds: statement.integer(3), repairCount: Int(statement.integer(4))))
        }
        return checks
    }
}
