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
    /// - Throws: `HubError.clockBehind` for times that this server's clock has not reached.
    func takeLost(_ groups: [ChangeGroup], finals: [UInt64: [UInt64: UInt64]]) throws {
        for group in groups where try group.number <= last && !isKnown(group) {
            let given = finals[group.number] ?? [:]
            let stamps = FinalStamps(of: group, device: device.number, given: given, store: store)
            var rest = try lacking(of: withoutErased(group), stamps)
            guard try !rest.changes.isEmpty && isPossible(rest, stamps) else { continue }
            guard case .accept(let stored) = try check.verdict(on: rest, isWellFormed: nil),
                try !contradicts(rest, stored, stamps)
            else { continue }
            // Under its number the feed has the other's.
            rest.number = 0
            merging.links.forget()
            try merging.merge(rest, of: device.number, into: stored, finals: stamps, digests: nil)
            try settleLinks(of: rest, stamps)
        }
    }

    /// Whether every version is later than what it was written over.
    private func isPossible(_ group: ChangeGroup, _ stamps: FinalStamps) throws -> Bool {
        for change in group.changes {
            let final = try stamps.apply(to: change)
            var versions = final.fields.map { (stamp: $0.stamp, base: $0.base) }
            if let existence = final.existence { versions.append((existence.stamp, existence.base)) }
            if let creation = final.creation { versions.append((creation.stamp, nil)) }
            for version in versions {
                guard try version.stamp.time <= latestBase() else { throw HubError.clockBehind }
                if let base = version.base, base.time >= version.stamp.time { return false }
            }
        }
        return true
    }

    /// What of a group is not here, or on somebody's word alone. A decision is told with its conflict.
    private func lacking(of group: ChangeGroup, _ stamps: FinalStamps) throws -> ChangeGroup {
        var rest = ChangeGroup(number: group.number, changes: [])
        for change in group.changes {
            var change = change
            change.decisions = []
            if let stored = try store.record(table: change.table, id: change.record) {
                let (state, key) = (stored.state, stored.key)
                func isHere(_ stamp: Stamp, _ field: Int, _ current: Stamp?) throws -> Bool {
                    guard try store.voucher(table: state.table, key: key, stamp: stamp) == nil else { return false }
                    return try stamp == current
                        || store.version(table: state.table, key: key, field: field, stamp: stamp) != nil
                }
                change.fields = try change.fields.filter {
                    try !isHere(stamps.stamp($0.time), $0.field, state.field($0.field).stamp)
                }
                if let existence = change.existence,
                    try isHere(stamps.stamp(existence.time), Field.existence, state.existence?.stamp)
                {
                    change.existence = nil
                }
                if change.fields.isEmpty, change.existence == nil { continue }
            }
            if change.creation == nil, change.fields.isEmpty, change.existence == nil { continue }
            rest.changes.append(change)
        }
        return rest
    }
}
