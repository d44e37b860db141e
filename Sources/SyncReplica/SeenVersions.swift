import SyncCore

/// What a writer has seen, where what was shown does not say it: versions that never left this device, and work that was
/// taken back, as long as nobody knows whether the office had accepted it before it heard of that.
extension LocalTransaction {
    /// Replaces a base that names an in-between version, which never left this device, by what that one had seen.
    func known(_ base: Base, _ field: Int, _ edit: RecordEdit) throws -> Base {
        guard case .own(_, let time) = base, let key = edit.key else { return base }
        let row = RowKey(table: edit.state.table, key: key)
        let version = Stamp(time: time, device: standing.device)
        return try replica.localHistory.baseOfInBetween(row, field: field, stamp: version) ?? base
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
