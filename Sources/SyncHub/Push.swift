import SyncCore

/// One push of a device: the groups that arrived together, and what they changed so far.
final class Push {
    private let hub: Hub
    private let store: any HubStore
    private let device: DeviceRecord
    private let check: GroupCheck
    private let now: Int64
    private var correction: StampCorrection
    private var fingerprint: GroupFingerprint
    private var fingerprints: [UInt128] = []
    private var last: UInt64
    private var isCorrected = false
    private var highestGiven: UInt64?
    private var heads: [Int: AreaHead] = [:]
    /// The entries of the group in hand; they wait until it is known whether the whole group is exact.
    private var entries: [FeedEntry] = []
    /// Where anything was ever erased: takes it out of what arrives.
    private let erased: ErasureFilter?

    init(hub: Hub, device: DeviceRecord, deviceClock: Int64?) throws {
        self.hub = hub
        self.device = device
        store = hub.store
        now = hub.clock()
        let now = now
        correction = StampCorrection(
            offsetMilliseconds: deviceClock.map { Self.difference($0, now) }, nowMilliseconds: now,
            highest: device.highestTime)
        fingerprint = GroupFingerprint(hash: hub.hash)
        erased = try hub.store.hasErasures() ? ErasureFilter(hub: hub) : nil
        last = device.lastGroup
        check = GroupCheck(
            schema: hub.schema, store: store, device: device,
            access: hub.access(of: device, areas: try store.areas()))
    }

    /// A difference of clocks; one that does not fit is as wrong as the largest that does.
    private static func difference(_ clock: Int64, _ now: Int64) -> Int64 {
        let (difference, overflow) = clock.subtractingReportingOverflow(now)
        return overflow ? (clock < now ? .min : .max) : difference
    }

    func take(_ groups: [ChangeGroup]) throws -> Acceptance {
        var notice = SyncReply.Notice.none
        if try isFork(groups) {
            notice = .fork
        } else {
            for group in groups where group.number > last {
                guard group.number == last + 1 else {
                    notice = .gap
                    break
                }
                try take(group)
            }
        }
        try finish()
        return Acceptance(
            notice: notice, receipt: last, held: try hub.held(device: device.number), isClockCorrected: isCorrected,
            highestTime: correction.highest)
    }

    /// Whether a number that is known came with other content: looked at before anything is taken.
    private func isFork(_ groups: [ChangeGroup]) throws -> Bool {
        for group in groups where group.number <= last {
            let known = try store.fingerprint(device: device.number, number: group.number)
            if known != Self.notCompared, known != fingerprint.of(group) { return true }
        }
        return false
    }

    /// The fingerprint of a group that named something erased: a device sends it again with less in it.
    private static let notCompared: UInt128 = 0

    private func take(_ sent: ChangeGroup) throws {
        let group = try erased?.rest(of: sent, from: device.number) ?? sent
        let finals = try FinalStamps(
            of: group, device: device.number, correction: &correction, store: store, latestBase: latestBase)
        if finals.isCorrected {
            isCorrected = true
            for time in finals.times where time.final != time.proposed {
                try store.addCorrection(
                    device: device.number, number: group.number, proposed: time.proposed, final: time.final)
            }
        }
        if finals.hasImpossibleBase {
            try hold(group, reason: .malformed, finals: finals)
        } else {
            switch try check.verdict(on: group) {
            case .hold(let reason): try hold(group, reason: reason, finals: finals)
            case .accept(let stored): try merge(group, into: stored, finals: finals)
            }
        }
        fingerprints.append(group == sent ? fingerprint.of(group) : Self.notCompared)
        last = group.number
    }

    /// No honest base is later than what some device was given, or than a clock may be wrong.
    private func latestBase() throws -> UInt64 {
        let tolerated = StampTime.packed(milliseconds: now + StampCorrection.toleranceMilliseconds)
        if highestGiven == nil { highestGiven = try store.highestTime() }
        return max(tolerated, highestGiven ?? 0)
    }

    // MARK: Hold

    /// Puts a group in quarantine. Its links are kept, so that later edits that build on it make no false conflict.
    private func hold(_ group: ChangeGroup, reason: HoldReason, finals: FinalStamps) throws {
        let id = try store.addQuarantined(
            QuarantinedGroup(
                id: 0, device: device.number, number: group.number, reason: reason, arrivedMilliseconds: now,
                changeCount: group.changes.count),
            body: group.encoded())
        if finals.hasImpossibleBase { return }
        for change in group.changes {
            let final = try finals.apply(to: change)
            for field in final.fields { try addLink(field.number, field.stamp, field.base, final, id) }
            if let existence = final.existence {
                try addLink(Field.existence, existence.stamp, existence.base, final, id)
            }
        }
    }

