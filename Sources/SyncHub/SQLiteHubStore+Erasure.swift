import Database
import RecordStorage
import SyncCore

/// Removing content for good, and remembering by ids alone that it is gone.
///
/// Deleted bytes are overwritten in the file where they stand (`secure_delete`); what is left of them in gaps of pages and in
/// the write-ahead log goes when the file is written anew and the log emptied.
extension SQLiteHubStore {
    // MARK: Content

    package func groups(table: Int, key: Int64, record: RecordID) throws -> Set<GroupName> {
        let statement = try database.statement(
            """
            SELECT DISTINCT device, number FROM feed WHERE (table_number = ?1 AND item_key = ?2) OR (table_number = 0
            AND item_key IN (SELECT conflict_key FROM conflict WHERE table_number = ?1 AND record = ?3))
            """)
        defer { statement.reset() }
        try statement.bind(1, Int64(table))
        try statement.bind(2, key)
        try statement.bind(3, record.bytes)
        var groups: Set<GroupName> = []
        while try statement.step() {
            groups.insert(
                GroupName(
                    device: UInt32(truncatingIfNeeded: statement.integer(0)),
                    number: UInt64(bitPattern: statement.integer(1))))
        }
        return groups
    }

    package func eraseRecord(table: Int, key: Int64, record: RecordID) throws {
        try writeWaiting()
        for conflict in try conflicts(table: table, record: record) { try eraseConflict(conflict.key) }
        // The key may be given to another record later: no place in a feed may lead to it then.
        try database.run(
            "DELETE FROM feed WHERE table_number = ?1 AND item_key = ?2", .integer(Int64(table)), .integer(key))
        try database.run(
            "DELETE FROM version WHERE table_number = ?1 AND record_key = ?2", .integer(Int64(table)), .integer(key))
        for marks in ["vouched", "former_creation"] {
            try database.run(
                "DELETE FROM \(marks) WHERE table_number = ?1 AND record_key = ?2", .integer(Int64(table)),
                .integer(key))
        }
        try database.run(
            "DELETE FROM held_link WHERE table_number = ?1 AND record = ?2", .integer(Int64(table)),
            .blob(record.bytes))
        try ImportedRows.forget(record, in: database)
        try tables.delete(table: table, key: key)
    }

    private func eraseConflict(_ key: Int64) throws {
        try database.run("DELETE FROM feed WHERE table_number = 0 AND item_key = ?1", .integer(key))
        try database.run("DELETE FROM settling WHERE conflict_key = ?1", .integer(key))
        try database.run("DELETE FROM conflict WHERE conflict_key = ?1", .integer(key))
    }

    package func eraseVersions(
        table: Int, key: Int64, record: RecordID, fields: FieldMask, before stamp: Stamp
    ) throws {
        let (time, device) = (SQLValue.integer(Int64(bitPattern: stamp.time)), SQLValue.integer(Int64(stamp.device)))
        try ImportedRows.forget(record, in: database)
        for field in 1...Field.largestNumber where fields.contains(field) {
            let number = SQLValue.integer(Int64(field))
            try database.run(
                """
                DELETE FROM version WHERE table_number = ?1 AND record_key = ?2 AND field = ?3
                AND (time, device) < (?4, ?5)
                """, .integer(Int64(table)), .integer(key), number, time, device)
            try database.run(
                """
                DELETE FROM held_link WHERE table_number = ?1 AND record = ?2 AND field = ?3
                AND (time, device) < (?4, ?5)
                """, .integer(Int64(table)), .blob(record.bytes), number, time, device)
        }
        for stored in try conflicts(table: table, record: record) where fields.contains(stored.conflict.field) {
            let conflict = stored.conflict
            if conflict.a.stamp < stamp || conflict.b.stamp < stamp { try eraseConflict(stored.key) }
        }
    }

    package func clearFingerprint(_ group: GroupName) throws {
        let row = try database.query(
            """
            SELECT first, hashes FROM fingerprint WHERE device = ?1 AND first <= ?2 ORDER BY first DESC LIMIT 1
            """, [.integer(Int64(group.device)), .integer(Int64(bitPattern: group.number))]
        ).first
        guard let row, case .integer(let first) = row[0], case .blob(var hashes) = row[1] else { return }
        let start = 16 * Int(Int64(bitPattern: group.number) - first)
        guard start + 16 <= hashes.count else { return }
        for index in start..<start + 16 { hashes[index] = 0 }
        try database.run(
            "UPDATE fingerprint SET hashes = ?3 WHERE device = ?1 AND first = ?2", .integer(Int64(group.device)),
            .integer(first), .blob(hashes))
    }

