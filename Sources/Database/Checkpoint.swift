import CSQLite

/// How far a checkpoint goes.
package enum Checkpoint: Hashable, Sendable {
    /// Moves what no reader needs any more.
    case passive
    /// Moves everything; the log begins anew in the room that its file has.
    case restart
    /// Moves everything and empties the log file; once that is done, no loss of power brings its content back.
    case truncate
}

extension Database {
    /// The size of the write-ahead log in bytes; 0 if there is none.
    package var walBytes: Int { FileSystem.size(path + "-wal") ?? 0 }

    /// Moves the write-ahead log into the file, under the commit lock; readers are not waited for.
    ///
    /// - Returns: whether everything was moved; false while a reader still needs a part of the log.
    /// - Throws: `.busy` if others write for longer than the busy timeout, `.misuse` inside a transaction.
    @discardableResult
    package func checkpoint(_ kind: Checkpoint) throws(DatabaseError) -> Bool {
        let isWhole = try move(kind)
        if kind == .truncate, isWhole { try syncLog() }
        return isWhole
    }

    private func move(_ kind: Checkpoint) throws(DatabaseError) -> Bool {
        try requireIdle()
        try commitLock?.acquire()
        defer { commitLock?.release() }
        // A reader that stays for long must not hold up everybody who waits for the lock.
        try connection.check(unsafe sqlite3_busy_timeout(connection.handle, 0))
        var logged: Int32 = 0
        var moved: Int32 = 0
        let mode =
            switch kind {
            case .passive: SQLITE_CHECKPOINT_PASSIVE
            case .restart: SQLITE_CHECKPOINT_RESTART
            case .truncate: SQLITE_CHECKPOINT_TRUNCATE
            }
        let code = unsafe sqlite3_wal_checkpoint_v2(connection.handle, nil, mode, &logged, &moved)
        let failure = code & 0xFF == SQLITE_BUSY || code == SQLITE_OK ? nil : connection.error(code)
        try connection.check(
            unsafe sqlite3_busy_timeout(connection.handle, Int32(clamping: busyTimeoutMilliseconds)))
        if let failure { throw failure }
        let isWhole = code == SQLITE_OK && logged == moved
        if isWhole {
            connection.loggedPages = 0
            if kind == .restart { try beginLogAnew() }
        }
        return isWhole
    }

    /// Writes a page over the front of a log of which everything was moved.
    ///
    /// Without it whoever opens the file next, once nobody has it open any more, finds all the old pages and takes them for
    /// new: what was moved stands only in the log's index, which does not outlive the processes that use it.
    private func beginLogAnew() throws(DatabaseError) {
        let version = try integer("PRAGMA user_version") ?? 0
        try connection.execute("PRAGMA user_version = \(version)")
    }

    /// Makes sure that an emptied log stays empty: SQLite cuts it off and leaves it to the system when that reaches the
    /// disk, but what was erased must not come back.
    private func syncLog() throws(DatabaseError) {
        var file: UnsafeMutablePointer<sqlite3_file>?
        try connection.check(
            unsafe sqlite3_file_control(connection.handle, "main", SQLITE_FCNTL_JOURNAL_POINTER, &file))
        // Nothing was ever logged through this connection.
        guard let file = unsafe file, let sync = unsafe file.pointee.pMethods?.pointee.xSync else { return }
        try connection.check(unsafe sync(file, SQLITE_SYNC_FULL))
    }

    /// Moves the write-ahead log into the file once it holds more than a limit, and keeps its room: a commit that makes its file
    /// longer waits for the disk half as long again as one that writes over what was there. Other connections' commits count with
    /// the next one of this one. Removes nothing that must be gone: that is done by ``checkpoint(_:)`` with `truncate`.
    ///
    /// - Parameters:
    ///   - limitBytes: what the log may hold.
    ///   - keptBytes: a file of the log that is larger than this is emptied, however little of it is in use; nil: none is.
    /// - Returns: whether everything was moved; true if there was no need, and on a disk that can't be written.
    @discardableResult
    package func foldWhenLong(limitBytes: Int, keptBytes: Int? = nil) throws(DatabaseError) -> Bool {
        let isTooLarge = keptBytes.map { walBytes > $0 } ?? false
        guard isTooLarge || loggedBytes > limitBytes, !isReadOnly else { return true }
        return try move(isTooLarge ? .truncate : .restart)
    }

    /// What the write-ahead log held after the last commit of this connection, in bytes of pages: 0 before the first one, and once all
    /// of it was moved into the file.
    package var loggedBytes: Int { connection.loggedPages * Self.pageBytes }

    /// The size of a page of a file of ours, SQLite's default.
    private static let pageBytes = 4_096
}
