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

    let replica: Replica
    let limitCount: Int
    let limitBytes: Int
    let transport: (SyncRequest) throws -> SyncReply

    /// Hands everything over.
    ///
    /// - Parameter invitation: the reply that asked for it.
    /// - Throws: `ReplicaError.anotherOffice`; what the transport throws.
    func run(_ invitation: SyncReply) throws {
        try replica.checkOffice(invitation)
        let epoch = invitation.epoch
        let receipt = try handOverLedger(epoch)
        guard let receipt else { return }
        guard try handOverGroups(epoch, after: receipt) else { return }
        guard let differing = try compare(epoch), try handOverRows(epoch, differing) else { return }
        guard try send(.done, epoch) != nil else { return }
        try replica.beginNewHistory(epoch)
    }

    /// Sends one step; nil where the server has begun yet another history, so that all begins anew.
    private func send(
        _ step: HealingRequest.Step, returned: [ReturnedGroup] = [], _ epoch: [UInt8]
    ) throws -> (SyncReply, HealingAnswer)? {
        let reply = try transport(try replica.request(handingOver: step, returned: returned, epoch: epoch))
        if reply.notice == .otherHistory { return nil }
        guard reply.epoch == epoch, let answer = try reply.healing(), answer.step == step.number else {
            throw ReplicaError.unexpectedReply("it did not take what was handed over")
        }
        return (reply, answer)
    }

    // MARK: Ledger

    /// The number up to which the server has this device's groups.
    private func handOverLedger(_ epoch: [UInt8]) throws -> UInt64? {
        let entries = try replica.reading { try replica.ledger.entries(after: 0) }
        var directory = try replica.directory()
        var start = 0
        var reply: SyncReply
        var parting: [LedgerEntry]?
        repeat {
            let page = Array(entries[start..<min(start + LedgerNews.largestCount, entries.count)])
            guard let answer = try send(.ledger(page, directory: directory), epoch) else { return nil }
            reply = answer.0
            directory = nil
            start += LedgerNews.largestCount
            // The server says all that is said here once it has every page: it is asked again where the two part.
            if start < entries.count, parting == nil, try reply.ledgerNews()?.entries.isEmpty == false {
                parting = page
            }
        } while start < entries.count
        if let parting {
            guard let answer = try send(.ledger(parting, directory: nil), epoch) else { return nil }
            reply = answer.0
        }
        if let news = try reply.ledgerNews() { _ = try replica.adopt(news) }
        return reply.receipt
    }

    // MARK: Own groups

    private func handOverGroups(_ epoch: [UInt8], after receipt: UInt64) throws -> Bool {
        let own = try replica.ownGroups(after: Int64(clamping: receipt))
        var page = GroupPage(through: receipt)
        var foreign: Set<RecordID> = []
        var returned = own.returned[...]
        for number in own.numbers {
            guard let group = try replica.rebuild(number, own.parts[number] ?? [], device: own.device) else { continue }
            while let next = returned.first, next.group.number < group.number {
                guard try flush(&page, own, epoch) else { return false }
                page.add(next)
                returned = returned.dropFirst()
            }
            guard try flush(&page, own, epoch) else { return false }
            page.add(group, rows: try replica.foreignRows(of: group, besides: &foreign))
        }
        for next in returned {
            guard try flush(&page, own, epoch) else { return false }
            page.add(next)
        }
        page.through = max(page.through, own.through)
        return page.through > receipt || !page.returned.isEmpty ? try send(page, own, epoch) : true
    }

    /// Sends a page that has no room for more, and begins the next one.
    private func flush(_ page: inout GroupPage, _ own: OwnGroups, _ epoch: [UInt8]) throws -> Bool {
        guard page.isFull(limitCount, limitBytes) else { return true }
        guard try send(page, own, epoch) else { return false }
        page = GroupPage(through: page.through)
        return true
    }

    private struct GroupPage {
        var groups: [ChangeGroup] = []
        var returned: [ReturnedGroup] = []
        var rows = VouchedRows()
        var through: UInt64
        var bytes = 0
        private var count = 0

        init(through: UInt64) { self.through = through }

        func isFull(_ count: Int, _ bytes: Int) -> Bool {
            self.count >= count || self.bytes >= bytes
        }

        mutating func add(_ next: ReturnedGroup) {
            returned.append(next)
            through = max(through, next.group.number)
            count += max(1, next.group.changes.count)
            bytes += next.group.changes.reduce(next.why?.utf8.count ?? 0) { $0 + $1.estimatedBytes }
        }

        mutating func add(_ group: ChangeGroup, rows: VouchedRows) {
            groups.append(group)
            through = group.number
            count += max(1, group.changes.count)
            bytes += group.changes.reduce(0) { $0 + $1.estimatedBytes } + rows.estimatedBytes
            self.rows.pages += rows.pages
            self.rows.seen += rows.seen
        }
    }

    private func send(_ page: GroupPage, _ own: OwnGroups, _ epoch: [UInt8]) throws -> Bool {
        let numbers = Set(page.groups.map(\.number) + page.returned.map(\.group.number))
        let step = HealingRequest.Step.groups(
            through: page.through, page.groups, corrections: own.corrections.filter { numbers.contains($0.number) },
            rows: page.rows)
        return try send(step, returned: page.returned, epoch) != nil
    }

    // MARK: Others' work

    /// The buckets that differ, by area.
    private func compare(_ epoch: [UInt8]) throws -> [Int: (count: Int, buckets: Set<Int>)]? {
        let own = try replica.buckets()
        guard let (_, answer) = try send(.buckets(own), epoch) else { return nil }
        var differing: [Int: (Int, Set<Int>)] = [:]
        for (area, buckets) in answer.differing {
            guard let sums = own.first(where: { $0.area == area })?.sums else { continue }
            differing[area] = (sums.count, Set(buckets))
        }
        return differing
    }

    private func handOverRows(_ epoch: [UInt8], _ differing: [Int: (count: Int, buckets: Set<Int>)]) throws -> Bool {
        for area in try replica.cursors().map(\.area) {
            var page = VouchedRows(pages: [Replica.emptyPage(area)])
            var bytes = 0
            var isGoingOn = true
            func flush() throws {
                isGoingOn = try isGoingOn && send(.rows(page), epoch) != nil
                page = VouchedRows(pages: [Replica.emptyPage(area)])
                bytes = 0
            }
            let (count, buckets) = differing[area] ?? (AreaBuckets.largestCount, [])
            let sizes = AreaBuckets(area: area, count: count)
            for record in buckets.isEmpty ? [] : try replica.records(of: area) {
                guard isGoingOn, buckets.contains(sizes.bucket(of: record.id)) else { continue }
                guard let (update, seen) = try replica.vouched(record, area: area) else { continue }
                page.pages[0].records.append(update)
                page.seen += seen
                bytes += update.estimatedBytes + VouchedRows(seen: seen).estimatedBytes
                if page.pages[0].records.count >= limitCount || bytes >= limitBytes { try flush() }
            }
            for conflict in try replica.acknowledgedConflicts(of: area) {
                page.pages[0].conflicts.append(conflict)
                bytes += conflict.estimatedBytes
                if page.pages[0].conflicts.count >= limitCount || bytes >= limitBytes { try flush() }
            }
            if !page.pages[0].records.isEmpty || !page.pages[0].conflicts.isEmpty { try flush() }
            guard isGoingOn else { return false }
        }
        return true
    }
}

/// About how much room things take on the wire, so that no page outgrows what a server reads.
extension VouchedRows {
    fileprivate static let bytesOfSeen = 40

    fileprivate var estimatedBytes: Int {
        let replaced = seen.reduce(0) { $0 + Self.bytesOfSeen + ($1.value?.byteCount ?? 0) }
        return pages.flatMap(\.records).reduce(replaced) { $0 + $1.estimatedBytes }
    }
}

extension RecordUpdate {
    fileprivate var estimatedBytes: Int { fields.reduce(64) { $0 + $1.value.byteCount + 24 } }
}

extension Conflict {
    fileprivate var estimatedBytes: Int {
        [a.value, b.value, before].compactMap(\.self).reduce(160 + (verdict?.why?.utf8.count ?? 0)) {
            $0 + $1.byteCount
        }
    }
}
