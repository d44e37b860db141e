import SyncCore

/// Work that was taken back here, as long as nobody knows whether the office had accepted it before it heard of that.
extension LocalTransaction {
    /// What a group said of a field that was taken back, where the server has not confirmed that yet: whoever writes now
    /// has seen it, whatever became of it.
    ///
    /// - Parameter base: what the writer saw beneath it.
    /// - Returns: nil where nothing above the base was taken back.
    func takenBack(_ field: Int, of edit: RecordEdit, above base: Base) throws -> Base? {
        guard edit.key != nil else { return nil }
        let numbers = try replica.heldLog.withdrawals().filter { $0.replacement == nil }.map(\.number)
        if numbers.isEmpty { return nil }
        var latest: (number: UInt64, time: UInt64)?
        for (number, change) in try replica.heldLog.changes(of: edit.change.reference) where numbers.contains(number) {
            for version in change.fields where version.field == field && version.time > latest?.time ?? ownTime(base) {
                latest = (number, version.time)
            }
        }
        return latest.map { .own(number: $0.number, time: $0.time) }
    }

    /// The packed time of a version of this device; 0 for anybody else's, which came before the work was taken back.
    private func ownTime(_ base: Base) -> UInt64 {
        switch base {
        case .own(_, let time): time
        case .stamp(let stamp) where stamp.device == standing.device: stamp.time
        case .none, .stamp: 0
        }
    }
}
