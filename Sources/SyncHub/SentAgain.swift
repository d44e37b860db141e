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

    /// Keeps a version beside the one that it was sent as again, so that what was written over it finds it.
    func keep(_ version: FieldState, of stored: StoredRecord) throws {
        let (table, key) = (stored.state.table, stored.key)
        try store.addVersion(version, table: table, key: key)
        try store.addVouched(table: table, key: key, stamp: version.stamp, by: device)
    }
}
