import CSQLite

extension Database {
    /// Makes a new file for other programs to read: one plain SQLite file, without a log, a lock or an owner.
    ///
    /// It is made with mode 0600. Nobody else may open it before it is complete.
    ///
    /// - Throws: `.cannotOpen` where a file of that name is there already, or what the disk reports.
    package static func plainFile(path: String) throws(DatabaseError) -> Database {
        let file = try FileSystem.canonical(path)
        guard FileSystem.size(file) == nil else {
            throw DatabaseError(.cannotOpen, "there is something of that name already", path: file)
        }
        try FileSystem.createPrivately(file)
        let connection = try Connection(path: file, flags: SQLITE_OPEN_READWRITE)
        try connection.configure(busyTimeoutMilliseconds: 0)
        // A half-made file is thrown away, so its journal may be lost; and it may be larger than memory.
        try connection.execute("PRAGMA journal_mode = MEMORY; PRAGMA cache_spill = ON; PRAGMA secure_delete = OFF")
        return Database(connection, path: file)
    }
}
