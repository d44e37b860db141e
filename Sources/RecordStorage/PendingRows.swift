internal import Database

/// The newest group of a device that touches a record, in the record's row; replicas only.
///
/// Once the group is settled the row goes on naming it: to write each row again would cost more than all else that is done
/// when a server acknowledges new records. Whoever reads it asks the outbox whether the group still waits.
extension RecordTables {
    /// The newest group of this device that touched the record, settled or not.
    package func touchedBy(table: Int, key: Int64) throws -> Int64? {
        let statement = try database.statement(layout(table).selectPending)
        defer { statement.reset() }
        try statement.bind(1, key)
        return try statement.step() && !statement.isNull(0) ? statement.integer(0) : nil
    }

    /// Sets or clears the newest group that touches the record.
    package func setPending(_ group: Int64?, table: Int, key: Int64) throws {
        let statement = try database.statement(layout(table).updatePending)
        if let group { try statement.bind(1, group) } else { try statement.bindNull(1) }
        try statement.bind(2, key)
        try statement.run()
    }

    /// Calls `body` with each row in a range of keys, by ascending keys; replicas only.
    package func forEachRow(table: Int, keys: ClosedRange<Int64>, _ body: (Row) throws -> Void) throws {
        let layout = layout(table)
        let statement = try database.statement(layout.selectRange)
        defer { statement.reset() }
        try statement.bind(1, keys.lowerBound)
        try statement.bind(2, keys.upperBound)
        while try statement.step() { try body(row(statement, layout: layout)) }
    }
}
