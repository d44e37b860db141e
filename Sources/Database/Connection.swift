import CSQLite

/// Owns one `sqlite3` handle, and closes it after the last statement that uses it.
@safe
final class Connection {
    /// Which transaction is open.
    enum State {
        case idle
        case reading
        case writing
        /// SQLite has rolled back a write transaction by itself, and its body has not ended yet.
        case aborted
    }

    let handle: OpaquePointer
    let path: String
    var state = State.idle
    /// The pages in the write-ahead log after the last commit of this connection.
    var loggedPages = 0
    /// Why the write transaction was aborted.
    private var abortCause: DatabaseError?

    /// Whether SQLite counts no memory; it can be told so only before its first use.
    private static let countsNoMemory = kith_sqlite3_without_memory_count() == SQLITE_OK

    /// Opens a file without reading or writing it.
    ///
    /// - Parameters:
    ///   - flags: `SQLITE_OPEN_…`; the mutex is always off and extended codes are always on.
    ///   - fileLayer: the name of SQLite's file layer; nil for the system's.
    init(path: String, flags: Int32, fileLayer: String? = nil) throws(DatabaseError) {
        // Where something else has used SQLite before, it counts on: slower, and nothing else.
        _ = Self.countsNoMemory
        var opened: OpaquePointer?
        let all = flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE
        let code = unsafe sqlite3_open_v2(path, &opened, all, fileLayer)
        guard code == SQLITE_OK, let opened = unsafe opened else {
            let error = unsafe Connection.error(code, opened, path: path)
            unsafe sqlite3_close_v2(opened)
            throw error
        }
        unsafe handle = opened
        self.path = path
    }

    deinit { unsafe sqlite3_close_v2(handle) }

    /// The error that SQLite reported last, with the code that it returned.
    func error(_ code: Int32) -> DatabaseError {
        unsafe Connection.error(code, handle, path: path)
    }

    /// Throws what SQLite reported, unless the code says that all is well.
    @inline(__always)
    func check(_ code: Int32) throws(DatabaseError) {
        if code != SQLITE_OK { throw error(code) }
    }

    /// The error of a failed step; notes it if it made SQLite end the write transaction, so that nothing that the body
    /// writes afterwards is committed by itself.
    func stepError(_ code: Int32) -> DatabaseError {
        let error = error(code)
        if state == .writing, unsafe sqlite3_get_autocommit(handle) != 0 {
            state = .aborted
            abortCause = error
        }
        return error
    }

    /// Throws unless a write transaction is open: its own failure again, or that there is none.
    func requireWriting() throws(DatabaseError) {
        switch state {
        case .writing: return
        case .aborted:
            throw abortCause ?? DatabaseError(.other, "the transaction was rolled back", path: path)
        case .idle, .reading:
            throw DatabaseError(.misuse, "a write needs a transaction around it", path: path)
        }
    }

    /// Sets what every connection of kith has in common; needs no lock, and writes nothing.
    func configure(busyTimeoutMilliseconds: Int) throws(DatabaseError) {
        let timeout = Int32(clamping: busyTimeoutMilliseconds)
        try check(unsafe sqlite3_busy_timeout(handle, timeout))
        // Checkpoints happen under the commit lock alone, so never by themselves.
        try check(unsafe sqlite3_wal_autocheckpoint(handle, 0))
        // After the line above, which takes away whatever hook there is.
        unsafe sqlite3_wal_hook(
            handle,
            { context, _, _, pages in
                if let context = unsafe context {
                    unsafe Unmanaged<Connection>.fromOpaque(context).takeUnretainedValue().loggedPages = Int(pages)
                }
                return SQLITE_OK
            }, Unmanaged.passUnretained(self).toOpaque())
        try check(unsafe kith_sqlite3_switch(handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1))
        try check(unsafe kith_sqlite3_switch(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0))
        try check(unsafe kith_sqlite3_switch(handle, SQLITE_DBCONFIG_DEFENSIVE, 1))
        #if canImport(Darwin)
            try execute("PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON")
        #endif
        try execute(
            """
            PRAGMA synchronous = FULL;
            PRAGMA foreign_keys = OFF;
            PRAGMA temp_store = MEMORY;
            PRAGMA mmap_size = 0;
            PRAGMA secure_delete = ON;
            PRAGMA cache_spill = OFF
            """)
    }

    /// Runs statements that return no rows of interest, with no regard to locks.
    func execute(_ sql: String) throws(DatabaseError) {
        try check(unsafe sqlite3_exec(handle, sql, nil, nil, nil))
    }

    /// SQLite's message for the code; the handle may be missing, if there was no memory for it.
    private static func error(_ code: Int32, _ handle: OpaquePointer?, path: String) -> DatabaseError {
        let words = unsafe handle == nil ? sqlite3_errstr(code) : sqlite3_errmsg(handle)
        let message = unsafe words.map { unsafe String(cString: $0) } ?? "no message"
        let systemError = unsafe handle == nil ? 0 : sqlite3_system_errno(handle)
        return DatabaseError(code: code, systemError: systemError, message: message, path: path)
    }
}
