import Compression
import Cryptography
import Database
import RecordStorage
import SyncCore
import SyncHub

/// The office's server as it ships, on a disk in memory: what `kith-server serve` does with a message.
final class SimulatedServer {
    /// What comes back for a request.
    enum Answer {
        case reply([UInt8])
        /// The device may not sync any more.
        case revoked(receipt: UInt64)
        /// Nobody knows who asks.
        case unknown
    }

    static let path = "server.db"
    static let hash = Hash128 { BLAKE2b.hash128($0) }

    let disk: SimulatedDisk
    private(set) var schema = Ledger.new
    private let clock: () -> Int64
    private let dice: Dice
    private let keys: OfficeKeys
    private var process: Process?

    private struct Process {
        let database: Database
        let store: SQLiteHubStore
        let hub: Hub
    }

    init(
        disk: SimulatedDisk, schema: Schema, keys: OfficeKeys, clock: @escaping () -> Int64, dice: Dice
    ) throws {
        self.disk = disk
        self.keys = keys
        self.schema = schema
        self.clock = clock
        self.dice = dice
        try restart()
    }

    private var running: Process {
        guard let process else { preconditionFailure("the server is off") }
        return process
    }

    var hub: Hub { running.hub }
    var store: SQLiteHubStore { running.store }
    var database: Database { running.database }

    /// Ends the process and starts it again, after the disk was told what becomes of it.
    func restart() throws {
        process = nil
        precondition(!disk.isInUse, "a process that has ended still has files open")
        let database = try Database(path: Self.path, fileLayer: disk.name, applicationID: Ledger.applicationID)
        let store = SQLiteHubStore(database: database, schema: schema)
        let dice = dice
        let hub = try Hub(
            store: store, schema: schema, hash: Self.hash, tablesInEveryone: Ledger.tablesInEveryone,
            signer: keys.signer,
            clock: clock, random: { dice.next() })
        // As `serve` does when it starts: what the log holds may not be on the disk yet.
        hub.leavesErasedContent = try !database.checkpoint(.truncate)
        process = Process(database: database, store: store, hub: hub)
    }

    /// What was erased stands in the log until that is emptied.
    func emptyLogAfterErasure() throws {
        guard hub.leavesErasedContent else { return }
        hub.leavesErasedContent = try !database.checkpoint(.truncate)
    }

    /// The file of a new server.
    static func newImage(on disk: SimulatedDisk, schema: Schema) throws -> [UInt8] {
        disk.load([])
        let database = try Database(path: path, fileLayer: disk.name, applicationID: Ledger.applicationID)
        let store = SQLiteHubStore(database: database, schema: schema)
        let dice = Dice(1)
        try Hub.create(in: store, areas: Ledger.areaNames, random: { dice.next() })
        try database.checkpoint(.truncate)
        return disk.image
    }

    /// What a device shows to be let in.
    static func token(_ number: UInt32) -> [UInt8] { [UInt8(truncatingIfNeeded: number)] }

    /// Starts a newer program on the same files.
    func upgrade() throws {
        schema = Ledger.new
        try restart()
        try store.transaction { try store.createTables() }
    }

    /// Takes a request from a device, as the service does: what it sends is on the disk before it is answered.
    func answer(_ request: SyncRequest, showing token: [UInt8]) throws -> Answer {
        if try hub.authenticate(tokenHash: token) == nil, request.isHandingOver {
            _ = try hub.introduce(tokenHash: token, request)
        }
        guard let device = try hub.authenticate(tokenHash: token) else { return .unknown }
        if try hub.onlyReads(request, from: device) {
            return .reply(try hub.reply(to: request, device: device.number, acceptance: nil).encoded())
        }
        let acceptance = try store.transaction { try hub.accept(request, from: device.number) }
        if device.isRevoked { return .revoked(receipt: acceptance.receipt) }
        return .reply(try hub.reply(to: request, device: device.number, acceptance: acceptance).encoded())
    }
}
