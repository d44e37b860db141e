import Database
import SyncCore

/// What a transport throws where the server lets this device sync no more, and takes its unsent work for checking alone.
package struct ShutOut: Error {
    /// Every group up to this number is at the office, held for checking.
    package let receipt: UInt64

    package init(receipt: UInt64) { self.receipt = receipt }
}

/// How requests reach the server.
package struct SyncTransport {
    /// Sends one request and returns the reply, or throws; calls the function that it is given once while it waits, best
    /// when all of the request is sent. Where it did not, nothing is lost but time.
    let send: (SyncRequest, @escaping () -> Void) throws -> SyncReply
    /// Sends one request and returns at once, with a function that waits for the reply; nil where only one request can be
    /// on its way. The server must get requests in the order in which they were sent; where it once does not, nothing is
    /// lost but time.
    let start: ((SyncRequest) throws -> () throws -> SyncReply)?
    /// What the last exchange whose reply was returned took; nil where the transport does not measure.
    let lastExchange: () -> LineExchange?
    /// Whether anything that it was given may have left the device.
    let mayHaveSent: () -> Bool

    /// Makes a transport.
    package init(
        send: @escaping (SyncRequest, @escaping () -> Void) throws -> SyncReply,
        start: ((SyncRequest) throws -> () throws -> SyncReply)? = nil,
        lastExchange: @escaping () -> LineExchange? = { nil }, mayHaveSent: @escaping () -> Bool = { true }
    ) {
        self.send = send
        self.start = start
        self.lastExchange = lastExchange
        self.mayHaveSent = mayHaveSent
    }

    /// Sends one request and returns the reply.
    func ask(_ request: SyncRequest) throws -> SyncReply { try send(request) {} }
}

