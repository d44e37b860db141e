import Cryptography
import Database
import OutreachModel
import SyncCore
import SyncReplica
import Terminal

/// This laptop's database, opened: the records, the outbox, and how the office is reached.
package final class Laptop {
    /// The application id of the database file: "Kith".
    package static let applicationID: Int32 = 0x4B69_7468
    /// The size of the write-ahead log in bytes at which it is moved into the file after a command.
    ///
    /// Every process reads the whole log when it opens the file: 4 MiB would cost each command more than its own work,
    /// while half a MiB is moved after about 25 visits.
    static let largestLogBytes = 512 << 10
    /// The largest file of the log that is kept for the next commands to write over, in bytes: a sync of some hundred changes fills it.
    static let keptLogBytes = 8 << 20

    /// The steps between versions of the tables: each is marked once what makes missing tables has run.
    ///
    /// 1: the first tables. 2: the log of operations, the index for searching. 3: the library.
    /// 4: the office's ledger. 5: areas that are fetched again. 6: what became of held work.
    /// 7: merged and moved records. 8: orders of erasure. 9: the error of the clock. 10: a log that must be emptied.
    /// 11: own groups for a restored server, an identity of its own for a copy. 12: which decisions were told.
    /// 13: promises, opportunities, insights, relationships, consents, payments, concerns and rounds.
    /// 14: groups of many new records, kept in one row. 15: what the server said at the last sync, answers that wait.
    /// 16: the token of a copy that was copied again. 17: answers that wait by their whole command line.
    /// 18: when the office's server was heard, by its clock.
    /// 19: rows go on naming the group that touched them once it is settled; a version before would take it for unsent.
    /// 20: where a fetch in stretches stands. 21: when the server was heard by this laptop's clock; which sealed files it made.
    /// 22: ends of feeds that were seen in pages that were cut. 23: ends of feeds of former histories. 24: what rows of imports
    /// said, field by field. 25: what groups said as they were sent, what is to be sent again.
    /// 26: words of records that are sent without them. 27: whether the file must be written anew; files of earlier versions must.
    /// 28: of which orders of erasure nothing is left beside the tables; differences of digests that no repair has left are forgotten.
    /// 29: conflicts, former values and kept changes in the order in which they came.
    private static var migrations: [Migration] {
        Array(repeating: .sql("SELECT 1"), count: 26) + [
            .code(Replica.noteGaps), .sql("UPDATE fetch SET difference = NULL"), .code(Replica.keepInOrderOfArrival),
        ]
    }

    /// The folder that the database lies in.
    package let home: HomeFolder
    /// The open database, for reading tables.
    package let database: Database
    /// The engine over that database.
    package let replica: Replica
    /// The index over all text in that database.
    let search: SearchIndex
    let settings: LaptopSettings
    /// Answers of commands that were cut short.
    let begun: BegunEntries
    let texts: UnsavedTexts
    /// Milliseconds since 1970.
    let clock: () -> Int64

    /// Opens the database.
    ///
    /// - Parameters:
    ///   - creating: makes folder, file and tables where they are missing.
    ///   - clock: milliseconds since 1970.
    /// - Throws: `ClientError.notJoined` where there is no database and none is to be made, else what the disk reports.
    package init(home: HomeFolder, creating: Bool, clock: @escaping () -> Int64) throws {
        guard creating || home.hasDatabase else { throw ClientError.notJoined }
        if creating { try home.create() }
        self.home = home
        database = try Database(
            path: home.databasePath, mode: .readWrite(create: creating), applicationID: Self.applicationID)
        var random = try SecureRandom()
        replica = Replica(
            database: database, schema: OutreachSchema.current, hash: Hash128(BLAKE2b.hash128), clock: clock,
            random: { random.next() },
            verifier: OfficeVerifier { OfficeKey.verify($1, over: $0, publicKey: $2) })
        search = SearchIndex(database: database)
        let settings = LaptopSettings(database: database)
        let texts = UnsavedTexts(home)
        self.settings = settings
        let begun = BegunEntries(database: database)
        self.begun = begun
        self.texts = texts
        self.clock = clock
        replica.afterErasing = { [search, database] in
            try search.empty()
            // Answers and texts that wait may name whom the order is about.
            try texts.removeAll()
            try database.transaction { try begun.forget() }
        }
        // Which area an answer is about nobody knows before the last question.
        replica.onAreaLost = {
            try texts.removeAll()
            try begun.forget()
        }
        try prepareTables()
    }

    /// Makes the tables once; a file of a newer version is refused.
    private func prepareTables() throws {
        let version = try database.version
        guard version != Self.migrations.count else { return }
        if version < Self.migrations.count, database.isReadOnly {
            throw ClientError.folder(
                path: home.path,
                reason: "this version of kith must bring the records up to date first, and the disk can't be written. "
                    + "Nothing is lost: copy the folder to another disk and name it in KITH_HOME")
        }
        if version < Self.migrations.count {
            try replica.createTables()
            try settings.createTable()
            try begun.createTable()
            try search.createTables(forVersion: Self.migrations.count)
            try RecordIdentities.createIndexes(database)
        }
        try database.migrate(Self.migrations)
        // Harmless where it fails: the next command that saves does it.
        if version < Self.migrations.count { _ = try? tidy() }
    }

    /// Where the office is and this device's token; throws `ClientError.notJoined` before it joined.
    package func office() throws -> (address: ServerAddress, token: [UInt8]) {
        guard try hasJoined(), var office = try settings.office() else { throw ClientError.notJoined }
        office.token = try token(orFirst: office.token)
        office.address.nextPin = try nextPin(after: office.address.pin)
        return office
    }

    /// Whether this laptop belongs to an office.
    package func hasJoined() throws -> Bool { try replica.device != nil }

    /// Keeps what an accepted invitation brought, all of it or nothing.
    package func install(_ reply: JoinReply, address: ServerAddress) throws {
        // The address first: without the engine's part the laptop counts as not joined, and can join again.
        try database.transaction { try settings.keep(address, token: reply.token, milliseconds: clock()) }
        try replica.install(reply)
    }

    /// The area that the last new record went to.
    package func lastArea() throws -> Int? { try settings.lastArea() }

    /// Remembers the area that a new record went to.
    package func keep(lastArea: Int) throws {
        try database.transaction { try settings.keep(lastArea: lastArea) }
    }

    /// The concerns that were written on this laptop: what stays of them once they are sent, if others alone read them.
    package func passedOn() throws -> [(id: RecordID, milliseconds: Int64)] { try settings.passedOn() }

    /// Remembers that a concern was written on this laptop.
    package func keep(passedOn id: RecordID, milliseconds: Int64) throws {
        try database.transaction { try settings.keep(passedOn: id, milliseconds: milliseconds) }
    }

    /// Forgets that a concern was written on this laptop: it was taken back before anybody could read it.
    package func forget(passedOn id: RecordID) throws {
        try database.transaction { try settings.forget(passedOn: id) }
    }

    /// Whether a sealed file of this mark was made here.
    func hasMade(file mark: [UInt8]) throws -> Bool { try settings.hasMade(file: mark) }

    /// Remembers that a sealed file was made here.
    func keep(madeFile mark: [UInt8]) throws {
        try database.transaction { try settings.keep(madeFile: mark) }
    }

    /// How many of this laptop's groups the office held for checking at the last sync.
    package func heldCount() throws -> Int { try settings.held() }

    /// Milliseconds since 1970 at the end of the last complete sync; nil before the first.
    package func lastSync() throws -> Int64? { try settings.lastSync() }

    /// Remembers when a sync was complete; where a loss of power takes that back, the sync before counts as the last one.
    ///
    /// - Parameters:
    ///   - lastSync: when it ended, in milliseconds since 1970.
    ///   - held: how many of this laptop's groups the office holds for checking.
    ///   - agreed: what the server said of each area; nil where it was not asked.
    package func keep(lastSync: Int64, held: Int, agreed: [Int: UInt128]? = nil) throws {
        try database.transaction(isSynced: false) {
            try settings.keep(lastSync: lastSync, held: held)
            if let agreed { try settings.keep(agreedDigests: agreed) }
        }
    }

    /// The areas whose records here are not those that the server said it has at the last sync: compared row by row.
    package func areasNotAgreed() throws -> [Int] {
        let agreed = try settings.agreedDigests()
        return try replica.recomputeDigests().filter { agreed[$0.key] != $0.value }.map(\.key).sorted()
    }

    /// Remembers that fewer groups are held: so many were sent again or taken back here.
    package func forget(held count: Int) throws {
        guard count > 0, let lastSync = try lastSync() else { return }
        try keep(lastSync: lastSync, held: max(0, try heldCount() - count))
    }

    /// What a command calls before it reads many records: makes what finds them quickly.
    package func prepareForReading() throws {
        do {
            guard try ListIndexes(database: database).make() else { return }
            try tidy()
        } catch let error as DatabaseError where [.full, .readOnly, .busy].contains(error.kind) {
            // A full disk, or another command that writes, is no reason to show nothing: all is found without, only slower.
        }
    }

    /// What a command calls after it saved: keeps the write-ahead log small.
    ///
    /// - Parameter emptiesLog: whether nothing of what was removed may stay in the log.
    package func tidy(emptiesLog: Bool = false) throws {
        if emptiesLog, try !database.checkpoint(.truncate) {
            // Another process reads from the log: the next sync empties it.
            try database.transaction { try replica.noteRemoval(leavesGaps: false) }
        }
        try database.foldWhenLong(limitBytes: Self.largestLogBytes, keptBytes: Self.keptLogBytes)
    }
}
