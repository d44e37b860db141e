/// One change with final stamps and resolved bases, as the merge takes it.
package struct FinalChange: Sendable {
    package var table: Int
    package var record: RecordID
    /// Area and stamp, where the change made the record.
    package var creation: (area: Int, stamp: Stamp)?
    package var fields: [FieldState]
    package var existence: ExistenceState?
    package var decisions: [(decision: Decision, stamp: Stamp)]

    package init(
        table: Int, record: RecordID, creation: (area: Int, stamp: Stamp)?, fields: [FieldState],
        existence: ExistenceState?, decisions: [(decision: Decision, stamp: Stamp)]
    ) {
        self.table = table
        self.record = record
        self.creation = creation
        self.fields = fields
        self.existence = existence
        self.decisions = decisions
    }
}

/// The merge of design section 5, points 1 to 5, for one record. Pure: the same input gives the same result.
package struct RecordMerge {
    /// The most links that are followed for one question; a chain is as long as a field's edits.
    package static let longestChain = 100_000
    /// The most links that are followed for the value that both sides of a conflict had seen, which is shown beside them.
    package static let longestCommonChain = 1_000

    let table: Table?
    private let hash: Hash128

    /// - Parameter table: the declaration, or nil where this version does not know the table.
    package init(table: Table?, hash: Hash128) {
        self.table = table
        self.hash = hash
    }

    /// The state of a record that was unknown until this change, which must carry a creation.
    package func create(_ change: FinalChange, area: Int, stamp: Stamp) -> RecordState {
        var state = RecordState(
            table: change.table, id: change.record, area: area, created: stamp,
            fields: change.fields.filter { $0.value != .null || $0.stamp != stamp }, existence: change.existence)
        state.isLiving = isLivingWhenNew(state)
        return state
    }

    private func isLivingWhenNew(_ state: RecordState) -> Bool {
        guard let existence = state.existence, !existence.isAlive else { return true }
        return state.fields.contains { field in
            field.stamp != state.created
                && !existence.seen.contains { $0.field == field.number && $0.stamp == field.stamp }
        }
    }

    /// Merges a change into a record that is already known.
    package func merge(
        _ change: FinalChange, into state: inout RecordState, history: some VersionHistory
    ) throws -> MergeOutcome {
        var outcome = MergeOutcome()
        for incoming in change.fields {
            if case .mostRestrictive(let order)? = table?.field(incoming.number)?.policy {
                let choice = try RestrictiveChoice(
                    order, field: incoming.number, created: state.created, history: history,
                    decisions: change.decisions)
                try merge(incoming, choice, into: &state, outcome: &outcome)
            } else {
                try merge(incoming, into: &state, history: history, outcome: &outcome)
            }
        }
        if let incoming = change.existence {
            try merge(incoming, into: &state, history: history, outcome: &outcome)
        }
        try settleExistence(&state, change: change, history: history, outcome: &outcome)
        return outcome
    }

    // MARK: One field

    private func merge(
        _ incoming: FieldState, into state: inout RecordState, history: some VersionHistory,
        outcome: inout MergeOutcome
    ) throws {
        let current = state.field(incoming.number)
        if incoming.stamp == current.stamp {
            return takeFirstHand(incoming, over: current, into: &state, outcome: &outcome)
        }
        let chain = VersionChain(current: current, created: state.created, history: history)
        // Nobody wrote that a field is empty since the creation; after a restore that may have another time than before.
        if try state.isUnwritten(current) || chain.reaches(current.stamp, from: incoming) {
            replace(current, by: incoming, in: &state, outcome: &outcome)
        } else if try isAncestor(incoming, of: current, chain) {
            outcome.superseded.append(incoming)
            outcome.isExact = false
        } else {
            let incomingWins = Self.isLater(incoming, than: current)
            if Self.differ(incoming.value, current.value) {
                let before = try chain.commonAncestor(incoming, current)
                outcome.conflicts.append(
                    conflict(
                        field: incoming.number, state: state, sides: (side(incoming), side(current)), before: before,
                        kept: incomingWins ? incoming.stamp : current.stamp))
            }
            if incomingWins {
                replace(current, by: incoming, in: &state, outcome: &outcome)
            } else {
                outcome.superseded.append(incoming)
                outcome.isExact = false
            }
        }
    }

    /// The same version once more, first-hand: what a device vouched for gets its value and link from its writer.
    func takeFirstHand(
        _ incoming: FieldState, over current: FieldState, into state: inout RecordState, outcome: inout MergeOutcome
    ) {
        guard incoming != current else { return }
        #if PlantedBugs
            if PlantedBug.isChosen(.secondHandWins) { return }
        #endif
        state.set(incoming)
        outcome.changed.insert(incoming.number)
    }

    /// Whether a version came late: the current one was written after seeing it.
    func isAncestor(
        _ incoming: FieldState, of current: FieldState, _ chain: VersionChain<some VersionHistory>
    ) throws -> Bool {
        #if PlantedBugs
            if PlantedBug.isChosen(.lateAncestorLogged) { return false }
        #endif
        return try chain.reaches(incoming.stamp, from: current)
    }

    static func differ(_ one: Value, _ other: Value) -> Bool {
        #if PlantedBugs
            if PlantedBug.isChosen(.caseInsensitive), case .text(let a) = one, case .text(let b) = other {
                return a.lowercased() != b.lowercased()
            }
        #endif
        return one != other
    }

    func replace(
        _ current: FieldState, by incoming: FieldState, in state: inout RecordState, outcome: inout MergeOutcome
    ) {
        if current.value != .null || current.stamp != state.created { outcome.superseded.append(current) }
        state.set(incoming)
        outcome.changed.insert(incoming.number)
    }

    /// Which of two concurrent versions stays. Equal values never conflict; the later stamp stays.
    private static func isLater(_ incoming: FieldState, than current: FieldState) -> Bool {
        #if PlantedBugs
            if PlantedBug.isChosen(.tieBreakDropped) { return incoming.stamp.time > current.stamp.time }
        #endif
        return incoming.stamp > current.stamp
    }

    // MARK: Existence

    private func merge(
        _ incoming: ExistenceState, into state: inout RecordState, history: some VersionHistory,
        outcome: inout MergeOutcome
    ) throws {
        if let base = incoming.base, base.device != state.created.device,
            try isUnmaking(incoming, over: state.existence, history: history)
        {
            // Somebody else has made the same record, as two imports of one file do.
            outcome.isExact = false
            return
        }
        guard let existing = state.existence else {
            state.existence = incoming
            outcome.changed.insert(Field.existence)
            return
        }
        guard incoming.stamp != existing.stamp else {
            if incoming != existing {
                state.existence = incoming
                outcome.changed.insert(Field.existence)
            }
            return
        }
        let (next, current) = (version(incoming), version(existing))
        let chain = VersionChain(current: current, created: state.created, history: history)
        if try chain.reaches(current.stamp, from: next) {
            outcome.superseded.append(current)
        } else if try chain.reaches(next.stamp, from: current) {
            outcome.superseded.append(next)
            outcome.isExact = false
            return
        } else {
            let incomingWins = next.stamp > current.stamp
            if incoming.isAlive != existing.isAlive {
                outcome.conflicts.append(
                    conflict(
                        field: Field.existence, state: state, sides: (side(incoming), side(existing)),
                        before: try chain.commonAncestor(next, current),
                        kept: incomingWins ? next.stamp : current.stamp))
            }
            outcome.superseded.append(incomingWins ? current : next)
            guard incomingWins else {
                outcome.isExact = false
                return
            }
        }
        state.existence = incoming
        outcome.changed.insert(Field.existence)
    }

    /// Works out whether the record lives, and logs what a delete had not seen.
    private func settleExistence(
        _ state: inout RecordState, change: FinalChange, history: some VersionHistory, outcome: inout MergeOutcome
    ) throws {
        let wasLiving = state.isLiving
        guard let existence = state.existence, !existence.isAlive else {
            state.isLiving = true
            if !wasLiving { outcome.changed.insert(Field.existence) }
            return
        }
        let history = RecentHistory(earlier: history, recent: outcome.superseded)
        let unseen = try fieldsUnseen(by: existence, in: state, history: history)
        let isNewDelete = change.existence?.stamp == existence.stamp
        let isUnmaking = try isUnmaking(existence, over: nil, history: history)
        // Once the record lives again the delete stands in the log; edits made after that have seen it live.
        for field in unseen where (isNewDelete || !wasLiving) && !isUnmaking {
            outcome.conflicts.append(
                conflict(
                    field: field.number, state: state,
                    sides: (side(field), Conflict.Side(value: nil, stamp: existence.stamp)),
                    before: try seenValue(of: field.number, by: existence, in: state, history: history),
                    kept: field.stamp))
        }
        state.isLiving = !unseen.isEmpty
        if state.isLiving != wasLiving { outcome.changed.insert(Field.existence) }
        if isNewDelete, state.isLiving { outcome.isExact = false }
    }

    /// Whether a delete only takes back that its device had made the record, before a word of it was sent: it stands on the
    /// creation. What others say under the same id, it had not seen, and gives way to without a conflict.
    ///
    /// - Parameter current: the existence in force, where the delete is not that.
    private func isUnmaking(
        _ existence: ExistenceState, over current: ExistenceState?, history: some VersionHistory
    ) throws -> Bool {
        guard !existence.isAlive, existence.seen.isEmpty, let base = existence.base,
            base.device == existence.stamp.device, base != current?.stamp
        else { return false }
        return try history.version(field: Field.existence, stamp: base) == nil
    }

    /// The fields whose current version the delete had not seen.
    private func fieldsUnseen(
        by existence: ExistenceState, in state: RecordState, history: some VersionHistory
    ) throws -> [FieldState] {
        try state.fields.filter { field in
            // A creation that its author sent again stands on what it had said before.
            guard field.stamp != state.created || field.base != nil else { return false }
            guard let seen = existence.seen.first(where: { $0.field == field.number })?.stamp else {
                return field.stamp != state.created
            }
            if seen == field.stamp { return false }
            let chain = VersionChain(current: field, created: state.created, history: history)
            guard let version = try chain.version(seen) else { return true }
            return try !chain.reaches(field.stamp, from: version)
        }
    }

    private func seenValue(
        of field: Int, by existence: ExistenceState, in state: RecordState, history: some VersionHistory
    ) throws -> Value {
        let stamp = existence.seen.first { $0.field == field }?.stamp ?? state.created
        return try history.version(field: field, stamp: stamp)?.value ?? .null
    }

    // MARK: Conflicts

    func conflict(
        field: Int, state: RecordState, sides: (Conflict.Side, Conflict.Side), before: Value, kept: Stamp
    ) -> Conflict {
        let (a, b) = sides.0.stamp < sides.1.stamp ? sides : (sides.1, sides.0)
        return Conflict(
            id: Conflict.id(record: state.id, field: field, stamps: (a.stamp, b.stamp), hash: hash),
            table: state.table, record: state.id, area: state.area, field: field, a: a, b: b, before: before,
            kept: kept == a.stamp ? .a : .b)
    }

    func side(_ field: FieldState) -> Conflict.Side { Conflict.Side(value: field.value, stamp: field.stamp) }

    private func side(_ existence: ExistenceState) -> Conflict.Side {
        Conflict.Side(value: existence.isAlive ? .integer(1) : nil, stamp: existence.stamp)
    }

    private func version(_ existence: ExistenceState) -> FieldState {
        FieldState(
            number: Field.existence, value: .integer(existence.isAlive ? 1 : 0), stamp: existence.stamp,
            base: existence.base)
    }
}
