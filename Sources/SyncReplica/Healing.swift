import Database
import RecordStorage
import SyncCore

/// Gives a restored server back what it lost: the ledger first, then this device's own groups, then what it holds of
/// others' work; at the end this device fetches its areas again from the start.
///
/// Each step can be repeated, and nothing changes here before the last one: a cut at any moment means that the next sync
/// begins anew.
struct Healing {
    /// How many times a server may turn out to be restored once more during one sync.
    static let largestAttemptCount = 3
    private static let largestLedgerPageCount = 10_000

    let replica: Replica
    let limitCount: Int
    let limitBytes: Int
    let transport: (SyncRequest) throws -> SyncReply
    /// What the server has taken by now.
    private(set) var progress = HandoverProgress()

    /// Hands everything over.
    ///
    /// - Parameters:
    ///   - invitation: the reply that asked for it.
    ///   - request: what that answered.
    /// - Throws: `ReplicaError.anotherOffice`; what the transport throws.
    mutating func run(_ invitation: SyncReply, to request: SyncRequest) throws {
        try replica.checkOffice(invitation, to: request)
        let epoch = invitation.epoch
        progress.steps = try invitation.handoverSteps()
        guard try showFormerEnds(epoch) else { return }
        guard let receipt = try handOverLedger(epoch) else { return }
        progress.groups = receipt
        guard let agreed = try compareOpenGroups(epoch, through: receipt) else { return }
        guard let lost = try compareSettledGroups(epoch, through: receipt),
            try handOverGroups(epoch, after: receipt, lost: lost)
        else { return }
        guard let differing = try compare(epoch), try handOverRows(epoch, differing) else { return }
        guard try send(.done, epoch) != nil else { return }
        try replica.beginNewHistory(epoch, agreed: agreed, receipt: receipt, lost: lost)
    }

    /// Sends one step; nil where the server has begun yet another history, so that all begins anew.
    private mutating func send(
        _ step: HealingRequest.Step, returned: [ReturnedGroup] = [], settled: [UInt64] = [],
        compared: [OpenGroup] = [], _ epoch: [UInt8]
    ) throws -> (SyncReply, HealingAnswer)? {
        var request = try replica.request(handingOver: step, epoch: epoch)
        request.set(returned: returned)
        request.set(settledGroups: settled)
        request.set(openGroups: compared)
        request.set(progress)
        let reply = try transport(request)
        if reply.notice == .otherHistory { return nil }
        guard reply.epoch == epoch, let answer = try reply.healing(), answer.step == step.number else {
            throw ReplicaError.unexpectedReply("it did not take what was handed over")
        }
        progress.steps = try max(progress.steps, reply.handoverSteps())
        return (reply, answer)
    }

    /// Shows what this device had seen of histories before the last one, where it has not fetched everything since: what it
    /// holds of others' work may be from there, and be nowhere else. False where the server has begun yet another history.
    private mutating func showFormerEnds(_ epoch: [UInt8]) throws -> Bool {
        guard let request = try replica.requestShowingFormerEnds() else { return true }
        let reply = try transport(request)
        progress.steps = try max(progress.steps, reply.handoverSteps())
        return reply.notice == .otherHistory && reply.epoch == epoch
    }

    // MARK: Ledger

    /// The number up to which the server has this device's groups.
    private mutating func handOverLedger(_ epoch: [UInt8]) throws -> UInt64? {
        var rest = try replica.reading { try replica.ledger.entries(after: 0) }[...]
        var directory = try replica.directory()
        var reply: SyncReply
        var parting: [LedgerEntry]?
        repeat {
            let page = LedgerNews.page(of: rest)
            guard let answer = try send(.ledger(page, directory: directory), epoch) else { return nil }
            reply = answer.0
            directory = nil
            rest = rest.dropFirst(page.count)
            // The server says all that is said here once it has every page: it is asked again where the two part.
            if !rest.isEmpty, parting == nil, try reply.ledgerNews()?.entries.isEmpty == false { parting = page }
        } while !rest.isEmpty
        if let parting {
            guard let answer = try send(.ledger(parting, directory: nil), epoch) else { return nil }
            reply = answer.0
        }
        guard let news = try restOfLedger(reply, epoch) else { return nil }
        try replica.adopt(ledger: news)
        return reply.receipt
    }

