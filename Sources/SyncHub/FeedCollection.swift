import SyncCore

/// Keeps the feeds in proportion to what is there, in bounded steps.
///
/// Of several entries about one record or conflict only the last is needed, with the fields of all: present values are
/// sent. A record that was deleted long ago leaves the feed altogether, and raises the horizon of its area: a device
/// whose cursor stands before it may have missed that deletion, and fetches the area again. The record itself and its
/// history stay on the server, so merging stays exact, and whatever revives it tells all devices the whole of it.
package final class FeedCollection {
    /// How long a deletion stays in the feed and on devices, in milliseconds: 180 days.
    package static let tombstoneMilliseconds = RecordState.tombstoneMilliseconds
    /// How often it is noted how far a feed has come, in milliseconds: a day.
    static let noteMilliseconds: Int64 = 86_400_000
    /// The most records and conflicts that one look at a feed keeps in mind.
    static let largestPlan = 200_000
    /// The most entries that leave the feed in one transaction.
    static let stepCount = 500

    /// What has left the feeds so far.
    package struct Report: Hashable, Sendable {
        /// Entries that a later one made needless.
        package var needless = 0
        /// Records that were deleted long ago.
        package var deleted = 0

        package var isEmpty: Bool { needless == 0 && deleted == 0 }
    }

    package private(set) var report = Report()
    private let hub: Hub
    private let store: any HubStore
    /// The parts of feeds that are left to look at.
    private var parts: [FeedPart]?
    private var plan: [FeedPlan.Removal] = []

    package init(hub: Hub) {
        self.hub = hub
        store = hub.store
    }

    /// Does all of it.
    ///
    /// - Parameter isTrial: whether it is only counted what would leave the feeds.
    package func run(isTrial: Bool = false) throws -> Report {
        if isTrial {
            for part in try store.readTransaction({ try allParts() }) { count(try makePlan(part)) }
            return report
        }
        while try step() {}
        return report
    }

    /// One step: a look at a part of a feed, which changes nothing, or one short transaction. False at the end.
    package func step() throws -> Bool {
        if !plan.isEmpty {
            let removals = FeedPlan.take(Self.stepCount, from: &plan)
            try store.transaction { count(try removals.filter(remove)) }
            return true
        }
        guard let part = parts?.popLast() else {
            guard parts == nil else { return false }
            try store.transaction { try noteAges() }
            parts = try store.readTransaction { try allParts() }
            return true
        }
        plan = try makePlan(part)
        return true
    }

    private func count(_ removals: [FeedPlan.Removal]) {
        for removal in removals {
            report.needless += removal.sequences.count
            if case .deleted = removal.why {
                report.deleted += 1
                report.needless -= 1
            }
        }
    }

    // MARK: Looking

    private func allParts() throws -> [FeedPart] {
        let limit = hub.clock() - Self.tombstoneMilliseconds
        return try store.areas().flatMap { area in
            let count = try store.entryCount(area: area.number)
            let partCount = Int64(1 + count / Self.largestPlan)
            let old = try store.feedSequence(area: area.number, notedBy: limit) ?? 0
            return count == 0
                ? [] : (0..<partCount).map { FeedPart(area: area.number, old: old, index: $0, count: partCount) }
        }
    }

    private func makePlan(_ part: FeedPart) throws -> [FeedPlan.Removal] {
        try store.readTransaction {
            var plan = FeedPlan(part)
            let kept = try store.firstOperationGroup() ?? .max
            try store.forEachEntry(area: part.area, after: 0) { entry in
                // An undo of the office finds the records of its groups by these.
                if entry.device == DeviceRecord.office, entry.number >= kept { return true }
                plan.add(entry)
                return true
            }
            for table in hub.schema.tables.map(\.number) + [0] {
                try store.forEachDeadRecord(table: table) { table, key in plan.noteDead(table: table, key: key) }
            }
            return try plan.removals { key in
                guard let conflict = try store.conflict(key: key) else { return true }
                return try store.record(table: conflict.table, id: conflict.record)?.state.isLiving == false
            }
        }
    }

    /// Notes how far each feed has come by now, once a day.
    private func noteAges() throws {
        let now = hub.clock()
        for area in try store.areas() {
            let last = try store.lastFeedNote(area: area.number)
            if let last, last <= now, now - last < Self.noteMilliseconds { continue }
            try store.noteFeed(area: area.number, sequence: store.head(area: area.number).sequence, milliseconds: now)
        }
    }

    // MARK: Removing

    /// Carries out a removal unless something has come in between; returns whether it did.
    private func remove(_ removal: FeedPlan.Removal) throws -> Bool {
        switch removal.why {
        case .merged(let last, let mask):
            // Another process may have merged the last entry into a later one since.
            guard try store.mergeEntry(area: removal.area, sequence: last, mask: mask) else { return false }
        case .deleted(let table, let key):
            guard try store.record(table: table, key: key)?.isLiving == false else { return false }
            #if PlantedBugs
                if PlantedBug.isChosen(.tombstoneCollectedEarly) { break }
            #endif
            let horizon = try store.horizon(area: removal.area)
            try store.setHorizon(area: removal.area, sequence: max(horizon, removal.sequences.max() ?? 0))
        case .settled: break
        }
        for sequence in removal.sequences { try store.removeEntry(area: removal.area, sequence: sequence) }
        return true
    }
}
