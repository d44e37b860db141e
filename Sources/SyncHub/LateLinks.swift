import SyncCore

/// What a link changes that arrives late: conflicts that it explains are withdrawn.
extension Hub {
    /// Withdraws the conflicts of a record whose one writer, as the stored links now show, had seen the other's value.
    ///
    /// Call it inside the transaction that stored a link after the versions that it leads to: a first-hand group behind
    /// second-hand rows, or what healing brings.
    ///
    /// - Parameter merging: of the same transaction; it tells the devices.
    /// - Returns: how many conflicts were withdrawn.
    @discardableResult
    func withdrawExplained(table: Int, record: RecordID, merging: GroupMerging) throws -> Int {
        // First: what it puts into force may log a conflict that is explained as well.
        try merging.settleRestrictive(table: table, record: record)
        guard let stored = try store.record(table: table, id: record) else { return 0 }
        var count = 0
        for var found in try store.conflicts(table: table, record: record) where found.conflict.status != .withdrawn {
            guard try isExplained(found.conflict, in: stored) else { continue }
            found.conflict.status = .withdrawn
            try store.update(found.conflict, key: found.key)
            try merging.tell(found)
            count += 1
        }
        return count
    }

    /// Gives what a held change had seen to versions of it that are in force, because somebody vouched for them: its group
    /// is held anew, and knows better than whoever vouched.
    func fillLinks(of change: FinalChange) throws {
        guard var stored = try store.record(table: change.table, id: change.record) else { return }
        var filled = FieldMask()
        for link in change.fields where link.base != nil {
            var current = stored.state.field(link.number)
            if current.stamp == link.stamp {
                guard current.base != link.base, current.stamp != stored.state.created else { continue }
                current.base = link.base
                stored.state.set(current)
                filled.insert(link.number)
            } else if var version = try store.version(
                table: change.table, key: stored.key, field: link.number, stamp: link.stamp), version.base != link.base
            {
                version.base = link.base
                try store.addVersion(version, table: change.table, key: stored.key)
            }
        }
        if let link = change.existence, stored.state.existence?.stamp == link.stamp,
            stored.state.existence?.base != link.base, link.base != nil
        {
            stored.state.existence?.base = link.base
            filled.insert(Field.existence)
        }
        if !filled.isEmpty { try store.update(stored.state, key: stored.key, changed: filled) }
    }

    /// Whether one writer of a conflict had seen the other's value, by links that came from the writers themselves.
    func isExplainedFirstHand(_ conflict: Conflict) throws -> Bool {
        guard let record = try store.record(table: conflict.table, id: conflict.record) else { return false }
        for side in [conflict.a, conflict.b] where side.value != nil {
            if try store.voucher(table: conflict.table, key: record.key, stamp: side.stamp) != nil { return false }
        }
        return try isExplained(conflict, in: record)
    }

    private func isExplained(_ conflict: Conflict, in record: StoredRecord) throws -> Bool {
        let history = StoredHistory(store: store, table: conflict.table, key: record.key, record: conflict.record)
        let isDelete = conflict.a.value == nil || conflict.b.value == nil
        // An edit against a delete: explained where the delete had seen the edit.
        if isDelete, conflict.field != Field.existence {
            return try sawEdit(conflict, in: record.state, history)
        }
        let current = record.state.version(ofField: conflict.field)
        let chain = VersionChain(current: current, created: record.state.created, history: history)
        for (side, other) in [(conflict.b, conflict.a), (conflict.a, conflict.b)] {
            for stamp in try firstHand(side, of: record) + timesSince(side, conflict.field, of: record) {
                if let version = try chain.version(stamp), try chain.reaches(other.stamp, from: version) { return true }
            }
        }
        return false
    }

    /// The time of a side whose link its writer gave, or this server; none where it is a link that somebody else told, who saw the one
    /// word replaced by the other: that may have been in this very conflict.
    private func firstHand(_ side: Conflict.Side, of record: StoredRecord) throws -> [Stamp] {
        let isTold = try store.voucher(table: record.state.table, key: record.key, stamp: side.stamp) != nil
        return isTold && !StampTime.isEndOfMillisecond(side.stamp.time) ? [] : [side.stamp]
    }

    /// The later times under which the word of a side came in from its writer, where the side itself stands on somebody's word.
    private func timesSince(_ side: Conflict.Side, _ field: Int, of record: StoredRecord) throws -> [Stamp] {
        guard let value = side.value,
            try store.voucher(table: record.state.table, key: record.key, stamp: side.stamp) != nil
        else { return [] }
        return try laterTimes(of: value, at: side.stamp, field: field, in: record)
    }

    private func sawEdit(_ conflict: Conflict, in state: RecordState, _ history: StoredHistory) throws -> Bool {
        let (edit, delete) = conflict.a.value == nil ? (conflict.b, conflict.a) : (conflict.a, conflict.b)
        guard let existence = state.existence, existence.stamp == delete.stamp,
            let seen = existence.seen.first(where: { $0.field == conflict.field })?.stamp
        else { return false }
        if seen == edit.stamp { return true }
        let chain = VersionChain(current: state.field(conflict.field), created: state.created, history: history)
        guard let version = try chain.version(seen) else { return false }
        return try chain.reaches(edit.stamp, from: version)
    }
}

extension RecordState {
    /// The current version of a field; of existence, as the history keeps it.
    fileprivate func version(ofField number: Int) -> FieldState {
        guard number == Field.existence else { return field(number) }
        guard let existence else { return FieldState(number: number, value: .integer(1), stamp: created) }
        return FieldState(
            number: number, value: .integer(existence.isAlive ? 1 : 0), stamp: existence.stamp, base: existence.base)
    }
}
