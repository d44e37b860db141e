import SyncCore

/// What a writer has seen, where what was shown does not say it: versions that never left this device, and work that was
/// taken back, as long as nobody knows whether the office had accepted it before it heard of that.
extension LocalTransaction {
    /// What was shown in a field; of an in-between version, which never left this device, what that one had seen.
    func known(_ shown: RecordSnapshot, _ field: Int, _ edit: RecordEdit) throws -> Base {
        let base = shown.base(of: field)
        guard case .own = base, let key = edit.key else { return base }
        let row = RowKey(table: edit.state.table, key: key)
        let version = shown.state.field(field)
        if let earlier = try replica.localHistory.baseOfInBetween(row, field: field, stamp: version.stamp),
            try !hasLeft(base, field, edit)
        {
            return earlier
        }
        if version.stamp.device == standing.device { return try stillThere(base, field, shown, row, edit) }
        return try renumbered(version, row, edit, isUnwritten: version.stamp == shown.state.created)
    }

    /// What was shown of a field, without what is gone since: a save that was lost with the power never left this device, and
    /// whoever saw it had seen what it stood on.
    private func stillThere(
        _ shown: Base, _ field: Int, _ snapshot: RecordSnapshot, _ row: RowKey, _ edit: RecordEdit
    ) throws -> Base {
        var base = shown
        while case .own(let number, let time) = base, number > UInt64(clamping: standing.receipt),
            try !hasLeft(base, field, edit), let beneath = snapshot.base(under: base, field: field)
        {
            let waiting = try waiting(number, field, row, edit)
            if waiting?.time == time { break }
            // It had joined a group that waits: what that says without it stands on the same.
            if let waiting, waiting.base == beneath, waiting.time < time {
                return .own(number: number, time: waiting.time)
            }
            base = beneath
        }
        return base
    }

    /// What a group that waits says of a field, and what that stands on; nil where it says nothing, or is gone.
    private func waiting(
        _ number: UInt64, _ field: Int, _ row: RowKey, _ edit: RecordEdit
    ) throws -> (time: UInt64, base: Base)? {
        guard let entry = try replica.outbox.entry(Int64(clamping: number), row) else { return nil }
        let change = try replica.change(in: entry, state: edit.state)
        if field == Field.existence { return change.existence.map { ($0.time, $0.base) } }
        return change.fields.first { $0.field == field }.map { ($0.time, $0.base) }
    }

    /// Whether a version is the word of a group that came back from the office, or was taken back: the office knows it, and may
    /// have put it into force all the same.
    private func hasLeft(_ base: Base, _ field: Int, _ edit: RecordEdit) throws -> Bool {
        guard case .own(let number, let time) = base else { return false }
        return try replica.heldLog.changes(of: edit.change.reference).contains { item in
            item.number == number
                && (item.change.creation?.time == time
                    || field == Field.existence && item.change.existence?.time == time
                    || item.change.fields.contains { $0.field == field && $0.time == time })
        }
    }

    /// What was shown of existence.
    func knownExistence(_ shown: RecordSnapshot, _ edit: RecordEdit) throws -> Base {
        let base = shown.existenceBase
        guard case .own = base, let key = edit.key, let existence = shown.state.existence else { return base }
        let row = RowKey(table: edit.state.table, key: key)
        if existence.stamp.device == standing.device {
            return try stillThere(base, Field.existence, shown, row, edit)
        }
        let version = FieldState(
            number: Field.existence, value: .integer(existence.isAlive ? 1 : 0), stamp: existence.stamp)
        return try renumbered(version, row, edit)
    }

    /// A version of this device's own that was shown before the device got another number: it waits under a new one, or the
    /// office has it.
    ///
    /// - Parameter isUnwritten: whether the field was as the creation left it.
    private func renumbered(
        _ shown: FieldState, _ row: RowKey, _ edit: RecordEdit, isUnwritten: Bool = false
    ) throws -> Base {
        let time = shown.stamp.time
        for entry in try replica.outbox.chain(of: row, newest: edit.pending) {
            let change = try replica.change(in: entry, state: edit.state)
            let isThere =
                shown.number == Field.existence
                ? change.existence?.time == time
                : change.fields.contains { $0.field == shown.number && $0.time == time }
            if isThere { return .own(number: UInt64(clamping: entry.group), time: time) }
        }
        guard shown.number != Field.existence else { return .stamp(shown.stamp) }
        var known = try replica.localHistory.versions(row).filter { $0.kind == .acknowledged }.map(\.version)
        if let state = try replica.work(on: row).acknowledged {
            known.append(state.field(shown.number))
            if isUnwritten { known.append(FieldState(number: shown.number, value: .null, stamp: state.created)) }
        }
        let writers = [shown.stamp.device, standing.device]
        let same = known.filter {
            $0.number == shown.number && $0.value == shown.value && writers.contains($0.stamp.device)
        }
        // What came of the very version has its time, or a later one; the same words may have been written again since.
        let stamps = same.map(\.stamp).sorted()
        return .stamp(stamps.first { $0.time >= time } ?? stamps.last ?? shown.stamp)
    }

    /// What a group said of a field that was taken back, where the server has not confirmed that yet: whoever writes now
    /// has seen it, whatever became of it.
    ///
    /// - Parameter base: what the writer sees now. Only what was written over this very version counts: a base can name one
    ///   version alone, and what is in force counts for more.
    /// - Returns: nil where nothing above the base was taken back.
    func takenBack(_ field: Int, of edit: RecordEdit, above base: Base) throws -> Base? {
        let changes = try takenBackChanges(of: edit)
        let top = changes.reduce(base) { top, item in
            let version = item.change.fields.first { $0.field == field && $0.base == top }
            return version.map { .own(number: item.number, time: $0.time) } ?? top
        }
        return top == base ? nil : top
    }

    /// Lets a delete name what was taken back over the versions that it saw.
    func addTakenBack(
        to seen: inout [ExistenceChange.Seen], _ edit: RecordEdit, _ shown: RecordSnapshot
    ) throws {
        let numbers = Set(try takenBackChanges(of: edit).flatMap { $0.change.fields.map(\.field) })
        for number in numbers.sorted() {
            let place = seen.firstIndex { $0.field == number }
            guard
                let top = try takenBack(number, of: edit, above: place.map { seen[$0].base } ?? shown.base(of: number))
            else { continue }
            if let place { seen[place].base = top } else { seen.append(.init(field: number, base: top)) }
        }
        seen.sort { $0.field < $1.field }
    }

    /// What was taken back of a record and not confirmed, in the order in which it was written.
    private func takenBackChanges(of edit: RecordEdit) throws -> [(number: UInt64, change: Change)] {
        guard edit.key != nil else { return [] }
        let numbers = try replica.heldLog.withdrawals().filter { $0.replacement == nil }.map(\.number)
        if numbers.isEmpty { return [] }
        return try replica.heldLog.changes(of: edit.change.reference).filter { numbers.contains($0.number) }
    }
}
