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
        /// The device may not sync any more, and may have to remove everything.
        case revoked(receipt: UInt64, order: [UInt8]?)
        /// Nobody knows who asks.
        case unknown
        /// The server does not hold what the request leaves out.
        case unabridged
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
        var isUnabridged = false
    }

    static let path = "server.db"
    static let hash = Hash128 { BLAKE2b.hash128($0) }

    let disk: SimulatedDisk
    private(set) var schema = Ledger.new
    private let clock: () -> Int64
    private let dice: Dice
    private let keys: OfficeKeys
    private var process: Process?
    /// How far a laptop must be behind, in entries, to be sent each record once.
    var stretchCount = Hub.defaultStretchCount {
        didSet { process?.hub.stretchCount = stretchCount }
    }

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
        try clean(store, hub)
        hub.stretchCount = stretchCount
        // Backups are put back again and again here, within minutes.
        hub.claimPauseMilliseconds = 0
        process = Process(database: database, store: store, hub: hub)
    }

    /// What was erased stands in the file and its log until those are cleaned.
    func cleanAfterErasure() throws {
        guard hub.leavesErasedContent else { return }
        try clean(store, hub)
    }

    private func clean(_ store: SQLiteHubStore, _ hub: Hub) throws {
        let outcome = try store.cleanAfterErasure()
        hub.leavesErasedContent = !outcome.hasNoGaps || !outcome.isLogEmpty
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

    /// Takes a file of a device, as `kith-server bundle import` does, and those of it that waited for this one.
    ///
    /// Signatures and seals are left out: nothing here changes a file.
    func handIn(_ bundle: DeviceBundle) throws -> CarryReply {
        try hub.takingBundles {
            let request = try Self.request(of: bundle)
            let mark = Self.mark(of: bundle)
            switch try hub.accept(bundle: request, made: bundle.made, from: bundle.device, file: mark) {
            case .taken:
                try takeWaiting(of: bundle.device)
                return .taken
            case .waits, .otherHistory:
                let waiting = WaitingBundle(
                    device: bundle.device, first: request.groups.first?.number ?? 0,
                    last: request.groups.last?.number ?? 0, arrived: clock())
                _ = try hub.keep(waiting: waiting, body: Self.sealed(bundle.encoded()))
                return .waiting
            case .forked: return .waiting
            }
        }
    }

    /// Takes the files of a device that waited and need not wait any more, in the transaction that is open.
    private func takeWaiting(of device: UInt32) throws {
        while let waiting = try hub.ripeBundles(of: device).first(where: { try isTaken($0) }) {
            try hub.forget(waiting: waiting)
        }
    }

    private func isTaken(_ waiting: WaitingBundle) throws -> Bool {
        guard let body = try hub.body(ofWaiting: waiting) else { return false }
        let bundle = try DeviceBundle(decoding: Self.sealed(body))
        let request = try Self.request(of: bundle)
        var outcome = try hub.accept(
            bundle: request, made: bundle.made, from: waiting.device, file: Self.mark(of: bundle))
        if case .otherHistory = outcome, let known = try hub.acceptance(overtaking: request, from: waiting.device) {
            outcome = known
        }
        switch outcome {
        case .taken: return true
        case .forked: try hub.noteFork(ofWaiting: waiting)
        case .waits, .otherHistory: break
        }
        return false
    }

    /// What an answer names a file by.
    static func mark(of bundle: DeviceBundle) -> [UInt8] { BLAKE2b.hash256(bundle.signedBytes) }

    static func request(of bundle: DeviceBundle) throws -> SyncRequest {
        try SyncRequest(decoding: bundle.request, largestGroupCount: BundleLimits.largestGroupCount)
    }

    /// A file shows nobody what is in it: each bit turned round, and back again.
    private static func sealed(_ bytes: [UInt8]) -> [UInt8] { bytes.map(~) }

    private func admit(_ message: Message) throws -> Admitted? {
        var request = try SyncRequest(decoding: message.bytes)
        if request.isShort {
            guard let device = try hub.authenticate(tokenHash: message.token) else { return nil }
            guard let whole = try hub.whole(request) else {
                return Admitted(device: device, request: request, onlyReads: true, isUnabridged: true)
            }
            request = whole
        }
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
            if let standing = try request.standing() { try hub.note(standing, of: device.number) }
            // A file may have waited for what came now.
            try takeWaiting(of: device.number)
        } catch HubError.clockBehind {
            admitted?.isRefused = true
        }
    }

    private func answer(_ admitted: Admitted?) throws -> Answer {
        guard let admitted else { return .unknown }
        if admitted.isUnabridged { return .unabridged }
        if admitted.isRefused { return .clockBehind }
        if let acceptance = admitted.acceptance, admitted.device.isRevoked {
            let order = try hub.wipeOrder(for: admitted.device.number)?.encoded()
            return .revoked(receipt: acceptance.receipt, order: order)
        }
        return .reply(
            try hub.reply(to: admitted.request, device: admitted.device.number, acceptance: admitted.acceptance)
                .encoded())
    }
}