    package func stamps(about stored: StoredRecord) throws -> Set<Stamp> {
        try writeWaiting()
        let state = stored.state
        var stamps = Set(state.fields.map(\.stamp) + [state.created, state.existence?.stamp].compactMap(\.self))
        let rows = try database.query(
            """
            WITH about AS (SELECT * FROM conflict WHERE table_number = ?1 AND record = ?3)
            SELECT time, device FROM version WHERE table_number = ?1 AND record_key = ?2
            UNION SELECT time, device FROM held_link WHERE table_number = ?1 AND record = ?3
            UNION SELECT a_time, a_device FROM about UNION SELECT b_time, b_device FROM about
            UNION SELECT verdict_time, verdict_device FROM about WHERE verdict_time NOT NULL
            UNION SELECT time, device FROM settling JOIN about USING (conflict_key)
            """, [.integer(Int64(state.table)), .integer(stored.key), .blob(state.id.bytes)])
        for row in rows {
            guard case .integer(let time) = row[0], case .integer(let device) = row[1] else { continue }
            stamps.insert(Stamp(time: UInt64(bitPattern: time), device: UInt32(truncatingIfNeeded: device)))
        }
        return stamps
    }

    package func clearFingerprints(ofPushesWith stamps: Set<Stamp>) throws {
        try writeWaiting()
        // The times of a device ascend from push to push, but for what it sent again after a restore.
        let isAscending = try formerEpochs().isEmpty
        for (device, stamps) in Dictionary(grouping: stamps, by: \.device) {
            let statement = try database.statement(
                "SELECT first, highest_time FROM fingerprint WHERE device = ?1 ORDER BY first")
            defer { statement.reset() }
            try statement.bind(1, Int64(device))
            var times = stamps.map(\.time).sorted()[...]
            var pushes: [Int64] = []
            while try statement.step() {
                guard !statement.isNull(1) else {
                    // From before times were kept.
                    pushes.append(statement.integer(0))
                    continue
                }
                let highest = UInt64(bitPattern: statement.integer(1))
                guard let least = times.first, least <= highest else { continue }
                pushes.append(statement.integer(0))
                if isAscending { times = times.drop { $0 <= highest } }
            }
            for first in pushes {
                try database.run(
                    "UPDATE fingerprint SET hashes = zeroblob(length(hashes)) WHERE device = ?1 AND first = ?2",
                    .integer(Int64(device)), .integer(first))
            }
        }
    }

    package func replaceQuarantined(_ id: Int64, body: [UInt8], changeCount: Int) throws {
        try database.run(
            "UPDATE quarantine SET body = ?2, changes = ?3 WHERE id = ?1", .integer(id), .blob(body),
            .integer(Int64(changeCount)))
    }

    // MARK: Orders

    package func addErasure(_ erasure: Erasure) throws {
        let order = erasure.order
        try database.run(
            "INSERT OR IGNORE INTO erasure VALUES (?1, ?2, ?3, ?4)", .blob(order.id.bytes),
            .integer(erasure.milliseconds), .integer(Int64(erasure.highestDevice)), .blob(order.encoded()))
        try noteGaps()
        for target in order.targets {
            try database.run(
                "INSERT OR IGNORE INTO erased VALUES (?1, ?2, ?3, ?4, ?5)", .blob(target.record.bytes),
                .integer(Int64(target.table)), .blob(order.id.bytes),
                target.isWhole ? .null : .integer(Int64(bitPattern: target.fields.bits)),
                .integer(Int64(bitPattern: order.time)))
        }
    }

    package func erasure(_ id: RecordID) throws -> Erasure? {
        try erasures(where: "WHERE id = ?", [.blob(id.bytes)]).first
    }

    package func erasures() throws -> [Erasure] { try erasures(where: "", []) }

    private func erasures(where condition: String, _ values: [SQLValue]) throws -> [Erasure] {
        try database.query("SELECT at, highest_device, body FROM erasure \(condition) ORDER BY at, id", values).map {
            guard case .integer(let at) = $0[0], case .integer(let device) = $0[1], case .blob(let body) = $0[2] else {
                throw HubError.damagedRow(table: "erasure")
            }
            do throws(CBORError) {
                return Erasure(
                    order: try ErasureOrder(decoding: body), milliseconds: at,
                    highestDevice: UInt32(truncatingIfNeeded: device))
            } catch {
                throw HubError.damagedRow(table: "erasure")
            }
        }
    }

    package func hasErasures() throws -> Bool { try database.integer("SELECT 1 FROM erasure LIMIT 1") != nil }

