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
        for change in group.changes {
            guard let stored = try store.record(table: change.table, id: change.record) else { continue }
            let told = try store.vouchedStamps(table: change.table, key: stored.key, writer: device.number)
            if told.isEmpty { continue }
            for (field, value, time) in change.written {
                let isCreation = time == change.creation?.time
                let same = try told.filter { stamp in
                    try (stamp == stored.state.created) == isCreation && says(value, stamp, field, stored)
                }
                if same.isEmpty { continue }
                let found = Set(same.map(\.time))
                let both = times[time]?.intersection(found) ?? found
                if !both.isEmpty { times[time] = both }
            }
        }
        return times
    }

    /// Whether a version with this stamp is here and says this.
    private func says(_ value: Value, _ stamp: Stamp, _ field: Int, _ stored: StoredRecord) throws -> Bool {
        let state = stored.state
        if field == Field.existence, let existence = state.existence, existence.stamp == stamp {
            return value == .integer(existence.isAlive ? 1 : 0)
        }
        if field != Field.existence, state.field(field).stamp == stamp { return state.field(field).value == value }
        return try store.version(table: state.table, key: stored.key, field: field, stamp: stamp)?.value == value
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
