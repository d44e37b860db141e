import Database
import SyncCore

/// What goes on between two requests of a session: while the server works on one, the reply before it is applied and
/// the page after it is read.
///
/// A request may so leave before the reply before it is applied. It says no more than that reply does: should applying
/// fail, this device stands where it stood, and the next session asks again from there.
///
/// Where the transport can, the next page of groups even leaves before the reply to the page before it has arrived, with
/// the cursors of the reply before, and says which group it follows. If that reply says anything but that all is well, the
/// answer to what was sent ahead counts as lost: what it said is said again.
final class SyncRounds {
    /// Groups that were read before their request is made.
    struct PageAhead {
        /// The group before the first of them.
        let after: UInt64
        let groups: [ChangeGroup]
    }

    /// How many pages are read behind the next one: until the connection is there and the server has answered for the first
    /// time there is nothing else to do, and nothing to wait for later.
    static let largestLaterCount = 3
    /// The size in bytes from which on the log is folded into the file, after the last page that is sent, and while pages
    /// are fetched: each part of the file is written once for all of them that changed it.
    private static let (largestLogBytes, largestFetchLogBytes) = (512 << 10, 2 << 20)

    /// A request that was sent ahead, and how to wait for its reply.
    private struct Ahead {
        let request: SyncRequest
        let reply: () throws -> SyncReply
        /// When it was sent, by this device's clock.
        let sent: Int64
    }

    private(set) var summary = SyncSummary()
    /// How long the last reply took from the sending of its request, by this device's clock, in milliseconds.
    private(set) var replyMilliseconds: Int64 = 0
    /// The last reply, where it is not applied yet, with its request, and whether the next one follows without a look at
    /// what came of it.
    var arrived: (request: SyncRequest, reply: SyncReply, isFollowed: Bool)?
    /// The groups that follow those of the request that is out.
    private var page: [ChangeGroup]?
    /// The pages behind those, in order, read while there was nothing else to do.
    private var later: [PageAhead] = []
    private var failure: (any Error)?
    /// Areas that this sync fetches again, or did.
    private var repaired: Set<Int> = []
    private let replica: Replica
    /// Whether the line is quick enough to send ahead.
    var sendsAhead = true
    private let nextPage: (UInt64) throws -> [ChangeGroup]
    private let transport: SyncTransport
    /// What was sent ahead and is not waited for yet.
    private var ahead: Ahead?
    /// Whether the request that is out was sent ahead.
    private var isAhead = false
    /// The cursors as the last reply left them, where it said that all is well.
    private var plainCursors: [Cursor]?
    /// The stretches that they are in, as a part of a request.
    private var plainStretches: [UInt8]?
    /// The ends of feeds that they have not come to, as a part of a request.
    private var plainEnds: [UInt8]?
    /// Whether the last reply said that the server has all groups up to its request's last one, and no others.
    private var hasAgreed = false
    /// The groups that follow what the server has agreed to, where the session looks at its tables before it goes on.
    private var kept: PageAhead?
    /// Nothing is sent ahead any more once the server got requests in another order.
    private var isInOrder = true

    /// - Parameter nextPage: reads the groups behind a number.
    init(_ replica: Replica, _ transport: SyncTransport, nextPage: @escaping (UInt64) throws -> [ChangeGroup]) {
        self.replica = replica
        self.transport = transport
        self.nextPage = nextPage
    }

    // MARK: Sending

    /// Sends a request, unless that has happened, and returns its reply; works meanwhile.
    ///
    /// - Throws: what the transport throws.
    func reply(to request: SyncRequest) throws -> SyncReply {
        if let ahead {
            self.ahead = nil
            isAhead = true
            work(during: request)
            defer { replyMilliseconds = replica.clock() - ahead.sent }
            return try ahead.reply()
        }
        isAhead = false
        let sent = replica.clock()
        defer { replyMilliseconds = replica.clock() - sent }
        return try transport.send(request) { self.work(during: request) }
    }

