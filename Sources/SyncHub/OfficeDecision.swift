import SyncCore

extension Hub {
    /// The office's next group; accept it from `DeviceRecord.office`, in the same transaction.
    package func officeGroup(_ changes: [Change]) throws -> ChangeGroup {
        ChangeGroup(number: try knownDevice(DeviceRecord.office).lastGroup + 1, changes: changes)
    }

    /// The change that settles a conflict: a decision, and the chosen value with the current one as its base. Where the
    /// deletion of the record stays, its other conflicts with edits are settled too.
    ///
    /// - Parameter companions: fields that go with the value, and what they say then: open conflicts about them are settled with
    ///   it. They count for nothing where the deletion of the record stays.
    /// - Throws: `HubError.conflictUnknown`, `HubError.choiceImpossible`.
    package func decide(
        _ id: UInt128, keep choice: ConflictChoice, why: String?, with companions: [(field: Int, value: Value)] = []
    ) throws -> Change {
        let (conflict, state) = try conflictAndRecord(id)
        let time = try officeTime()
        var change = Change(
            table: state.table, record: state.id, fields: [],
            decisions: [Decision(conflict: id, action: .resolve, why: why, time: time)])
        guard let value = try chosenValue(choice, of: conflict) else {
            change.existence = deletion(of: state, time: time)
            // The deletion is one: where it stands, it stands against every edit.
            let others = try store.conflicts(table: conflict.table, record: conflict.record).map(\.conflict)
            change.decisions += conflict.siblings(among: others).map {
                Decision(conflict: $0.id, action: .resolve, why: why, time: time)
            }
            return change
        }
        if conflict.field != Field.existence {
            change.fields = [
                FieldChange(
                    field: conflict.field, value: value, time: time,
                    base: .stamp(state.field(conflict.field).stamp))
            ]
        }
        // A delete stands against this value: keeping the value takes the delete back.
        let isAgainstDelete = conflict.field == Field.existence || conflict.a.value == nil || conflict.b.value == nil
        if isAgainstDelete, let existence = state.existence, !existence.isAlive {
            change.existence = ExistenceChange(isAlive: true, time: time, base: .stamp(existence.stamp), seen: [])
        }
        try add(companions, of: state, why: why, to: &change, time: time)
        return change
    }

    /// Lets fields say what goes with a decision, and settles what is open about them.
    private func add(
        _ companions: [(field: Int, value: Value)], of state: RecordState, why: String?, to change: inout Change,
        time: UInt64
    ) throws {
        let open = try store.conflicts(table: state.table, record: state.id).map(\.conflict).filter {
            $0.status == .open
        }
        for (field, value) in companions {
            let about = open.filter { $0.field == field }
            let current = state.field(field)
            if about.isEmpty, current.value == value { continue }
            change.fields.append(FieldChange(field: field, value: value, time: time, base: .stamp(current.stamp)))
            change.decisions += about.map { Decision(conflict: $0.id, action: .resolve, why: why, time: time) }
        }
        change.fields.sort { $0.field < $1.field }
    }

    /// The change that opens a settled conflict again.
    ///
    /// - Throws: `HubError.conflictUnknown`.
    package func reopen(_ id: UInt128, why: String?) throws -> Change {
        let (_, state) = try conflictAndRecord(id)
        return Change(
            table: state.table, record: state.id, fields: [],
            decisions: [Decision(conflict: id, action: .reopen, why: why, time: try officeTime())])
    }

    private func conflictAndRecord(_ id: UInt128) throws -> (Conflict, RecordState) {
        guard let conflict = try store.conflict(id)?.conflict,
            let state = try store.record(table: conflict.table, id: conflict.record)?.state
        else { throw HubError.conflictUnknown }
        return (conflict, state)
    }

    private func officeTime() throws -> UInt64 {
        var clock = HybridClock(highest: try knownDevice(DeviceRecord.office).highestTime)
        return clock.next(nowMilliseconds: self.clock())
    }

    /// The value to keep, or nil for the deletion of the record.
    private func chosenValue(_ choice: ConflictChoice, of conflict: Conflict) throws -> Value? {
        switch choice {
        case .a: return conflict.a.value
        case .b: return conflict.b.value
        case .before:
            let wasDeleted = conflict.field == Field.existence && conflict.before == .integer(0)
            return wasDeleted ? nil : conflict.before
        case .value(let value):
            guard conflict.field != Field.existence,
                schema.table(conflict.table)?.field(conflict.field)?.type.accepts(value) ?? true
            else { throw HubError.choiceImpossible }
            return value
        }
    }

    /// A delete that has seen everything.
    func deletion(of state: RecordState, time: UInt64) -> ExistenceChange {
        let seen = state.fields.filter { $0.stamp != state.created }
        return ExistenceChange(
            isAlive: false, time: time, base: state.existence.map { .stamp($0.stamp) } ?? .none,
            seen: seen.map { .init(field: $0.number, base: .stamp($0.stamp)) })
    }
}
