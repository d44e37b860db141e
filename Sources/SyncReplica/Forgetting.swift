import Database
import SyncCore

/// How far this device had come whenever it synced, by the server's clock and by its own: at most one row a day.
///
/// What lies here for 90 days alone is old enough to go when an earlier sync found it here already, and since that 90 days
/// have passed on the server's clock and on the device's. Either may be a year wrong, or be so for one sync: of each only
/// the time between two syncs counts, and both must agree.
struct SyncMarks {
    private static let dayMilliseconds: Int64 = 86_400_000

    /// How far the device had come.
    struct Mark: Equatable {
        /// What the server's clock showed, in milliseconds since 1970.
        var server: Int64
        /// What the device's own clock showed, uncorrected, in milliseconds since 1970.
        var own: Int64
        /// The newest row of the log of operations.
        var operation: Int64
        /// The last group that the server had.
        var receipt: Int64
        /// No stamp that was given here before is greater, as packed time.
        var time: UInt64
    }

    let database: Database

    /// The newest mark that is as old as a moment by the server's clock, or older, and as another one by the device's.
    ///
    /// One of a version that did not look at its own clock counts as young.
    func newest(until server: Int64, own: Int64) throws -> Mark? {
        let statement = try database.statement(
            """
            SELECT server, own, operation, receipt, time FROM sync_mark WHERE server <= ? AND own <= ?
            ORDER BY server DESC LIMIT 1
            """)
        defer { statement.reset() }
        try statement.bind(1, server)
        try statement.bind(2, own)
        guard try statement.step() else { return nil }
        return Mark(
            server: statement.integer(0), own: statement.integer(1), operation: statement.integer(2),
            receipt: statement.integer(3), time: UInt64(bitPattern: statement.integer(4)))
    }

    /// Keeps a mark, in the place of an earlier one of the same day.
    func add(_ mark: Mark) throws {
        try database.run(
            "INSERT OR REPLACE INTO sync_mark (day, server, own, operation, receipt, time) VALUES (?, ?, ?, ?, ?, ?)",
            .integer(mark.server / Self.dayMilliseconds), .integer(mark.server), .integer(mark.own),
            .integer(mark.operation), .integer(mark.receipt), .integer(Int64(bitPattern: mark.time)))
    }

    /// Removes marks that a newer one makes useless.
    func remove(before mark: Mark) throws {
        try database.run("DELETE FROM sync_mark WHERE server < ?", .integer(mark.server))
    }

    /// Begins anew: groups are numbered from 1 again.
    func removeAll() throws { try database.run("DELETE FROM sync_mark") }
}

extension Replica {
    /// Forgets the device's own in-between values, operations, settled groups and work that came back, all of which it has
    /// had for 90 days; and groups without changes whose numbers the server has.
    ///
    /// - Parameter now: what the server's clock showed in this sync, in milliseconds since 1970: neither it nor this
    ///   device's clock may decide alone that words are thrown away.
    /// - Returns: whether something here is that old.
    @discardableResult
    package func forgetOld(serverMilliseconds now: Int64) throws -> Bool {
        let own = clock()
        // What a loss of power takes back is forgotten by the next sync.
        return try transaction(isSynced: false) {
            let limit = now - LocalHistory.inBetweenMilliseconds
            let mark = try marks.newest(until: limit, own: own - LocalHistory.inBetweenMilliseconds)
            if let mark {
                let time = min(mark.time &+ 1, StampTime.packed(milliseconds: limit))
                try localHistory.removeInBetween(before: time)
                try operations.remove(through: mark.operation, before: limit)
                try kept.remove(through: mark.receipt, before: limit)
                try heldLog.forget(before: mark.server + 1)
                try marks.remove(before: mark)
            }
            try operations.removeSurplus()
            let standing = try standing()
            try outbox.dropEmptied(through: standing.receipt)
            try marks.add(
                SyncMarks.Mark(
                    server: now, own: own, operation: operations.newest(), receipt: standing.receipt,
                    time: standing.clock.highest))
            return mark != nil
        }
    }

    /// The latest moment that this device knows of, in milliseconds since 1970: by its clock as far as that is known to be
    /// right, and by the stamps that it has seen.
    func latestKnownMoment() throws -> Int64 {
        try max(correctedClock(), StampTime.milliseconds(standing().clock.highest))
    }
}
