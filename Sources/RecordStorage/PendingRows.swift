internal import Database

/// The newest group of a device that touches a record, in the record's row; replicas only.
extension RecordTables {
    /// The newest group of this device that touches the record and is not settled.
    package func pending(table: Int, key: Int64) throws -> Int64? {
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

    /// Clears the newest group of all rows in a range of keys whose newest group is in a range.
    package func clearPending(in groups: ClosedRange<Int64>, table: Int, keys: ClosedRange<Int64>) throws {
        let statement = try database.statement(layout(table).clearPending)
        try statement.bind(1, keys.lowerBound)
        try statement.bind(2, keys.upperBound)
        try statement.bind(3, groups.lowerBound)
        try statement.bind(4, groups.upperBound)
        try statement.run()
    }

    /// How many rows in a range of keys have their newest group in a range.
    package func countPending(in groups: ClosedRange<Int64>, table: Int, keys: ClosedRange<Int64>) throws -> Int {
        let statement = try database.statement(layout(table).countPending)
        defer { statement.reset() }
        try statement.bind(1, keys.lowerBound)
        try statement.bind(2, keys.upperBound)
        try statement.bind(3, groups.lowerBound)
        try statement.bind(4, groups.upperBound)
        return try statement.step() ? Int(statement.integer(0)) : 0
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
