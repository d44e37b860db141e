import Database
import RecordStorage
import SyncCore

/// Deleted records that everybody has had time to hear of.
extension ReplyPass {
    /// The most records that leave the device in one reply.
    private static let largestCount = 1_000

    /// Removes records that were deleted long ago, by the server's clock; those with own work stay.
    ///
    /// The server keeps them with their history. Should one be restored there, it comes back as a whole. Those about which the
    /// server has taken own work since stay too, for one that is restored: a clock that stood in 1969 had made them old.
    func dropOldTombstones(_ reply: SyncReply) throws {
        let limit = StampTime.packed(
            milliseconds: reply.clockMilliseconds - RecordState.tombstoneMilliseconds)
        var old: [(RowKey, RecordState)] = []
        for table in try tablesWithTombstones() where old.count < Self.largestCount {
            let condition = "living = 0 AND \(replica.isSettledSQL(table))"
            try replica.records.forEach(table: table, where: condition) { key, state in
                let row = RowKey(table: state.table, key: key)
                if let existence = state.existence, existence.stamp.time < limit,
                    try !replica.kept.holds(row, since: replica.clock() - RecordState.tombstoneMilliseconds)
                {
                    old.append((row, state))
                }
                return old.count < Self.largestCount
            }
        }
        for (row, state) in old { try replica.removeRecord(row, state, leavesGaps: false) }
    }

    /// The tables that have deleted records, by number; 0 stands for those that this version does not know.
    ///
    /// Every sync asks: to look into each table by itself would take a statement with all of its columns.
    private func tablesWithTombstones() throws -> [Int] {
        let names = replica.schema.tables.map { ($0.number, replica.sqlName(of: $0.number)) }
        let asked = (names + [(0, RecordTables.unknownTable)]).map { number, name in
            "SELECT \(number) WHERE EXISTS (SELECT 1 FROM \(name) WHERE living = 0)"
        }
        return try replica.database.query(asked.joined(separator: " UNION ALL ")).compactMap { row in
            guard case .integer(let number) = row[0] else { return nil }
            return Int(number)
        }
    }

    /// Removes conflicts about records that are not here: what others decided on them since they were dropped.
    ///
    /// Only at the end of the feeds, for a conflict may come before its record.
    func dropOrphanedConflicts(_ reply: SyncReply) throws {
        if reply.pages.allSatisfy({ $0.conflicts.isEmpty && $0.records.isEmpty }) { return }
        for table in replica.schema.tables.map(\.number) {
            try replica.conflictLog.removeOrphans(of: table, in: replica.sqlName(of: table))
        }
        try replica.conflictLog.removeOrphans(ofTablesBut: replica.schema.tables.map(\.number))
    }
}
