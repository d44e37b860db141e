import SyncCore

extension HubStore {
    /// The devices that one is a copy of, nearest first; none for most.
    func originals(of device: UInt32) throws -> [UInt32] {
        var originals: [UInt32] = []
        var next = try original(ofDevice: device)
        while let original = next, !originals.contains(original) {
            originals.append(original)
            next = try self.original(ofDevice: original)
        }
        return originals
    }

    /// Whether a word with this stamp is the one that its device proposed at a time.
    func isWord(_ stamp: Stamp, proposedAt time: UInt64) throws -> Bool {
        try stamp.time == time || wasProposed(time, device: stamp.device, final: stamp.time)
    }
}

/// What a laptop that was copied sends once more as another one, because its rows had not come yet: the other copy has sent it too.
extension Push {
    /// A group whose words that the office has from the other copy stand on these: so they come out after them, and whoever wrote over
    /// the one has seen the other.
    func withSharedWords(_ group: ChangeGroup) throws -> ChangeGroup {
        if originals.isEmpty { return group }
        var group = group
        for (index, change) in group.changes.enumerated() {
            guard let stored = try store.record(table: change.table, id: change.record) else { continue }
            for (place, field) in change.fields.enumerated() {
                guard let shared = try sharedWord(field, of: stored) else { continue }
                group.changes[index].fields[place].base = .stamp(shared)
            }
        }
        return group
    }

    /// The version of the other copy that is the same word: it was proposed at the same time, and says the same.
    private func sharedWord(_ field: FieldChange, of stored: StoredRecord) throws -> Stamp? {
        let versions = try store.versions(table: stored.state.table, key: stored.key, field: field.field)
        return try ([stored.state.field(field.field)] + versions).first { version in
            try originals.contains(version.stamp.device) && version.value == field.value
                && store.isWord(version.stamp, proposedAt: field.time)
        }?.stamp
    }
}
