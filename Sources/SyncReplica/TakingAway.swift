import RecordStorage
import SyncCore

/// Undoing what never left the device: it goes from the outbox, as if it had never been.
///
/// Written once more, the old value would be an edit of this device: it would stand against what others wrote meanwhile, or
/// over it, though nobody here wrote anything.
extension LocalTransaction {
    /// What was taken away; all else has to be written anew.
    struct TakenAway {
        /// By record, where 0 is existence.
        var fields: [RowKey: FieldMask] = [:]
        /// New records that say nothing any more.
        var wordless: Set<RowKey> = []
        /// Records about which a decision was taken away, with all that it wrote.
        var decided: Set<RowKey> = []
    }

    /// Takes away what of some steps never left the device and lies over what they had found; before anything else is done
    /// in the transaction.
    ///
    /// - Parameter user: a device whose records name a new record, which stays then.
    mutating func takeAway(
        _ changes: [OperationChange], _ direction: OperationReversal.Direction,
        user: (RecordReference) throws -> UInt32?
    ) throws -> TakenAway {
        var taken = TakenAway()
        for change in changes {
            if direction == .undo, let unsent = try withoutWords(change, user) {
                try save(unsent)
                taken.wordless.insert(change.row)
            } else if direction == .undo, let unsent = try withoutDecision(change) {
                try save(unsent)
                try takeBackDecisions(of: unsent)
                taken.fields[change.row] = unsent.taken
                taken.decided.insert(change.row)
            } else if let unsent = try without(change, direction) {
                try save(unsent)
                taken.fields[change.row] = unsent.taken
            }
        }
        if !taken.fields.isEmpty || !taken.wordless.isEmpty { try freeNumbers() }
        return taken
    }

    /// The own changes of a record without a decision; nil where it may have left, or does not lie over what it was made over.
    private func withoutDecision(_ change: OperationChange) throws -> UnsentWork? {
        guard !change.verdicts.isEmpty, let newest = try replica.pending(change.row), newest > standing.frozen,
            var unsent = UnsentWork(try replica.work(on: change.row), overlay: overlay, frozen: standing.frozen)
        else { return nil }
        let before = unsent.work.view
        guard areas[before.area]?.canWrite == true, try !isErased(table: before.table, id: before.id) else {
            return nil
        }
        return unsent.takeDecision(change) ? unsent : nil
    }

    /// Shows conflicts as they stood below a decision that was taken away.
    private func takeBackDecisions(of unsent: UnsentWork) throws {
        guard let last = unsent.work.links.last else { return }
        for decision in last.change.decisions {
            let earlier = unsent.links.lazy.reversed().compactMap { link in
                link.change.decisions.last { $0.conflict == decision.conflict }.map { ($0, link.entry.group) }
            }.first
            try replica.conflictLog.takeBack(decision.conflict, group: last.entry.group, earlier: earlier)
        }
    }

    /// The own changes of a record without those of a step; nil where nothing of it can be taken away.
    private func without(
        _ change: OperationChange, _ direction: OperationReversal.Direction
    ) throws -> UnsentWork? {
        // A new record is deleted, and what was decided and may have left is decided anew.
        guard change.contents == nil, change.verdicts.isEmpty, let newest = try replica.pending(change.row),
            newest > standing.frozen,
            var unsent = UnsentWork(try replica.work(on: change.row), overlay: overlay, frozen: standing.frozen)
        else { return nil }
        let before = unsent.work.view
        guard areas[before.area]?.canWrite == true, try !isErased(table: before.table, id: before.id) else {
            return nil
        }
        var isLiving = before.isLiving
        if let lives = change.lives {
            let wanted = direction == .undo ? !lives : lives
            if before.isLiving != wanted { unsent.takeExistence(over: change.found[Field.existence]) }
            if unsent.taken.contains(Field.existence) { isLiving = wanted }
        }
        for step in change.steps {
            let (made, wanted) = direction == .undo ? (step.after, step.before) : (step.before, step.after)
            // What was confirmed is confirmed again where it is done again.
            if direction == .redo, made == wanted { continue }
            guard before.field(step.field).value == made else { continue }
            unsent.take(step.field, back: wanted, over: change.found[step.field])
        }
        // An edit may be all that keeps a record whose deletion came in meanwhile.
        return !unsent.taken.isEmpty && unsent.view.isLiving == isLiving ? unsent : nil
    }

    /// A new record without a word of what it says; nil where it may have left, or says something else by now than the step made
    /// it say.
    ///
    /// It is deleted all the same, and that is sent: other work may name it. Its words stay here, and come back with it.
    private func withoutWords(
        _ change: OperationChange, _ user: (RecordReference) throws -> UInt32?
    ) throws -> UnsentWork? {
        guard change.contents != nil || change.lives == true, let newest = try replica.pending(change.row),
            newest > standing.frozen,
            var unsent = UnsentWork(
                unheard: try replica.work(on: change.row), overlay: overlay, frozen: standing.frozen)
        else { return nil }
        let before = unsent.work.view
        guard before.isLiving, isAllWords(change, of: before), areas[before.area]?.canWrite == true,
            // What this device may not read leaves it with the next sync: its words would be nowhere.
            areas[before.area]?.canRead == true, try !isErased(table: before.table, id: before.id),
            try user(RecordReference(table: before.table, id: before.id)) == nil
        else { return nil }
        unsent.takeWords()
        return unsent.taken.isEmpty ? nil : unsent
    }

    /// Whether a step made a record say all that it says: by its making, or as it brought one back that said nothing.
    private func isAllWords(_ change: OperationChange, of state: RecordState) -> Bool {
        if let contents = change.contents { return replica.contents(of: state) == contents }
        return state.fields.allSatisfy { field in
            field.value == .null
                || change.steps.contains {
                    $0.field == field.number && $0.before == .null && $0.after == field.value
                }
        }
    }

    /// Writes what is left of a record's own changes.
    private func save(_ unsent: UnsentWork) throws {
        let (row, work) = (unsent.work.row, unsent.work)
        var newest: Int64?
        for (link, before) in zip(unsent.links, work.links) {
            guard !link.change.isEmpty else {
                try replica.outbox.take(link.entry)
                continue
            }
            if link.change != before.change || link.entry.previous != newest {
                var entry = link.entry
                entry.previous = newest
                entry.detail = replica.outboxDetail(link.change, group: entry.group)
                try replica.outbox.insert(entry)
            }
            newest = link.entry.group
        }
        for version in unsent.removed {
            if unsent.isWordless {
                try replica.localHistory.addWithheld(row, version.state)
                continue
            }
            try replica.localHistory.addInBetween(row, version.state, base: version.base)
            // What was written over it in between saw what it saw.
            try replica.localHistory.rebase(row, version)
        }
        try replica.replaceRow(row, work.view, by: unsent.view)
        if newest != work.pending { try replica.records.setPending(newest, table: row.table, key: row.key) }
        if newest == nil { try replica.shadow.remove(row) }
    }

    /// Lets the next group have the number of one that is left with nothing: numbers have no gaps, and that one was told to
    /// nobody. One with later groups behind it stays, and is sent without changes.
    private mutating func freeNumbers() throws {
        let lowest = max(standing.frozen, standing.lowestOwn - 1)
        while standing.lastGroup > lowest, try replica.outbox.dropIfEmpty(standing.lastGroup) {
            standing.lastGroup -= 1
        }
        number = standing.lastGroup + 1
        try standing.save(to: replica.database)
    }
}
