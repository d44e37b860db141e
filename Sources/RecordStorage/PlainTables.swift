internal import Database
package import SyncCore

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// A new SQLite file with plain tables for any tool, made whole or not at all.
///
/// It grows under another name, `FILE.partial`, and takes its own when it is complete.
package final class PlainTables {
    private let path: String
    private let partial: String
    private var database: Database?

    /// Begins a file.
    ///
    /// - Throws: `RecordStorageError.fileExists` where something of that name is there, or what the disk reports.
    package init(path: String) throws {
        self.path = path
        partial = path + ".partial"
        guard unsafe access(path, F_OK) != 0 else {
            throw RecordStorageError.fileExists(path: path)
        }
        // What an earlier run left behind when it was stopped; where there is none, all is well.
        unsafe unlink(partial)
        database = try Database.plainFile(path: partial)
    }

    deinit {
        guard database != nil else { return }
        database = nil
        unsafe unlink(partial)
    }

    /// Adds a table with its rows; the first column is the key.
    ///
    /// - Parameter rows: calls its argument with the values of each row, as many as there are columns.
    /// - Returns: how many rows there were.
    @discardableResult
    package func add(
        _ name: String, columns: [(name: String, type: FieldType)],
        rows: (_ insert: ([Value]) throws -> Void) throws -> Void
    ) throws -> Int {
        guard let database else { throw RecordStorageError.fileExists(path: path) }
        let lines = columns.map { RecordLayout.declaration($0.name, $0.type) }.joined(separator: ", ")
        let marks = columns.map { _ in "?" }.joined(separator: ", ")
        var count = 0
        try database.transaction {
            try database.execute("CREATE TABLE \"\(name)\" (\(lines), PRIMARY KEY (\"\(columns[0].name)\"))")
            let statement = try database.prepare("INSERT INTO \"\(name)\" VALUES (\(marks))")
            try rows { values in
                for (offset, value) in values.enumerated() { try statement.bind(offset + 1, value) }
                try statement.run()
                count += 1
            }
        }
        return count
    }

    /// Gives the file its name; it is on the disk then.
    package func finish() throws(RecordStorageError) {
        guard database != nil else { return }
        database = nil
        guard unsafe rename(partial, path) == 0 else {
            let number = errno
            unsafe unlink(partial)
            throw RecordStorageError.fileNotNamed(path: path, code: number)
        }
        syncFolder()
    }

    /// Brings the new name to the disk; some file systems can't, then it is as safe as they make it.
    private func syncFolder() {
        let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
        let opened = unsafe open(folder, O_RDONLY | O_CLOEXEC)
        guard opened >= 0 else { return }
        fsync(opened)
        close(opened)
    }
}

extension Statement {
    fileprivate func bind(_ index: Int, _ value: Value) throws(DatabaseError) {
        switch value {
        case .null: try bindNull(index)
        case .integer(let number): try bind(index, number)
        case .real(let number): try bind(index, number)
        case .text(let text): try bind(index, text)
        case .blob(let bytes): try bind(index, bytes)
        }
    }
}
