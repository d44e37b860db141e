import Cryptography
import SyncCore

/// A server in memory that follows the rules by the pure merge: no storage, no roles, one history.
final class FakeServer {
    private struct DeviceState {
        var last: UInt64 = 0
        var highest: UInt64 = 0
        /// Final times of proposed ones, by group.
        var finals: [UInt64: [UInt64: UInt64]] = [:]
        var held: [UInt64: [FinalChange]] = [:]
    }

    private struct Entry {
        var subject: Subject
        var mask: FieldMask
        var device: UInt32
        var number: UInt64
        var isExact: Bool
    }

    private enum Subject: Hashable {
        case record(table: Int, id: RecordID)
        case conflict(UInt128)
    }

    static let hash = Hash128 { BLAKE2b.hash128($0) }
    static let epoch = [UInt8](repeating: 7, count: 16)

    var now: Int64 = 1_700_000_000_000
    /// The groups of any device to hold, by number.
    var holds: Set<UInt64> = []
    /// The most feed entries in the page of one area.
    var pageEntries = 1_000
    /// What each device may read; nil for everything.
    var directory: Directory
    private(set) var records: [RecordID: RecordState] = [:]
    private(set) var conflicts: [UInt128: Conflict] = [:]
    private var versions: [RecordID: [FieldState]] = [:]
    private var devices: [UInt32: DeviceState] = [:]
    private var feed: [Int: [Entry]] = [:]

    init(directory: Directory) { self.directory = directory }

    /// The server's word on the digest of an area, from scratch.
    func digest(of area: Int) -> UInt128 {
        var scratch: [UInt8] = []
        return records.values.filter { $0.area == area }.reduce(0) {
            $0 &+ RecordDigest.hash(of: $1, hash: Self.hash, scratch: &scratch)
        }
    }

    /// Answers a request as the sync endpoint does.
    func reply(to request: SyncRequest, from device: UInt32) throws -> SyncReply {
        var state = devices[device] ?? DeviceState()
        var isCorrected = false
        var notice = SyncReply.Notice.none
        for group in request.groups where group.number > state.last {
            guard group.number == state.last + 1 else {
                notice = .gap
                break
            }
            let offset = request.clockMilliseconds - now
            let corrected = try accept(group, device: device, offset: offset, state: &state)
            isCorrected = isCorrected || corrected
        }
        devices[device] = state
        return SyncReply(
            notice: notice, epoch: Self.epoch, clockMilliseconds: now, receipt: state.last,
            highestTime: state.highest, isClockCorrected: isCorrected,
            held: state.held.keys.sorted().map { HeldGroup(number: $0, reason: .areaNotGranted) },
            directory: request.directoryVersion == directory.version ? nil : directory,
            pages: directory.areas.filter(\.canRead).map { page(area: $0.number, request, device) })
    }

    /// Accepts a group that was held.
    func release(_ number: UInt64, of device: UInt32) throws {
        guard let changes = devices[device]?.held.removeValue(forKey: number) else { return }
        try merge(changes, device: device, number: number, isExact: false)
    }

    /// Accepts all that is held, oldest first.
    func releaseAll() throws {
        for device in devices.keys.sorted() {
            for number in devices[device]?.held.keys.sorted() ?? [] { try release(number, of: device) }
        }
    }

    /// Forgets the groups of a device behind a number, as a restored server does.
    func forgetGroups(of device: UInt32, after number: UInt64) { devices[device]?.last = number }

    // MARK: Accepting

    private func accept(
        _ group: ChangeGroup, device: UInt32, offset: Int64, state: inout DeviceState
    ) throws -> Bool {
        var correction = StampCorrection(offsetMilliseconds: offset, nowMilliseconds: now, highest: state.highest)
        var finals: [UInt64: UInt64] = [:]
        for time in Set(group.changes.flatMap(\.times)).sorted() {
            let bases = group.changes.flatMap { $0.bases(at: time) }
            finals[time] = correction.final(
                proposed: time, bases: bases.compactMap { resolve($0, device, state) })
        }
        state.finals[group.number] = finals
        state.highest = correction.highest
        state.last = group.number
        let changes = group.changes.map { final($0, device, state, finals) }
        let isShifted = finals.contains { $0.key != $0.value }
        if holds.contains(group.number) || group.changes.contains(where: isUnknown) {
            state.held[group.number] = changes
        } else {
            try merge(changes, device: device, number: group.number, isExact: !isShifted)
        }
        return isShifted && abs(offset) > StampCorrection.toleranceMilliseconds
    }

    private func isUnknown(_ change: Change) -> Bool { change.creation == nil && records[change.record] == nil }

    private func resolve(_ base: Base, _ device: UInt32, _ state: DeviceState) -> Stamp? {
        switch base {
        case .none: nil
        case .stamp(let stamp): stamp
        case .own(let number, let time):
            Stamp(time: state.finals[number]?[time] ?? time, device: device)
        }
    }

