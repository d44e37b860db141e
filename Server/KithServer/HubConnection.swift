import Cryptography
import Database
import OutreachModel
import SyncCore
import SyncHub

/// One connection to the office's database with the hub over it; belongs to the thread that uses it.
final class HubConnection {
    /// "Kith" in ASCII: marks the file as one of ours.
    static let applicationID: Int32 = 0x4B69_7468
    /// The size of the write-ahead log in bytes from which on it is folded into the database.
    static let checkpointLimitBytes = 8 << 20
    /// The steps between versions of the tables: each is marked once what makes missing tables has run.
    ///
    /// 1: the first tables. 2: the library. 3: merged and moved records.
    private static var migrations: [Migration] { [Migration](repeating: .sql("SELECT 1"), count: 3) }

    let database: Database
    let store: SQLiteHubStore
    let hub: Hub

    /// Opens the database.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - areas: given for a new server, whose file is made: its areas beside `everyone`.
    init(path: String, creates areas: [String]? = nil) throws {
        database = try Database(
            path: path, mode: .readWrite(create: areas != nil), applicationID: Self.applicationID)
        let hash = Hash128 { BLAKE2b.hash128($0) }
        store = SQLiteHubStore(database: database, schema: OutreachSchema.current)
        let random = RandomNumbers(generator: try SecureRandom())
        if let areas { try Hub.create(in: store, areas: areas, random: { random.next() }) }
        hub = try Hub(
            store: store, schema: OutreachSchema.current, hash: hash,
            tablesInEveryone: OutreachSchema.tablesInEveryone, clock: { WallClock.milliseconds() },
            random: { random.next() })
        try prepareTables()
    }

    /// Makes what an older version's file lacks, once; a file of a newer version is refused.
    private func prepareTables() throws {
        if try database.version < Self.migrations.count { try store.transaction { try store.createTables() } }
        try database.migrate(Self.migrations)
    }
}

/// A source of random numbers that closures can share within one thread.
final class RandomNumbers {
    private var generator: SecureRandom

    init(generator: SecureRandom) { self.generator = generator }

    func next() -> UInt64 { generator.next() }
}
