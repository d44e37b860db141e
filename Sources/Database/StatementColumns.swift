import CSQLite

/// How SQLite stores a value.
package enum SQLType: Hashable, Sendable {
    case null
    case integer
    case real
    case text
    case blob
}

// The columns of the row that `step` has reached. A column that does not exist reads as null.
extension Statement {
    /// How many columns a row has.
    package var columnCount: Int { unsafe Int(sqlite3_column_count(handle)) }

    /// The name of a column; empty if there is none.
    package func columnName(_ column: Int) -> String {
        guard let name = unsafe sqlite3_column_name(handle, Int32(clamping: column)) else { return "" }
        return unsafe String(cString: name)
    }

    /// How the value of a column is stored; ask before reading it, for reading can convert it.
    package func type(_ column: Int) -> SQLType {
        switch unsafe sqlite3_column_type(handle, Int32(clamping: column)) {
        case SQLITE_INTEGER: .integer
        case SQLITE_FLOAT: .real
        case SQLITE_TEXT: .text
        case SQLITE_BLOB: .blob
        default: .null
        }
    }

    /// Whether a column holds null.
    package func isNull(_ column: Int) -> Bool {
        unsafe sqlite3_column_type(handle, Int32(clamping: column)) == SQLITE_NULL
    }

    /// A column as a 64-bit integer; null reads as 0.
    package func integer(_ column: Int) -> Int64 {
        unsafe sqlite3_column_int64(handle, Int32(clamping: column))
    }

    /// A column as a real number; null reads as 0.
    package func double(_ column: Int) -> Double {
        unsafe sqlite3_column_double(handle, Int32(clamping: column))
    }

    /// A column as a text, NUL characters included; null reads as the empty text.
    package func text(_ column: Int) -> String {
        let position = Int32(clamping: column)
        guard let start = unsafe sqlite3_column_text(handle, position) else { return "" }
        let count = Int(unsafe sqlite3_column_bytes(handle, position))
        return unsafe String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
    }

    /// A column as bytes, copied; null reads as none.
    package func blob(_ column: Int) -> [UInt8] {
        unsafe withBlob(column) { unsafe [UInt8]($0) }
    }

    /// Lends the bytes of a column, without a copy, until the body returns.
    package func withBlob<T, E: Error>(
        _ column: Int, _ body: (UnsafeRawBufferPointer) throws(E) -> T
    ) throws(E) -> T {
        let position = Int32(clamping: column)
        let start = unsafe sqlite3_column_blob(handle, position)
        let count = unsafe start == nil ? 0 : Int(sqlite3_column_bytes(handle, position))
        return try unsafe body(UnsafeRawBufferPointer(start: start, count: count))
    }
}
