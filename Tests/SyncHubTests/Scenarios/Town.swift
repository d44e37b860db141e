import Database
import SyncCore
import Testing

@testable import SyncHub
@testable import SyncReplica

/// An office and its laptops, each with a real store; every message goes through the codecs.
final class Town {
    let office: Office
    private(set) var laptops: [String: TownLaptop] = [:]

    init(office: Office? = nil) throws { self.office = try office ?? Office() }

    /// A laptop of a person of its own; made and joined when it is first named.
    func laptop(
        _ name: String, role: Role = .lead, areas: Set<Int> = [Office.main], schema: Schema = Notebook.schema,
        path: String = Database.memoryPath
    ) throws -> TownLaptop {
        if let laptop = laptops[name] { return laptop }
        let laptop = try TownLaptop(name, in: self, role: role, areas: areas, schema: schema, path: path)
        laptops[name] = laptop
        return laptop
    }

    /// Syncs every laptop until all have everything, and checks what must hold at rest.
    ///
    /// - Parameter mayRepair: whether an area may be fetched again because its records differed: a repair would hide a
    ///   fault.
    func settle(mayRepair: Bool = false, sourceLocation: SourceLocation = #_sourceLocation) throws {
        for _ in 0..<2 {
            for name in laptops.keys.sorted() {
                let repairs = try laptops[name]?.sync().repairs ?? []
                #expect(mayRepair || repairs.isEmpty, "\(name)", sourceLocation: sourceLocation)
            }
        }
        #expect(try office.hub.areasWithWrongDigest() == [], sourceLocation: sourceLocation)
        for laptop in laptops.values {
            let summary = try laptop.sync()
            #expect(summary.matches, "G3: \(laptop.name)", sourceLocation: sourceLocation)
            #expect(try laptop.replica.unsentCount == 0, "\(laptop.name)", sourceLocation: sourceLocation)
            #expect(try laptop.replica.damagedAreas() == [], "\(laptop.name)", sourceLocation: sourceLocation)
        }
    }
}

/// A laptop: a replica with a clock and a line to the office that can be cut.
final class TownLaptop {
    struct Cut: Error {}
    /// What may happen to a message.
    enum Fate { case arrives, requestLost, replyLost, repeated }

    let name: String
    let number: UInt32
    private(set) var replica: Replica
    let database: Database
    private let roll: () -> UInt64
    unowned let town: Town
    private let time = Time()
    /// The fates of the next messages; afterwards all arrive.
    var fates: [Fate] = []
    /// Runs between request and reply.
    var meanwhile: (() throws -> Void)?
    private(set) var requests: [SyncRequest] = []

    private final class Time { var error: Int64 = 0 }

    /// What its clock shows less what the office's shows, in milliseconds.
    var clockError: Int64 {
        get { time.error }
        set { time.error = newValue }
    }

    init(_ name: String, in town: Town, role: Role, areas: Set<Int>, schema: Schema, path: String) throws {
        self.name = name
        self.town = town
        number = try town.office.join(name, role: role, areas: areas)
        database = try Notebook.database(path: path)
        let (office, time) = (town.office, time)
        var dice = Dice(seed: UInt64(number))
        roll = { dice.next() }
        replica = Replica(
            database: database, schema: schema, hash: Notebook.hash, clock: { office.now &+ time.error }, random: roll)
        try replica.createTables()
        try replica.install(
            JoinReply(
                device: number, token: [], epoch: office.hub.epoch, directory: try office.hub.directory(for: number)))
    }

    /// Opens the same file with another version of the tables, as the next version of the program does.
    func upgrade(to schema: Schema) throws {
        let (office, time) = (town.office, time)
        replica = Replica(
            database: database, schema: schema, hash: Notebook.hash, clock: { office.now &+ time.error }, random: roll)
        try replica.createTables()
    }

    // MARK: Work

    @discardableResult
    func add(_ title: String, area: Int = Office.main) throws -> RecordID {
        town.office.now += 10
        return try replica.write { work in
            try work.create(table: Notebook.book, area: area, values: [(Notebook.title, .text(title))])
        }
    }

    func edit(_ id: RecordID, _ title: String) throws { try edit(id, Notebook.title, .text(title)) }

    func edit(_ id: RecordID, _ field: Int, _ value: Value) throws {
        town.office.now += 10
        try replica.write { try $0.edit(table: Notebook.book, record: id, values: [(field, value)]) }
    }

    func delete(_ id: RecordID) throws {
        town.office.now += 10
        try replica.write { try $0.delete(table: Notebook.book, record: id) }
    }

    func restore(_ id: RecordID) throws {
        town.office.now += 10
        try replica.write { try $0.restore(table: Notebook.book, record: id) }
    }

    // MARK: What is seen

    /// The title that the person sees; nil where the record is not there or deleted.
    func title(_ id: RecordID) throws -> String? {
        guard let state = try replica.record(table: Notebook.book, id: id), state.isLiving,
            case .text(let title) = state.field(Notebook.title).value
        else { return nil }
        return title
    }

    // MARK: Sync

    /// Syncs to the end; a cut is thrown as `Cut`.
    @discardableResult
    func sync(limitCount: Int = 1_000, pageBytes: Int = 1 << 18) throws -> SyncSummary {
        try SyncSession(replica: replica, limitCount: limitCount, pageBytes: pageBytes).run { try self.send($0) }
    }

    /// Syncs and is cut, as the next fates say.
    func syncIsCut(_ fates: Fate..., limitCount: Int = 1_000, pageBytes: Int = 1 << 18) throws {
        self.fates = fates
        #expect(throws: Cut.self) { try self.sync(limitCount: limitCount, pageBytes: pageBytes) }
    }

    private func send(_ request: SyncRequest) throws -> SyncReply {
        requests.append(request)
        let fate = fates.isEmpty ? Fate.arrives : fates.removeFirst()
        if fate == .requestLost { throw Cut() }
        let bytes = request.encoded()
        try meanwhile?()
        var reply = try town.office.answer(bytes, from: number)
        if fate == .repeated { reply = try town.office.answer(bytes, from: number) }
        if fate == .replyLost { throw Cut() }
        return try SyncReply(decoding: reply)
    }
}

extension Office {
    /// Answers the bytes of a request as `serve` does.
    func answer(_ bytes: [UInt8], from device: UInt32) throws -> [UInt8] {
        let request = try SyncRequest(decoding: bytes)
        let acceptance = try store.transaction { try hub.accept(request, from: device) }
        return try hub.reply(to: request, device: device, acceptance: acceptance).encoded()
    }

    /// Accepts a held group.
    func acceptHeld(_ id: Int64) throws {
        _ = try store.transaction { try hub.acceptHeld(id, why: nil) }
    }

    /// The title that the server has in force; nil where the record is not there or deleted.
    func title(_ id: RecordID) throws -> String? {
        guard let state = try hub.record(table: Notebook.book, id: id), state.isLiving,
            case .text(let title) = state.field(Notebook.title).value
        else { return nil }
        return title
    }
}