    /// All that the server's ledger says from where it parts from the one here: page by page, to its end.
    private mutating func restOfLedger(_ reply: SyncReply, _ epoch: [UInt8]) throws -> [LedgerEntry]? {
        var news = try reply.ledgerNews()
        var entries = news?.entries ?? []
        for _ in 0..<Self.largestLedgerPageCount {
            // An entry of the server's own, shown to it, is where it goes on.
            guard news?.mayGoOn == true, let last = news?.entries.last else { return entries }
            guard let answer = try send(.ledger([last], directory: nil), epoch) else { return nil }
            news = try answer.0.ledgerNews()
            entries += news?.entries ?? []
        }
        throw ReplicaError.unexpectedReply("its ledger does not end")
    }

    // MARK: Own groups

    /// The number up to which the server's groups are those of this database: behind it, another copy of it may have used
    /// numbers since the restore. Nil where the server has begun yet another history.
    private mutating func compareOpenGroups(_ epoch: [UInt8], through receipt: UInt64) throws -> UInt64? {
        let (groups, damaged) = try replica.openGroups(through: receipt)
        var agreed = receipt
        for start in stride(from: 0, to: damaged.count, by: SyncRequest.largestOpenGroupCount) {
            let page = Array(damaged[start...].prefix(SyncRequest.largestOpenGroupCount))
            let step = HealingRequest.Step.groups(through: 0, [], corrections: [], rows: VouchedRows())
            guard let (reply, _) = try send(step, compared: page, epoch) else { return nil }
            if let first = try reply.doubtedGroups().min() { agreed = min(agreed, first - 1) }
        }
        var page = HandoverPage(through: receipt)
        for group in groups {
            page.add(group)
            guard group.number == groups.last?.number || page.isFull(limitCount, limitBytes) else { continue }
            let step = HealingRequest.Step.groups(
                through: page.through, page.groups, corrections: [], rows: page.rows)
            guard let (reply, _) = try send(step, epoch) else { return nil }
            if let answer = try reply.identity() { agreed = min(agreed, answer.agreed) }
            page = HandoverPage(through: receipt)
        }
        return agreed
    }

    /// The numbers up to the server's receipt under which it has something else than what left this database, of groups that
    /// are settled here. Nil where the server has begun yet another history.
    ///
    /// Another copy of the database has used these numbers since the restore: what was settled under them goes up once more, and
    /// what was written over that names it by its final stamps. From the latest on, until the server knows a page of them.
    private mutating func compareSettledGroups(_ epoch: [UInt8], through receipt: UInt64) throws -> Set<Int64>? {
        var differing: Set<Int64> = []
        var last = Int64(clamping: receipt)
        while true {
            let page = try replica.settledGroups(through: last)
            guard let first = page.keys.min() else { return differing }
            last = first - 1
            let checks = try replica.checks(of: page)
            // Of none of them anything is left.
            if checks.isEmpty { continue }
            let step = HealingRequest.Step.groups(through: 0, [], corrections: [], rows: VouchedRows())
            guard let (reply, _) = try send(step, compared: checks, epoch) else { return nil }
            let doubted = try reply.doubtedGroups()
            if doubted.isEmpty { return differing }
            differing.formUnion(doubted.map { Int64(clamping: $0) })
        }
    }

