import SyncCore

/// Decides whether a group can be accepted, before anything of it is merged.
struct GroupCheck {
    let form: GroupForm
    let store: any HubStore
    let device: DeviceRecord
    /// What the device may do in each area that there is.
    let access: [Int: AreaAccess]
    /// Whether the office takes the group by its own decision: what the person may do then does not count.
    var isOverruled = false
    /// Whether a record that a change makes is taken for new without a look: where it is not, the store finds out.
    var takesNewForNew = false

    /// The records that a group touches, in the order of its changes (nil for those that it makes), and the conflicts
    /// that it decides; or why the group is held.
    enum Verdict {
        case accept([StoredRecord?])
        case hold(HoldReason)
    }

    /// - Parameter isWellFormed: what `GroupForm` says of the group, where somebody has asked it already.
    func verdict(on group: ChangeGroup, isWellFormed: Bool? = nil) throws -> Verdict {
        if device.isRevoked, !isOverruled { return .hold(.revoked) }
        if !(isWellFormed ?? form.isWellFormed(group)) { return .hold(.malformed) }
        let verdict = try verdict(on: group.changes, looksForNew: !takesNewForNew)
        // What is held is held for the first reason, which may be that a record is known.
        if takesNewForNew, case .hold = verdict { return try self.verdict(on: group.changes, looksForNew: true) }
        return verdict
    }

    private func verdict(on changes: [Change], looksForNew: Bool) throws -> Verdict {
        var found: [StoredRecord?] = []
        found.reserveCapacity(changes.count)
        for change in changes {
            let isTaken = !looksForNew && change.creation != nil && change.decisions.isEmpty
            let stored = isTaken ? nil : try store.record(table: change.table, id: change.record)
            if let reason = try reason(against: change, stored: stored) { return .hold(reason) }
            found.append(stored)
        }
        return .accept(found)
    }

    private func reason(against change: Change, stored: StoredRecord?) throws -> HoldReason? {
        guard let area = stored?.state.area ?? change.creation?.area else { return .recordUnknown }
        if let creation = change.creation, creation.area != area { return .areaChanged }
        guard let access = access[area] else { return .areaNotGranted }
        // Not even the office lets everybody of an area read what only its twin may hold.
        if change.creation != nil, access.misplacedTables.contains(change.table) { return .areaNotGranted }
        if !isOverruled, let reason = reason(against: change, access) { return reason }
        return try reason(against: change.decisions, of: change)
    }

    /// What the person may not do.
    private func reason(against change: Change, _ access: AreaAccess) -> HoldReason? {
        guard access.canWrite else { return .areaNotGranted }
        if let tables = access.writableTables, !tables.contains(change.table) { return .roleNotAllowed }
        return change.decisions.isEmpty || device.role.mayDecide ? nil : .roleNotAllowed
    }

    private func reason(against decisions: [Decision], of change: Change) throws -> HoldReason? {
        for decision in decisions {
            guard let conflict = try store.conflict(decision.conflict)?.conflict else { return .recordUnknown }
            if conflict.table != change.table || conflict.record != change.record { return .malformed }
        }
        return nil
    }
}

/// Checks on lists of field numbers that came from elsewhere.
enum FieldNumbers {
    /// Whether all numbers are those of fields, none of them twice.
    static func areDistinct(_ numbers: [Int]) -> Bool {
        var mask = FieldMask()
        for number in numbers {
            guard (1...Field.largestNumber).contains(number), !mask.contains(number) else { return false }
            mask.insert(number)
        }
        return true
    }
}
