import SyncCore

/// Work that was taken back here, as long as nobody knows whether the office had accepted it before it heard of that.
extension LocalTransaction {
    /// What a group said of a field that was taken back, where the server has not confirmed that yet: whoever writes now
    /// has seen it, whatever became of it.
    ///
    /// - Parameter base: what the writer sees now. Only what was written over this very version counts: a base can name one
    ///   version alone, and what is in force counts for more.
    /// - Returns: nil where nothing above the base was taken back.
    func takenBack(_ field: Int, of edit: RecordEdit, above base: Base) throws -> Base? {
        guard edit.key != nil else { return nil }
        let numbers = try replica.heldLog.withdrawals().filter { $0.replacement == nil }.map(\.number)
        if numbers.isEmpty { return nil }
        var top = base
        // In the order in which they were written.
        for (number, change) in try replica.heldLog.changes(of: edit.change.reference) where numbers.contains(number) {
            for version in change.fields where version.field == field && version.base == top {
                top = .own(number: number, time: version.time)
            }
        }
        return top == base ? nil : top
    }
}
