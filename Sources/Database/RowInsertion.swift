/// Adds many rows to a table: several in one statement, for a statement costs as much as a row.
package final class RowInsertion {
    /// How many rows one statement takes, where there are as many.
    private static let rowCount = 16

    private let columnCount: Int
    private let one: Query
    private let many: Query

    /// - Parameters:
    ///   - head: the SQL up to the values: `INSERT INTO feed`.
    ///   - columnCount: how many values a row has, 1 to 2,000.
    package init(_ head: String, columnCount: Int) {
        self.columnCount = columnCount
        let row = "(\(Array(repeating: "?", count: columnCount).joined(separator: ", ")))"
        one = Query("\(head) VALUES \(row)")
        many = Query("\(head) VALUES \(Array(repeating: row, count: Self.rowCount).joined(separator: ", "))")
    }

    /// Adds rows.
    ///
    /// - Parameter bind: binds the values of one row; its first parameter has the index that is given.
    package func insert(
        _ rows: Range<Int>, into database: Database,
        bind: (_ statement: Statement, _ first: Int, _ row: Int) throws -> Void
    ) throws {
        var next = rows.lowerBound
        while next < rows.upperBound {
            let count = rows.upperBound - next >= Self.rowCount ? Self.rowCount : 1
            let statement = try database.statement(count == 1 ? one : many)
            // What a failed row had bound must not turn up in the next one.
            var isDone = false
            defer { if !isDone { statement.reset() } }
            for offset in 0..<count { try bind(statement, 1 + offset * columnCount, next + offset) }
            try statement.run()
            isDone = true
            next += count
        }
    }
}
