import Database
import RecordStorage
import SyncCore

/// Which records have not reached the server.
extension Replica {
    /// How many groups the server has not acknowledged, those without changes of records included.
    package var unsentGroupCount: Int {
        get throws {
            let count = try database.integer(
                """
                SELECT count(*) FROM outbox_group
                WHERE number > coalesce((SELECT receipt FROM replica_standing), 0)
                """)
            return Int(count ?? 0)
        }
    }

    /// Records with edits that the server does not have yet, the earliest saved first.
    ///
    /// - Parameter limit: the most records to return; `unsentCount` says how many there are.
    package func waitingRecords(limit: Int) throws -> [RecordReference] {
        try reading {
            let statement = try database.statement(
                """
                SELECT table_number, record_key FROM outbox_change
                WHERE group_number > coalesce((SELECT receipt FROM replica_standing), 0)
                GROUP BY table_number, record_key ORDER BY min(group_number), table_number, record_key LIMIT ?
                """)
            defer { statement.reset() }
            try statement.bind(1, Int64(limit))
            var rows: [RowKey] = []
            while try statement.step() {
                rows.append(RowKey(table: Int(statement.integer(0)), key: statement.integer(1)))
            }
            return try rows.compactMap { row in
                try records.id(table: row.table, key: row.key).map { RecordReference(table: row.table, id: $0) }
            }
        }
    }
}
