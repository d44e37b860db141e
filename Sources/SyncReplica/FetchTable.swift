import Database
import SyncCore

/// Why an area is fetched again from the start of its feed.
package enum RefetchPurpose: Int64, Sendable {
    /// The digests differed. What the server does not send, and its digest does not count, is removed.
    case repair = 1
    /// The cursor stood before the horizon. As with a repair.
    case horizon = 2
    /// The server was restored. What it does not send stays marked, until whoever heals has seen to it.
    case restored = 3
}

/// An area that is fetched again.
package struct Refetch: Hashable, Sendable {
    package var area: Int
    package var purpose: RefetchPurpose
    /// Whether the end of the feed was reached: what is unconfirmed now is not on the server.
    package var isAtEnd: Bool
}

/// How areas are fetched from the start, and which of their records the server has not confirmed.
struct FetchTable {
    let database: Database

    // MARK: Areas

    func refetches() throws -> [Refetch] {
        let statement = try database.statement(
            "SELECT area, purpose, at_end FROM fetch WHERE purpose NOT NULL ORDER BY area")
        defer { statement.reset() }
        var refetches: [Refetch] = []
        while try statement.step() {
            guard let purpose = RefetchPurpose(rawValue: statement.integer(1)) else {
                throw ReplicaError.damaged("why an area is fetched again")
            }
            refetches.append(
                Refetch(area: Int(statement.integer(0)), purpose: purpose, isAtEnd: statement.integer(2) != 0))
        }
        return refetches
    }

    func begin(_ area: Int, _ purpose: RefetchPurpose) throws {
        try insert(area)
        try database.run(
            """
            UPDATE fetch SET purpose = ?2, at_end = 0, stretch_after = NULL, stretch_through = NULL WHERE area = ?1
            """, .integer(Int64(area)), .integer(purpose.rawValue))
    }

    func setAtEnd(_ area: Int) throws {
        try database.run("UPDATE fetch SET at_end = 1 WHERE area = ?", .integer(Int64(area)))
    }

    /// Ends it; a difference is what a repair left between the digests.
    func end(_ area: Int, difference: UInt128?) throws {
        try database.run(
            "UPDATE fetch SET purpose = NULL, at_end = 0, difference = ?2 WHERE area = ?1", .integer(Int64(area)),
            difference.map { .blob($0.bigEndianBytes) } ?? .null)
        try database.run("DELETE FROM unconfirmed WHERE area = ?", .integer(Int64(area)))
    }

    /// Forgets an area that may not be read any more.
    func remove(_ area: Int) throws {
        try database.run("DELETE FROM fetch WHERE area = ?", .integer(Int64(area)))
        try forgetFormerEnds(of: area)
        try database.run("DELETE FROM unconfirmed WHERE area = ?", .integer(Int64(area)))
    }

    func setHorizon(_ sequence: UInt64, of area: Int) throws {
        try insert(area)
        try database.run(
            "UPDATE fetch SET horizon = ?2 WHERE area = ?1", .integer(Int64(area)),
            .integer(Int64(bitPattern: sequence)))
    }

    // MARK: Stretches and ends

    /// Two columns that hold a place in an area's feed, or nothing together.
    private struct PlaceColumns {
        let first: String
        let second: String

        static let stretch = PlaceColumns(first: "stretch_after", second: "stretch_through")
        static let seenEnd = PlaceColumns(first: "seen_end", second: "seen_mark")
    }

    /// The stretches that this device is in the middle of.
    func stretches() throws -> [FeedStretch] {
        try places(.stretch) { FeedStretch(area: $0, after: $1, through: $2) }
    }

    /// Keeps the stretch that an area's cursor is in; nil: it is in none.
    func setStretch(_ stretch: FeedStretch?, of area: Int) throws {
        try setPlace(.stretch, stretch.map { ($0.after, $0.through) }, of: area)
    }

    /// The ends of feeds that this device has seen and its cursors have not come to.
    func seenEnds() throws -> [Cursor] {
        try places(.seenEnd) { Cursor(area: $0, sequence: $1, mark: $2) }
    }

