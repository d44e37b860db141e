import Database
import RecordStorage
import SyncCore

/// Fetching an area again from the start of its feed.
///
/// All acknowledged records of the area are marked, and its cursor goes back to the start. What the server sends is
/// applied as always and loses its mark. What still has one when the end of the feed is reached is not on the server.
/// Marks and cursor are on the disk, so a refetch goes on where it was after any cut.
extension Replica {
    /// How many unconfirmed records are read at a time.
    private static let readCount = 500

    /// Begins to fetch an area again; one that this device may not read is left alone.
    ///
    /// Where the area is being fetched again already, that begins anew.
    package func beginRefetch(area: Int, purpose: RefetchPurpose) throws {
        try transaction {
            var standing = try standing()
            try mark(area, for: purpose, &standing)
            try standing.save(to: database)
        }
    }

    /// The areas that are being fetched again.
    package func refetches() throws -> [Refetch] { try reading { try fetches.refetches() } }

    /// Calls `body` with each record of an area that the server has not sent since the refetch began, as it was
    /// acknowledged, and the key of its row.
    ///
    /// The body may confirm or remove the record that it is given.
    package func forEachUnconfirmed(area: Int, _ body: (Int64, RecordState) throws -> Void) throws {
        try reading {
            try forEachUnconfirmedRow(of: area) { row, acknowledged in
                if let acknowledged { try body(row.key, acknowledged) }
            }
        }
    }

    /// Takes the mark from a record: it stays, whatever the server says.
    package func confirm(_ record: RecordReference, area: Int) throws {
        try transaction {
            guard let key = try records.key(table: record.table, id: record.id) else { return }
            try fetches.confirm(RowKey(table: record.table, key: key), area: area)
        }
    }

    /// Ends a refetch after a restore; what still has a mark loses it and stays.
    package func endRefetch(area: Int) throws {
        try transaction {
            try fetches.end(area, difference: nil)
            try fetches.forgetFormerEnds(of: area)
        }
    }

    /// Sets marks and cursor; within a transaction whose standing the caller saves.
    func mark(_ area: Int, for purpose: RefetchPurpose, _ standing: inout Standing) throws {
        guard try storedDigest(of: area) != nil else { return }
        try fetches.end(area, difference: fetches.difference(of: area))
        for table in schema.tables {
            let name = sqlName(of: table.number)
            try forgetUnreadable(table.number, area: area)
            try fetches.mark(area, in: name, number: String(table.number))
        }
        try forgetUnreadable(0, area: area)
        try fetches.mark(area, in: sqlName(of: 0), number: "r.table_number")
        try fetches.begin(area, purpose)
        // What is here goes on showing how far this device has come.
        let ends = try fetches.seenEnds() + cursors()
        try fetches.setSeenEnd(
            Cursor.unreached(ends, from: [Cursor(area: area, sequence: 0, mark: 0)]).first, of: area)
        try database.run("UPDATE cursor SET sequence = 0, mark = 0 WHERE area = ?", .integer(Int64(area)))
        // Groups that are still here must come as rows too, or what they stand on would not be confirmed.
        standing.lowestOwn = standing.lastGroup + 1
    }

    /// Makes room for rows that can't be read any more: they come again with the feed. What the device wrote itself
    /// stays in the columns of its row.
    private func forgetUnreadable(_ table: Int, area: Int) throws {
        for (number, key) in try records.unreadableKeys(table: table, area: area) {
            if try pending(RowKey(table: number, key: key)) == nil {
                try records.delete(table: table, key: key)
            } else {
                try records.dropBlobs(table: table, key: key)
            }
        }
    }

    /// The rows that have a mark with their acknowledged versions, by table and key; in one transaction.
    func forEachUnconfirmedRow(of area: Int, _ body: (RowKey, RecordState?) throws -> Void) throws {
        var last: RowKey?
        while true {
            let rows = try fetches.unconfirmed(area: area, after: last, limit: Self.readCount)
            guard let end = rows.last else { return }
            for row in rows { try body(row, acknowledged(row)) }
            last = end
        }
    }

    private func acknowledged(_ row: RowKey) throws -> RecordState? {
        guard let found = try records.row(table: row.table, key: row.key) else { return nil }
        return try pending(found) == nil ? found.state : try shadow.load(row, id: found.state.id)
    }

    /// The digest of an area from its rows alone; in one transaction.
    func recomputeDigest(of area: Int) throws -> UInt128 {
        var digest: UInt128 = 0
        knowsErasures = try !erasures.isEmpty()
        for table in schema.tables.map(\.number) + [0] {
            let condition = "area = ?1 AND \(isSettledSQL(table))"
            try records.forEach(table: table, where: condition, integers: [Int64(area)]) {
                digest &+= try self.digest($1)
                return true
            }
        }
        for row in try shadow.rows() {
            guard let view = try records.load(table: row.table, key: row.key),
                let state = try shadow.load(row, id: view.id)
            else { throw ReplicaError.damaged("a kept version without its record") }
            if state.area == area { digest &+= try self.digest(state) }
        }
        return digest
    }
}