    package func erasureMarks(table: Int, record: RecordID) throws -> [ErasureMark] {
        let statement = try database.statement(
            "SELECT fields, time FROM erased WHERE record = ?1 AND table_number = ?2")
        defer { statement.reset() }
        try statement.bind(1, record.bytes)
        try statement.bind(2, Int64(table))
        var marks: [ErasureMark] = []
        while try statement.step() {
            let fields =
                statement.isNull(0) ? FieldMask.all : FieldMask(bits: UInt64(bitPattern: statement.integer(0)))
            marks.append(ErasureMark(fields: fields, time: UInt64(bitPattern: statement.integer(1))))
        }
        return marks
    }

    package func setErasureState(
        _ state: ErasureState, order: RecordID, device: UInt32, at milliseconds: Int64
    ) throws {
        try database.run(
            """
            INSERT INTO erasure_confirmation VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO UPDATE
            SET state = excluded.state, at = excluded.at WHERE state < excluded.state
            """, .blob(order.bytes), .integer(Int64(device)), .integer(Int64(state.rawValue)),
            .integer(milliseconds))
    }

    package func erasureConfirmations(order: RecordID) throws -> [ErasureConfirmation] {
        try database.query(
            "SELECT device, state, at FROM erasure_confirmation WHERE erasure = ? ORDER BY device",
            [.blob(order.bytes)]
        ).map {
            guard case .integer(let device) = $0[0], case .integer(let number) = $0[1],
                let state = ErasureState(rawValue: Int(number)), case .integer(let at) = $0[2]
            else { throw HubError.damagedRow(table: "erasure_confirmation") }
            return ErasureConfirmation(
                device: UInt32(truncatingIfNeeded: device), state: state, milliseconds: at)
        }
    }

    // MARK: Files

    /// The number of the last removal since the file was written anew; nil where none was.
    private func lastRemoval() throws -> Int64? {
        try database.integer("SELECT value FROM server WHERE name = '\(HubTables.removalLeft)'")
    }

    package func noteGaps() throws {
        try database.execute(
            """
            INSERT INTO server (name, value) VALUES ('\(HubTables.removals)', 1)
            ON CONFLICT (name) DO UPDATE SET value = value + 1;
            INSERT OR REPLACE INTO server (name, value)
            SELECT '\(HubTables.removalLeft)', value FROM server WHERE name = '\(HubTables.removals)'
            """)
    }

    /// Whether gaps of pages in the file, or its log, may hold what was erased.
    package func leavesGaps() throws -> Bool {
        try lastRemoval() != nil || database.integer("SELECT 1 FROM server WHERE name = '\(HubTables.logLeft)'") != nil
    }

    /// Writes the file anew, and takes note of that; outside a transaction. Empty the write-ahead log afterwards.
    ///
    /// - Throws: as `Database.rewrite`.
    package func writeAnew() throws {
        let number = try lastRemoval()
        try database.rewrite()
        guard let number else { return }
        try database.transaction {
            // Where there is one more by now, it is another process's, which comes to this as well.
            try database.run(
                "DELETE FROM server WHERE name = '\(HubTables.removalLeft)' AND value = ?1", .integer(number))
            try database.run("INSERT OR REPLACE INTO server (name, value) VALUES ('\(HubTables.logLeft)', 1)")
        }
    }

    /// Writes the file anew where gaps of pages may hold what was erased, and empties the write-ahead log; outside a transaction.
    ///
    /// - Returns: whether the file has no such gaps, and whether the log is empty: false where that can't be done now, as while
    ///   others write or read or where the disk has no room. It is remembered that it must be done.
    package func cleanAfterErasure() throws -> (hasNoGaps: Bool, isLogEmpty: Bool) {
        var hasNoGaps = try lastRemoval() == nil
        if !hasNoGaps {
            do {
                try writeAnew()
                hasNoGaps = true
            } catch is DatabaseError {
                // The answer says so; a log that grew until the disk was full gives its room back below.
            }
        }
        let isLogEmpty = database.checkpointIfPossible()
        if hasNoGaps, isLogEmpty { try noteEmptyLog() }
        return (hasNoGaps, isLogEmpty)
    }

    /// Takes note that the log was emptied since the file was written anew.
    package func noteEmptyLog() throws {
        guard try database.integer("SELECT 1 FROM server WHERE name = '\(HubTables.logLeft)'") != nil else { return }
        try database.transaction { try database.run("DELETE FROM server WHERE name = '\(HubTables.logLeft)'") }
    }
}
