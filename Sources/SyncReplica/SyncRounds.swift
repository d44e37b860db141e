import SyncCore

/// What goes on between two requests of a session: while the server works on one, the reply before it is applied and
/// the page after it is read.
///
/// A request may so leave before the reply before it is applied. It says no more than that reply does: should applying
/// fail, this device stands where it stood, and the next session asks again from there.
final class SyncRounds {
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

    /// - Parameter nextPage: reads the groups behind a number.
    init(_ replica: Replica, nextPage: @escaping (UInt64) throws -> [ChangeGroup]) {
        self.replica = replica
        self.nextPage = nextPage
    }

    /// Does what can be done before a request is answered; what fails is thrown by `finishWork`.
    func work(during request: SyncRequest) {
        do {
            _ = try applyArrived()
            if page == nil { page = try request.groups.last.map { try nextPage($0.number) } ?? [] }
        } catch {
            failure = error
        }
    }

    /// Does what is left of the work during a request, and throws what failed; nil for a request that was cut.
    func finishWork(during request: SyncRequest?) throws {
        if failure == nil {
            if let request { work(during: request) } else { _ = try applyArrived() }
        }
        if let failure { throw failure }
    }

    /// Forgets a page that was read ahead: its numbers count no more.
    func forgetPage() { page = nil }

    /// Takes note that this database was a copy, and is a device of its own from now on.
    func noteIdentity() {
        page = nil
        summary.hasNewIdentity = true
    }

    /// Takes note that the server had lost something and was given it back; pages that were read ahead are read again.
    func noteHealing() {
        page = nil
        summary.hasHealed = true
    }

    /// Applies the reply that has arrived; nil where there is none.
    func applyArrived() throws -> AppliedReply? {
        guard let (request, reply) = arrived else { return nil }
        arrived = nil
        let applied = try replica.apply(reply)
        try replica.forgetReports(of: request)
        summary.add(applied)
        summary.clockCorrectionMilliseconds = try replica.clockError(request, reply)
        return applied
    }

    /// The next request where it is plain before the reply is applied; nil where the session must look at its tables,
    /// and at the end.
    func request(after request: SyncRequest, _ reply: SyncReply) throws -> SyncRequest? {
        defer { page = nil }
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