/// One sync of a device: requests and replies until nothing is left on either side.
///
/// Two sessions of one device at the same time are the caller's to prevent, by a lock.
package struct SyncSession {
    /// The most requests of one session.
    package static let largestRoundCount = 100_000
    /// The most changes in the first page where several are to be sent. Only a reply tells whether the server agrees on
    /// what it has, and until then it waits for this device, which has one page on its way at a time.
    private static let firstPageCount = 200
    /// The most memory in KiB for pages of the database file: a row is written once more soon after it was read for sending,
    /// with those of two other pages between.
    private static let cacheKibibytes = 8_192

    private let replica: Replica
    private let limitCount: Int
    private let fixedLimitBytes: Int
    private let fixedPageBytes: Int
    private let pageSize: PageSize?

    /// - Parameters:
    ///   - limitCount: the most changes in a page that is sent.
    ///   - limitBytes: the largest encoded size of a page that is sent; smaller on a slow line.
    ///   - pageBytes: the size that pages of records should have.
    ///   - pageSize: both sizes, where they follow the line; it is told how long each page takes.
    package init(
        replica: Replica, limitCount: Int = SyncRequest.largestPageCount,
        limitBytes: Int = SyncRequest.largestPageBytes, pageBytes: Int = SyncRequest.largestPageBytes,
        pageSize: PageSize? = nil
    ) {
        self.replica = replica
        self.limitCount = limitCount
        fixedLimitBytes = limitBytes
        fixedPageBytes = pageBytes
        self.pageSize = pageSize
    }

    private var limitBytes: Int { pageSize?.bytes ?? fixedLimitBytes }
    private var pageBytes: Int { pageSize?.fetchBytes ?? fixedPageBytes }

    /// Sends what was saved before this call, and fetches what is new.
    ///
    /// A cut loses nothing: what was applied stays, and the next session goes on from there.
    ///
    /// - Parameter transport: sends one request and returns the reply, or throws.
    /// Where the transport throws `ShutOut` the rest of the unsent work is still sent, page by page; then that is thrown.
    ///
    /// - Throws: what the transport throws, and what `Replica.apply` throws.
    package func run(_ transport: (SyncRequest) throws -> SyncReply) throws -> SyncSummary {
        try run(overlapping: { request, meanwhile in
            meanwhile()
            return try transport(request)
        })
    }

    /// The same for a transport that lets this device work while the server does.
    ///
    /// - Parameter transport: sends one request and returns the reply, or throws; calls the function that it is given
    ///   once while it waits, best when all of the request is sent. Where it did not, nothing is lost but time.
    package func run(
        overlapping transport: (SyncRequest, @escaping () -> Void) throws -> SyncReply
    ) throws -> SyncSummary {
        try withoutActuallyEscaping(transport) { try run(SyncTransport(send: $0)) }
    }

    /// The same for a transport that may also have two requests on their way at once.
    package func run(_ transport: SyncTransport) throws -> SyncSummary {
        do {
            return try exchange(transport)
        } catch {
            // The cut is what must be told; where this fails too, the next sync cleans up.
            _ = try? replica.cleanAfterRemoval()
            throw error
        }
    }

    private func exchange(_ transport: SyncTransport) throws -> SyncSummary {
        try replica.database.execute("PRAGMA cache_size = -\(Self.cacheKibibytes)")
        let frost = try replica.freeze()
        var (hasConfirmed, hasDepositedAgain) = (false, false)
        let rounds = SyncRounds(replica, transport) { number in
            try replica.nextPage(after: number, limitCount: limitCount, limitBytes: limitBytes)
        }
        defer { rounds.dropAhead() }
        rounds.sendsAhead = pageSize?.sendsAhead ?? true
        var following: SyncRequest?
        var healingCount = 0
        var lastReceipt: Int64 = -1
        for round in 1...Self.largestRoundCount {
            if following == nil { rounds.dropAhead() }
            if try replica.identityWish() != nil {
                following = nil
                if try takeIdentity(transport) {
                    rounds.noteIdentity()
                    try replica.freeze()
                }
            }
            let request =
                try following
                ?? replica.makeRequest(
                    limitCount: limitCount, limitBytes: limitBytes, pageBytes: pageBytes,
                    beginningWith: round == 1 ? Self.firstPageCount : nil, ahead: rounds.takePage(), isFirst: round == 1
                )
            var reply: SyncReply
            do {
                reply = try rounds.reply(to: request)
            } catch let end as ShutOut {
                try rounds.finishWork(during: nil)
                // It says nothing of what was not sent: the office may count another copy's work.
                let carried = request.groups.last?.number ?? 0
                if try !replica.noteDeposit(through: min(end.receipt, carried)) {
                    guard try carried == 0 && !hasDepositedAgain && replica.depositsAgain(behind: end.receipt) else {
                        throw end
                    }
                    hasDepositedAgain = true
                }
                rounds.forgetPage()
                following = nil
                continue
            } catch {
                // The reply before this cut has arrived.
                try rounds.finishWork(during: nil)
                if !transport.mayHaveSent() { try replica.thaw(frost) }
                throw error
            }
            try rounds.finishWork(during: request)
            if rounds.isLost(reply, to: request) {
                following = nil
                continue
            }
            if try reply.notice == .otherHistory && reply.healing() != nil && healingCount < Healing.largestAttemptCount
            {
                healingCount += 1
                rounds.forgetPage()
                if try replica.takeKnownNumber(from: reply, to: request) {
                    rounds.noteIdentity()
                    try replica.freeze()
                } else if try heal(reply, to: request, transport.ask) {
                    rounds.noteHealing()
                }
                following = nil
                continue
            }
            let doubted = try reply.doubtedGroups()
            if !doubted.isEmpty && round == 1 {
                rounds.forgetPage()
                following = nil
                try replica.show(doubted, limitCount: limitCount, limitBytes: limitBytes, transport.ask)
                continue
            }
            if let agreed = try CopiedDatabase.agreed(replica, request, reply) {
                let isWhole = try replica.noteCopy(agreed: agreed, reply)
                rounds.forgetPage()
                following = nil
                guard try isWhole || replica.position().receipt > lastReceipt else {
                    throw ReplicaError.noProgress(round: round)
                }
                lastReceipt = try replica.position().receipt
                continue
            }
            try replica.trim(&reply, to: request)
            following = try rounds.request(after: request, reply)
            if let pageSize {
                let before = pageSize.bytes
                let exchange =
                    transport.lastExchange()
                    ?? LineExchange(sentBytes: pageSize.bytes, milliseconds: rounds.replyMilliseconds)
                pageSize.note(exchange, isFull: following != nil)
                following?.pageBytes = pageSize.fetchBytes
                rounds.sendsAhead = pageSize.sendsAhead
                // What was read ahead for a quicker line would be on its way for long, and be lost as a whole by a cut.
                if pageSize.bytes < before / 2, rounds.forgetUnsentPage() { following = nil }
            }
            rounds.arrived = (request, reply, following != nil)
            if following != nil { continue }
            let before = try replica.position()
            let applied = try rounds.applyArrived()
            let after = try replica.position()
            if applied?.isComplete == true, after.isAllSent {
                if try rounds.goOn() { continue }
                try replica.cleanAfterRemoval()
                // One more round, so that the office need not wait for the next sync.
                if try !hasConfirmed && replica.mustConfirmErasures(request) {
                    hasConfirmed = true
                    continue
                }
                try replica.adopt(clockError: rounds.summary.clockCorrectionMilliseconds)
                return rounds.summary
            }
            guard after != before else { throw ReplicaError.noProgress(round: round) }
        }
        throw ReplicaError.tooManyRounds(Self.largestRoundCount)
    }

    /// Asks for an identity of its own; false where it came to nothing.
    ///
    /// Nobody gives one to a device that is shut out: it hands in its work as the device that it was a copy of.
    private func takeIdentity(_ transport: SyncTransport) throws -> Bool {
        do {
            return try CopiedDatabase(replica: replica, pageBytes: pageBytes, transport: transport.ask).run()
        } catch is ShutOut {
            try replica.forgetIdentityWish()
            return false
        }
    }

    /// Gives a restored server back what it lost; false where this device was shut out meanwhile, and can only hand in
    /// what is unsent.
    private func heal(
        _ reply: SyncReply, to request: SyncRequest, _ transport: @escaping (SyncRequest) throws -> SyncReply
    ) throws -> Bool {
        do {
            var healing = Healing(
                replica: replica, limitCount: limitCount, limitBytes: limitBytes, transport: transport)
            try healing.run(reply, to: request)
            return true
        } catch is ShutOut {
            return false
        }
    }
}

