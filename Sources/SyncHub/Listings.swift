import SyncCore

/// What the office looks at.
extension Hub {
    /// The most conflicts in one list.
    package static let largestConflictCount = 10_000

    /// Conflicts, newest first, at most `largestConflictCount`.
    package func conflicts(openOnly: Bool) throws -> [Conflict] {
        try store.readTransaction { try store.conflicts(openOnly: openOnly, limit: Self.largestConflictCount) }
    }

    /// One conflict, or nil where there is none.
    package func conflict(_ id: UInt128) throws -> Conflict? {
        try store.readTransaction { try store.conflict(id)?.conflict }
    }

    /// A record as it is now, or nil where there is none.
    package func record(table: Int, id: RecordID) throws -> RecordState? {
        try store.readTransaction { try store.record(table: table, id: id)?.state }
    }

    /// The held groups of all devices, in the order of arrival.
    package func quarantine() throws -> [QuarantinedGroup] {
        try store.readTransaction { try store.quarantined(device: nil) }
    }

    /// A held group as its device sent it.
    ///
    /// - Throws: `HubError.quarantineUnknown`, `HubError.damagedRow`.
    package func quarantineGroup(_ id: Int64) throws -> ChangeGroup {
        guard let body = try store.readTransaction({ try store.quarantinedBody(id) }) else {
            throw HubError.quarantineUnknown(id)
        }
        do throws(CBORError) {
            return try ChangeGroup(decoding: body)
        } catch {
            throw HubError.damagedRow(table: "quarantine")
        }
    }

    /// How much the server holds.
    /// Records that do not live, the latest deletion first; what was erased is not among them.
    package func deletedRecords() throws -> [RecordState] {
        try store.readTransaction {
            var records: [RecordState] = []
            for table in schema.tables.map(\.number) + [0] {
                var keys: [(table: Int, key: Int64)] = []
                try store.forEachDeadRecord(table: table) { keys.append(($0, $1)) }
                for (table, key) in keys {
                    guard let record = try store.record(table: table, key: key), record.existence != nil else {
                        continue
                    }
                    records.append(record)
                }
            }
            let first = Stamp(time: 0, device: 0)
            return records.sorted { ($0.existence?.stamp ?? first) > ($1.existence?.stamp ?? first) }
        }
    }

    package func statistics() throws -> HubStatistics { try store.readTransaction { try store.statistics() } }

    /// Where an area's feed ends and its digest there.
    package func head(area: Int) throws -> AreaHead { try store.readTransaction { try store.head(area: area) } }
}
