import CSQLite

/// How much room a file takes.
package struct FileRoom: Hashable, Sendable {
    /// The size of the file, what stands in its write-ahead log counted in, in bytes.
    package let totalBytes: Int
    /// What is free within it, in bytes.
    package let freeBytes: Int
}

extension Database {
    /// How much room the file takes, as this connection sees it.
    package func room() throws(DatabaseError) -> FileRoom {
        let page = Int(try integer("PRAGMA page_size") ?? 0)
        return FileRoom(
            totalBytes: page * Int(try integer("PRAGMA page_count") ?? 0),
            freeBytes: page * Int(try integer("PRAGMA freelist_count") ?? 0))
    }

    /// Writes the whole file anew, without free pages and gaps (https://sqlite.org/lang_vacuum.html), under the commit lock.
    ///
    /// Only this removes what was deleted for good: `secure_delete` overwrites a row where it stands, and not what is left of it in
    /// the gap of a page from which SQLite had moved it to another one before.
    ///
    /// It is one commit through the write-ahead log: who reads meanwhile sees what was there, a process that ends in the
    /// middle leaves the file as it was, and the file gets smaller with the checkpoint that follows. On the disk it takes
    /// up to twice the size of what is kept, half of it in a nameless file in `SQLITE_TMPDIR`; in memory it takes little.
    ///
    /// - Parameter inMemory: what is put aside stays in memory instead, as does the new file until it is written: up to twice the size
    ///   of what is kept, and as much as that on the disk once.
    /// - Throws: `.full` or what else the disk reports, `.busy` if others write for longer than the busy timeout, `.misuse`
    ///   inside a transaction; then nothing has changed.
    package func rewrite(inMemory: Bool = false) throws(DatabaseError) {
        if inMemory { return try execute("VACUUM") }
        // Elsewhere temporary tables and changed pages stay in memory; here they are as large as the file.
        let cache = try integer("PRAGMA cache_size") ?? 0
        let after = "PRAGMA temp_store = MEMORY; PRAGMA cache_spill = OFF; PRAGMA cache_size = \(cache)"
        try connection.execute(
            "PRAGMA temp_store = FILE; PRAGMA cache_spill = ON; PRAGMA cache_size = -\(Self.rewritingKibibytes)")
        do {
            try execute("VACUUM")
        } catch {
            try connection.execute(after)
            throw error
        }
        try connection.execute(after)
    }

    /// The most memory in KiB for pages of each of the two files while one is written anew; SQLite's own default.
    private static let rewritingKibibytes = 2_000

    /// The same where it can be done now.
    ///
    /// - Returns: false where it can't, as while others write or where the disk has no room; then nothing has changed.
    package func rewriteIfPossible(inMemory: Bool = false) -> Bool {
        do {
            try rewrite(inMemory: inMemory)
            return true
        } catch {
            // A log that grew until the disk was full gives its room back at once.
            _ = checkpointIfPossible()
            return false
        }
    }

    /// Moves the write-ahead log into the file and empties it, where that can be done now.
    ///
    /// - Returns: false where it can't, as while others read or write.
    package func checkpointIfPossible() -> Bool {
        do {
            return try checkpoint(.truncate)
        } catch {
            return false
        }
    }
}
