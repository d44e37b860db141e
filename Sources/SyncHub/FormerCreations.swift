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
}
