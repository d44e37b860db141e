import SyncCore

extension Hub {
    /// The whole of a request in short form: what it leaves out is what this server holds for the numbers that it names.
    ///
    /// - Returns: nil where the device holds something else: another history, or lines that are not here.
    /// - Throws: a `CBORError` for a part that can't be read, and what the store throws.
    package func whole(_ request: SyncRequest) throws -> SyncRequest? {
        try store.readTransaction { try request.lengthened(hash, complete) }
    }

    private func complete(_ ground: inout CommonGround) throws -> Bool {
        ground.epoch = try epoch
        let areas = Set(try store.areas().map(\.number))
        for index in ground.cursors.indices where ground.cursors[index].sequence > 0 {
            let cursor = ground.cursors[index]
            guard areas.contains(cursor.area), let mark = try store.mark(area: cursor.area, atOrAfter: cursor.sequence)
            else { return false }
            ground.cursors[index].mark = mark
        }
        if ground.ledger.count > 0 {
            let entry = try store.ledgerEntries(after: ground.ledger.count - 1, limit: 1).first
            guard let entry, entry.number == ground.ledger.count else { return false }
            ground.ledger.hash = entry.hash(hash)
        }
        if let number = ground.audit?.number, number > 0 {
            let entry = try store.auditEntries(after: number - 1, limit: 1).first
            guard let entry, entry.number == number else { return false }
            ground.audit?.hash = entry.hash(hash)
        }
        return true
    }
}