    private mutating func handOverGroups(_ epoch: [UInt8], after receipt: UInt64, lost: Set<Int64>) throws -> Bool {
        let bases = try replica.reading { try replica.bases(without: lost) }
        let own = try replica.ownGroups(after: Int64(clamping: receipt), and: lost)
        var page = HandoverPage(through: receipt)
        var foreign: Set<RecordID> = []
        var returned = own.returned[...]
        for number in own.numbers {
            guard let group = try replica.rebuild(number, own.parts[number] ?? [], device: own.device) else { continue }
            while let next = returned.first, next.group.number < group.number {
                guard try flush(&page, own, epoch) else { return false }
                page.add(next)
                returned = returned.dropFirst()
            }
            guard try flush(&page, own, epoch), try add(recordsOf: group, to: &page, &foreign, own, epoch) else {
                return false
            }
            page.add(try bases.rebased(group))
        }
        for next in returned {
            guard try flush(&page, own, epoch) else { return false }
            page.add(next)
        }
        page.through = max(page.through, own.through)
        let isNews = page.through > receipt || !page.returned.isEmpty || !page.groups.isEmpty
        return isNews ? try send(page, own, epoch) : true
    }

    /// Others' records that a group changes go up before it, in as many pages as they take.
    private mutating func add(
        recordsOf group: ChangeGroup, to page: inout HandoverPage, _ done: inout Set<RecordID>, _ own: OwnGroups,
        _ epoch: [UInt8]
    ) throws -> Bool {
        for change in group.changes where change.creation == nil && done.insert(change.record).inserted {
            guard let record = try replica.foreignRecord(change) else { continue }
            for piece in record.pieces(limitBytes: limitBytes) {
                page.add(piece)
                guard try flush(&page, own, epoch) else { return false }
            }
        }
        return true
    }

    /// Sends a page that has no room for more, and begins the next one.
    private mutating func flush(_ page: inout HandoverPage, _ own: OwnGroups, _ epoch: [UInt8]) throws -> Bool {
        guard page.isFull(limitCount, limitBytes) else { return true }
        guard try send(page, own, epoch) else { return false }
        page = HandoverPage(through: page.through)
        return true
    }

    private mutating func send(_ page: HandoverPage, _ own: OwnGroups, _ epoch: [UInt8]) throws -> Bool {
        let numbers = Set(page.groups.map(\.number) + page.returned.map(\.group.number))
        let step = HealingRequest.Step.groups(
            through: page.through, page.groups, corrections: own.corrections.filter { numbers.contains($0.number) },
            rows: page.rows)
        let settled = page.groups.map(\.number).filter { $0 <= own.receipt }
        guard try send(step, returned: page.returned, settled: settled, epoch) != nil else { return false }
        progress.groups = max(progress.groups, page.through)
        return true
    }

    // MARK: Others' work

    /// The buckets that differ, by area.
    private mutating func compare(_ epoch: [UInt8]) throws -> [Int: (count: Int, buckets: Set<Int>)]? {
        let own = try replica.buckets()
        guard let (_, answer) = try send(.buckets(own), epoch) else { return nil }
        var differing: [Int: (Int, Set<Int>)] = [:]
        for (area, buckets) in answer.differing {
            guard let sums = own.first(where: { $0.area == area })?.sums else { continue }
            differing[area] = (sums.count, Set(buckets))
        }
        return differing
    }

    private mutating func handOverRows(_ epoch: [UInt8], _ differing: [Int: (count: Int, buckets: Set<Int>)]) throws
        -> Bool
    {
        for area in try replica.cursors().map(\.area) {
            var page = HandoverPage(through: 0)
            func flush(_ isLast: Bool = false) throws -> Bool {
                guard isLast ? !page.rows.pages.isEmpty : page.isFull(limitCount, limitBytes) else { return true }
                defer { page = HandoverPage(through: 0) }
                return try send(.rows(page.rows), epoch) != nil
            }
            let (count, buckets) = differing[area] ?? (AreaBuckets.largestCount, [])
            let sizes = AreaBuckets(area: area, count: count)
            for reference in buckets.isEmpty ? [] : try replica.records(of: area) {
                guard buckets.contains(sizes.bucket(of: reference.id)),
                    let record = try replica.vouched(reference, area: area)
                else { continue }
                for piece in record.pieces(limitBytes: limitBytes) {
                    page.add(piece)
                    guard try flush() else { return false }
                }
            }
            for conflict in try replica.acknowledgedConflicts(of: area) {
                page.add(conflict)
                guard try flush() else { return false }
            }
            guard try flush(true) else { return false }
        }
        return true
    }
}
