import Database
import RecordStorage
import SyncCore

/// A device's side of the engine: local tables, the outbox, and what the server has acknowledged.
///
/// A row of a table is what the user sees: the acknowledged record with the device's own unsent edits over it. Several
/// replicas, in one process or many, may work on one file; nothing that is remembered between transactions is relied on.
/// One replica belongs to one thread, as its database does.
package final class Replica {
    /// What the write-ahead log may hold while a process goes on writing, in bytes: as much as SQLite's own default. Whoever began
    /// folds a shorter one into the file at the end.
    private static let longLogBytes = 4 << 20

    package let schema: Schema
    package let database: Database
    let records: RecordTables
    let hash: Hash128
    let clock: () -> Int64
    let random: () -> UInt64
    let outbox: Outbox
    let shadow: Shadow
    let conflictLog: ConflictLog
    let localHistory: LocalHistory
    let kept: KeptGroups
    let heldLog: HeldLog
    let marks: SyncMarks
    let operations: OperationLog
    let directoryTable: DirectoryTable
    let erasures: ErasureLog
    /// Called when orders of erasure were carried out, outside a transaction: empties what else holds content of records,
    /// as an index does.
    package var afterErasing: (() throws -> Void)?
    /// Called when this device lost an area, in the transaction that removes its records: removes what else may hold content
    /// of them.
    package var onAreaLost: (() throws -> Void)?
    /// Whether there was ever an order of erasure, as far as the open transaction knows.
    var knowsErasures = false
    /// Whether the file was written anew since something was removed; its log may still have to be emptied.
    var isWrittenAnew = false
    let fetches: FetchTable
    /// The office's ledger.
    package let ledger: LedgerTable
    let verifier: OfficeVerifier?
    /// Called with each entry of the ledger that is new here, in order, in the transaction that keeps it.
    package var onLedgerEntry: ((LedgerEntry) throws -> Void)?
    /// What is known of the pages that were read last.
    var sent = SentPages()
    /// Reused between hashes.
    var scratch: [UInt8] = []
    /// The command that works here, in words: all that it writes is one operation, which can be taken back.
    ///
    /// Without one, what is written can't be taken back.
    package var command: String? { didSet { operation = nil } }
    /// The first row of the command's operation in the log.
    private var operation: Int64?
    /// Lets what this command writes belong to an operation that was begun before, unless some of that was taken back.
    ///
    /// - Parameter first: the first row of the operation in the log.
    package func continueOperation(_ first: Int64) throws {
        operation = try reading { try operations.stands(first) } ? first : nil
    }

    /// Records that left this file in the transaction that is open.
    var removed: Set<RowKey> = []
    private var isInTransaction = false

    /// - Parameters:
    ///   - schema: the tables of the application.
    ///   - hash: the 128-bit hash that all replicas use.
    ///   - clock: the device's wall clock, in milliseconds since 1970.
    ///   - random: 64 random bits, for ids.
    ///   - verifier: checks signatures of the office; without it the device keeps no ledger.
    package init(
        database: Database, schema: Schema, hash: Hash128, clock: @escaping () -> Int64,
        random: @escaping () -> UInt64, verifier: OfficeVerifier? = nil
    ) {
        self.database = database
        self.schema = schema
        self.hash = hash
        self.clock = clock
        self.random = random
        self.verifier = verifier
        ledger = LedgerTable(database: database, hash: hash)
        records = RecordTables(database: database, schema: schema, side: .replica)
        outbox = Outbox(database: database)
        shadow = Shadow(database: database)
        conflictLog = ConflictLog(database: database)
        localHistory = LocalHistory(database: database)
        kept = KeptGroups(database: database, clock: clock)
        heldLog = HeldLog(database: database)
        marks = SyncMarks(database: database)
        operations = OperationLog(database: database)
        directoryTable = DirectoryTable(database: database)
        erasures = ErasureLog(database: database)
        fetches = FetchTable(database: database)
    }

    /// Makes the tables that are missing; run once whenever a version of the program starts on a file.
    package func createTables() throws {
        try transaction {
            try ReplicaTables.create(in: database)
            try records.createTables()
        }
    }

    /// Brings a file of an earlier version to the order in which rows are kept now; inside a transaction.
    package static func keepInOrderOfArrival(in database: Database) throws {
        try ReplicaTables.keepInOrderOfArrival(in: database)
    }

    /// Takes over what the server said when this device joined: its number, the server's epoch and the directory.
    ///
    /// - Throws: `ReplicaError.alreadyJoined` where it has a number already.
    package func install(_ join: JoinReply) throws {
        try transaction {
            guard try Standing.load(from: database) == nil else { throw ReplicaError.alreadyJoined }
            var standing = Standing(device: join.device, epoch: join.epoch, clock: HybridClock(highest: 0))
            standing.adopt(join.directory)
            try standing.save(to: database)
            try directoryTable.replace(with: join.directory)
            if verifier != nil, let key = try join.officeKey() { try ledger.keep(officeKey: key) }
            for area in join.directory.areas where area.canRead { try addCursor(area.number) }
        }
    }

    /// Does local work: all of it becomes one group, or nothing happens at all.
    ///
    /// - Throws: what the body throws, `ReplicaError` where a limit is passed, and what the disk reports.
    package func write<T>(_ body: (inout LocalTransaction) throws -> T) throws -> T {
        try writeGroups { group in try group.write(body) }
    }

    /// Does local work as several groups in one commit: all of them are kept, or none.
    ///
    /// - Parameter isSynced: false for a part of something larger that the caller syncs as a whole before anybody is told that
    ///   it is saved. A sync that sends such groups has them on the disk first.
    /// - Throws: as `write` does.
    package func writeGroups<T>(isSynced: Bool = true, _ body: (inout GroupWriting) throws -> T) throws -> T {
        let (result, row) = try transaction(isSynced: isSynced) {
            var groups = GroupWriting(replica: self, operation: operation)
            return (try body(&groups), groups.operation)
        }
        operation = row
        return result
    }

    // MARK: Standing

    /// The device's number in stamps, or nil before it has joined.
    package var device: UInt32? { get throws { try Standing.load(from: database)?.device } }

    /// People, devices and areas as the server named them last; nil before the device has joined.
    package func directory() throws -> Directory? {
        try reading {
            guard let standing = try Standing.load(from: database) else { return nil }
            return try directoryTable.load(standing)
        }
    }

    func standing() throws -> Standing {
        guard let standing = try Standing.load(from: database) else { throw ReplicaError.notJoined }
        return standing
    }

    func addCursor(_ area: Int) throws {
        try database.run(
            "INSERT OR REPLACE INTO cursor VALUES (?, 0, 0, ?)", .integer(Int64(area)),
            .blob(UInt128(0).bigEndianBytes))
    }

    // MARK: Transactions

    /// - Parameter isSynced: false for what may be taken back by a loss of power, for it would come again.
    func transaction<T>(isSynced: Bool = true, _ body: () throws -> T) throws -> T {
        guard !isInTransaction else { throw ReplicaError.nestedTransaction }
        isInTransaction = true
        defer { isInTransaction = false }
        let result = try database.transaction(isSynced: isSynced, body)
        // Nothing depends on it; a disk that fails is told by the next commit.
        _ = try? database.foldWhenLong(limitBytes: Self.longLogBytes)
        return result
    }

    /// Runs a body while no other process can write to the file; it may read, and must not write.
    package func withoutOthersWriting<T>(_ body: () throws -> T) throws -> T { try transaction(body) }

    /// Reads one state of the file, also from within the body of `write`; many reads cost less so than one by one.
    ///
    /// - Parameter body: reads only; its own error is thrown on.
    package func reading<T>(_ body: () throws -> T) throws -> T {
        if isInTransaction { return try body() }
        isInTransaction = true
        defer { isInTransaction = false }
        return try database.readTransaction(body)
    }
}
