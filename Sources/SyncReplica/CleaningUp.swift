import Database

/// What was removed for good must not stay readable in the file, nor in its write-ahead log.
///
/// The removal and the note about it are one transaction, so that a crash or a cut between removing and cleaning only
/// puts it off until the next sync.
extension Replica {
    /// Notes that records left this file; inside the transaction that removes them.
    package func noteRemoval() throws { try database.run("INSERT OR IGNORE INTO unemptied_log VALUES (1)") }

    /// Writes the file anew and empties the log where something was removed since that was done last.
    ///
    /// Where it can't be done now, for another process or want of room, the note stays, and the next sync tries again: the work of
    /// this one is done by then, and must not fail for it.
    package func cleanAfterRemoval() throws {
        guard try database.integer("SELECT only FROM unemptied_log") != nil else { return }
        guard try leavesNothingRemoved() else { return }
        try transaction { try database.run("DELETE FROM unemptied_log") }
    }

    /// Writes the file anew and empties the log, outside a transaction; false where that can't be done now.
    func leavesNothingRemoved() throws -> Bool {
        try database.rewriteIfPossible(inMemory: true) && database.checkpoint(.truncate)
    }
}
