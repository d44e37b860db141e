import SyncCore

/// Versions that a device saw replaced: they go to the history, with what the device saw before them as their link.
///
/// Their conflicts, where there were any, are handed over as conflicts; so these make none.
extension Vouching {
    /// Takes the replaced versions of a record whose row was told, but for those that are known and what is erased.
    func takeReplaced(of update: RecordUpdate) throws {
        guard let stored = try store.record(table: update.table, id: update.record) else { return }
        let marks = try store.erasureMarks(table: update.table, record: update.record)
        for field in Field.existence...Field.largestNumber {
            let place = Place(table: update.table, record: update.record, field: field)
            guard let replaced = seen[place] else { continue }
            var before: Stamp?
            for (stamp, value) in replaced.sorted(by: { $0.stamp < $1.stamp }) {
                defer { before = stamp }
                let isErased = marks.contains { $0.fields.contains(field) && stamp < $0.stamp }
                guard let value, !isErased, try isNew(stamp, value, field: field, stored) else { continue }
                let base = stamp > stored.state.created ? before ?? stored.state.created : nil
                try store.addVersion(
                    FieldState(number: field, value: value, stamp: stamp, base: base), table: update.table,
                    key: stored.key)
                let again = try hub.laterTimes(of: value, at: stamp, field: field, in: stored).min()
                guard stamp.device != device || again != nil else { continue }
                try store.addVouched(table: update.table, key: stored.key, stamp: stamp, by: device)
                if let again { try hub.standOnLater(again, inPlaceOf: stamp, field: field, of: stored) }
            }
        }
    }

    private func isNew(_ stamp: Stamp, _ value: Value, field: Int, _ stored: StoredRecord) throws -> Bool {
        let state = stored.state
        let current = field == Field.existence ? state.existence?.stamp : state.field(field).stamp
        let type = hub.schema.table(state.table)?.field(field)?.type
        return try isPossible(stamp) && isStorable(value) && type?.accepts(value) ?? true
            && !isKnown(stamp, field: field, current: current, stored)
    }
}