    /// Waits for what was sent ahead and will not be used.
    func dropAhead() {
        guard let ahead else { return }
        self.ahead = nil
        // Whatever came of it counts as lost.
        _ = try? ahead.reply()
    }

    /// Whether the answer to what was sent ahead counts as lost, because it is no plain one.
    func isLost(_ reply: SyncReply, to request: SyncRequest) -> Bool {
        guard isAhead else { return false }
        if reply.notice == .none, reply.epoch == request.epoch, reply.receipt == request.groups.last?.number {
            return false
        }
        isInOrder = false
        return true
    }

    /// Sends the page that was read ahead, where there is one and nothing else is to be said.
    ///
    /// A request that was made anew since the last reply was applied has the cursors of now.
    private func sendAhead(after request: SyncRequest) throws {
        guard let cursors = plainCursors ?? (hasAgreed ? request.cursors : nil), isInOrder, sendsAhead, ahead == nil,
            let start = transport.start, let page, !page.isEmpty, let previous = request.groups.last,
            try request.fetchReport().repairs.isEmpty
        else { return }
        var next = request
        next.groups = page
        // Under that number the server may have another copy's work by then.
        var fingerprint = GroupFingerprint(hash: replica.hash)
        next.set(previousFingerprint: fingerprint.of(previous))
        next.cursors = cursors
        if plainCursors != nil {
            next.parts[.stretches] = plainStretches
            next.parts[.seenEnds] = plainEnds
        }
        next.clockMilliseconds = try replica.correctedClock()
        let sent = replica.clock()
        ahead = Ahead(request: next, reply: try start(next), sent: sent)
    }

    // MARK: Work

    /// Does what can be done before a request is answered; what fails is thrown by `finishWork`.
    func work(during request: SyncRequest) {
        do {
            // The server must not wait for the next page.
            if transport.start != nil { try readPage(after: request) }
            _ = try applyArrived()
            try readPage(after: request)
            try readLaterPages(after: request)
            foldLog(during: request)
        } catch {
            failure = error
        }
    }

    /// Moves a log that this sync has made long into the file, while the server works on the last page or makes the next one:
    /// the command would do so at its end.
    private func foldLog(during request: SyncRequest) {
        let isFetching = request.groups.isEmpty
        guard isFetching || page?.isEmpty == true,
            replica.database.loggedBytes > (isFetching ? Self.largestFetchLogBytes : Self.largestLogBytes)
        else { return }
        // Nothing depends on it; a disk that fails is told by the next commit.
        _ = try? replica.database.checkpoint(.passive)
    }

    private func readPage(after request: SyncRequest) throws {
        if page == nil {
            page = try request.groups.last.map { try takeLaterPage(after: $0.number) ?? nextPage($0.number) } ?? []
        }
        try sendAhead(after: request)
    }

    /// Reads the pages behind the next one, while there is nothing else to do: each can leave as soon as a reply has arrived,
    /// and the server need not wait for it then.
    private func readLaterPages(after request: SyncRequest) throws {
        guard transport.start != nil, sendsAhead, isInOrder, !request.groups.isEmpty else { return }
        while later.count < Self.largestLaterCount, let last = (later.last?.groups ?? page)?.last?.number {
            later.append(PageAhead(after: last, groups: try nextPage(last)))
        }
    }

    /// The groups behind a number, where they were read before.
    private func takeLaterPage(after number: UInt64) -> [ChangeGroup]? {
        guard let next = later.first, next.after == number else {
            later = []
            return nil
        }
        later.removeFirst()
        return next.groups
    }

    /// Does what is left of the work during a request, and throws what failed; nil for a request that was cut.
    func finishWork(during request: SyncRequest?) throws {
        if failure == nil {
            if let request { work(during: request) } else { _ = try applyArrived() }
        }
        if let failure { throw failure }
    }

    /// Forgets a page that was read ahead: its numbers count no more.
    func forgetPage() {
        page = nil
        later = []
        kept = nil
        hasAgreed = false
        dropAhead()
    }

