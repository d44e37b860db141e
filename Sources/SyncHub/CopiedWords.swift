import SyncCore

/// What a laptop that was copied sends once more as another one: the other copy has sent it too, under the former number.
///
/// Such words are here already, so they are taken out of what arrives: as new ones they would be in a conflict with what was
/// written over them, and might replace it. They are known by the time at which they were proposed, by what they say, and by
/// their place. Two words that both copies proposed at one time, because their clocks stand still, count as one where they say the
/// same.
final class CopiedWords {
    /// What is left of a group.
    struct Rest {
        var group: ChangeGroup
        /// The records about which it said something that is known.
        var known: [StoredRecord] = []
    }

    let device: UInt32
    /// The devices that this one is a copy of, nearest first; none for most.
    private let originals: [UInt32]
    private let store: any HubStore
    /// The stamps of other copies by proposed time, as far as they were looked for.
    private var stampsByTime: [UInt64: [Stamp]] = [:]

    init(of device: UInt32, store: any HubStore) throws {
        self.device = device
        self.store = store
        var originals: [UInt32] = []
        var next = try store.original(ofDevice: device)
        while let original = next, !originals.contains(original) {
            originals.append(original)
            next = try store.original(ofDevice: original)
        }
        self.originals = originals
    }

    /// Whether the device is no copy, so that nothing of what it sends can be known.
    var isNone: Bool { originals.isEmpty }

    /// A group without the words that are known; what was written over these stands on them.
    func rest(of group: ChangeGroup) throws -> Rest {
        var rest = Rest(group: group)
        if isNone { return rest }
        var changes: [Change] = []
        for change in group.changes {
            guard let stored = try store.record(table: change.table, id: change.record) else {
                changes.append(change)
                continue
            }
            let left = try self.rest(of: change, stored)
            if left.isKnown { rest.known.append(stored) }
            let isNothing = left.change.creation == nil && left.change.fields.isEmpty && left.change.existence == nil
            if !(left.isKnown && isNothing && left.change.decisions.isEmpty) { changes.append(left.change) }
        }
        rest.group.changes = changes
        return rest
    }

    private func rest(of change: Change, _ stored: StoredRecord) throws -> (change: Change, isKnown: Bool) {
        var rest = change
        let created = stored.state.created
        let isMade = try change.creation.map { try stamps(proposedAt: $0.time).contains(created) } ?? false
        if isMade { rest.creation = nil }
        var isKnown = isMade
        rest.fields = []
        for var field in change.fields {
            if try word(proposedAt: field.time, field.field, of: stored)?.value == field.value {
                isKnown = true
                continue
            }
            let isMaking = isMade && field.base == .none
            field.base = isMaking ? .stamp(created) : try known(field.base, field.field, of: stored)
            rest.fields.append(field)
        }
        guard var existence = change.existence else { return (rest, isKnown) }
        let value = Value.integer(existence.isAlive ? 1 : 0)
        if try word(proposedAt: existence.time, Field.existence, of: stored)?.value == value {
            rest.existence = nil
            return (rest, true)
        }
        existence.base = try known(existence.base, Field.existence, of: stored)
        for (place, seen) in existence.seen.enumerated() {
            existence.seen[place].base = try known(seen.base, seen.field, of: stored)
        }
        rest.existence = existence
        return (rest, isKnown)
    }

    /// A base that names a word under the number of this device, or at the time that was proposed for it, as it is here: what was
    /// shown before this device had a number of its own.
    private func known(_ base: Base, _ field: Int, of stored: StoredRecord) throws -> Base {
        let (own, time): (Stamp, UInt64)
        switch base {
        case .none: return base
        case .own(let number, let proposed):
            let final = try store.correction(device: device, number: number, proposed: proposed)
            (own, time) = (Stamp(time: final ?? proposed, device: device), proposed)
        case .stamp(let stamp):
            if stamp.device != device, !originals.contains(stamp.device) { return base }
            (own, time) = (stamp, stamp.time)
        }
        if try version(own, field, of: stored) != nil { return base }
        return try word(proposedAt: time, field, of: stored).map { .stamp($0.stamp) } ?? base
    }

    /// The word of another copy in one place that was proposed at a time.
    private func word(proposedAt time: UInt64, _ field: Int, of stored: StoredRecord) throws -> FieldState? {
        for stamp in try stamps(proposedAt: time) {
            if let version = try version(stamp, field, of: stored) { return version }
        }
        return nil
    }

    /// The stamps that words of other copies may have that were proposed at a time.
    private func stamps(proposedAt time: UInt64) throws -> [Stamp] {
        if let known = stampsByTime[time] { return known }
        let stamps = try originals.flatMap { original in
            try [Stamp(time: time, device: original)]
                + store.finalTimes(proposed: time, device: original).map { Stamp(time: $0, device: original) }
        }
        stampsByTime[time] = stamps
        return stamps
    }

    private func version(_ stamp: Stamp, _ field: Int, of stored: StoredRecord) throws -> FieldState? {
        if field == Field.existence, let existence = stored.state.existence, existence.stamp == stamp {
            return FieldState(number: field, value: .integer(existence.isAlive ? 1 : 0), stamp: stamp)
        }
        if field != Field.existence {
            let current = stored.state.field(field)
            if current.stamp == stamp { return current }
        }
        return try store.version(table: stored.state.table, key: stored.key, field: field, stamp: stamp)
    }
}
