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
            var given = finals[group.number] ?? [:]
            var stamps = FinalStamps(of: group, device: device.number, given: given, store: store)
            var (rest, clashing) = try lacking(of: withoutErased(group), stamps)
            for time in clashing.sorted() {
                let next = try nextTime(beside: rest)
                given[time] = next
                correction.keep(next)
            }
            if !clashing.isEmpty {
                stamps = FinalStamps(of: group, device: device.number, given: given, store: store)
            }
            guard try !rest.changes.isEmpty && isPossible(rest, stamps) else { continue }
            guard case .accept(let stored) = try check.verdict(on: rest, isWellFormed: nil) else { continue }
            // Under its number the feed has the other's.
            rest.number = 0
            merging.links.forget()
            try merging.merge(rest, of: device.number, into: stored, finals: stamps, digests: nil)
            try settleLinks(of: rest, stamps)
        }
    }

    /// A time that the device has given to nothing: both copies may have given one to different words.
    private func nextTime(beside group: ChangeGroup) throws -> UInt64 {
        let told = try toldTimes(in: group)
        var time = correction.highest
        repeat { time = time == .max ? time : time + 1 } while told.contains(time) && time < .max
        return time
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

    /// What of a group is not here, or on somebody's word alone; and the proposed times of what has the time of something else.
    /// A decision is told with its conflict.
    private func lacking(
        of group: ChangeGroup, _ stamps: FinalStamps
    ) throws -> (rest: ChangeGroup, clashing: Set<UInt64>) {
        var rest = ChangeGroup(number: group.number, changes: [])
        var clashing: Set<UInt64> = []
        for change in group.changes {
            var change = change
            change.decisions = []
            if let stored = try store.record(table: change.table, id: change.record) {
                func isHere(_ value: Value, _ field: Int, _ time: UInt64) throws -> Bool {
                    let stamp = stamps.stamp(time)
                    let isTold = try store.voucher(table: change.table, key: stored.key, stamp: stamp) != nil
                    guard !isTold, let known = try self.value(of: field, stamp, stored) else { return false }
                    // A creation is read from its row, which the disk may have damaged; an edit is kept as it was sent.
                    if known == value || time == change.creation?.time { return true }
                    clashing.insert(time)
                    return false
                }
                change.fields = try change.fields.filter { try !isHere($0.value, $0.field, $0.time) }
                if let existence = change.existence,
                    try isHere(.integer(existence.isAlive ? 1 : 0), Field.existence, existence.time)
                {
                    change.existence = nil
                }
                if change.fields.isEmpty, change.existence == nil { continue }
            }
            if change.creation == nil, change.fields.isEmpty, change.existence == nil { continue }
            rest.changes.append(change)
        }
        return (rest, clashing)
    }
}
