import SyncCore

extension Hub {
    /// The later times under which the same word of the same writer came in first-hand: its author sent it again, or an old sealed
    /// file brought it once more.
    func laterTimes(of value: Value, at stamp: Stamp, field: Int, in record: StoredRecord) throws -> [Stamp] {
        guard field != Field.existence, value != .null else { return [] }
        let (table, key) = (record.state.table, record.key)
        let versions = try [record.state.field(field)] + store.versions(table: table, key: key, field: field)
        return try versions.filter { version in
            try version.stamp > stamp && version.stamp.device == stamp.device && version.value == value
                && store.voucher(table: table, key: key, stamp: version.stamp) == nil
        }.map(\.stamp)
    }

    /// Lets what was written over a word under one of its times stand on the later one under which it is also here, so that
    /// its writers are known to have seen both.
    func standOnLater(_ later: Stamp, inPlaceOf earlier: Stamp, field: Int, of record: StoredRecord) throws {
        let (table, key) = (record.state.table, record.key)
        for var version in try store.versions(table: table, key: key)
        where version.number == field && version.base == earlier && version.stamp > later {
            version.base = later
            try store.addVersion(version, table: table, key: key)
        }
        guard var stored = try store.record(table: table, id: record.state.id) else { return }
        var current = stored.state.field(field)
        guard current.base == earlier, current.stamp > later else { return }
        current.base = later
        stored.state.set(current)
        var changed = FieldMask()
        changed.insert(field)
        try store.update(stored.state, key: key, changed: changed)
    }
}

/// What somebody saw before a restore, and that has another time since: its author sent it again.
extension Push {
    /// A group whose bases name what its writer saw by the latest time that it has here, so that the group comes out above
    /// it, and has seen it.
    ///
    /// - Parameter given: for a group that comes again, the final times that differ from the proposed ones: the same word told
    ///   under one that is not below these was written later, but for a time that this server has set after something told.
    func withBasesOfToday(_ group: ChangeGroup, given: [UInt64: UInt64]?) throws -> ChangeGroup {
        guard try hasVouched() else { return group }
        let number = group.number
        var group = group
        for (index, change) in group.changes.enumerated() where change.creation == nil {
            guard let stored = try store.record(table: change.table, id: change.record) else { continue }
            func later(_ base: Base, _ field: Int, than time: UInt64) throws -> Base {
                guard let today = try today(of: base, field, stored, before: number) else { return base }
                let isTold = try store.voucher(table: change.table, key: stored.key, stamp: today) != nil
                let isLaterWord = isTold && !StampTime.isEndOfMillisecond(today.time)
                if let given, isLaterWord, given[time] ?? time <= today.time { return base }
                return .stamp(today)
            }
            for (place, field) in change.fields.enumerated() {
                group.changes[index].fields[place].base = try later(field.base, field.field, than: field.time)
            }
            guard let existence = change.existence else { continue }
            for (place, seen) in existence.seen.enumerated() {
                group.changes[index].existence?.seen[place].base = try later(
                    seen.base, seen.field, than: existence.time)
            }
        }
        return group
    }

    /// The latest time here of what a change of a group was written over; nil where that has no other.
    private func today(of base: Base, _ field: Int, _ stored: StoredRecord, before group: UInt64) throws -> Stamp? {
        switch base {
        case .none: return nil
        case .stamp(let stamp): return try sameWord(as: stamp, field, stored)
        case .own(let number, let proposed):
            guard number < group else { return nil }
            let (table, key) = (stored.state.table, stored.key)
            let final = try store.correction(device: device.number, number: number, proposed: proposed) ?? proposed
            let seen = Stamp(time: final, device: device.number)
            let versions = try [stored.state.field(field)] + store.versions(table: table, key: key, field: field)
            guard let known = versions.first(where: { $0.stamp == seen }) else { return nil }
            // The device may have written the same word twice; this one was told under the time that it proposed, or set after
            // something told.
            return try versions.filter { version in
                try version.stamp > seen && version.stamp.device == seen.device && version.value == known.value
                    && (version.stamp.time == proposed || version.base == seen)
                    && store.voucher(table: table, key: key, stamp: version.stamp) != nil
            }.map(\.stamp).min()
        }
    }

    /// Keeps the times that the values of a group had before a restore beside the later ones under which they came in now: who
    /// wrote over them names the former.
    ///
    /// - Parameter given: the final times of then that differ from the proposed ones.
    func keepFormerTimes(of group: ChangeGroup, given: [UInt64: UInt64]) throws {
        let finals = try FinalStamps(of: group, device: device.number, givenIn: store)
        guard finals.times.contains(where: { $0.final > given[$0.proposed] ?? $0.proposed }) else { return }
        for change in group.changes {
            guard let stored = try store.record(table: change.table, id: change.record) else { continue }
            let (table, key) = (change.table, stored.key)
            func value(_ field: Int, at stamp: Stamp) throws -> Value? {
                let current = stored.state.field(field)
                if current.stamp == stamp { return current.value }
                return try store.version(table: table, key: key, field: field, stamp: stamp)?.value
            }
            for (field, version) in zip(change.fields, try finals.apply(to: change).fields) {
                let former = Stamp(time: given[field.time] ?? field.time, device: device.number)
                // Of a group that is held nothing is here, nor what was erased of it.
                guard former < version.stamp, version.value != .null,
                    try value(field.field, at: version.stamp) == version.value
                else { continue }
                // Its device may have told of it with what it saw replaced.
                let known = try value(field.field, at: former)
                guard known == nil || known == version.value else { continue }
                if known == nil {
                    var told = version
                    told.stamp = former
                    told.base = version.base.flatMap { $0 < former ? $0 : nil }
                    try store.addVersion(told, table: table, key: key)
                }
                try store.addVouched(table: table, key: key, stamp: former, by: device.number)
                knowsVouched = true
            }
        }
    }

    /// Looks for words of a change that came first-hand and that somebody had told of under an earlier time.
    func joinEarlierTold(_ fields: [FieldState], table: Int, record id: RecordID) throws {
        for field in fields {
            guard let stored = try store.record(table: table, id: id) else { return }
            let told = try store.versions(table: table, key: stored.key).filter { version in
                try version.number == field.number && version.stamp < field.stamp
                    && version.stamp.device == field.stamp.device && version.value == field.value
                    && store.voucher(table: table, key: stored.key, stamp: version.stamp) != nil
            }
            for version in told {
                try hub.standOnLater(field.stamp, inPlaceOf: version.stamp, field: field.number, of: stored)
            }
        }
    }

    /// A later version of the same word by the same writer, of which one time came first-hand and the other from somebody
    /// who had seen it; for a time from before the creation by the same writer, that creation. Nil where there is none.
    ///
    /// Nobody can have seen anything of a record that was older than its creation: it was made again under a later time.
    private func sameWord(as seen: Stamp, _ field: Int, _ stored: StoredRecord) throws -> Stamp? {
        let state = stored.state
        func isTold(_ stamp: Stamp) throws -> Bool {
            try store.voucher(table: state.table, key: stored.key, stamp: stamp) != nil
        }
        let versions =
            try [state.field(field)]
            + store.versions(table: state.table, key: stored.key).filter { $0.number == field }
        if let known = versions.first(where: { $0.stamp == seen }) {
            let isSeenTold = try isTold(seen)
            let again = try versions.filter { version in
                try version.stamp > seen && version.stamp.device == seen.device && version.value == known.value
                    && isTold(version.stamp) != isSeenTold
            }
            if let again = again.map(\.stamp).min() { return again }
        }
        return seen.device == state.created.device && seen < state.created ? state.created : nil
    }
}