extension Replica {
    /// Notes that groups were handed in for checking; false where that is not new, or nothing is left to hand in.
    fileprivate func noteDeposit(through number: UInt64) throws -> Bool {
        try transaction {
            var standing = try standing()
            let receipt = min(Int64(clamping: number), standing.frozen)
            guard receipt > standing.receipt else { return false }
            try outbox.markDeposited((standing.receipt + 1)...receipt)
            standing.receipt = receipt
            try standing.save(to: database)
            return receipt < standing.frozen
        }
    }

    /// Lets what was handed in for checking wait once more, where the office has less of it than it had: it was put back.
    ///
    /// What it has after all it knows again.
    /// - Returns: whether there is any.
    fileprivate func depositsAgain(behind number: UInt64) throws -> Bool {
        try transaction {
            var standing = try standing()
            let receipt = Int64(clamping: number)
            guard receipt < standing.receipt else { return false }
            let lost = (receipt + 1)...standing.receipt
            guard try !outbox.entries(in: lost).isEmpty else { return false }
            try outbox.markUnsent(lost)
            standing.receipt = receipt
            try standing.save(to: database)
            return true
        }
    }

    /// How far a sync has come; a round that does not change it would be repeated for ever.
    fileprivate struct Position: Equatable {
        let receipt: Int64
        let isAllSent: Bool
        let cursors: [Cursor]
        let lastOutcome: UInt64
        let lastLedgerEntry: UInt64
        let fetches: FetchReport
    }

    fileprivate func position() throws -> Position {
        try reading {
            let standing = try standing()
            return Position(
                receipt: standing.receipt, isAllSent: standing.receipt >= standing.frozen, cursors: try cursors(),
                lastOutcome: try heldLog.lastOutcome(epoch: standing.epoch),
                lastLedgerEntry: try ledger.last()?.number ?? 0,
                fetches: try fetches.report())
        }
    }
}
