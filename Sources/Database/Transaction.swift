extension Database {
    /// Runs a body that writes, alone among all processes, and commits: once this returns, the data is on the disk.
    ///
    /// If the body throws, or the commit fails, everything is rolled back and that error goes on to the caller. After
    /// a failure that made SQLite roll back by itself, every further write of the body fails with the same error.
    ///
    /// - Throws: `.busy` if others write for longer than the busy timeout, `.misuse` inside another transaction,
    ///   `.readOnly` on a connection for reading.
    package func transaction<T>(_ body: () throws -> T) throws -> T { try transaction(isSynced: true, body) }

    /// The same for work that need not be on the disk when this returns: a loss of power may take it back, as a whole and
    /// with all that was committed after it, as if it had not happened yet. The end of the process takes back nothing, and
    /// the next transaction that is synced brings it to the disk too (SQLite, "PRAGMA synchronous", NORMAL with a
    /// write-ahead log).
    ///
    /// - Parameter isSynced: false for such work.
    package func transaction<T>(isSynced: Bool, _ body: () throws -> T) throws -> T {
        try requireIdle()
        try requireWritable()
        try commitLock?.acquire()
        connection.state = .writing
        defer {
            connection.state = .idle
            commitLock?.release()
        }
        if isSynced { return try write(body) }
        // Outside a transaction alone, and each time: as a kept statement it would do nothing.
        try connection.execute("PRAGMA synchronous = NORMAL")
        let result = Result { try write(body) }
        try connection.execute("PRAGMA synchronous = FULL")
        return try result.get()
    }

    private func write<T>(_ body: () throws -> T) throws -> T {
        try statement("BEGIN IMMEDIATE").run()
        return try finish(body)
    }

    /// Runs a body that only reads, and sees one state of the file throughout.
    ///
    /// - Throws: `.misuse` inside another transaction, or if the body writes; otherwise the body's own error.
    package func readTransaction<T>(_ body: () throws -> T) throws -> T {
        try requireIdle()
        connection.state = .reading
        defer { connection.state = .idle }
        try statement("BEGIN").run()
        return try finish(body)
    }

    /// Runs a body that writes temporary tables alone, which are kept in memory; needs no lock and no disk.
    ///
    /// - Throws: `.misuse` inside another transaction; otherwise the body's own error.
    package func memoryTransaction<T>(_ body: () throws -> T) throws -> T {
        try requireIdle()
        connection.state = .writing
        defer { connection.state = .idle }
        try statement("BEGIN").run()
        return try finish(body)
    }

    /// Runs a part of a transaction that is undone by itself if it throws; may be nested.
    ///
    /// - Throws: `.misuse` outside ``transaction(_:)``; otherwise the body's own error.
    package func savepoint<T>(_ body: () throws -> T) throws -> T {
        try connection.requireWriting()
        try statement("SAVEPOINT part").run()
        do {
            let result = try body()
            try connection.requireWriting()
            try statement("RELEASE part").run()
            return result
        } catch {
            // After a full disk SQLite may have rolled back the whole transaction by itself.
            if !isAutocommit {
                try statement("ROLLBACK TO part").run()
                try statement("RELEASE part").run()
            }
            throw error
        }
    }

    /// Ends a transaction that went wrong; SQLite may have done so by itself.
    func rollBack() throws(DatabaseError) {
        if !isAutocommit { try statement("ROLLBACK").run() }
    }

    /// Throws if a transaction is open.
    func requireIdle() throws(DatabaseError) {
        guard connection.state == .idle else {
            throw DatabaseError(.misuse, "a transaction is open already", path: path)
        }
    }

    /// Throws why nothing can be written, where that is so.
    func requireWritable() throws(DatabaseError) {
        guard isReadOnly else { return }
        throw refusal ?? DatabaseError(.readOnly, "it was opened for reading", path: path)
    }

    private func finish<T>(_ body: () throws -> T) throws -> T {
        do {
            let result = try body()
            // A body that caught the failure of its whole transaction must not seem to have succeeded.
            if connection.state == .aborted { try connection.requireWriting() }
            try statement("COMMIT").run()
            return result
        } catch {
            try rollBack()
            throw error
        }
    }
}
