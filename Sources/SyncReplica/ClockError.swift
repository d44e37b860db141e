import Database
import SyncCore

/// How wrong the device's own clock is: what the server's showed at the last sync less what this one's did.
///
/// A clock that is hours behind would be overtaken by every stamp that arrives, and the times of its edits would tell no
/// more when they were made. So stamps and requests are made with the clock as it would be without its error, and the
/// server finds nothing to shift. Errors of up to two minutes are left alone.
extension Replica {
    /// The device's clock without its known error, in milliseconds since 1970.
    func correctedClock() throws -> Int64 { try clock() &+ knownClockError() }

    /// The error that is known, in milliseconds; 0 for a clock that is right, less than 0 for one that is fast.
    package func knownClockError() throws -> Int64 {
        try database.integer("SELECT milliseconds FROM clock_error") ?? 0
    }

    /// The latest time of a change here, in milliseconds since 1970, where it lies ahead of the device's clock by more than is
    /// tolerated: one of the clocks that made it was fast, or this one is slow.
    package func timeAhead() throws -> Int64? {
        let highest = try StampTime.milliseconds(standing().clock.highest)
        return try highest > correctedClock() + StampCorrection.toleranceMilliseconds ? highest : nil
    }

    /// What the server's clock shows less what the device's own does; nil where that is within what is tolerated.
    func clockError(_ request: SyncRequest, _ reply: SyncReply) throws -> Int64? {
        let error = try reply.clockMilliseconds &- (request.clockMilliseconds &- knownClockError())
        return error.magnitude > StampCorrection.toleranceMilliseconds.magnitude ? error : nil
    }

    /// Takes over the error that a sync has measured, from the next edit on.
    ///
    /// Not while something waits to be sent: it was stamped with the earlier error, and so must its request be.
    func adopt(clockError error: Int64?) throws {
        let (known, new) = (try knownClockError(), error ?? 0)
        let difference = known &- new
        guard known != new, new == 0 || difference.magnitude > StampCorrection.toleranceMilliseconds.magnitude else {
            return
        }
        try transaction {
            let standing = try standing()
            guard standing.receipt >= standing.lastGroup else { return }
            try database.run("INSERT OR REPLACE INTO clock_error VALUES (1, ?)", .integer(new))
        }
    }
}
