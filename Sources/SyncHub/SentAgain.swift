import SyncCore

/// Work that was given another time after a restore, before anybody told of the first one: its reply had been lost, so its
/// author sent it again.
extension Vouching {
    /// The version under which something that is told second-hand came in first-hand: of the same writer, in the same
    /// place, with the same value, seen by nobody who tells.
    ///
    /// Only what somebody has written over since: the told version would lose against that, and its writer had seen what it
    /// says. So it makes no conflict.
    func sentAgain(_ told: FieldState, over current: FieldState, _ stored: StoredRecord) throws -> FieldState? {
        guard told.stamp.device != device, told.stamp < current.stamp else { return nil }
        let table = stored.state.table
        let place = Place(table: table, record: stored.state.id, field: told.number)
        return try store.versions(table: table, key: stored.key).first { version in
            guard version.number == told.number, version.stamp.device == told.stamp.device, version.value == told.value,
                try store.voucher(table: table, key: stored.key, stamp: version.stamp) == nil
            else { return false }
            return seen[place]?.contains { $0.stamp == version.stamp } != true
        }
    }

    /// Sets the version in force after a told one that is later, where it was written over what the author of the told one has sent
    /// again under an earlier time: whoever wrote it had seen that word.
    ///
    /// - Returns: whether that was done.
    func followed(_ told: FieldState, in stored: StoredRecord) throws -> Bool {
        let current = stored.state.field(told.number)
        guard current.stamp < told.stamp, current.value != told.value,
            let again = try hub.earlierTime(
                of: told, in: stored, seenBy: current,
                hasReported: store.healing()?.reported[told.stamp.device] != nil)
        else { return false }
        var told = told
        told.base = again.base
        try keep(told, of: stored)
        try hub.set(current, after: told, in: stored, by: device, merging: merging)
        return true
    }

    /// Keeps a version beside the one that it was sent as again, so that what was written over it finds it.
    func keep(_ version: FieldState, of stored: StoredRecord) throws {
        let (table, key) = (stored.state.table, stored.key)
        try store.addVersion(version, table: table, key: key)
        try store.addVouched(table: table, key: key, stamp: version.stamp, by: device)
    }
}

/// Work that came in first-hand under an earlier time than somebody tells of: by a clock that is far ahead by then, or from a
/// sealed file, which nobody corrects.
extension Hub {
    /// The version under which a told one came in from its author at an earlier time; nil where it may be another one.
    ///
    /// Its author may have written the same word twice. It is the same one where it was told under the time that the author
    /// proposed, or where the author has handed over everything: then it would be here as well.
    /// - Parameters:
    ///   - following: a version first-hand whose writer must have seen it.
    ///   - hasReported: whether the author has handed over everything.
    func earlierTime(
        of told: FieldState, in stored: StoredRecord, seenBy following: FieldState, hasReported: Bool
    ) throws -> FieldState? {
        let (table, key, author) = (stored.state.table, stored.key, told.stamp.device)
        func isFirstHand(_ stamp: Stamp) throws -> Bool {
            try store.voucher(table: table, key: key, stamp: stamp) == nil
        }
        guard told.value != .null, try isFirstHand(following.stamp) else { return nil }
        let history = StoredHistory(store: store, table: table, key: key, record: stored.state.id)
        let chain = VersionChain(
            current: stored.state.field(told.number), created: stored.state.created, history: history)
        return try store.versions(table: table, key: key, field: told.number).filter { version in
            try version.stamp.device == author && version.value == told.value && version.stamp < told.stamp
                && isFirstHand(version.stamp)
                && (hasReported
                    || store.wasProposed(told.stamp.time, device: author, final: version.stamp.time))
                && chain.reaches(version.stamp, from: following)
        }.max { $0.stamp < $1.stamp }
    }

    /// Gives a version that was written before a told one the time right after it. It stays the word of its writer, and stands on
    /// somebody's word: so what is written over the time that its writer knows comes out after it.
    func set(
        _ version: FieldState, after told: FieldState, in stored: StoredRecord, by device: UInt32, merging: GroupMerging
    ) throws {
        let (table, key) = (stored.state.table, stored.key)
        var following = version
        following.stamp.time = StampTime.endOfMillisecond(after: told.stamp.time)
        // It takes the place of the told one where that is in force.
        following.base = stored.state.field(told.number).stamp
        try merging.vouch(
            FinalChange(
                table: table, record: stored.state.id, creation: nil, fields: [following], existence: nil,
                decisions: []),
            into: stored, by: device)
        try store.addVouched(table: table, key: key, stamp: following.stamp, by: device)
        guard following.base != version.stamp, var state = try store.record(table: table, key: key) else { return }
        following.base = version.stamp
        state.set(following)
        var changed = FieldMask()
        changed.insert(told.number)
        try store.update(state, key: key, changed: changed)
    }

    /// Looks through what others told of a device's work, now that it has handed over all of it: what it brought under an earlier
    /// time is the same word, and what was written over that stays.
    func settleTold(of author: UInt32) throws {
        guard try store.hasVouched() else { return }
        let merging = GroupMerging(hub: self)
        for (table, key) in try store.vouchedRecords(writer: author) {
            let stamps = Set(try store.vouchedStamps(table: table, key: key, writer: author))
            guard let state = try store.record(table: table, key: key) else { continue }
            for field in state.fields {
                let versions = try [field] + store.versions(table: table, key: key, field: field.number)
                for told in versions where stamps.contains(told.stamp) {
                    try settle(told, among: versions, table: table, key: key, merging: merging)
                }
            }
        }
        try merging.finish()
    }

    private func settle(
        _ told: FieldState, among versions: [FieldState], table: Int, key: Int64, merging: GroupMerging
    ) throws {
        guard let state = try store.record(table: table, key: key) else { return }
        let stored = StoredRecord(key: key, state: state)
        let history = StoredHistory(store: store, table: table, key: key, record: state.id)
        let chain = VersionChain(current: state.field(told.number), created: state.created, history: history)
        var latest: (version: FieldState, again: FieldState)?
        var followers: Set<Stamp> = []
        for version in versions where version.stamp < told.stamp && version.value != told.value {
            guard try !chain.reaches(version.stamp, from: told),
                let again = try earlierTime(of: told, in: stored, seenBy: version, hasReported: true)
            else { continue }
            followers.insert(version.stamp)
            if latest.map({ $0.version.stamp < version.stamp }) ?? true { latest = (version, again) }
        }
        guard let latest else { return }
        if state.field(told.number).stamp == told.stamp {
            try set(latest.version, after: told, in: stored, by: DeviceRecord.office, merging: merging)
            var kept = told
            kept.base = latest.again.base
            try store.addVersion(kept, table: table, key: key)
        }
        for var found in try store.conflicts(table: table, record: state.id)
        where found.conflict.field == told.number && found.conflict.status != .withdrawn {
            let sides = [found.conflict.a.stamp, found.conflict.b.stamp]
            guard sides.contains(told.stamp), sides.contains(where: followers.contains) else { continue }
            found.conflict.status = .withdrawn
            try store.update(found.conflict, key: found.key)
            try merging.tell(found)
        }
        try merging.settleRestrictive(table: table, record: state.id)
    }
}