    /// Keeps the end of an area's feed that was seen; nil: the cursor says it all.
    func setSeenEnd(_ end: Cursor?, of area: Int) throws {
        try setPlace(.seenEnd, end.map { ($0.sequence, $0.mark) }, of: area)
    }

    // MARK: Former histories

    /// Goes over to another history of the server: the end of the area's feed that was seen is one of a former history.
    func endHistory(of area: Int) throws {
        try database.run(
            """
            INSERT OR IGNORE INTO former_end SELECT area, seen_end, seen_mark FROM fetch WHERE area = ? AND seen_end NOT NULL
            """, .integer(Int64(area)))
        try setSeenEnd(nil, of: area)
    }

    /// The ends of feeds of former histories that were seen, of areas that are not fetched since.
    func formerEnds() throws -> [Cursor] {
        let statement = try database.statement(
            "SELECT area, sequence, mark FROM former_end ORDER BY area, sequence DESC LIMIT ?")
        defer { statement.reset() }
        try statement.bind(1, Int64(SyncRequest.largestCursorCount))
        var ends: [Cursor] = []
        while try statement.step() {
            ends.append(
                Cursor(
                    area: Int(statement.integer(0)), sequence: UInt64(bitPattern: statement.integer(1)),
                    mark: UInt64(bitPattern: statement.integer(2))))
        }
        return ends
    }

    /// The area is fetched in the present history: its cursor shows what is held here.
    func forgetFormerEnds(of area: Int) throws {
        try database.run("DELETE FROM former_end WHERE area = ?", .integer(Int64(area)))
    }

    private func places<Place>(_ columns: PlaceColumns, _ make: (Int, UInt64, UInt64) -> Place) throws -> [Place] {
        let statement = try database.statement(
            "SELECT area, \(columns.first), \(columns.second) FROM fetch WHERE \(columns.first) NOT NULL ORDER BY area")
        defer { statement.reset() }
        var places: [Place] = []
        while try statement.step() {
            places.append(
                make(
                    Int(statement.integer(0)), UInt64(bitPattern: statement.integer(1)),
                    UInt64(bitPattern: statement.integer(2))))
        }
        return places
    }

    private func setPlace(_ columns: PlaceColumns, _ place: (UInt64, UInt64)?, of area: Int) throws {
        if place != nil { try insert(area) }
        try database.run(
            """
            UPDATE fetch SET \(columns.first) = ?2, \(columns.second) = ?3
            WHERE area = ?1 AND (\(columns.first) IS NOT ?2 OR \(columns.second) IS NOT ?3)
            """, .integer(Int64(area)), place.map { .integer(Int64(bitPattern: $0.0)) } ?? .null,
            place.map { .integer(Int64(bitPattern: $0.1)) } ?? .null)
    }

    // MARK: Repairs

    /// What the last repair left between own digest and server's, modulo 2^128; nil where they matched.
    func difference(of area: Int) throws -> UInt128? {
        let statement = try database.statement("SELECT difference FROM fetch WHERE area = ?")
        defer { statement.reset() }
        try statement.bind(1, Int64(area))
        guard try statement.step(), !statement.isNull(0) else { return nil }
        return UInt128(bigEndianBytes: statement.blob(0))
    }

    func forgetDifference(of area: Int) throws {
        try database.run("UPDATE fetch SET difference = NULL WHERE area = ?", .integer(Int64(area)))
    }

    private func insert(_ area: Int) throws {
        try database.run("INSERT OR IGNORE INTO fetch (area) VALUES (?)", .integer(Int64(area)))
    }

    // MARK: What the server is told

    func setReport(_ outcome: AreaRepair.Outcome?, of area: Int) throws {
        try insert(area)
        try database.run(
            "UPDATE fetch SET report = ?2 WHERE area = ?1", .integer(Int64(area)),
            outcome.map { .integer(Int64($0.rawValue)) } ?? .null)
    }

