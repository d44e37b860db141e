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
        var moved: [MovedWord: UInt64] = [:]
        for group in groups where try group.number <= last && !isKnown(group) {
            let given = finals[group.number] ?? [:]
            let stamps = FinalStamps(of: group, device: device.number, given: given, store: store)
            var rest = try lacking(of: withoutErased(group), stamps, &moved)
            guard !rest.changes.isEmpty,
                case .accept(let stored) = try check.verdict(on: rest, isWellFormed: nil)
            else { continue }
            // What was moved names its final time already.
            let finals = FinalStamps(of: rest, device: device.number, given: given, store: store)
            guard try isPossible(rest, finals) else { continue }
            // Under its number the feed has the other's.
            rest.number = 0
            merging.links.forget()
            try merging.merge(rest, of: device.number, into: stored, finals: finals, digests: nil)
            try settleLinks(of: rest, finals)
        }
    }

    /// A word of the device whose time was taken by another one.
    private struct MovedWord: Hashable {
        let record: RecordID
        let field: Int
        let time: UInt64
    }

    /// Whether every version is later than what it was written over. No new word of the device gets one of these times.
    private func isPossible(_ group: ChangeGroup, _ stamps: FinalStamps) throws -> Bool {
        for change in group.changes {
            let final = try stamps.apply(to: change)
            var versions = final.fields.map { (stamp: $0.stamp, base: $0.base) }
            if let existence = final.existence { versions.append((existence.stamp, existence.base)) }
            if let creation = final.creation { versions.append((creation.stamp, nil)) }
            for version in versions {
                guard try version.stamp.time <= latestBase() else { throw HubError.clockBehind }
                if let base = version.base, base.time >= version.stamp.time { return false }
                correction.keep(version.stamp.time)
            }
        }
        return true
    }

    /// What of a group is not here, or on somebody's word alone. A decision is told with its conflict.
    ///
    /// Two copies of a database may have given one time to different words: then the one that comes later gets the next time that is
    /// free, and what was written over it in the groups behind it names that.
    private func lacking(
        of group: ChangeGroup, _ stamps: FinalStamps, _ moved: inout [MovedWord: UInt64]
    ) throws -> ChangeGroup {
        var rest = ChangeGroup(number: group.number, changes: [])
        for change in group.changes {
            var change = change
            change.decisions = []
            if let stored = try store.record(table: change.table, id: change.record) {
                change.fields = try change.fields.compactMap { field in
                    var field = field
                    if case .stamp(let base) = field.base, base.device == device.number,
                        let time = moved[MovedWord(record: change.record, field: field.field, time: base.time)]
                    {
                        field.base = .stamp(Stamp(time: time, device: device.number))
                    }
                    let time = stamps.stamp(field.time).time
                    // A creation is read from its row, which the disk may have damaged; an edit is kept as it was sent.
                    let mayMove = field.time != change.creation?.time
                    guard let free = try freeTime(time, field.value, field.field, stored, mayMove: mayMove) else {
                        return nil
                    }
                    if free != time {
                        moved[MovedWord(record: change.record, field: field.field, time: time)] = free
                        field.time = free
                    }
                    return field
                }
                if let existence = change.existence, try isHere(existence, stamps, stored) { change.existence = nil }
                if change.fields.isEmpty, change.existence == nil { continue }
            }
            if change.creation == nil, change.fields.isEmpty, change.existence == nil { continue }
            rest.changes.append(change)
        }
        return rest
    }

    /// The first time from one on under which the device has nothing else in a field; nil where it has this very word there
    /// first-hand, or may not look further.
    private func freeTime(
        _ first: UInt64, _ value: Value, _ field: Int, _ stored: StoredRecord, mayMove: Bool
    ) throws -> UInt64? {
        for time in first...(first > .max - Self.largestMove ? .max : first + Self.largestMove) {
            let stamp = Stamp(time: time, device: device.number)
            guard let known = try self.value(of: field, stamp, stored) else { return time }
            let isTold = try store.voucher(table: stored.state.table, key: stored.key, stamp: stamp) != nil
            if known == value || !mayMove { return isTold ? time : nil }
        }
        return nil
    }

    private static let largestMove: UInt64 = 1_000

    private func isHere(_ existence: ExistenceChange, _ stamps: FinalStamps, _ stored: StoredRecord) throws -> Bool {
        let stamp = stamps.stamp(existence.time)
        return try store.voucher(table: stored.state.table, key: stored.key, stamp: stamp) == nil
            && value(of: Field.existence, stamp, stored) != nil
    }
}
