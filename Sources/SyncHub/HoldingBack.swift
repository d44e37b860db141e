import SyncCore

/// What can't be accepted: it is kept in quarantine, and nothing waits for it.
extension Push {
    /// Puts a group in quarantine. Its links are kept, so that later edits that build on it make no false conflict.
    ///
    /// - Parameter looksAtRecords: false where they can't be read.
    func hold(
        _ group: ChangeGroup, reason: HoldReason, finals: FinalStamps, looksAtRecords: Bool = true
    ) throws {
        let id = try store.addQuarantined(
            QuarantinedGroup(
                id: 0, device: device.number, number: group.number, reason: reason, arrivedMilliseconds: now,
                changeCount: group.changes.count),
            body: group.encoded())
        let isPossible = !finals.hasImpossibleBase
        merging.links.forget()
        for change in group.changes {
            let final = try finals.apply(to: change)
            for field in final.fields { try addLink(field.number, field.stamp, field.base, final, id) }
            if let existence = final.existence {
                try addLink(Field.existence, existence.stamp, existence.base, final, id)
            }
            if looksAtRecords, isPossible { try hub.fillLinks(of: final) }
        }
    }

    /// Where the base can't be the link says that its writer had seen nothing: without a link whoever writes over it would pass for
    /// having seen all that the device wrote before.
    private func addLink(_ field: Int, _ stamp: Stamp, _ base: Stamp?, _ change: FinalChange, _ id: Int64) throws {
        let base = base.flatMap { $0 < stamp ? $0 : nil }
        try store.addHeldLink(
            HeldLink(table: change.table, record: change.record, field: field, stamp: stamp, base: base),
            quarantine: id)
    }
}
