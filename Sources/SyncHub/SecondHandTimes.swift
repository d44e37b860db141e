import SyncCore

/// Times that a new group was given before a restore, though its device never heard of it: a reply was lost, and another
/// device handed over what it had seen of the group.
extension Push {
    /// By proposed time, the times of versions of the same writer, place and value that stand on somebody's word.
    ///
    /// Others' edits point at these, so the group takes them again.
    func timesBeforeRestore(of group: ChangeGroup) throws -> [UInt64: Set<UInt64>] {
        guard try hasVouched() else { return [:] }
        var times: [UInt64: Set<UInt64>] = [:]
        var refuted: Set<UInt64> = []
        func note(_ found: Set<UInt64>, for time: UInt64) {
            let both = times[time]?.intersection(found) ?? found
            if !both.isEmpty { times[time] = both }
        }
        for change in group.changes {
            guard let stored = try store.record(table: change.table, id: change.record) else { continue }
            let told = try store.vouchedStamps(table: change.table, key: stored.key, writer: device.number)
            if told.isEmpty { continue }
            let created = stored.state.created
            if let creation = change.creation, told.contains(created) {
                switch try says(change, stored) {
                case true?: note([created.time], for: creation.time)
                case false?: refuted.insert(creation.time)
                // What somebody has written over may be told without its first words; but a record is made once.
                case nil: if change.record.isMadeOnce { note([created.time], for: creation.time) }
                }
            }
            for (field, value, time) in change.written where time != change.creation?.time {
                let same = try told.filter { try $0 != created && says(value, $0, field, stored) == true }
                if !same.isEmpty { note(Set(same.map(\.time)), for: time) }
            }
        }
        for time in refuted { times[time] = nil }
        return times
    }

    /// Times under which somebody tells of this writer's words in the records that a group changes: another copy of its database
    /// may have written these, so a new word gets none of them.
    func toldTimes(in group: ChangeGroup) throws -> Set<UInt64> {
        guard try hasVouched() else { return [] }
        var times: Set<UInt64> = []
        for change in group.changes {
            guard let key = try store.record(table: change.table, id: change.record)?.key else { continue }
            for stamp in try store.vouchedStamps(table: change.table, key: key, writer: device.number) {
                times.insert(stamp.time)
            }
        }
        return times
    }

    /// Looks for such times in all groups of a page before the first is taken: what the device wrote before one of them
    /// must come out before it, though its clock may have gone wrong since.
    func noteTimesAhead(_ groups: [ChangeGroup]) throws {
        guard try hasVouched() else { return }
        for group in groups where group.number > last {
            for (proposed, told) in try timesBeforeRestore(of: group) {
                if let latest = told.max() { timesAhead.append((proposed, latest)) }
            }
        }
    }

    /// Whether a record says at its creation what a change makes it with; nil where nothing is known of that.
    private func says(_ change: Change, _ stored: StoredRecord) throws -> Bool? {
        var answer: Bool?
        for (field, value, time) in change.written where time == change.creation?.time {
            guard let says = try says(value, stored.state.created, field, stored) else { continue }
            if !says { return false }
            answer = true
        }
        return answer
    }

    /// Whether the version with this stamp says this; nil where none is here.
    private func says(_ value: Value, _ stamp: Stamp, _ field: Int, _ stored: StoredRecord) throws -> Bool? {
        let state = stored.state
        if field == Field.existence, let existence = state.existence, existence.stamp == stamp {
            return value == .integer(existence.isAlive ? 1 : 0)
        }
        if field != Field.existence, let current = state.fields.first(where: { $0.number == field }),
            current.stamp == stamp
        {
            return current.value == value
        }
        let version = try store.version(table: state.table, key: stored.key, field: field, stamp: stamp)
        return version.map { $0.value == value }
    }
}

/// The other order: the writer sent its group anew before another device handed over what it had seen of it.
extension Vouching {
    /// Takes told versions that their writers have sent again under later times for ancestors of those: one and the same
    /// word makes no conflict with what was written after seeing it. A device's own word is among them, where an old sealed file
    /// had brought it in once more.
    ///
    /// - Returns: the record as it is stored afterwards.
    func joined(_ update: RecordUpdate, to stored: StoredRecord) throws -> StoredRecord {
        var stored = stored
        var hasJoined = false
        func reload() throws { stored = try store.record(table: update.table, id: update.record) ?? stored }
        for told in update.fields {
            let current = stored.state.field(told.number)
            guard try !isKnown(told.stamp, field: told.number, current: current.stamp, stored) else { continue }
            if try followed(told, in: stored) {
                try reload()
                hasJoined = true
                continue
            }
            let versions = try store.versions(table: update.table, key: stored.key).filter { $0.number == told.number }
            let again = try ([current] + versions).filter { version in
                try version.stamp.device == told.stamp.device && version.stamp > told.stamp
                    && version.value == told.value && version.value != .null
                    && store.voucher(table: update.table, key: stored.key, stamp: version.stamp) == nil
            }
            guard var again = again.min(by: { $0.stamp < $1.stamp }) else { continue }
            var told = told
            told.base = again.base.flatMap { $0 < told.stamp ? $0 : nil }
            try store.addVersion(told, table: update.table, key: stored.key)
            try store.addVouched(table: update.table, key: stored.key, stamp: told.stamp, by: device)
            try hub.standOnLater(again.stamp, inPlaceOf: told.stamp, field: told.number, of: stored)
            try reload()
            hasJoined = true
            // A base later than the told version was given another time too; that link says as much.
            guard again.base.map({ $0 < told.stamp }) ?? true, again.stamp != stored.state.created else { continue }
            again.base = told.stamp
            if again.stamp == current.stamp {
                stored.state.set(again)
                var changed = FieldMask()
                changed.insert(again.number)
                try store.update(stored.state, key: stored.key, changed: changed)
            } else {
                try store.addVersion(again, table: update.table, key: stored.key)
            }
        }
        if hasJoined {
            try hub.withdrawExplained(table: update.table, record: update.record, merging: merging)
            try reload()
        }
        return stored
    }
}

extension Change {
    /// Everything that it writes: existence as 1 or 0.
    fileprivate var written: [(field: Int, value: Value, time: UInt64)] {
        var written = fields.map { (field: $0.field, value: $0.value, time: $0.time) }
        if let existence {
            written.append((Field.existence, .integer(existence.isAlive ? 1 : 0), existence.time))
        }
        return written
    }
}

extension RecordID {
    /// Whether it was drawn for one record, and follows from no row of a file, which makes the record again when it is imported again.
    fileprivate var isMadeOnce: Bool { milliseconds != 0 }
}
