import SyncCore

/// merge → conflict log → feed: puts groups into force, inside a transaction that the caller has opened.
///
/// What devices push, what the office accepts of held groups, and what heals a restored server all come through here.
/// Feeds are kept in memory meanwhile: call `finish` once, after the last group.
final class GroupMerging {
    private let hub: Hub
    private let store: any HubStore
    /// The feeds that were added to, few of them.
    private var tallies: [FeedTally] = []
    /// What the merges so far had to read.
    let effort = MergeEffort()
    /// What the versions that were looked at stand on.
    let links = RememberedLinks()
    /// What was added to feeds; known after `finish`.
    private(set) var added: [FeedTally] = []
    /// The entries of the group in hand; they wait until it is known whether the whole group is exact.
    private var entries: [FeedEntry] = []
    /// The entries of groups before it that are not written yet: many at once cost less.
    private var waiting: [FeedEntry] = []
    private static let largestWaitingCount = 512
    /// How many conflicts came into the log.
    private(set) var conflictCount = 0

    init(hub: Hub) {
        self.hub = hub
        store = hub.store
    }

    /// Merges a group as a whole.
    ///
    /// - Parameters:
    ///   - stored: the records that its changes touch, in their order; nil for those that it makes.
    ///   - digests: what new records add to the digest of their area with the times that were proposed, in the order of
    ///     the changes, where that is known.
    ///   - isWhole: false where its device sent more than that.
    func merge(
        _ group: ChangeGroup, of device: UInt32, into stored: [StoredRecord?], finals: FinalStamps,
        digests: [UInt128?]? = nil, isWhole: Bool = true
    ) throws {
        entries.removeAll(keepingCapacity: true)
        let origin = Origin(device: device, number: group.number)
        var isExact = !finals.isCorrected && isWhole
        for (index, change) in group.changes.enumerated() {
            let record = stored[index]
            if record == nil, !finals.isCorrected, let creation = change.creation, let digest = digests?[index] {
                try create(change, area: creation.area, time: creation.time, origin, digest: digest)
                continue
            }
            let final = try finals.apply(to: change)
            if let record {
                if try !merge(final, into: record, origin) { isExact = false }
            } else if let creation = final.creation {
                try create(final, area: creation.area, stamp: creation.stamp, origin)
            }
        }
        try append(isExact: isExact)
    }

    /// Merges one change that a device holds second-hand.
    ///
    /// - Parameter stored: the record, or nil for one that is not known here.
    func vouch(_ change: FinalChange, into stored: StoredRecord?, by device: UInt32) throws {
        entries.removeAll(keepingCapacity: true)
        links.forget()
        let origin = Origin(device: device, number: 0)
        if let stored {
            _ = try merge(change, into: stored, origin)
        } else if let creation = change.creation {
            try create(change, area: creation.area, stamp: creation.stamp, origin)
        }
        try append(isExact: false)
    }

    /// Tells the devices of an area about a conflict whose status changed without a group.
    func tell(_ conflict: StoredConflict) throws {
        entries.removeAll(keepingCapacity: true)
        note(
            .conflict(key: conflict.key), mask: FieldMask(), area: conflict.conflict.area,
            Origin(device: DeviceRecord.office, number: 0))
        try append(isExact: false)
    }

    /// Tells a device once more how records stand of which it sent what is known.
    func tell(_ records: [StoredRecord], to device: UInt32, number: UInt64) throws {
        if records.isEmpty { return }
        entries.removeAll(keepingCapacity: true)
        for record in records {
            note(
                .record(table: record.state.table, key: record.key), mask: .all, area: record.state.area,
                Origin(device: device, number: number))
        }
        try append(isExact: false)
    }

    /// Writes what was kept in memory: feeds, and their ends with a mark each.
    func finish() throws {
        try writeFeed()
        for head in tallies.map(\.head).sorted(by: { $0.area < $1.area }) {
            try store.setHead(head)
            try store.addMark(area: head.area, sequence: head.sequence, mark: hub.newMark(area: head.area))
        }
        for tally in tallies { hub.tallies[tally.head.area] = tally }
        added = tallies
        tallies = []
    }

    /// Whose group it is.
    private struct Origin {
        let device: UInt32
        let number: UInt64
    }

    // MARK: Records

    /// Makes a record of a change that does nothing else and whose times stand as they were proposed.
    ///
    /// - Parameter digest: what it adds to the digest of the area.
    private func create(_ change: Change, area: Int, time: UInt64, _ origin: Origin, digest: UInt128) throws {
        let stamp = Stamp(time: time, device: origin.device)
        let state = RecordState(
            table: change.table, id: change.record, area: area, created: stamp,
            fields: change.fields.map { FieldState(number: $0.field, value: $0.value, stamp: stamp) })
        let key = try store.insert(state)
        try addToDigest(digest, area: area)
        note(.record(table: change.table, key: key), mask: .all, area: area, origin)
    }

    private func create(_ change: FinalChange, area: Int, stamp: Stamp, _ origin: Origin) throws {
        let state = hub.merge(forTable: change.table).create(change, area: area, stamp: stamp)
        let key = try store.insert(state)
        try addToDigest(hub.digestHash(of: state), area: area)
        note(.record(table: change.table, key: key), mask: .all, area: area, origin)
    }

