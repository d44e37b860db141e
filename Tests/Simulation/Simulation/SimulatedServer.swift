import Compression
import Cryptography
import Database
import RecordStorage
import SyncCore
import SyncHub

/// The office's server as it ships, on a disk in memory: what `kith-server serve` does with a message.
final class SimulatedServer {
    /// A request as it arrives, and what its sender shows to be let in.
    struct Message {
        let bytes: [UInt8]
        let token: [UInt8]
    }

    /// What comes back for a request.
    enum Answer {
        case reply([UInt8])
        /// The device may not sync any more.
        case revoked(receipt: UInt64)
        /// Nobody knows who asks.
        case unknown
        /// Refused, and kept on the laptop: its times are later than the server's clock.
        case clockBehind
    }

    /// A request whose sender was let in.
    private struct Admitted {
        let device: DeviceRecord
        let request: SyncRequest
        let onlyReads: Bool
        var acceptance: Acceptance?
        var isRefused = false
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

    /// Takes requests that wait at once, as the service and its writer do: what they bring comes to the disk in one commit,
    /// and then each is answered.
    func answer(_ messages: [Message]) throws -> [Answer] {
        var admitted = try messages.map { try admit($0) }
        if admitted.contains(where: { $0?.onlyReads == false }) {
            try store.transaction { for index in admitted.indices { try accept(&admitted[index]) } }
        }
        return try admitted.map { try answer($0) }
    }

    /// Takes one request.
    func answer(_ message: Message) throws -> Answer { try answer([message]).first ?? .unknown }

    private func admit(_ message: Message) throws -> Admitted? {
        let request = try SyncRequest(decoding: message.bytes)
        if try hub.authenticate(tokenHash: message.token) == nil, request.isHandingOver {
            _ = try hub.introduce(tokenHash: message.token, request)
        }
        guard let device = try hub.authenticate(tokenHash: message.token) else { return nil }
        return Admitted(
            device: device, request: request, onlyReads: try hub.onlyReads(request, from: device))
    }

    private func accept(_ admitted: inout Admitted?) throws {
        guard let (device, request) = admitted.map({ ($0.device, $0.request) }), admitted?.onlyReads == false else {
            return
        }
        let readings = hub.read(request.groups, from: device.number)
        do {
            admitted?.acceptance = try hub.accept(request, from: device.number, readings: readings)
        } catch HubError.clockBehind {
            admitted?.isRefused = true
        }
    }

    private func answer(_ admitted: Admitted?) throws -> Answer {
        guard let admitted else { return .unknown }
        if admitted.isRefused { return .clockBehind }
        if let acceptance = admitted.acceptance, admitted.device.isRevoked {
            return .revoked(receipt: acceptance.receipt)
        }
        return .reply(
            try hub.reply(to: admitted.request, device: admitted.device.number, acceptance: admitted.acceptance)
                .encoded())
    }
}
