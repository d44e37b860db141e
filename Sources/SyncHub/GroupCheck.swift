import SyncCore

/// Decides whether a group can be accepted, before anything of it is merged.
struct GroupCheck {
    let schema: Schema
    let store: any HubStore
    let device: DeviceRecord
    /// What the device may do in each area that there is.
    let access: [Int: AreaAccess]
    /// Whether the office takes the group by its own decision: what the person may do then does not count.
    var isOverruled = false

    /// The records that a group touches, in the order of its changes (nil for those that it makes), and the conflicts
    /// that it decides; or why the group is held.
    enum Verdict {
        case accept([StoredRecord?])
        case hold(HoldReason)
    }

    func verdict(on group: ChangeGroup) throws -> Verdict {
        if device.isRevoked, !isOverruled { return .hold(.revoked) }
        if !isWellFormed(group) { return .hold(.malformed) }
        var found: [StoredRecord?] = []
        found.reserveCapacity(group.changes.count)
        for change in group.changes {
            let stored = try store.record(table: change.table, id: change.record)
            if let reason = try reason(against: change, stored: stored) { return .hold(reason) }
            found.append(stored)
        }
        return .accept(found)
    }

    private func reason(against change: Change, stored: StoredRecord?) throws -> HoldReason? {
        guard let area = stored?.state.area ?? change.creation?.area else { return .recordUnknown }
        if let creation = change.creation, creation.area != area { return .areaChanged }
        guard let access = access[area] else { return .areaNotGranted }
        if !isOverruled, let reason = reason(against: change, access) { return reason }
        return try reason(against: change.decisions, of: change)
    }

    /// What the person may not do.
    private func reason(against change: Change, _ access: AreaAccess) -> HoldReason? {
        guard access.canWrite else { return .areaNotGranted }
        if let tables = access.writableTables, !tables.contains(change.table) { return .roleNotAllowed }
        let mayDecide = device.role == .lead || device.role == .admin
        return change.decisions.isEmpty || mayDecide ? nil : .roleNotAllowed
    }

    private func reason(against decisions: [Decision], of change: Change) throws -> HoldReason? {
        for decision in decisions {
            guard let conflict = try store.conflict(decision.conflict)?.conflict else { return .recordUnknown }
            if conflict.table != change.table || conflict.record != change.record { return .malformed }
        }
        return nil
    }

    // MARK: Form

    private func isWellFormed(_ group: ChangeGroup) -> Bool {
        guard group.changes.count <= ChangeGroup.largestCount else { return false }
        var bytes = 0
        for change in group.changes {
            guard isWellFormed(change, bytes: &bytes) else { return false }
        }
        return bytes <= ChangeGroup.largestBytes && (group.changes.count < 2 || touchesEachRecordOnce(group))
    }

    private func touchesEachRecordOnce(_ group: ChangeGroup) -> Bool {
        var seen = Set<RecordID>(minimumCapacity: group.changes.count)
        for change in group.changes where !seen.insert(change.record).inserted {
            if group.changes.filter({ $0.record == change.record && $0.table == change.table }).count > 1 {
                return false
            }
        }
        return true
    }

    private func isWellFormed(_ change: Change, bytes: inout Int) -> Bool {
        guard change.table >= 1, change.creation.map({ $0.area >= 1 }) ?? true else { return false }
        let table = schema.table(change.table)
        var last = Field.existence
        for field in change.fields {
            guard field.field > last, field.field <= Field.largestNumber, field.value.byteCount <= Value.largestBytes,
                Self.isStorable(field.value), table?.field(field.field)?.type.accepts(field.value) ?? true,
                change.creation.map({ $0.time <= field.time }) ?? true
            else { return false }
            last = field.field
            bytes += field.value.byteCount
        }
        let seen = change.existence?.seen ?? []
        guard FieldNumbers.areDistinct(seen.map(\.field)) else { return false }
        return change.decisions.allSatisfy { ($0.why?.utf8.count ?? 0) <= Value.largestBytes }
    }

    /// SQL has no "not a number": it would come back as null.
    static func isStorable(_ value: Value) -> Bool {
        if case .real(let number) = value { return !number.isNaN }
        return true
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
