import RecordStorage
import SyncCore

/// Which records show work of this device that is not settled.
///
/// A row names the newest group that touched it and is not written again when that group is settled. The name counts as
/// long as the outbox has the group's change of the record; whoever edits the record anew puts the new group in its place.
extension Replica {
    /// The newest group of this device that touches a record and is not settled.
    func pending(_ row: RowKey) throws -> Int64? {
        try unsettled(records.touchedBy(table: row.table, key: row.key), row)
    }

    /// The same for a row that was read.
    func pending(_ row: RecordTables.Row) throws -> Int64? {
        try unsettled(row.touchedBy, RowKey(table: row.state.table, key: row.key))
    }

    private func unsettled(_ group: Int64?, _ row: RowKey) throws -> Int64? {
        guard let group, try outbox.contains(group, row) else { return nil }
        return group
    }

    /// SQL over the columns of a row: whether nothing that is not settled touches it.
    ///
    /// - Parameter table: the table's number; 0 for all unknown ones.
    func isSettledSQL(_ table: Int) -> String {
        let name = sqlName(of: table)
        return Outbox.isSettledSQL(name, number: table == 0 ? "\(name).table_number" : String(table))
    }

    /// SQL over the columns of a row of any kind: whether the newest group that touched it is in the outbox, in whole or in
    /// part. Where it is not, nothing of the record waits.
    package static let mayWaitSQL = "(pending NOT NULL AND EXISTS (SELECT 1 FROM outbox_group WHERE number = pending))"
}

extension Outbox {
    /// SQL over the columns of a row: whether nothing that is not settled touches it.
    ///
    /// - Parameters:
    ///   - row: the SQL table, quoted, or what it is called in the statement.
    ///   - number: the table's number, or the SQL column that has it.
    static func isSettledSQL(_ row: String, number: String) -> String {
        """
        (\(row).pending IS NULL OR NOT EXISTS (SELECT 1 FROM outbox_change AS o WHERE o.group_number = \(row).pending
        AND o.table_number = \(number) AND o.record_key = \(row).record_key))
        """
    }
}
