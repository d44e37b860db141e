import Cryptography
import Database
import Foundation
import SyncCore
import SyncReplica
import Testing

@testable import SyncHub

/// An office whose server can be copied and put back, and laptops that sync with it through the codecs.
final class Clinic {
    struct Lost: Error {}
    /// A token that nobody has.
    struct Unknown: Error {}

    private final class Time { var now = Office.start }

    static let verifier = OfficeVerifier { OfficeKey.verify($1, over: $0, publicKey: $2) }

    private(set) var store: SQLiteHubStore
    private(set) var hub: Hub
    private let folder: URL
    private let time = Time()
    private let seed: UInt64
    private var openings: UInt64 = 0
    private var backups = 0
    /// The sizes in bytes of the largest request and reply so far.
    var largest = (request: 0, reply: 0)

    var now: Int64 {
        get { time.now }
        set { time.now = newValue }
    }

    init(seed: UInt64 = 1) throws {
        self.seed = seed
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("kith-clinic-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let database = try Notebook.database(path: folder.appendingPathComponent("hub-0.sqlite").path)
        store = SQLiteHubStore(database: database, schema: Notebook.schema)
        var dice = Dice(seed: seed)
        try Hub.create(in: store, areas: ["main", "south"], random: { dice.next() })
        hub = try Self.open(store, seed: seed, time)
        try hub.beginLedger()
    }

    deinit {
        // What can't be removed from the folder for temporary files harms no test.
        try? FileManager.default.removeItem(at: folder)
    }

    private static func open(_ store: SQLiteHubStore, seed: UInt64, _ time: Time) throws -> Hub {
        var dice = Dice(seed: seed &* 977)
        let hub = try Hub(
            store: store, schema: Notebook.schema, hash: Notebook.hash, signer: try Office.signer(seed: 1),
            clock: { time.now }, random: { dice.next() })
        // Copies are put back within seconds here.
        hub.claimPauseMilliseconds = 0
        return hub
    }

    /// A copy of the server's database as it is now.
    func backUp() throws -> String {
        backups += 1
        let path = folder.appendingPathComponent("backup-\(backups).sqlite").path
        try Self.copy(store.database, to: path)
        return path
    }

    /// A plain copy of a database's file, as somebody makes it who has stopped the program.
    static func copy(_ database: Database, to path: String) throws {
        try database.checkpoint(.truncate)
        try FileManager.default.copyItem(atPath: database.path, toPath: path)
    }

    /// Puts an old copy in the place of the server's database.
    func restore(_ backup: String) throws {
        openings += 1
        let path = folder.appendingPathComponent("hub-\(openings).sqlite").path
        try FileManager.default.copyItem(atPath: backup, toPath: path)
        store = SQLiteHubStore(database: try Notebook.database(path: path), schema: Notebook.schema)
        hub = try Self.open(store, seed: seed &+ 1_000 &+ openings, time)
    }

    /// Invites a person and lets their laptop join.
    func laptop(_ name: String, role: Role = .lead, areas: Set<Int> = [Office.main]) throws -> FieldLaptop {
        let secret = Array("secret of \(name) \(openings)".utf8)
        try hub.invite(person: name, role: role, areas: areas, expires: now + 1_000, secretHash: secret)
        let token = Array("token of \(name) \(openings)                                ".utf8.prefix(32))
        let number = try hub.join(secretHash: secret, deviceName: "laptop of \(name)", tokenHash: token)
        let laptop = try FieldLaptop(
            self, path: folder.appendingPathComponent("\(name)-\(number)-\(openings).sqlite").path)
        laptop.token = token
        var reply = JoinReply(
            device: number, token: token, epoch: try hub.epoch, directory: try hub.directory(for: number))
        reply.setOfficeKey(try Office.signer(seed: 1).publicKey)
        try laptop.replica.install(reply)
        return laptop
    }

    /// Answers as the server does: a token that is not known, and no ledger that names it, is refused.
    func answer(_ bytes: [UInt8], token: [UInt8]) throws -> SyncReply {
        let request = try SyncRequest(decoding: bytes)
        if try hub.authenticate(tokenHash: token) == nil, try !hub.introduce(tokenHash: token, request) {
            throw Unknown()
        }
        guard let device = try hub.authenticate(tokenHash: token), !device.isRevoked else { throw Unknown() }
        let acceptance = try store.transaction { try hub.accept(request, from: device.number) }
        let reply = try hub.reply(to: request, device: device.number, acceptance: acceptance).encoded()
        largest = (max(largest.request, bytes.count), max(largest.reply, reply.count))
        return try SyncReply(decoding: reply)
    }

    func value(_ id: RecordID, _ field: Int = Notebook.title) throws -> Value? {
        try hub.record(table: Notebook.book, id: id)?.field(field).value
    }

    /// A laptop sends what it has while the office holds everything of it; returns what is held then.
    func sendHeld(_ laptop: FieldLaptop) throws -> QuarantinedGroup {
        now += 10
        try laptop.replica.freeze()
        let request = try laptop.replica.makeRequest()
        let number = try #require(try laptop.replica.device)
        try setRevoked(number, true)
        let acceptance = try store.transaction { try hub.accept(request, from: number) }
        try setRevoked(number, false)
        let reply = try hub.reply(to: request, device: number, acceptance: acceptance)
        _ = try laptop.replica.apply(reply, to: request.groups)
        return try #require(try hub.quarantine().last)
    }

    func setRevoked(_ device: UInt32, _ isRevoked: Bool) throws {
        try store.transaction {
            try store.database.run(
                "UPDATE device SET revoked = ? WHERE number = ?", .integer(isRevoked ? 1 : 0), .integer(Int64(device)))
        }
    }

    /// Lets laptops sync until nothing moves, and checks that all agree and nothing is left to be healed.
    func settle(_ laptops: FieldLaptop...) throws {
        for _ in 0..<3 { for laptop in laptops { #expect(try laptop.sync().matches) } }
        #expect(try hub.areasWithWrongDigest() == [])
        #expect(try hub.healing() == nil)
    }
}

/// A laptop with a database in a file, so that it can be copied.
final class FieldLaptop {
    let clinic: Clinic
    let path: String
    let replica: Replica
    var token: [UInt8] = []
    /// What its clock shows less what the server's shows.
    var clockError: Int64 = 0
    private var dice: Dice

    init(_ clinic: Clinic, path: String, seed: UInt64 = 7) throws {
        self.clinic = clinic
        self.path = path
        dice = Dice(seed: UInt64(path.utf8.reduce(UInt64(seed)) { $0 &* 31 &+ UInt64($1) }))
        final class Box { weak var laptop: FieldLaptop? }
        let box = Box()
        replica = Replica(
            database: try Notebook.database(path: path), schema: Notebook.schema, hash: Notebook.hash,
            clock: { clinic.now + (box.laptop?.clockError ?? 0) }, random: { box.laptop?.dice.next() ?? 0 },
            verifier: Clinic.verifier)
        box.laptop = self
        try replica.createTables()
    }

    /// A copy of this laptop's database as it is now, on another machine.
    func copy(seed: UInt64 = 99) throws -> FieldLaptop {
        let copied = path + ".copy-\(seed)"
        try Clinic.copy(replica.database, to: copied)
        let laptop = try FieldLaptop(clinic, path: copied, seed: seed)
        laptop.token = token
        return laptop
    }

    @discardableResult
    func add(_ title: String, area: Int = Office.main) throws -> RecordID {
        clinic.now += 10
        return try replica.write {
            try $0.create(table: Notebook.book, area: area, values: [(Notebook.title, .text(title))])
        }
    }

    func edit(_ id: RecordID, _ title: String) throws {
        clinic.now += 10
        try replica.write { try $0.edit(table: Notebook.book, record: id, values: [(Notebook.title, .text(title))]) }
    }

    func delete(_ id: RecordID) throws {
        clinic.now += 10
        try replica.write { try $0.delete(table: Notebook.book, record: id) }
    }

    func title(_ id: RecordID) throws -> String? {
        guard let state = try replica.record(table: Notebook.book, id: id), state.isLiving,
            case .text(let title) = state.field(Notebook.title).value
        else { return nil }
        return title
    }

    /// - Parameter deliver: may lose a request or a reply.
    @discardableResult
    func sync(
        limitCount: Int = 1_000, pageBytes: Int = SyncRequest.largestPageBytes,
        deliver: ((_ send: () throws -> SyncReply) throws -> SyncReply) = { try $0() }
    ) throws -> SyncSummary {
        clinic.now += 10
        return try SyncSession(replica: replica, limitCount: limitCount, pageBytes: pageBytes).run { request in
            try deliver {
                do {
                    return try self.clinic.answer(request.encoded(), token: self.currentToken())
                } catch is Clinic.Unknown {
                    guard let introduction = try self.replica.introduction() else { throw Clinic.Unknown() }
                    _ = try self.clinic.answer(introduction.encoded(), token: self.currentToken())
                    return try self.clinic.answer(request.encoded(), token: self.currentToken())
                }
            }
        }
    }

    /// The token of a new identity counts as soon as there is one; a server that does not know it is shown the ledger.
    private func currentToken() throws -> [UInt8] { try replica.identityToken() ?? token }
}
