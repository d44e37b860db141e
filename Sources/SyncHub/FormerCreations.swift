import SyncCore

extension Vouching {
    /// Remembers that a record's creation had a later time before a restore: its author has sent it again under an earlier one, as a
    /// clock that is far ahead by then makes it.
    ///
    /// Whoever saw the record before writes on that time. They had seen nothing but the creation, though its author's later
    /// words may have times between the two.
    func noteFormerCreation(_ former: Stamp, of stored: StoredRecord) throws {
        let present = stored.state.created
        guard former.device == present.device, former > present else { return }
        try store.addFormerCreation(
            table: stored.state.table, key: stored.key, stamp: former, present: present.time)
    }

    /// A record without the words of its creation, where these have come again here under an earlier time: they are what the creation
    /// says, and not later than it.
    func withoutFormerWords(_ update: RecordUpdate, of stored: StoredRecord) throws -> RecordUpdate {
        let present = stored.state.created
        guard update.created.device == present.device, update.created > present else { return update }
        var update = update
        update.fields = try update.fields.filter { told in
            if told.stamp != update.created { return true }
            let current = stored.state.field(told.number)
            let first =
                current.stamp == present
                ? current
                : try store.version(table: update.table, key: stored.key, field: told.number, stamp: present)
            return first?.value != told.value
        }
        return update
    }
}
