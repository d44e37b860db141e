import SyncCore

/// Goes on under a new identity where another copy of this database has used this one's numbers: this file was copied,
/// or put back from an older copy of itself.
///
/// First what the server has of the numbers that both share is fetched, so that nothing of those waits any more; then the
/// server gives a number and takes a token; then, in one transaction, everything that was not sent is numbered anew. The
/// token is on the disk before it is asked for, so that a cut at any moment leads to the same identity.
struct CopiedDatabase {
    let replica: Replica
    let pageBytes: Int
    let transport: (SyncRequest) throws -> SyncReply

    /// What a reply shows of a copy: the last number that both share; nil where there is none to be seen.
    ///
    /// - Parameter request: the request that was answered.
    static func agreed(_ replica: Replica, _ request: SyncRequest, _ reply: SyncReply) throws -> UInt64? {
        if reply.notice == .fork { return try reply.identity()?.agreed }
        guard reply.notice == .none || reply.notice == .gap else { return nil }
        let standing = try replica.reading { try replica.standing() }
        guard reply.epoch == standing.epoch, reply.receipt > UInt64(clamping: standing.frozen) else { return nil }
        // The server knows everything that was asked about, and has not found a difference in it.
        return max(request.groups.last?.number ?? 0, UInt64(clamping: standing.receipt))
    }

    /// - Returns: whether there is a new identity; false where groups remain to be compared, or the server's history
    ///   has changed, which comes first.
    func run() throws -> Bool {
        guard let wish = try replica.identityWish() else { return false }
        var cursors: [Cursor]?
        while true {
            let before = try replica.reading { try replica.cursors() }
            guard before != cursors else { throw ReplicaError.forked }
            cursors = before
            let reply = try transport(try replica.requestForShared(pageBytes: pageBytes))
            if reply.notice == .otherHistory { return false }
            if try replica.applyShared(reply, agreed: wish.agreed).isComplete { break }
        }
        return try takeIdentity(asking: wish.token)
    }

    /// Asks until the ledger here has the line that enrols the new device: without it a server that is put back to before
    /// this moment could not let it in again.
    private func takeIdentity(asking token: [UInt8]) throws -> Bool {
        while true {
            let reply = try transport(try replica.request(asking: token))
            if reply.notice == .otherHistory { return false }
            guard let device = try reply.identity()?.device else { throw ReplicaError.forked }
            let last = try replica.reading { try replica.ledger.last() }
            if try replica.take(identity: device, from: reply) { return true }
            guard try replica.reading({ try replica.ledger.last() }) != last else { throw ReplicaError.forked }
        }
    }
}

extension Replica {
    /// Believes a receipt for no more than was sent and compared.
    ///
    /// A higher one follows a lost reply, or is about groups of another copy of this database: what is behind it is sent
    /// again, so that the server can compare it, and pages wait until then, for they may speak of such groups.
    func trim(_ reply: inout SyncReply, to request: SyncRequest) throws {
        guard reply.notice == .none || reply.notice == .gap else { return }
        let receipt = try reading { UInt64(clamping: try standing().receipt) }
        let compared = max(receipt, request.groups.last?.number ?? 0)
        guard reply.receipt > compared else { return }
        reply.receipt = compared
        reply.held.removeAll { $0.number > compared }
        reply.pages = []
        // Without the pages this device stands where it stood.
        reply.set(stretches: try request.stretches())
        reply.set(seenEnds: try request.seenEnds())
    }
}
