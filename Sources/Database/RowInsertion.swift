/// Adds many rows to a table: several in one statement, for a statement costs as much as a row.
///
/// None of its statements can undo itself, which would cost a copy of each page that it changes: where one fails, what it
/// did before stays until the transaction, or the savepoint around it, is undone.
package final class RowInsertion {
    /// What happens where a row with the same key is there.
    package enum Meeting: Sendable {
        /// The statement fails.
        case fails
        /// The new row takes the place of the old one.
        case replaces
        /// The old row stays.
        case leaves
    }

    /// How many rows one statement takes, where there are as many.
    private static let rowCount = 16

    private let columnCount: Int
    private let one: Query
    private let many: Query
    /// For rows of which some are there.
    private let replacing: Query

    /// - Parameters:
    ///   - table: its name in SQL, with the names of the columns in brackets where not all are given: `feed`.
    ///   - columnCount: how many values a row has, 1 to 2,000.
    ///   - meeting: what happens where a row with the same key is there.
    package init(into table: String, columnCount: Int, meeting: Meeting = .fails) {
        self.columnCount = columnCount
        let row = "(\(Array(repeating: "?", count: columnCount).joined(separator: ", ")))"
        let rows = Array(repeating: row, count: Self.rowCount).joined(separator: ", ")
        // To replace, a statement must be able to undo itself: as most rows are new, that is tried without first.
        let (first, single) =
            switch meeting {
            case .fails: ("FAIL", "FAIL")
            case .replaces: ("IGNORE", "REPLACE")
            case .leaves: ("IGNORE", "IGNORE")
            }
        one = Query("INSERT OR \(single) INTO \(table) VALUES \(row)")
        many = Query("INSERT OR \(first) INTO \(table) VALUES \(rows)")
        replacing = Query("INSERT OR REPLACE INTO \(table) VALUES \(rows)")
        replaces = meeting == .replaces
    }

    private let replaces: Bool

    /// Adds rows.
    ///
    /// - Parameter bind: binds the values of one row; its first parameter has the index that is given. It is called again
    ///   for rows that replace others.
    /// - Returns: how many rows were added, those included that took the place of others.
    @discardableResult
    package func insert(
        _ rows: Range<Int>, into database: Database,
        bind: (_ statement: Statement, _ first: Int, _ row: Int) throws -> Void
    ) throws -> Int {
        var added = 0
        var next = rows.lowerBound
        while next < rows.upperBound {
            let count = rows.upperBound - next >= Self.rowCount ? Self.rowCount : 1
            var changes = try run(count == 1 ? one : many, next..<next + count, database, bind)
            if replaces, changes < count { changes = try run(replacing, next..<next + count, database, bind) }
            added += changes
            next += count
        }
        return added
    }

    /// Returns how many rows the statement added.
    private func run(
        _ query: Query, _ rows: Range<Int>, _ database: Database,
        _ bind: (_ statement: Statement, _ first: Int, _ row: Int) throws -> Void
    ) throws -> Int {
        let statement = try database.statement(query)
        // What a failed row had bound must not turn up in the next one.
        var isDone = false
        defer { if !isDone { statement.reset() } }
        for (offset, row) in rows.enumerated() { try bind(statement, 1 + offset * columnCount, row) }
        try statement.run()
        isDone = true
        return database.changes
    }
}