    private func addLink(_ field: Int, _ stamp: Stamp, _ base: Stamp?, _ change: FinalChange, _ id: Int64) throws {
        try store.addHeldLink(
            HeldLink(table: change.table, record: change.record, field: field, stamp: stamp, base: base),
            quarantine: id)
    }

    // MARK: Merge

    private func merge(_ group: ChangeGroup, into stored: [StoredRecord?], finals: FinalStamps) throws {
        entries.removeAll(keepingCapacity: true)
        var isExact = !finals.isCorrected
        for (change, record) in zip(group.changes, stored) {
            let final = try finals.apply(to: change)
            if let record {
                if try !merge(final, into: record, number: group.number) { isExact = false }
            } else if let creation = final.creation {
                try create(final, area: creation.area, stamp: creation.stamp, number: group.number)
            }
        }
        for index in entries.indices {
            entries[index].isExact = isExact
            entries[index].sequence = try advance(area: entries[index].area)
            try store.append(entries[index])
        }
    }

    private func create(_ change: FinalChange, area: Int, stamp: Stamp, number: UInt64) throws {
        let state = hub.merge(forTable: change.table).create(change, area: area, stamp: stamp)
        let key = try store.insert(state)
        try addToDigest(hub.digestHash(of: state), area: area)
        note(.record(table: change.table, key: key), mask: .all, area: area, number: number)
    }

    /// Merges one change; returns whether it came into force as it was sent.
    private func merge(_ change: FinalChange, into record: StoredRecord, number: UInt64) throws -> Bool {
        var state = record.state
        let history = StoredHistory(store: store, table: change.table, key: record.key, record: change.record)
        let outcome = try hub.merge(forTable: change.table).merge(change, into: &state, history: history)
        for version in outcome.superseded { try store.addVersion(version, table: change.table, key: record.key) }
        if !outcome.changed.isEmpty {
            try store.update(state, key: record.key, changed: outcome.changed)
            try addToDigest(hub.digestHash(of: state) &- hub.digestHash(of: record.state), area: state.area)
            note(
                .record(table: change.table, key: record.key), mask: outcome.changed, area: state.area, number: number)
        }
        for conflict in outcome.conflicts {
            guard let key = try store.insert(conflict) else { continue }
            note(.conflict(key: key), mask: FieldMask(), area: state.area, number: number)
        }
        for (decision, stamp) in change.decisions { try decide(decision, stamp: stamp, number: number) }
        let revived = change.existence == nil && outcome.changed.contains(Field.existence)
        return outcome.isExact && !revived && change.creation == nil
    }

    private func decide(_ decision: Decision, stamp: Stamp, number: UInt64) throws {
        guard var stored = try store.conflict(decision.conflict) else { return }
        stored.conflict.apply(decision, stamp: stamp)
        try store.update(stored.conflict, key: stored.key)
        note(.conflict(key: stored.key), mask: FieldMask(), area: stored.conflict.area, number: number)
    }

    private func note(_ item: FeedEntry.Item, mask: FieldMask, area: Int, number: UInt64) {
        entries.append(
            FeedEntry(
                area: area, sequence: 0, item: item, mask: mask, device: device.number, number: number, isExact: true))
    }

    // MARK: Areas

    private func head(_ area: Int) throws -> AreaHead {
        if let head = heads[area] { return head }
        return try store.head(area: area)
    }

    private func advance(area: Int) throws -> UInt64 {
        var head = try head(area)
        head.sequence += 1
        heads[area] = head
        return head.sequence
    }

    private func addToDigest(_ difference: UInt128, area: Int) throws {
        var head = try head(area)
        head.digest &+= difference
        heads[area] = head
    }

    /// Writes what was kept in memory during the push: ends of feeds with a mark each, numbers, fingerprints.
    private func finish() throws {
        for head in heads.values.sorted(by: { $0.area < $1.area }) {
            try store.setHead(head)
            try store.addMark(area: head.area, sequence: head.sequence, mark: max(1, hub.random()))
        }
        guard last > device.lastGroup else { return }
        try store.setProgress(ofDevice: device.number, lastGroup: last, highestTime: correction.highest)
        try store.addFingerprints(device: device.number, first: device.lastGroup + 1, fingerprints)
    }
}

/// The versions of one record that are not in force, held ones included.
struct StoredHistory: VersionHistory {
    let store: any HubStore
    let table: Int
    let key: Int64
    let record: RecordID

    func version(field: Int, stamp: Stamp) throws -> FieldState? {
        if let version = try store.version(table: table, key: key, field: field, stamp: stamp) { return version }
        guard let link = try store.heldLink(table: table, record: record, field: field, stamp: stamp) else {
            return nil
        }
        return FieldState(number: field, value: .null, stamp: stamp, base: link.base)
    }
}
