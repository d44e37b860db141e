import Cryptography
import Database
import OutreachModel
import SyncCore
import SyncHub
import Terminal

/// One connection to the office's database with the hub over it; belongs to the thread that uses it.
final class HubConnection {
    /// "Kith" in ASCII: marks the file as one of ours.
    static let applicationID: Int32 = 0x4B69_7468
    /// The size of the write-ahead log in bytes from which on it is folded into the database.
    static let checkpointLimitBytes = 8 << 20
    /// The same while others wait.
    static let busyCheckpointLimitBytes = 8 * checkpointLimitBytes
    /// The largest file of the log that a server that runs keeps for the next large push, in bytes: what a busy one fills, and what the
    /// commit that goes over the limit may add.
    static let keptLogBytes = 10 * checkpointLimitBytes
    /// The largest database that is written anew beside a server that answers, in bytes: for a larger one laptops would be sent away
    /// too long, for it can't take their work meanwhile. So much takes two or three seconds.
    static let largestServedBytes = 128 << 20
    /// The steps between versions of the tables: each is marked once what makes missing tables has run.
    ///
    /// 1: the first tables. 2: the library. 3: the ledger. 4: decisions on held groups.
    /// 5: horizons of feeds, what devices say of their records. 6: merged and moved records.
    /// 7: orders of erasure. 8: what commands of the office did.
    /// 9: healing, copies of devices. 10: former histories.
    /// 11: promises, opportunities, insights, relationships, consents, payments, concerns and rounds.
    /// 12: keys of devices, sealed files. 13: the audit log.
    /// 14: what devices say of themselves. 15: groups under another number. 16: tokens that were changed.
    /// 17: what the words of decisions may be about. 18: which file an answer answers, how far devices have the ledger.
    /// 21: what rows of imports said, field by field. 22: creations that were sent again.
    /// 23: whether the file must be written anew for what was erased. 24: fingerprints go with what was erased.
    private static var migrations: [Migration] { Array(repeating: .sql("SELECT 1"), count: 25) }

    private static let versionWithLedger = 3

    let database: Database
    let store: SQLiteHubStore
    let hub: Hub
    /// What the ledger is signed with, and what is sealed to the office is read with.
    let officeKey: OfficeKey
    /// Whether opening found the database older than the ledger beside it, and began a new history.
    var hasReplayedLedger = false

    /// Opens the database.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - keyFile: what the office signs its ledger with; made where neither key nor ledger is there.
    ///   - ledgerFile: where the ledger is kept a second time; nil: nowhere.
    ///   - areas: given for a new server, whose file is made: its areas beside `everyone`.
    init(path: String, keyFile: OfficeKeyFile, ledgerFile: LedgerFile? = nil, creates areas: [String]? = nil) throws {
        database = try Database(
            path: path, mode: .readWrite(create: areas != nil), applicationID: Self.applicationID)
        let hash = Hash128 { BLAKE2b.hash128($0) }
        store = SQLiteHubStore(database: database, schema: OutreachSchema.current)
        let random = RandomNumbers(generator: try SecureRandom())
        if let areas { try Hub.create(in: store, areas: areas, random: { random.next() }) }
        let hasLedger = try database.version >= Self.versionWithLedger && store.lastLedgerEntry() != nil
        officeKey = try keyFile.key(makes: !hasLedger)
        hub = try Hub(
            store: store, schema: OutreachSchema.current, hash: hash,
            tablesInEveryone: OutreachSchema.tablesInEveryone,
            signer: OfficeSigner(publicKey: officeKey.publicKey) { [officeKey] in officeKey.sign($0) },
            tokenHash: { BLAKE2b.hash256($0) }, clock: { WallClock.milliseconds() },
            random: { random.next() })
        try prepareTables()
        try checkLedger(officeKey)
        try hub.beginLedger()
        if let ledgerFile { store.afterLedgerGrowth = { [unowned store] in ledgerFile.catchUp(with: store) } }
    }

    /// What a command calls after it wrote much: keeps the write-ahead log short, and its file too, for no server may be there that
    /// uses its room again.
    func foldLog() throws {
        try database.foldWhenLong(limitBytes: Self.checkpointLimitBytes, keptBytes: Self.checkpointLimitBytes)
    }

    /// Refuses a key that is not the one of this ledger: every device would take this for another office's server.
    private func checkLedger(_ key: OfficeKey) throws {
        let verifier = OfficeVerifier { OfficeKey.verify($1, over: $0, publicKey: $2) }
        guard let last = try store.lastLedgerEntry(), !verifier.verify(last, publicKey: key.publicKey) else { return }
        throw CommandFailure(
            exitCode: .failed,
            message: "The file office-key does not belong to this database: the devices would not trust this server. "
                + "Nothing was changed. Put back the office-key that was in the folder with this hub.sqlite.")
    }

    /// Makes what an older version's file lacks, once; a file of a newer version is refused.
    private func prepareTables() throws {
        if try database.version < Self.migrations.count, database.isReadOnly {
            throw CommandFailure(
                exitCode: .failed,
                message: "This version of kith-server must bring the database up to date first, and the disk can't be "
                    + "written. Nothing is lost: copy the folder to another disk and name it with --data.")
        }
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
