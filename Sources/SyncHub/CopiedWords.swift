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
        /// Not as it was sent where something is known.
        var group: ChangeGroup
        /// The records about which it said something that is known.
        var known: [StoredRecord] = []
    }

    let device: UInt32
    /// The devices that this one is a copy of, nearest first; none for most.
    private let originals: [UInt32]
    private let store: any HubStore
    /// The stamps of other copies that differ from the proposed ones, by proposed time; nil before one was asked for.
    private var finalStamps: [UInt64: [Stamp]]?

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

    /// A group whose bases name words of other copies as they are here.
    func withKnownBases(_ group: ChangeGroup) throws -> ChangeGroup {
        if isNone { return group }
        var named = group
        for (index, change) in group.changes.enumerated() {
            guard let stored = try store.record(table: change.table, id: change.record) else { continue }
            func known(_ base: Base, _ field: Int) throws -> Base {
                try isOwnWord(base, field, in: change, of: group.number, stored)
                    ? base : self.known(base, field, of: stored)
            }
            for (place, field) in change.fields.enumerated() {
                named.changes[index].fields[place].base = try known(field.base, field.field)
            }
            guard let existence = change.existence else { continue }
            named.changes[index].existence?.base = try known(existence.base, Field.existence)
            for (place, seen) in existence.seen.enumerated() {
                named.changes[index].existence?.seen[place].base = try known(seen.base, seen.field)
            }
        }
        return named
    }

    /// A group without the words that are known.
    func rest(of group: ChangeGroup) throws -> Rest {
        var rest = Rest(group: group)
        if isNone { return rest }
        rest.group.changes = []
        for change in group.changes {
            guard let stored = try store.record(table: change.table, id: change.record) else {
                rest.group.changes.append(change)
                continue
            }
            let left = try self.rest(of: change, stored)
            if left != change { rest.known.append(stored) }
            let isNothing = left.creation == nil && left.fields.isEmpty && left.existence == nil
            if left == change || !isNothing || !left.decisions.isEmpty { rest.group.changes.append(left) }
        }
        return rest
    }

    private func rest(of change: Change, _ stored: StoredRecord) throws -> Change {
        var rest = change
        let created = stored.state.created
        if let creation = change.creation, try stamps(proposedAt: creation.time).contains(created) {
            rest.creation = nil
            for index in rest.fields.indices where rest.fields[index].base == .none {
                rest.fields[index].base = .stamp(created)
            }
        }
        rest.fields = try rest.fields.filter { try !isKnown($0, of: stored) }
        if let existence = change.existence {
            let word = try word(proposedAt: existence.time, Field.existence, of: stored)
            if word?.value == .integer(existence.isAlive ? 1 : 0) { rest.existence = nil }
        }
        rest.decisions = try change.decisions.filter { try !isKnown($0) }
        return rest
    }

    private func isKnown(_ field: FieldChange, of stored: StoredRecord) throws -> Bool {
        try word(proposedAt: field.time, field.field, of: stored)?.value == field.value
    }

    private func isKnown(_ decision: Decision) throws -> Bool {
        guard let stored = try store.conflict(decision.conflict) else { return false }
        var said = try store.settlings(ofConflict: stored.key)
        if let verdict = stored.conflict.verdict { said.append(verdict.stamp) }
        return try stamps(proposedAt: decision.time).contains { said.contains($0) }
    }

    /// Whether a base names what the same change says, and what is no word of another copy.
    private func isOwnWord(
        _ base: Base, _ field: Int, in change: Change, of number: UInt64, _ stored: StoredRecord
    ) throws -> Bool {
        guard case .own(number, let time) = base else { return false }
        let word = change.fields.first { $0.field == field && $0.time == time }
        return try word.map { try !isKnown($0, of: stored) } ?? false
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
        let (table, record) = (stored.state.table, stored.state.id)
        if try store.heldLink(table: table, record: record, field: field, stamp: own) != nil { return base }
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
        let corrected = try finalStamps ?? readFinalStamps()
        return originals.map { Stamp(time: time, device: $0) } + (corrected[time] ?? [])
    }

    private func readFinalStamps() throws -> [UInt64: [Stamp]] {
        var stamps: [UInt64: [Stamp]] = [:]
        for original in originals {
            for correction in try store.corrections(device: original, numbers: 0...UInt64(Int64.max)) {
                stamps[correction.proposed, default: []].append(Stamp(time: correction.final, device: original))
            }
        }
        finalStamps = stamps
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
