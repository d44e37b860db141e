import Database
import RecordStorage
import SyncCore

/// A hub's store in one SQLite database: plain tables of records, and the tables of `HubTables` beside them.
package final class SQLiteHubStore: HubStore {
    let database: Database
    let tables: RecordTables
    let schema: Schema
    let feedInsertion = RowInsertion(into: "feed", columnCount: 7)
    let feedRunInsertion = Query(FeedRun.insertion)
    private var isInTransaction = false
    /// Whether the tables of a server were seen outside of a transaction: they stay then, and each request asks.
    private var hasTables = false
    /// New records that are not in their table yet, by its number.
    var waiting = WaitingRecords()
    /// Whether the transaction that is open has added a line to the ledger.
    var hasLedgerGrown = false
    /// Called after each commit that has added to the ledger.
    package var afterLedgerGrowth: () -> Void = {}

    package init(database: Database, schema: Schema) {
        self.database = database
        self.schema = schema
        tables = RecordTables(database: database, schema: schema, side: .hub)
        #if PlantedBugs
            // Where it can't be set, the mistake is not there, and is not found.
            if PlantedBug.isChosen(.receiptBeforeCommit) { try? database.execute("PRAGMA synchronous = OFF") }
        #endif
    }

    /// How much memory in KiB the connection of a server's writer keeps for pages of the file between its transactions; the pages
    /// that one changes stay in memory besides. A large push touches thousands, and the next one many of the same.
    private static let writerCacheKibibytes = 65_536

    /// Keeps more pages of the file in memory; for the one connection that writes, as others must read anew what it wrote.
    package func widenCache() throws { try database.execute("PRAGMA cache_size = -\(Self.writerCacheKibibytes)") }

    // MARK: Transactions

    package func transaction<T>(_ body: () throws -> T) throws -> T {
        isInTransaction = true
        hasLedgerGrown = false
        let result: T
        do {
            defer { isInTransaction = false }
            result = try database.transaction { try writingAll(body) }
        }
        if hasLedgerGrown { afterLedgerGrowth() }
        return result
    }

    package func savepoint<T>(_ body: () throws -> T) throws -> T {
        try writeWaiting()
        return try database.savepoint { try writingAll(body) }
    }

    /// Runs a body and writes the records that wait then; where either fails, those go with what is undone.
    private func writingAll<T>(_ body: () throws -> T) throws -> T {
        do {
            let result = try body()
            try writeWaiting()
            return result
        } catch {
            waiting.removeAll()
            throw error
        }
    }

    package func readTransaction<T>(_ body: () throws -> T) throws -> T {
        if isInTransaction { return try body() }
        isInTransaction = true
        defer { isInTransaction = false }
        return try database.readTransaction(body)
    }

    // MARK: The server itself

    package func createTables() throws {
        try tables.createTables()
        try HubTables.create(in: database)
    }

    package func epoch() throws -> [UInt8]? {
        if !hasTables {
            let isThere = try database.integer("SELECT 1 FROM sqlite_master WHERE name = 'server'") != nil
            guard isThere else { return nil }
            // What a transaction has made goes with it where it fails.
            hasTables = !isInTransaction
        }
        guard let row = try database.query("SELECT value FROM server WHERE name = 'epoch'").first else { return nil }
        guard case .blob(let epoch)? = row.first, epoch.count == Hub.epochLength else {
            throw HubError.damagedRow(table: "server")
        }
        return epoch
    }

    package func setEpoch(_ epoch: [UInt8]) throws {
        try database.run("INSERT OR REPLACE INTO server (name, value) VALUES ('epoch', ?1)", .blob(epoch))
    }

    package func counter(_ counter: HubCounter) throws -> UInt64 {
        let value = try database.integer("SELECT value FROM server WHERE name = ?1", .text(counter.rawValue))
        return UInt64(bitPattern: value ?? 0)
    }

    package func setCounter(_ counter: HubCounter, _ value: UInt64) throws {
        try database.run(
            "INSERT OR REPLACE INTO server (name, value) VALUES (?1, ?2)", .text(counter.rawValue),
            .integer(Int64(bitPattern: value)))
    }

    package func statistics() throws -> HubStatistics {
        try writeWaiting()
        var counts: [HubStatistics.TableCount] = []
        for name in schema.tables.map(\.name) + [RecordTables.unknownTable] {
            let living = try database.integer("SELECT count(*) FROM \"\(name)\" WHERE living = 1") ?? 0
            let deleted = try database.integer("SELECT count(*) FROM \"\(name)\" WHERE living = 0") ?? 0
            counts.append(HubStatistics.TableCount(table: name, living: Int(living), deleted: Int(deleted)))
        }
        return HubStatistics(
            tables: counts,
            openConflicts: Int(try database.integer("SELECT count(*) FROM conflict WHERE status = 0") ?? 0),
            heldGroups: Int(try database.integer("SELECT count(*) FROM quarantine") ?? 0),
            feedEntries: Int(try database.integer("SELECT count(*) FROM feed") ?? 0),
            devices: Int(
                try database.integer("SELECT count(*) FROM device WHERE number > 0 AND revoked = 0") ?? 0))
    }

    // MARK: Records

    package func version(table: Int, key: Int64, field: Int, stamp: Stamp) throws -> FieldState? {
        let statement = try database.statement(
            """
            SELECT field, time, device, value, base_time, base_device FROM version
            WHERE table_number = ?1 AND record_key = ?2 AND field = ?3 AND time = ?4 AND device = ?5
            """)
        defer { statement.reset() }
        try statement.bind(1, Int64(table))
        try statement.bind(2, key)
        try statement.bind(3, Int64(field))
        try statement.bind(4, Int64(bitPattern: stamp.time))
        try statement.bind(5, Int64(stamp.device))
        return try statement.step() ? Self.version(statement) : nil
    }

    package func versions(table: Int, key: Int64) throws -> [FieldState] {
        let statement = try database.statement(
            """
            SELECT field, time, device, value, base_time, base_device FROM version
            WHERE table_number = ?1 AND record_key = ?2
            """)
        defer { statement.reset() }
        try statement.bind(1, Int64(table))
        try statement.bind(2, key)
        var versions: [FieldState] = []
        while try statement.step() { versions.append(Self.version(statement)) }
        return versions
    }

    package func versions(table: Int, key: Int64, field: Int) throws -> [FieldState] {
        let statement = try database.statement(
            """
            SELECT field, time, device, value, base_time, base_device FROM version
            WHERE table_number = ?1 AND record_key = ?2 AND field = ?3
            """)
        defer { statement.reset() }
        try statement.bind(1, Int64(table))
        try statement.bind(2, key)
        try statement.bind(3, Int64(field))
        var versions: [FieldState] = []
        while try statement.step() { versions.append(Self.version(statement)) }
        return versions
    }

    package func links(
        table: Int, key: Int64, field: Int, through stamp: Stamp, limit: Int
    ) throws -> [(stamp: Stamp, base: Stamp?)] {
        let statement = try database.statement(
            """
            SELECT time, device, base_time, base_device FROM version
            WHERE table_number = ?1 AND record_key = ?2 AND field = ?3 AND (time, device) <= (?4, ?5)
            ORDER BY time DESC, device DESC LIMIT ?6
            """)
        defer { statement.reset() }
        try statement.bind(1, Int64(table))
        try statement.bind(2, key)
        try statement.bind(3, Int64(field))
        try statement.bind(4, Int64(bitPattern: stamp.time))
        try statement.bind(5, Int64(stamp.device))
        try statement.bind(6, Int64(limit))
        var links: [(stamp: Stamp, base: Stamp?)] = []
        while try statement.step() {
            links.append((statement.stamp(0), statement.isNull(2) ? nil : statement.stamp(2)))
        }
        return links
    }

    package func addVersion(_ version: FieldState, table: Int, key: Int64) throws {
        let statement = try database.statement("INSERT OR REPLACE INTO version VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)")
        try statement.bind(1, Int64(table))
        try statement.bind(2, key)
        try statement.bind(3, Int64(version.number))
        try statement.bind(4, Int64(bitPattern: version.stamp.time))
        try statement.bind(5, Int64(version.stamp.device))
        try statement.bind(6, version.value)
        try statement.bindBase(version.base, 7)
        try statement.run()
    }

    package func removeVersion(_ field: Int, _ stamp: Stamp, table: Int, key: Int64) throws {
        try database.run(
            "DELETE FROM version WHERE table_number = ?1 AND record_key = ?2 AND field = ?3 AND time = ?4 AND device = ?5",
            .integer(Int64(table)), .integer(key), .integer(Int64(field)), .integer(Int64(bitPattern: stamp.time)),
            .integer(Int64(stamp.device)))
    }

    private static func version(_ statement: Statement) -> FieldState {
        FieldState(
            number: Int(statement.integer(0)), value: statement.fieldValue(3), stamp: statement.stamp(1),
            base: statement.isNull(4) ? nil : statement.stamp(4))
    }
}
