import CSQLite

/// A value as SQLite stores it, for paths where speed does not matter.
package enum SQLValue: Hashable, Sendable {
    case null
    case integer(Int64)
    case real(Double)
    case text(String)
    case blob([UInt8])
}

extension Statement {
    /// Binds any value to a parameter, counted from 1.
    package func bind(_ index: Int, _ value: SQLValue) throws(DatabaseError) {
        switch value {
        case .null: try bindNull(index)
        case .integer(let number): try bind(index, number)
        case .real(let number): try bind(index, number)
        case .text(let text): try bind(index, text)
        case .blob(let bytes): try bind(index, bytes)
        }
    }

    /// The value of a column, counted from 0.
    package func value(_ column: Int) -> SQLValue {
        switch type(column) {
        case .null: .null
        case .integer: .integer(integer(column))
        case .real: .real(double(column))
        case .text: .text(text(column))
        case .blob: .blob(blob(column))
        }
    }
}

extension Database {
    /// All rows of a query, each with all its columns.
    package func query(_ sql: String, _ values: [SQLValue] = []) throws(DatabaseError) -> [[SQLValue]] {
        let statement = try bound(sql, values)
        defer { statement.reset() }
        var rows: [[SQLValue]] = []
        while try statement.step() { rows.append((0..<statement.columnCount).map(statement.value)) }
        return rows
    }

    /// The first column of the first row as an integer; nil if there is no row, or it holds null.
    package func integer(_ sql: String, _ values: SQLValue...) throws(DatabaseError) -> Int64? {
        let statement = try bound(sql, values)
        defer { statement.reset() }
        guard try statement.step(), !statement.isNull(0) else { return nil }
        return statement.integer(0)
    }

    /// The first column of the first row as a text; nil if there is no row, or it holds null.
    package func text(_ sql: String, _ values: SQLValue...) throws(DatabaseError) -> String? {
        let statement = try bound(sql, values)
        defer { statement.reset() }
        guard try statement.step(), !statement.isNull(0) else { return nil }
        return statement.text(0)
    }

    /// Runs one statement that returns no rows of interest.
    package func run(_ sql: String, _ values: SQLValue...) throws(DatabaseError) {
        try bound(sql, values).run()
    }

    private func bound(_ sql: String, _ values: [SQLValue]) throws(DatabaseError) -> Statement {
        let statement = try statement(sql)
        for (offset, value) in values.enumerated() { try statement.bind(offset + 1, value) }
        return statement
    }
}
