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
    /// again under an earlier time, as a clock that is far ahead by then makes it: whoever wrote it had seen that word.
    ///
    /// That it is the same word, and not one that its author wrote once more, shows where it was told under the time that the
    /// author proposed, or where that time was past when the author's came in: a device's times ascend as it sends, so what it
    /// had sent by then, and this server lost, comes again with it or behind it.
    ///
    /// It stays the word of its writer, under a time that this server gives and somebody vouches for: so what is written over
    /// the time that its writer knows comes out after it.
    /// - Returns: whether that was done.
    func followed(_ told: FieldState, in stored: StoredRecord) throws -> Bool {
        let (table, key) = (stored.state.table, stored.key)
        let current = stored.state.field(told.number)
        // What was set after a told word before is its writer's all the same.
        func isFirstHand(_ stamp: Stamp) throws -> Bool {
            try StampTime.isEndOfMillisecond(stamp.time) || store.voucher(table: table, key: key, stamp: stamp) == nil
        }
        // Who saw that one replaced tells of a word that was written over it.
        let place = Place(table: table, record: stored.state.id, field: told.number)
        if seen[place]?.contains(where: { $0.stamp == current.stamp }) == true { return false }
        guard current.stamp < told.stamp, told.value != .null, try isFirstHand(current.stamp) else { return false }
        let history = StoredHistory(store: store, table: table, key: key, record: stored.state.id)
        let chain = VersionChain(current: current, created: stored.state.created, history: history)
        let again = try store.versions(table: table, key: key, field: told.number).filter { version in
            try version.stamp.device == told.stamp.device && version.value == told.value
                && isFirstHand(version.stamp) && chain.reaches(version.stamp, from: current)
                && (store.wasProposed(told.stamp.time, device: told.stamp.device, final: version.stamp.time)
                    || hasCome(version.stamp, after: told.stamp.time))
        }
        guard let again = again.max(by: { $0.stamp < $1.stamp }) else { return false }
        var told = told
        told.base = again.base
        try keep(told, of: stored)
        var following = current
        following.base = current.stamp
        following.stamp.time = StampTime.endOfMillisecond(after: told.stamp.time)
        try merging.vouch(
            FinalChange(
                table: table, record: stored.state.id, creation: nil, fields: [following], existence: nil,
                decisions: []),
            into: stored, by: device)
        try store.addVouched(table: table, key: key, stamp: following.stamp, by: device)
        return true
    }

    /// Whether a first-hand version came in after a time, by this server's clock; false where it is not known when it came.
    private func hasCome(_ stamp: Stamp, after time: UInt64) throws -> Bool {
        let arrival = try store.arrivals(device: stamp.device, from: stamp.time).first?.milliseconds
        return arrival.map { $0 > StampTime.milliseconds(time) } ?? false
    }

    /// Keeps a version beside the one that it was sent as again, so that what was written over it finds it.
    func keep(_ version: FieldState, of stored: StoredRecord) throws {
        let (table, key) = (stored.state.table, stored.key)
        try store.addVersion(version, table: table, key: key)
        try store.addVouched(table: table, key: key, stamp: version.stamp, by: device)
    }
}