    /// Forgets what the server has been told; what was noted since stays.
    func forget(_ reports: [AreaRepair]) throws {
        for repair in reports {
            try database.run(
                "UPDATE fetch SET report = NULL WHERE area = ? AND report = ?", .integer(Int64(repair.area)),
                .integer(Int64(repair.outcome.rawValue)))
        }
    }

    func report() throws -> FetchReport {
        let statement = try database.statement(
            "SELECT area, horizon, report FROM fetch WHERE horizon <> 0 OR report NOT NULL ORDER BY area")
        defer { statement.reset() }
        var report = FetchReport()
        while try statement.step() {
            let area = Int(statement.integer(0))
            let horizon = UInt64(bitPattern: statement.integer(1))
            if horizon != 0 { report.horizons.append(AreaHorizon(area: area, sequence: horizon)) }
            if let outcome = AreaRepair.Outcome(rawValue: Int(statement.integer(2))) {
                report.repairs.append(AreaRepair(area: area, outcome: outcome))
            }
        }
        return report
    }

    // MARK: Records

    /// Marks the acknowledged records of an area in one SQL table: all but the device's own that the server has said
    /// nothing of yet.
    ///
    /// - Parameters:
    ///   - name: the SQL table, quoted.
    ///   - number: its number, or the SQL column that has it.
    func mark(_ area: Int, in name: String, number: String) throws {
        try database.run(
            """
            INSERT OR IGNORE INTO unconfirmed SELECT ?1, \(number), record_key FROM \(name) AS r
            WHERE area = ?1 AND (\(Outbox.isSettledSQL("r", number: number)) OR EXISTS (SELECT 1 FROM shadow
                WHERE shadow.table_number = \(number) AND shadow.record_key = r.record_key))
            """, .integer(Int64(area)))
    }

    func confirm(_ row: RowKey, area: Int) throws {
        let statement = try database.statement(
            "DELETE FROM unconfirmed WHERE area = ? AND table_number = ? AND record_key = ?")
        try statement.bind(1, Int64(area))
        try statement.bind(2, Int64(row.table))
        try statement.bind(3, row.key)
        try statement.run()
    }

    /// The next unconfirmed records of an area behind one, by table and key.
    func unconfirmed(area: Int, after row: RowKey?, limit: Int) throws -> [RowKey] {
        let statement = try database.statement(
            """
            SELECT table_number, record_key FROM unconfirmed
            WHERE area = ? AND (table_number, record_key) > (?, ?) ORDER BY table_number, record_key LIMIT ?
            """)
        defer { statement.reset() }
        try statement.bind(1, Int64(area))
        try statement.bind(2, Int64(row?.table ?? -1))
        try statement.bind(3, row?.key ?? 0)
        try statement.bind(4, Int64(limit))
        var rows: [RowKey] = []
        while try statement.step() { rows.append(RowKey(table: Int(statement.integer(0)), key: statement.integer(1))) }
        return rows
    }
}

extension SyncReply {
    /// The stretches that this device is in the middle of once it has applied this reply.
    func openStretches() throws(ReplicaError) -> [FeedStretch] {
        do throws(CBORError) {
            return try stretches()
        } catch {
            throw .unexpectedReply("how far it comes in a feed can't be read")
        }
    }
}

extension SyncReply {
    /// The ends of feeds that the pages of this reply do not come to.
    func unreachedEnds() throws(ReplicaError) -> [Cursor] {
        do throws(CBORError) {
            return try seenEnds()
        } catch {
            throw .unexpectedReply("how far a feed has come can't be read")
        }
    }
}

extension FeedStretch {
    /// The stretch that a device is in once it has applied a page: what the reply says, unless that comes from another way,
    /// such as a file, and does not reach as far as what was begun before.
    static func open(_ known: FeedStretch?, told: FeedStretch?, at sequence: UInt64) -> FeedStretch? {
        guard let known, known.through > sequence, known.through > told?.through ?? 0 else { return told }
        return FeedStretch(
            area: known.area, after: min(known.after, told?.after ?? known.after), through: known.through)
    }
}
