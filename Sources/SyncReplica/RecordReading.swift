import Database
import RecordStorage
import SyncCore

/// How far a record has come.
package enum RecordProgress: Sendable, Equatable {
    /// It has edits that the server does not have yet.
    case waiting
    /// The server has edits of it for checking.
    case held
    /// An open conflict is about it.
    case conflict
    /// The server has all of it.
    case sent
}

/// What there is to see in a replica.
extension Replica {
    /// A record as it is shown, or nil where there is none; deleted ones are there, not living.
    package func record(table: Int, id: RecordID) throws -> RecordState? {
        try records.find(table: table, id: id)?.state
    }

    /// How far a record has come: of several the first in the order of `RecordProgress`. Nil where there is none.
    package func progress(of record: RecordReference) throws -> RecordProgress? {
        try reading {
            guard let key = try records.key(table: record.table, id: record.id) else { return nil }
            let receipt = try standing().receipt
            let row = RowKey(table: record.table, key: key)
            let groups = try outbox.chain(of: row, newest: pending(row)).map(\.group)
            if groups.contains(where: { $0 > receipt }) { return .waiting }
            let isHeld = try groups.contains { group in
                let state = try outbox.state(of: group)
                return state == .held || state == .dropped
            }
            if isHeld { return .held }
            return try conflictLog.about(record).contains { $0.status == .open } ? .conflict : .sent
        }
    }

    /// Conflicts by ascending stamp of their newer side; decisions of this device show at once.
    ///
    /// One whose record is not here, for a sync was cut between the two, is left out: nobody could decide it.
    package func conflicts(openOnly: Bool = true) throws -> [Conflict] {
        try reading {
            try conflictLog.all(openOnly: openOnly).filter { try records.key(table: $0.table, id: $0.record) != nil }
        }
    }

    /// The conflict with this id, or nil.
    package func conflict(_ id: UInt128) throws -> Conflict? { try conflictLog.find(id) }

    /// The groups with changes of a record that the server holds for checking.
    package func heldGroups(of record: RecordReference) throws -> [HeldGroup] {
        try reading {
            guard let key = try records.key(table: record.table, id: record.id) else { return [] }
            let row = RowKey(table: record.table, key: key)
            let groups = try outbox.chain(of: row, newest: pending(row)).map(\.group)
            return groups.isEmpty ? [] : try outbox.held().filter { groups.contains(Int64(clamping: $0.number)) }
        }
    }

    /// All groups that the server holds for checking.
    package func heldGroups() throws -> [HeldGroup] { try outbox.held() }

    /// How many records have edits that the server does not have yet.
    package var unsentCount: Int {
        get throws {
            // A record that waits in several groups has an entry that names the one before; most wait in one.
            let entries = try database.query(
                """
                SELECT count(*), count(previous) FROM outbox_change
                WHERE group_number > coalesce((SELECT receipt FROM replica_standing), 0)
                """)
            if let entry = entries.first, case .integer(let count) = entry[0], entry[1] == .integer(0) {
                return Int(count)
            }
            let count = try database.integer(
                """
                SELECT count(*) FROM (SELECT DISTINCT table_number, record_key FROM outbox_change
                WHERE group_number > coalesce((SELECT receipt FROM replica_standing), 0))
                """)
            return Int(count ?? 0)
        }
    }

    /// How many records of a table are shown.
    ///
    /// - Throws: `ReplicaError.unknownTable` for a table that the schema does not have.
    package func livingCount(table: Int) throws -> Int {
        guard schema.table(table) != nil else { throw ReplicaError.unknownTable(table) }
        return Int(try database.integer("SELECT count(*) FROM \(sqlName(of: table)) WHERE living") ?? 0)
    }

    /// Records whose text id begins with these letters.
    ///
    /// - Parameters:
    ///   - prefix: letters of the text form; an empty one finds nothing.
    ///   - table: nil for all tables of the schema.
    ///   - limit: the most records to return.
    package func resolveID(_ prefix: String, table: Int? = nil, limit: Int = 10) throws -> [RecordReference] {
        guard !prefix.isEmpty, prefix.utf8.count <= RecordID.textLength else { return [] }
        var found: [RecordReference] = []
        for table in table.map({ [$0] }) ?? schema.tables.map(\.number) {
            guard schema.table(table) != nil else { throw ReplicaError.unknownTable(table) }
            let statement = try database.statement("SELECT id FROM \(sqlName(of: table)) ORDER BY record_key")
            defer { statement.reset() }
            while found.count < limit, try statement.step() {
                guard let id = RecordID(bytes: statement.blob(0)) else {
                    throw ReplicaError.damaged("the id of a record")
                }
                if id.description.hasPrefix(prefix) { found.append(RecordReference(table: table, id: id)) }
            }
        }
        return found
    }

    // MARK: Digests

    /// The digest of each readable area over acknowledged living records, as it was kept up to date.
    package func digests() throws -> [Int: UInt128] {
        try reading {
            var digests: [Int: UInt128] = [:]
            for cursor in try cursors() { digests[cursor.area] = try storedDigest(of: cursor.area) }
            return digests
        }
    }

    /// The same digests from the rows alone; where they differ from `digests` the store is damaged.
    package func recomputeDigests() throws -> [Int: UInt128] {
        try reading {
            var digests: [Int: UInt128] = [:]
            for cursor in try cursors() { digests[cursor.area] = try recomputeDigest(of: cursor.area) }
            return digests
        }
    }
}