    private func final(
        _ change: Change, _ device: UInt32, _ state: DeviceState, _ finals: [UInt64: UInt64]
    ) -> FinalChange {
        func stamp(_ time: UInt64) -> Stamp { Stamp(time: finals[time] ?? time, device: device) }
        return FinalChange(
            table: change.table, record: change.record,
            creation: change.creation.map { (area: $0.area, stamp: stamp($0.time)) },
            fields: change.fields.map {
                FieldState(
                    number: $0.field, value: $0.value, stamp: stamp($0.time), base: resolve($0.base, device, state))
            },
            existence: change.existence.map { existence in
                ExistenceState(
                    isAlive: existence.isAlive, stamp: stamp(existence.time),
                    base: resolve(existence.base, device, state),
                    seen: existence.seen.compactMap { seen in
                        resolve(seen.base, device, state).map { .init(field: seen.field, stamp: $0) }
                    })
            },
            decisions: change.decisions.map { (decision: $0, stamp: stamp($0.time)) })
    }

    // MARK: Merging

    private func merge(_ changes: [FinalChange], device: UInt32, number: UInt64, isExact: Bool) throws {
        var touched: [(area: Int, entry: Entry)] = []
        var isExact = isExact
        for change in changes {
            let merge = RecordMerge(table: TestModel.schema.table(change.table), hash: Self.hash)
            let subject = Subject.record(table: change.table, id: change.record)
            var entry = Entry(subject: subject, mask: .all, device: device, number: number, isExact: true)
            var area = change.creation?.area ?? 0
            var found: [Conflict] = []
            if var state = records[change.record] {
                let history = FakeHistory(versions: versions[change.record] ?? [])
                let outcome = try merge.merge(change, into: &state, history: history)
                records[change.record] = state
                versions[change.record, default: []] += outcome.superseded
                isExact = isExact && outcome.isExact
                area = state.area
                entry.mask = outcome.changed
                found = outcome.conflicts
            } else if let creation = change.creation {
                records[change.record] = merge.create(change, area: creation.area, stamp: creation.stamp)
            }
            if !entry.mask.isEmpty { touched.append((area, entry)) }
            for conflict in found { conflicts[conflict.id] = conflict }
            for (decision, stamp) in change.decisions {
                conflicts[decision.conflict]?.apply(decision, stamp: stamp)
            }
            for id in found.map(\.id) + change.decisions.map(\.decision.conflict) {
                var entry = entry
                entry.subject = .conflict(id)
                // A conflict that the device has never seen must be sent even where its group is exact.
                if found.contains(where: { $0.id == id }) { entry.device = 0 }
                touched.append((area, entry))
            }
        }
        for (area, var entry) in touched {
            entry.isExact = isExact
            feed[area, default: []].append(entry)
        }
    }

    // MARK: Pages

    private func page(area: Int, _ request: SyncRequest, _ device: UInt32) -> FeedPage {
        let entries = feed[area] ?? []
        let cursor = request.cursors.first { $0.area == area }?.sequence ?? 0
        let end = min(entries.count, Int(cursor) + pageEntries)
        var page = FeedPage(
            area: area, sequence: UInt64(end), mark: UInt64(end) &* 31, isComplete: end == entries.count, digest: nil)
        if page.isComplete { page.digest = digest(of: area) }
        var own: Set<UInt64> = []
        var masks: [Subject: FieldMask] = [:]
        var order: [Subject] = []
        for entry in entries[min(Int(cursor), end)..<end] {
            if entry.device == device, entry.isExact, entry.number >= request.lowestOwnGroup {
                own.insert(entry.number)
            } else {
                if masks[entry.subject] == nil { order.append(entry.subject) }
                masks[entry.subject, default: FieldMask()].formUnion(entry.mask)
            }
        }
        page.asSent = own.sorted().map { $0...$0 }
        for subject in order {
            switch subject {
            case .record(_, let id):
                if let state = records[id], let mask = masks[subject] { page.records.append(update(state, mask)) }
            case .conflict(let id):
                if let conflict = conflicts[id] { page.conflicts.append(conflict) }
            }
        }
        return page
    }

    private func update(_ state: RecordState, _ mask: FieldMask) -> RecordUpdate {
        RecordUpdate(
            table: state.table, record: state.id, created: state.created, isWhole: mask == .all,
            fields: state.fields.filter { mask.contains($0.number) }.map {
                FieldState(number: $0.number, value: $0.value, stamp: $0.stamp)
            },
            existence: mask.contains(Field.existence)
                ? state.existence.map { ExistenceState(isAlive: $0.isAlive, stamp: $0.stamp, base: nil, seen: []) }
                : nil,
            isLiving: state.isLiving)
    }
}

private struct FakeHistory: VersionHistory {
    let versions: [FieldState]

    func version(field: Int, stamp: Stamp) -> FieldState? {
        versions.first { $0.number == field && $0.stamp == stamp }
    }

    func versions(field: Int) -> [FieldState] { versions.filter { $0.number == field } }

    func decided(field: Int) -> [(by: Stamp, sides: [Stamp])] { [] }

    func sides(ofConflict id: UInt128) -> [Stamp] { [] }
}

extension Change {
    fileprivate var times: [UInt64] {
        fields.map(\.time) + [creation?.time, existence?.time].compactMap { $0 } + decisions.map(\.time)
    }

    fileprivate func bases(at time: UInt64) -> [Base] {
        fields.filter { $0.time == time }.map(\.base)
            + (existence.map { $0.time == time ? [$0.base] + $0.seen.map(\.base) : [] } ?? [])
    }
}
