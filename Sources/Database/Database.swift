import CSQLite

/// One connection to an SQLite file of this application, used by one thread at a time.
///
/// Every write happens in ``transaction(_:)``, which holds the commit lock of the file. Each commit is on the disk when
/// the call returns (WAL with `synchronous=FULL`).
package final class Database {
    /// How a file is opened.
    package enum Mode: Hashable, Sendable {
        /// For reading and writing; `create` makes the file if there is none. A file that is there and can't be written,
        /// on a read-only disk or as its mode says, is opened for reading, and each write says why.
        case readWrite(create: Bool)
        /// For reading alone: nothing is created and nothing is changed.
        case readOnly
    }

    /// The path that makes a database in memory, for tests.
    package static let memoryPath = ":memory:"

    /// The most statements that one connection keeps compiled.
    static let cachedStatementLimit = 256

    /// The most findings of one integrity check.
    private static let findingLimit = 100

    /// The absolute path of the file, without symbolic links, or `:memory:`.
    package let path: String

    let connection: Connection
    let commitLock: CommitLock?
    /// Why a file that was to be written can only be read.
    let refusal: DatabaseError?
    let busyTimeoutMilliseconds: Int
    private var cache: [String: Statement] = [:]

    /// Opens a file, and creates it with mode 0600 if it is missing and `mode` allows it.
    ///
    /// A file of another application is refused before anything is written.
    ///
    /// - Parameters:
    ///   - path: the file, or ``memoryPath``.
    ///   - mode: whether the file may be created and changed.
    ///   - busyTimeoutMilliseconds: how long to wait for others that write to the same file.
    ///   - applicationID: what the header of the file names as its owner (`PRAGMA application_id`), not 0.
    /// - Throws: `.foreignFile`, `.notADatabase`, `.cannotOpen`, `.busy` or what the disk reports.
    package init(
        path: String, mode: Mode, busyTimeoutMilliseconds: Int = 5_000, applicationID: Int32
    ) throws(DatabaseError) {
        self.busyTimeoutMilliseconds = busyTimeoutMilliseconds
        guard path != Self.memoryPath else {
            self.path = path
            (commitLock, refusal) = (nil, nil)
            connection = try Connection(path: path, flags: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE)
            try connection.configure(busyTimeoutMilliseconds: busyTimeoutMilliseconds)
            return
        }
        let file = try FileSystem.canonical(path)
        let opening = DatabaseOpening(
            path: file, applicationID: applicationID, busyTimeoutMilliseconds: busyTimeoutMilliseconds)
        self.path = file
        switch mode {
        case .readOnly:
            (commitLock, refusal) = (nil, nil)
            connection = try opening.openForReading()
        case .readWrite(let create):
            let opened = try opening.openForWritingOrReading(create: create)
            (connection, commitLock, refusal) = (opened.connection, opened.lock, opened.refusal)
        }
    }

    /// Opens a file of another file layer than the system's, by the name under which SQLite knows it (a "VFS",
    /// https://sqlite.org/vfs.html); makes the file if there is none.
    ///
    /// Everything else is as on a real disk, a write-ahead log that is synced at each commit included. Only one
    /// connection may use the file at a time: there is no commit lock.
    ///
    /// - Throws: as ``init(path:mode:busyTimeoutMilliseconds:applicationID:)``.
    package init(path: String, fileLayer: String, applicationID: Int32) throws(DatabaseError) {
        self.path = path
        busyTimeoutMilliseconds = 0
        (commitLock, refusal) = (nil, nil)
        let opening = DatabaseOpening(path: path, applicationID: applicationID, busyTimeoutMilliseconds: 0)
        connection = try opening.open(in: fileLayer)
    }

    /// Takes over a connection that is ready.
    init(_ connection: Connection, path: String) {
        self.connection = connection
        self.path = path
        (commitLock, refusal) = (nil, nil)
        busyTimeoutMilliseconds = 0
    }

    /// The version of the SQLite library in use, such as `3.40.1`.
    package static var libraryVersion: String { unsafe String(cString: sqlite3_libversion()) }

    /// Whether nothing can be written through this connection.
    package var isReadOnly: Bool { unsafe sqlite3_db_readonly(connection.handle, "main") != 0 }

    /// How many rows the last insert, update or delete changed.
    package var changes: Int { unsafe Int(sqlite3_changes64(connection.handle)) }

    /// The row number of the last insert.
    package var lastInsertRowID: Int64 { unsafe sqlite3_last_insert_rowid(connection.handle) }

    /// Compiles one SQL statement that belongs to the caller.
    ///
    /// - Throws: `.other` for SQL that cannot be compiled, `.misuse` for none or more than one statement.
    package func prepare(_ sql: String) throws(DatabaseError) -> Statement {
        try Statement(connection, sql, persistent: false)
    }

    /// The statement for an SQL text, compiled once per connection, reset and without bound values.
    ///
    /// While the cached one is still between its first and last row, another one is compiled. A caller that runs
    /// a statement often keeps it instead of asking again.
    package func statement(_ sql: String) throws(DatabaseError) -> Statement {
        if let cached = cache[sql] {
            if cached.isBusy { return try prepare(sql) }
            cached.reset()
            return cached
        }
        let compiled = try Statement(connection, sql, persistent: true)
        if cache.count >= Self.cachedStatementLimit { cache.removeAll() }
        cache[sql] = compiled
        return compiled
    }

    /// The statement of a query that its owner keeps: found without a look into the cache.
    ///
    /// - Parameter query: belongs to this database alone, from its first use on. Who steps its statement resets it after
    ///   each use.
    package func statement(_ query: Query) throws(DatabaseError) -> Statement {
        guard let compiled = query.compiled else {
            let compiled = try Statement(connection, query.sql, persistent: true)
            query.compiled = compiled
            return compiled
        }
        return compiled.isBusy ? try prepare(query.sql) : compiled
    }

    /// Runs a script of statements without parameters; outside a transaction each one is committed by itself.
    ///
    /// What succeeded before a statement that fails stays, unless a transaction around the call rolls it back.
    package func execute(_ sql: String) throws(DatabaseError) {
        guard connection.state == .idle else { return try runScript(sql) }
        try requireWritable()
        try commitLock?.acquire()
        connection.state = .writing
        defer {
            connection.state = .idle
            commitLock?.release()
        }
        try runScript(sql)
        guard isAutocommit else {
            try rollBack()
            throw DatabaseError(.misuse, "the script left a transaction open", path: path)
        }
    }

    /// Checks the whole file (`PRAGMA integrity_check`): what is damaged, in SQLite's words; nothing if all is well.
    ///
    /// - Throws: what keeps the file from being checked; damage that ends the check early is a finding.
    package func integrityCheck() throws(DatabaseError) -> [String] {
        var findings: [String] = []
        do {
            let check = try statement("PRAGMA integrity_check(\(Self.findingLimit))")
            defer { check.reset() }
            while try check.step() { findings.append(check.text(0)) }
        } catch  where error.kind == .corrupt {
            findings.append(error.message)
        }
        return findings == ["ok"] ? [] : findings
    }

    /// Whether SQLite has no transaction open.
    var isAutocommit: Bool { unsafe sqlite3_get_autocommit(connection.handle) != 0 }

    private func runScript(_ sql: String) throws(DatabaseError) {
        var rest = Array(sql.utf8)[...]
        while let next = try Statement.first(of: &rest, connection) {
            while try next.step() {}
        }
    }
}
