import CSQLite

/// The steps from a path to a connection that is ready.
struct DatabaseOpening {
    let path: String
    let applicationID: Int32
    let busyTimeoutMilliseconds: Int

    /// A file that was opened, what keeps its writers apart, and why it can only be read, where that is so.
    struct Opened {
        let connection: Connection
        let lock: CommitLock?
        let refusal: DatabaseError?
    }

    /// Opens a file that must exist and be ours.
    func openForReading() throws(DatabaseError) -> Connection {
        guard case .own = try FileIdentity.look(at: path, applicationID: applicationID) else {
            throw DatabaseError(.cannotOpen, "there is no database in it", path: path)
        }
        let connection = try Connection(path: path, flags: SQLITE_OPEN_READONLY)
        do {
            try connection.configure(busyTimeoutMilliseconds: busyTimeoutMilliseconds)
            _ = try integer("SELECT count(*) FROM sqlite_schema", connection)
            return connection
        } catch  where error.kind == .cannotOpen || error.kind == .readOnly {
            return try openUnchanging(error)
        }
    }

    /// Opens a file for writing, or where nothing can be written for reading.
    ///
    /// A disk that is dying is made read-only by most systems: what was saved must stay readable then.
    func openForWritingOrReading(create: Bool) throws(DatabaseError) -> Opened {
        do {
            let (connection, lock) = try openForWriting(create: create)
            return Opened(connection: connection, lock: lock, refusal: nil)
        } catch  where error.kind == .readOnly && (FileSystem.size(path) ?? 0) > 0 {
            return Opened(connection: try openForReading(), lock: nil, refusal: error)
        }
    }

    /// Opens a file without the index of its write-ahead log, which SQLite can neither read nor make here: as a file
    /// that nobody changes, which is sound as long as no log is to be read with it.
    private func openUnchanging(_ error: DatabaseError) throws(DatabaseError) -> Connection {
        guard (FileSystem.size(path + "-wal") ?? 0) == 0 else {
            throw DatabaseError(
                .cannotOpen, "what was saved last may be in \(path)-wal: copy both to a disk that can be written",
                path: path)
        }
        let unreserved = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/".utf8)
        let digits = Array("0123456789abcdef".utf8)
        let escaped = path.utf8.flatMap { byte in
            unreserved.contains(byte) ? [byte] : [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
        }
        let connection = try Connection(
            path: "file:\(String(decoding: escaped, as: UTF8.self))?immutable=1",
            flags: SQLITE_OPEN_READONLY | SQLITE_OPEN_URI)
        try connection.configure(busyTimeoutMilliseconds: busyTimeoutMilliseconds)
        return connection
    }

    /// Opens a file for writing; what has to be written first is written under the commit lock.
    func openForWriting(create: Bool) throws(DatabaseError) -> (Connection, CommitLock) {
        let identity = try FileIdentity.look(at: path, applicationID: applicationID)
        guard create || FileSystem.size(path) != nil else {
            throw DatabaseError(.cannotOpen, "there is no such file", path: path)
        }
        let lock = try CommitLock(databasePath: path, timeoutMilliseconds: busyTimeoutMilliseconds)
        if identity == .own(usesWAL: true) { return (try connect(), lock) }
        try lock.acquire()
        defer { lock.release() }
        // Another process may have been faster.
        _ = try FileIdentity.look(at: path, applicationID: applicationID)
        try FileSystem.createPrivately(path)
        let connection = try connect()
        try claim(connection)
        return (connection, lock)
    }

    /// Opens a file of a file layer that is not the system's, and so has no names, modes and locks but its own.
    func open(in fileLayer: String) throws(DatabaseError) -> Connection {
        let connection = try Connection(
            path: path, flags: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, fileLayer: fileLayer)
        try connection.configure(busyTimeoutMilliseconds: busyTimeoutMilliseconds)
        try claim(connection)
        return connection
    }

    private func connect() throws(DatabaseError) -> Connection {
        let connection = try Connection(path: path, flags: SQLITE_OPEN_READWRITE)
        try connection.configure(busyTimeoutMilliseconds: busyTimeoutMilliseconds)
        return connection
    }

    /// Writes the owner into the header, then turns WAL on: in this order the owner is in the file itself, not in the
    /// log, and ``FileIdentity`` finds it there from the first moment on.
    private func claim(_ connection: Connection) throws(DatabaseError) {
        if try integer("PRAGMA application_id", connection) != Int64(applicationID) {
            guard try integer("SELECT count(*) FROM sqlite_schema", connection) == 0 else {
                throw DatabaseError(.foreignFile, "it holds tables and has no owner", path: path)
            }
            try connection.execute("PRAGMA application_id = \(applicationID)")
        }
        let journal = try Statement(connection, "PRAGMA journal_mode = WAL", persistent: false)
        connection.state = .writing
        defer { connection.state = .idle }
        guard try journal.step(), journal.text(0) == "wal" else {
            throw DatabaseError(.cannotOpen, "this disk cannot hold a write-ahead log", path: path)
        }
    }

    private func integer(_ sql: String, _ connection: Connection) throws(DatabaseError) -> Int64 {
        let statement = try Statement(connection, sql, persistent: false)
        return try statement.step() ? statement.integer(0) : 0
    }
}
