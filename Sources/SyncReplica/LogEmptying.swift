import Database

/// What was removed for good must not stay readable in the write-ahead log.
///
/// The removal and the note about it are one transaction, so that a crash or a cut between removing and emptying only
/// puts it off until the next sync.
extension Replica {
    /// Notes that records left this file; inside the transaction that removes them.
    package func noteRemoval() throws { try database.run("INSERT OR IGNORE INTO unemptied_log VALUES (1)") }

    /// Empties the log where something was removed since it was emptied last.
    ///
    /// Where another process still reads from the log, the note stays, and the next sync tries again.
    package func emptyLogAfterRemoval() throws {
        guard try database.integer("SELECT only FROM unemptied_log") != nil else { return }
        guard try database.checkpoint(.truncate) else { return }
        try transaction { try database.run("DELETE FROM unemptied_log") }
    }
}
