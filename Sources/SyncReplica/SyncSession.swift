import SyncCore

/// One sync of a device: requests and replies until nothing is left on either side.
///
/// Two sessions of one device at the same time are the caller's to prevent, by a lock.
package struct SyncSession {
    /// The most requests of one session.
    package static let largestRoundCount = 100_000

    private let replica: Replica
    private let limitCount: Int
    private let limitBytes: Int
    private let pageBytes: Int

    /// - Parameters:
    ///   - limitCount: the most changes in a page that is sent.
    ///   - limitBytes: the largest encoded size of a page that is sent; smaller on a slow line.
    ///   - pageBytes: the size that pages of records should have.
    package init(
        replica: Replica, limitCount: Int = SyncRequest.largestPageCount,
        limitBytes: Int = SyncRequest.largestPageBytes, pageBytes: Int = SyncRequest.largestPageBytes
    ) {
        self.replica = replica
        self.limitCount = limitCount
        self.limitBytes = limitBytes
        self.pageBytes = pageBytes
    }

    /// Sends what was saved before this call, and fetches what is new.
    ///
    /// A cut loses nothing: what was applied stays, and the next session goes on from there.
    ///
    /// - Parameter transport: sends one request and returns the reply, or throws.
    /// - Throws: what the transport throws, and what `Replica.apply` throws.
    package func run(_ transport: (SyncRequest) throws -> SyncReply) throws -> SyncSummary {
        try replica.freeze()
        var summary = SyncSummary()
        for round in 1...Self.largestRoundCount {
            let request = try replica.makeRequest(
                limitCount: limitCount, limitBytes: limitBytes, pageBytes: pageBytes)
            let before = try replica.position()
            let reply = try transport(request)
            let applied = try replica.apply(reply)
            summary.add(applied)
            if applied.isClockCorrected {
                summary.clockCorrectionMilliseconds = reply.clockMilliseconds - request.clockMilliseconds
            }
            let after = try replica.position()
            if applied.isComplete, after.isAllSent { return summary }
            guard after != before else { throw ReplicaError.noProgress(round: round) }
        }
        throw ReplicaError.tooManyRounds(Self.largestRoundCount)
    }
}

extension Replica {
    /// How far a sync has come; a round that does not change it would be repeated for ever.
    fileprivate struct Position: Equatable {
        let receipt: Int64
        let isAllSent: Bool
        let cursors: [Cursor]
    }

    fileprivate func position() throws -> Position {
        try reading {
            let standing = try standing()
            return Position(
                receipt: standing.receipt, isAllSent: standing.receipt >= standing.frozen, cursors: try cursors())
        }
    }
}
