import SyncCore

/// Groups that come again after an order of erasure took a part of them.
extension Hub {
    /// Whether everything that a group still says is here, from this device and under these times.
    ///
    /// A device that an order reached before the receipt of a group sends that group again with less in it. Which
    /// fingerprint the rest has nobody has written down; but where nothing in it is new, nothing is lost by dropping it.
    func isKnown(_ group: ChangeGroup, from device: UInt32) throws -> Bool {
        let finals = try FinalStamps(of: group, device: device, givenIn: store)
        return try group.changes.allSatisfy { change in
            guard let stored = try store.record(table: change.table, id: change.record) else { return false }
            let final = try finals.apply(to: change)
            // Of two that made the record one made it; the fields of the other tell.
            if let creation = final.creation, creation.stamp != stored.state.created, final.fields.isEmpty {
                return false
            }
            if let existence = final.existence, try !isKnown(existence, of: stored) { return false }
            return try final.fields.allSatisfy { field in
                let current = stored.state.field(field.number)
                if current.stamp == field.stamp { return current.value == field.value }
                return try isInHistory(field.number, field.stamp, field.value, of: stored)
            } && final.decisions.allSatisfy { try store.conflict($0.decision.conflict) != nil }
        }
    }

    /// Whether all that a group says was held here under these times: of what the office did not take no words are kept, but what its
    /// writer had seen.
    func isLinked(_ group: ChangeGroup, from device: UInt32) throws -> Bool {
        let finals = try FinalStamps(of: group, device: device, givenIn: store)
        return try group.changes.allSatisfy { change in
            let final = try finals.apply(to: change)
            var versions = final.fields.map { (field: $0.number, stamp: $0.stamp) }
            if let existence = final.existence { versions.append((Field.existence, existence.stamp)) }
            return try versions.allSatisfy { version in
                try store.heldLink(
                    table: change.table, record: change.record, field: version.field, stamp: version.stamp) != nil
            }
        }
    }

    private func isKnown(_ existence: ExistenceState, of stored: StoredRecord) throws -> Bool {
        if let current = stored.state.existence, current.stamp == existence.stamp {
            return current.isAlive == existence.isAlive
        }
        return try isInHistory(Field.existence, existence.stamp, .integer(existence.isAlive ? 1 : 0), of: stored)
    }

    private func isInHistory(_ field: Int, _ stamp: Stamp, _ value: Value, of stored: StoredRecord) throws -> Bool {
        try store.version(table: stored.state.table, key: stored.key, field: field, stamp: stamp)?.value == value
    }
}
