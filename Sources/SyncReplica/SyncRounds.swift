import SyncCore

/// What goes on between two requests of a session: while the server works on one, the reply before it is applied and
/// the page after it is read.
///
/// A request may so leave before the reply before it is applied. It says no more than that reply does: should applying
/// fail, this device stands where it stood, and the next session asks again from there.
///
/// Where the transport can, the next page of groups even leaves before the reply to the page before it has arrived, with
/// the cursors of the reply before. If that reply says anything but that all is well, the answer to what was sent ahead counts as lost:
/// what it said is said again.
final class SyncRounds {
    /// A request that was sent ahead, and how to wait for its reply.
    private struct Ahead {
        let request: SyncRequest
        let reply: () throws -> SyncReply
    }

    private(set) var summary = SyncSummary()
    /// The last reply, where it is not applied yet, with its request.
    var arrived: (request: SyncRequest, reply: SyncReply)?
    /// The groups that follow those of the request that is out.
    private var page: [ChangeGroup]?
    private var failure: (any Error)?
    /// Areas that this sync fetches again, or did.
    private var repaired: Set<Int> = []
    private let replica: Replica
    private let nextPage: (UInt64) throws -> [ChangeGroup]
    private let transport: SyncTransport
    /// What was sent ahead and is not waited for yet.
    private var ahead: Ahead?
    /// Whether the request that is out was sent ahead.
    private var isAhead = false
    /// The cursors as the last reply left them, where it said that all is well.
    private var plainCursors: [Cursor]?
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
            return try ahead.reply()
        }
        isAhead = false
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
    private func sendAhead(after request: SyncRequest) throws {
        guard let plainCursors, isInOrder, ahead == nil, let start = transport.start, let page, !page.isEmpty,
            !request.groups.isEmpty,
            try request.fetchReport().repairs.isEmpty
        else { return }
        var next = request
        next.groups = page
        next.cursors = plainCursors
        next.clockMilliseconds = try replica.correctedClock()
        ahead = Ahead(request: next, reply: try start(next))
    }

    // MARK: Work

    /// Does what can be done before a request is answered; what fails is thrown by `finishWork`.
    func work(during request: SyncRequest) {
        do {
            // The server must not wait for the next page.
            if transport.start != nil { try readPage(after: request) }
            _ = try applyArrived()
            try readPage(after: request)
        } catch {
            failure = error
        }
    }

    private func readPage(after request: SyncRequest) throws {
        if page == nil { page = try request.groups.last.map { try nextPage($0.number) } ?? [] }
        try sendAhead(after: request)
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
        dropAhead()
    }

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
        guard let (request, reply) = arrived else { return nil }
        arrived = nil
        let applied = try replica.apply(reply)
        try replica.forgetReports(of: request)
        summary.add(applied)
        summary.serverMilliseconds = reply.clockMilliseconds
        summary.clockCorrectionMilliseconds = try replica.clockError(request, reply)
        return applied
    }

    /// The next request where it is plain before the reply is applied; nil where the session must look at its tables,
    /// and at the end.
    func request(after request: SyncRequest, _ reply: SyncReply) throws -> SyncRequest? {
        defer { page = nil }
        plainCursors = nil
        // What is told of repairs is told once.
        guard try request.fetchReport().repairs.isEmpty else { return nil }
        guard reply.notice == .none, reply.directory == nil, !reply.isClockCorrected, reply.epoch == request.epoch,
            reply.parts[.ledger] == nil, reply.parts[.refetch] == nil,
            request.groups.isEmpty || reply.receipt == request.groups.last?.number, let page
        else { return nil }
        var next = request
        next.groups = page
        next.clockMilliseconds = try replica.correctedClock()
        for answer in reply.pages {
            guard let index = next.cursors.firstIndex(where: { $0.area == answer.area }) else { return nil }
            next.cursors[index].sequence = answer.sequence
            next.cursors[index].mark = answer.mark
        }
        plainCursors = next.cursors
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
