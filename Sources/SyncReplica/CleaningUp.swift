import Database
import SyncCore

/// What was removed for good must not stay readable in the file, nor in its write-ahead log.
///
/// The removal and the note about it are one transaction, so that a crash or a cut between removing and cleaning only
/// puts it off until the next sync.
extension Replica {
    /// Notes that records left this file; inside the transaction that removes them.
    ///
    /// - Parameter leavesGaps: whether the file must be written anew too, for what is left of rows where they once stood; not where
    ///   what was removed was only too old to be kept.
    package func noteRemoval(leavesGaps: Bool = true) throws {
        try database.run("INSERT OR IGNORE INTO unemptied_log VALUES (1)")
        guard leavesGaps else { return }
        try database.run("INSERT OR IGNORE INTO unclean_file VALUES (1)")
        isWrittenAnew = false
    }

    /// Notes that gaps of pages in a file of an earlier version may hold what was removed; nothing where the file is new, which has
    /// no version yet.
    package static func noteGaps(in database: Database) throws {
        guard try database.version > 0 else { return }
        try database.execute(
            """
            CREATE TABLE IF NOT EXISTS unclean_file (only INTEGER PRIMARY KEY CHECK (only = 1));
            INSERT OR IGNORE INTO unclean_file VALUES (1)
            """)
    }

    /// Whether what was removed may still be read in the file or its log.
    package func leavesRemoved() throws -> Bool {
        try reading {
            try database.integer(
                "SELECT (SELECT count(*) FROM unclean_file) + (SELECT count(*) FROM unemptied_log)") != 0
        }
    }

    /// What was removed here for good so far.
    package func removals() throws -> Removals {
        try reading {
            // An order counts once more when nothing of it stands beside the tables any more.
            let erased = try database.integer(
                "SELECT sum(CASE WHEN state = 2 THEN 1 ELSE 2 END) FROM erasure WHERE state >= 2")
            return Removals(erasures: Int(erased ?? 0), areas: try directoryTable.readableAreas())
        }
    }

    /// Writes the file anew and empties the log where something was removed since that was done last; orders of erasure that are
    /// carried out can be confirmed then.
    ///
    /// Outside a transaction, once a sync. Where it can't be done now, as while another process uses the file or for want of room,
    /// all is as it was, and the next sync tries again: the work of this one is done by then, and must not fail for it.
    package func cleanAfterRemoval() throws {
        try emptyBesideRecords()
        let orders = try reading { try erasures.orders(in: .emptied) }
        let leavesGaps = try !orders.isEmpty || database.integer("SELECT only FROM unclean_file") != nil
        guard try leavesGaps || database.integer("SELECT only FROM unemptied_log") != nil else { return }
        if leavesGaps, !isWrittenAnew { isWrittenAnew = database.rewriteIfPossible(inMemory: true) }
        guard !leavesGaps || isWrittenAnew, database.checkpointIfPossible() else { return }
        try transaction {
            try database.run("DELETE FROM unemptied_log")
            if leavesGaps { try database.run("DELETE FROM unclean_file") }
            for erasure in orders { try erasures.set(.clean, erasure.order.id) }
        }
        isWrittenAnew = false
    }

    /// Empties what else holds content of records, once for each order that is carried out: what the user has begun to write since is
    /// not lost where the file can't be cleaned for long.
    private func emptyBesideRecords() throws {
        let orders = try reading { try erasures.orders(in: .removed).filter { try isFinished($0.order) } }
        if orders.isEmpty { return }
        try afterErasing?()
        try transaction {
            for erasure in orders { try erasures.set(.emptied, erasure.order.id) }
        }
    }
}

/// What was removed from a laptop for good: who keeps content of records elsewhere can tell whether some may have to go.
package struct Removals: Sendable {
    /// Grows with each order of erasure.
    fileprivate let erasures: Int
    /// The areas that this device may read.
    fileprivate let areas: Set<Int>

    /// Whether nothing was removed since an earlier look.
    package func isNothing(since earlier: Removals) -> Bool {
        erasures == earlier.erasures && earlier.areas.isSubset(of: areas)
    }
}