    /// Merges one change; returns whether it came into force as it was sent.
    private func merge(_ change: FinalChange, into record: StoredRecord, _ origin: Origin) throws -> Bool {
        var state = record.state
        let history = StoredHistory(
            store: store, effort: effort, links: links, table: change.table, key: record.key, record: change.record)
        let outcome = try hub.merge(forTable: change.table).merge(change, into: &state, history: history)
        try save(outcome, state, over: record, origin)
        for (decision, stamp) in change.decisions { try decide(decision, stamp: stamp, origin) }
        // What a revived record stood on may have left the feed with its deletion, before its sender heard of it.
        let isRevived = state.isLiving && !record.state.isLiving
        if isRevived || change.existence == nil && outcome.changed.contains(Field.existence) { return false }
        // An edit that was held until its record had been deleted by somebody who saw it: its sender shows it living.
        let isHidden = change.existence == nil && !change.fields.isEmpty && !state.isLiving
        return outcome.isExact && !isHidden && change.creation == nil
    }

    /// Puts into force what stands of a record's restrictive fields by all that is known now.
    ///
    /// Call it where links or decisions came in after the versions that they are about.
    func settleRestrictive(table: Int, record id: RecordID) throws {
        guard let declared = hub.schema.table(table), let record = try store.record(table: table, id: id) else {
            return
        }
        entries.removeAll(keepingCapacity: true)
        let history = StoredHistory(store: store, effort: effort, table: table, key: record.key, record: id)
        var state = record.state
        var outcome = MergeOutcome()
        for field in declared.fields {
            guard case .mostRestrictive(let order) = field.policy else { continue }
            let choice = try RestrictiveChoice(order, field: field.number, created: state.created, history: history)
            try hub.merge(forTable: table).settle(field.number, choice, in: &state, outcome: &outcome)
        }
        if outcome.changed.isEmpty { return }
        try save(outcome, state, over: record, Origin(device: DeviceRecord.office, number: 0))
        try append(isExact: false)
    }

    private func save(
        _ outcome: MergeOutcome, _ state: RecordState, over record: StoredRecord, _ origin: Origin
    ) throws {
        for version in outcome.superseded {
            try store.addVersion(version, table: state.table, key: record.key)
            links.add(version, table: state.table, key: record.key)
        }
        for version in outcome.reinstated {
            try store.removeVersion(version.number, version.stamp, table: state.table, key: record.key)
            links.remove(version.number, version.stamp, table: state.table, key: record.key)
        }
        if !outcome.changed.isEmpty {
            let isRevived = state.isLiving && !record.state.isLiving
            try store.update(state, key: record.key, changed: outcome.changed)
            try addToDigest(hub.digestHash(of: state) &- hub.digestHash(of: record.state), area: state.area)
            note(
                .record(table: state.table, key: record.key), mask: isRevived ? .all : outcome.changed,
                area: state.area, origin)
            if isRevived { try tellConflicts(of: state, origin) }
        }
        for conflict in outcome.conflicts {
            guard let key = try store.insert(conflict) else { continue }
            conflictCount += 1
            #if PlantedBugs
                if PlantedBug.isChosen(.conflictInEveryArea) {
                    note(.conflict(key: key), mask: FieldMask(), area: Area.everyone, origin)
                }
            #endif
            note(.conflict(key: key), mask: FieldMask(), area: state.area, origin)
        }
    }

    /// Devices may have dropped a deleted record with all that they knew of it.
    private func tellConflicts(of record: RecordState, _ origin: Origin) throws {
        for conflict in try store.conflicts(table: record.table, record: record.id) {
            note(.conflict(key: conflict.key), mask: FieldMask(), area: record.area, origin)
        }
    }

    private func decide(_ decision: Decision, stamp: Stamp, _ origin: Origin) throws {
        guard var stored = try store.conflict(decision.conflict) else { return }
        stored.conflict.apply(decision, stamp: stamp)
        try store.update(stored.conflict, key: stored.key)
        try hub.audit(
            .decision, by: origin.device, subject: Hub.subject(decision.conflict),
            detail: UInt64(decision.action.rawValue))
        note(.conflict(key: stored.key), mask: FieldMask(), area: stored.conflict.area, origin)
    }

    // MARK: Feeds

    private func note(_ item: FeedEntry.Item, mask: FieldMask, area: Int, _ origin: Origin) {
        entries.append(
            FeedEntry(
                area: area, sequence: 0, item: item, mask: mask, device: origin.device, number: origin.number,
                isExact: true))
    }

    private func append(isExact: Bool) throws {
        for index in entries.indices {
            entries[index].isExact = isExact
            let place = try tally(of: entries[index].area)
            entries[index].sequence = tallies[place].head.sequence + 1
            tallies[place].add(entries[index])
        }
        waiting += entries
        entries.removeAll(keepingCapacity: true)
        if waiting.count >= Self.largestWaitingCount { try writeFeed() }
    }

    private func writeFeed() throws {
        if waiting.isEmpty { return }
        try store.append(waiting)
        waiting.removeAll(keepingCapacity: true)
    }

    /// Where the feed of an area is tallied.
    private func tally(of area: Int) throws -> Int {
        if let place = tallies.firstIndex(where: { $0.head.area == area }) { return place }
        tallies.append(FeedTally(try store.head(area: area), after: hub.tallies[area]))
        return tallies.count - 1
    }

    private func addToDigest(_ difference: UInt128, area: Int) throws {
        tallies[try tally(of: area)].head.digest &+= difference
    }
}
