import SyncCore

/// Settled groups that a restored server has lost, and under whose numbers another copy of the device's database has sent
/// something else since.
extension Push {
    /// Takes such groups apart: each version that is not here comes in at its own time, first-hand, and its number stays the
    /// other's.
    ///
    /// What could not come in now is passed over: as far as it was in force, the rows of those who saw it bring it back.
    ///
    /// - Parameters:
    ///   - groups: up to the last number, as they were sent; what they were written over is named by final stamps.
    ///   - finals: final times that differ from the proposed ones, by number.
    func takeLost(_ groups: [ChangeGroup], finals: [UInt64: [UInt64: UInt64]]) throws {
        for group in groups where try group.number <= last && !isKnown(group) {
            let given = finals[group.number] ?? [:]
            let stamps = FinalStamps(of: group, device: device.number, given: given, store: store)
            let rest = try unknown(in: withoutErased(group), stamps)
            if rest.changes.isEmpty { continue }
            guard case .accept(let stored) = try check.verdict(on: rest, isWellFormed: nil),
                try !contradicts(rest, stored, stamps)
            else { continue }
            merging.links.forget()
            try merging.merge(rest, of: device.number, into: stored, finals: stamps, digests: nil)
            try settleLinks(of: rest, stamps)
        }
    }

    /// What of a group is not here. A decision is told with its conflict.
    private func unknown(in group: ChangeGroup, _ stamps: FinalStamps) throws -> ChangeGroup {
        var rest = ChangeGroup(number: group.number, changes: [])
        for change in group.changes {
            var change = change
            change.decisions = []
            if let stored = try store.record(table: change.table, id: change.record) {
                let (state, key) = (stored.state, stored.key)
                func isHere(_ stamp: Stamp, _ field: Int, _ current: Stamp?) throws -> Bool {
                    try stamp == current || stamp == state.created
                        || store.version(table: state.table, key: key, field: field, stamp: stamp) != nil
                }
                change.creation = nil
                change.fields = try change.fields.filter {
                    try !isHere(stamps.stamp($0.time), $0.field, state.field($0.field).stamp)
                }
                if let existence = change.existence,
                    try isHere(stamps.stamp(existence.time), Field.existence, state.existence?.stamp)
                {
                    change.existence = nil
                }
            }
            if change.creation == nil, change.fields.isEmpty, change.existence == nil { continue }
            rest.changes.append(change)
        }
        return rest
    }
}
