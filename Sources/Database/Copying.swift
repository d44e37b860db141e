import CSQLite

extension Database {
    /// How many pages are copied before the next look at the time; a page has 4 KiB.
    private static let pagesPerStep: Int32 = 1_024

    /// Copies the whole database as it is now into a new file with mode 0600, while others go on writing
    /// (SQLite's online backup, https://sqlite.org/backup.html).
    ///
    /// - Parameter path: a file that does not exist yet; one that could not be finished is left behind.
    /// - Throws: `.misuse` inside a transaction, `.cannotOpen` where the file exists, and what the disks report.
    package func copy(to path: String) throws {
        guard FileSystem.size(path) == nil else {
            throw DatabaseError(.cannotOpen, "there is such a file already", path: path)
        }
        try FileSystem.createPrivately(path)
        let target = try Connection(path: path, flags: SQLITE_OPEN_READWRITE)
        // One state of the source throughout: other connections may write between the steps.
        try readTransaction {
            _ = try integer("SELECT count(*) FROM sqlite_schema")
            try copyPages(to: target)
        }
    }

    /// All bytes of the database as it is now, what is in its write-ahead log included: what a copy in a file would hold.
    ///
    /// For a disk on which no copy can be made; it takes as much memory as the database has bytes.
    ///
    /// - Throws: what the disk reports, `.other` where there is not enough memory.
    package func content() throws(DatabaseError) -> [UInt8] {
        var count: Int64 = 0
        guard let bytes = unsafe sqlite3_serialize(connection.handle, "main", &count, 0) else {
            throw DatabaseError(.other, "its content can't be read into memory", path: path)
        }
        defer { unsafe sqlite3_free(bytes) }
        return unsafe Array(UnsafeBufferPointer(start: bytes, count: Int(count)))
    }

    private func copyPages(to target: Connection) throws(DatabaseError) {
        guard let backup = unsafe sqlite3_backup_init(target.handle, "main", connection.handle, "main") else {
            throw target.error(unsafe sqlite3_errcode(target.handle))
        }
        var code = SQLITE_OK
        while code == SQLITE_OK { code = unsafe sqlite3_backup_step(backup, Self.pagesPerStep) }
        let end = unsafe sqlite3_backup_finish(backup)
        if code != SQLITE_DONE { throw target.error(code) }
        try target.check(end)
    }
}
