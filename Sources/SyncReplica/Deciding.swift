import SyncCore

/// What a decision may claim to have seen of a conflict that a prompt showed.
package struct ShownConflict: Sendable {
    /// The record as it was then; nil where it was not here.
    let record: RecordSnapshot?
    /// The conflicts about the record that were known then.
    let known: Set<UInt128>
}

extension Replica {
    /// What is here of a conflict and its record, to be taken before it is shown; nil where there is no such conflict.
    package func shown(conflict id: UInt128) throws -> ShownConflict? {
        try reading {
            guard let conflict = try conflictLog.find(id) else { return nil }
            let about = try conflictLog.about(RecordReference(table: conflict.table, id: conflict.record))
            return ShownConflict(
                record: try snapshot(table: conflict.table, record: conflict.record), known: Set(about.map(\.id)))
        }
    }
}

/// Decisions are edits: they work offline, sync, and can be undone by deciding anew.
extension LocalTransaction {
    /// What a choice comes down to.
    private enum Target {
        case deleted
        /// Alive, with this value in the conflict's field; nil where the conflict is about existence alone.
        case alive(Value?)
    }

    /// Settles a conflict. Where the deletion of the record stays, its other conflicts with edits are settled too.
    ///
    /// - Parameters:
    ///   - why: the decider's words, at most `Value.largestBytes`.
    ///   - shown: what the prompt showed; without it, what is there now. What came in since was not seen, and stays.
    /// - Throws: `ReplicaError` where there is no such conflict, the choice does not fit, or the role may not decide.
    package mutating func decide(
        _ id: UInt128, keep choice: ConflictChoice, why: String? = nil, shown: ShownConflict? = nil
    ) throws {
        let seen = shown?.record
        let conflict = try conflict(id, why: why)
        let reference = RecordReference(table: conflict.table, id: conflict.record)
        var (edit, current) = try open(reference)
        switch try target(choice, conflict) {
        case .deleted:
            if edit.state.isLiving { try delete(&edit, seen: seen, current: current) }
        case .alive(let value):
            if edit.state.existence?.isAlive == false { try restore(&edit, seen: seen, current: current) }
            if let value { try set(conflict.field, value, seen: seen, current: current, in: &edit) }
        }
        try say(Decision(conflict: id, action: .resolve, why: why, time: time), about: conflict, in: &edit)
        if case .deleted = try target(choice, conflict) {
            // The deletion is one: where it stands, it stands against every edit.
            let known = try replica.conflictLog.about(reference).filter { shown?.known.contains($0.id) ?? true }
            for sibling in conflict.siblings(among: known) {
                let decision = Decision(conflict: sibling.id, action: .resolve, why: why, time: time)
                try say(decision, about: sibling, in: &edit)
            }
        }
        try add(edit, reference)
    }

    /// Opens a settled conflict again; the values stay as they are.
    ///
    /// - Throws: `ReplicaError` where there is no such conflict, or the role may not decide.
    package mutating func reopen(_ id: UInt128, why: String? = nil) throws {
        try declare(id, .reopen, why: why)
    }

    /// Says that a conflict is settled, or open again; the values stay as they are.
    mutating func declare(_ id: UInt128, _ action: Decision.Action, why: String? = nil) throws {
        let conflict = try conflict(id, why: why)
        let reference = RecordReference(table: conflict.table, id: conflict.record)
        var (edit, _) = try open(reference)
        try say(Decision(conflict: id, action: action, why: why, time: time), about: conflict, in: &edit)
        try add(edit, reference)
    }

    /// Adds a decision, and notes how the conflict stood before it.
    private func say(_ decision: Decision, about conflict: Conflict, in edit: inout RecordEdit) throws {
        edit.change.decisions.append(decision)
        let isSettled = conflict.status == .resolved
        let why = try isSettled && !replica.conflictLog.isDecidedHere(conflict.id) ? conflict.verdict?.why : nil
        edit.former[conflict.id] = OperationChange.Word(action: isSettled ? .resolve : .reopen, why: why)
    }

    private func conflict(_ id: UInt128, why: String?) throws -> Conflict {
        guard standing.role.mayDecide else { throw ReplicaError.roleNotAllowed }
        if let why, why.utf8.count > Value.largestBytes {
            throw ReplicaError.reasonTooLarge(bytes: why.utf8.count)
        }
        guard let conflict = try replica.conflictLog.find(id) else { throw ReplicaError.conflictNotFound(id) }
        return conflict
    }

    private func target(_ choice: ConflictChoice, _ conflict: Conflict) throws -> Target {
        let isExistence = conflict.field == Field.existence
        switch choice {
        case .a, .b:
            guard let value = choice == .a ? conflict.a.value : conflict.b.value else { return .deleted }
            return .alive(isExistence ? nil : value)
        case .before:
            guard isExistence else { return .alive(conflict.before) }
            return conflict.before == .integer(0) ? .deleted : .alive(nil)
        case .value(let value):
            guard !isExistence, let table = replica.schema.table(conflict.table) else {
                throw ReplicaError.choiceDoesNotFit(conflict.id)
            }
            try check(value, conflict.field, table)
            return .alive(value)
        }
    }
}
