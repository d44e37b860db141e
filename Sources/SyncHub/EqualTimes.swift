import SyncCore

/// Times of a device that stand already: nothing else may come in under them.
extension Push {
    /// Whether a group brings another value at a time of this device under which one came in first-hand.
    ///
    /// An honest device never does: it gives each of its times to one edit. What somebody vouched for gives way to the
    /// group; what the device itself had sent does not, for nothing would be left of it.
    func contradicts(_ group: ChangeGroup, _ stored: [StoredRecord?], _ finals: FinalStamps) throws -> Bool {
        for (change, record) in zip(group.changes, stored) {
            guard let record else { continue }
            let final = try finals.apply(to: change)
            let vouched = try store.vouchedStamps(
                table: change.table, key: record.key, writer: device.number)
            for field in final.fields where !vouched.contains(field.stamp) {
                if let known = try value(of: field.number, field.stamp, record), known != field.value { return true }
            }
            guard let existence = final.existence, !vouched.contains(existence.stamp) else { continue }
            let told = Value.integer(existence.isAlive ? 1 : 0)
            if let known = try value(of: Field.existence, existence.stamp, record), known != told { return true }
        }
        return false
    }

    /// What came in with a stamp; nil where nothing did.
    func value(of field: Int, _ stamp: Stamp, _ record: StoredRecord) throws -> Value? {
        let state = record.state
        if field == Field.existence {
            if let existence = state.existence, existence.stamp == stamp {
                return .integer(existence.isAlive ? 1 : 0)
            }
        } else if state.field(field).stamp == stamp {
            // A field that the creation did not name says nothing of its own.
            return stamp == state.created && state.field(field).value == .null ? nil : state.field(field).value
        }
        return try store.version(table: state.table, key: record.key, field: field, stamp: stamp)?.value
    }
}