    /// Forgets the page that was read ahead, where it has not been sent, and those behind it: they are read again, in another
    /// size.
    ///
    /// - Returns: whether there was one.
    func forgetUnsentPage() -> Bool {
        later = []
        guard ahead == nil, kept?.groups.isEmpty == false else { return false }
        forgetPage()
        return true
    }

    /// The page that need not be read again for a request that is made anew; it is given out once.
    ///
    /// Nothing is kept where the reply took something away here, of which the page may still tell.
    func takePage() -> PageAhead? {
        defer { kept = nil }
        return hasTakenAway ? nil : kept
    }

    /// Whether a reply took something away here, of which groups that were read before may still tell.
    private var hasTakenAway: Bool { replica.knowsErasures || !summary.lostAreas.isEmpty }

    /// Takes note that this database was a copy, and is a device of its own from now on.
    func noteIdentity() {
        forgetPage()
        summary.hasNewIdentity = true
    }

    /// Takes note that the server had lost something and was given it back; pages that were read ahead are read again.
    func noteHealing() {
        forgetPage()
        summary.hasHealed = true
    }

    /// Applies the reply that has arrived; nil where there is none.
    func applyArrived() throws -> AppliedReply? {
        guard let (request, reply, isFollowed) = arrived else { return nil }
        arrived = nil
        // The next request has left, or may have, with what this reply says; so to lose it is nothing new to the server.
        let applied = try replica.apply(reply, to: request.groups, isSynced: !isFollowed)
        try replica.forgetReports(of: request)
        summary.add(applied)
        summary.serverMilliseconds = reply.clockMilliseconds
        summary.clockCorrectionMilliseconds = try replica.clockError(request, reply)
        if hasTakenAway { later = [] }
        return applied
    }

    /// The next request where it is plain before the reply is applied; nil where the session must look at its tables,
    /// and at the end.
    func request(after request: SyncRequest, _ reply: SyncReply) throws -> SyncRequest? {
        defer { page = nil }
        plainCursors = nil
        kept = nil
        hasAgreed =
            reply.notice == .none && reply.epoch == request.epoch && !request.groups.isEmpty
            && reply.receipt == request.groups.last?.number
        if hasAgreed, let page { kept = PageAhead(after: reply.receipt, groups: page) }
        // What is told of repairs is told once.
        guard try request.fetchReport().repairs.isEmpty else { return nil }
        guard reply.notice == .none, reply.directory == nil, !reply.isClockCorrected, reply.epoch == request.epoch,
            reply.parts[.ledger] == nil, reply.parts[.refetch] == nil,
            request.groups.isEmpty || reply.receipt == request.groups.last?.number, let page
        else { return nil }
        var next = request
        next.groups = page
        (next.parts[.previousGroup], next.parts[.openGroups]) = (nil, nil)
        next.clockMilliseconds = try replica.correctedClock()
        for answer in reply.pages {
            guard let index = next.cursors.firstIndex(where: { $0.area == answer.area }) else { return nil }
            next.cursors[index].sequence = answer.sequence
            next.cursors[index].mark = answer.mark
        }
        next.set(stretches: try reply.openStretches())
        next.set(seenEnds: Cursor.unreached(try reply.unreachedEnds() + request.seenEnds(), from: next.cursors))
        plainCursors = next.cursors
        plainStretches = next.parts[.stretches]
        plainEnds = next.parts[.seenEnds]
        if let ahead { return ahead.request }
        let isLeft = !page.isEmpty || reply.pages.contains { !$0.isComplete }
        let hasMoved = !request.groups.isEmpty || next.cursors != request.cursors
        return isLeft && hasMoved ? next : nil
    }

    /// Begins to fetch the areas again whose digests differ; false where there is nothing more to do in this sync.
    ///
    /// Each area is fetched again at most once in a sync. What a repair left different is not tried again, as long as
    /// the difference stays the same. After a repair one more request tells the server.
    func goOn() throws -> Bool {
        let begun = try replica.beginRepairs(summary.digests.filter { !repaired.contains($0.area) })
        repaired.formUnion(begun)
        return try !begun.isEmpty || replica.hasReports()
    }
}
