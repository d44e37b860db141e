import Database
import SyncCore
import SyncReplica

@testable import SyncHub

/// An office with real laptops whose every message goes through the codecs.
final class HeldFixture {
    struct Lost: Error {}

    final class Laptop {
        let number: UInt32
        let replica: Replica
        private let error: ClockError

        /// What its clock shows less what the server's shows.
        var clockError: Int64 {
            get { error.milliseconds }
            set { error.milliseconds = newValue }
        }

        init(number: UInt32, replica: Replica, _ error: ClockError) {
            self.number = number
            self.replica = replica
            self.error = error
        }
    }

    final class ClockError {
        var milliseconds: Int64

        init(_ milliseconds: Int64) { self.milliseconds = milliseconds }
    }

    let office: Office

    init(seed: UInt64 = 1) throws { office = try Office(tablesInEveryone: [Notebook.book], seed: seed) }

    func laptop(_ name: String, role: Role = .worker, areas: Set<Int> = [Office.main], clockError: Int64 = 0) throws
        -> Laptop
    {
        let number = try office.join(name, role: role, areas: areas)
        var dice = Dice(seed: UInt64(number) &* 77)
        let office = office
        let error = ClockError(clockError)
        let replica = Replica(
            database: try Notebook.database(), schema: Notebook.schema, hash: Notebook.hash,
            clock: { office.now + error.milliseconds }, random: { dice.next() })
        try replica.createTables()
        try replica.install(
            JoinReply(
                device: number, token: [], epoch: office.hub.epoch, directory: try office.hub.directory(for: number)))
        return Laptop(number: number, replica: replica, error)
    }

    /// One sync to its end.
    ///
    /// - Parameters:
    ///   - isHeld: the server holds everything that arrives, as if the device were revoked at that moment.
    ///   - losesReply: the first reply never arrives.
    @discardableResult
    func sync(_ laptop: Laptop, isHeld: Bool = false, losesReply: Bool = false) throws -> SyncSummary {
        office.now += 1_000
        return try SyncSession(replica: laptop.replica).run { request in
            let reply = try self.deliver(request, from: laptop, isHeld: isHeld)
            if losesReply { throw Lost() }
            return reply
        }
    }

    /// Delivers one request and returns what the laptop would read.
    func deliver(_ request: SyncRequest, from laptop: Laptop, isHeld: Bool) throws -> SyncReply {
        let request = try SyncRequest(decoding: request.encoded())
        if isHeld { try setRevoked(laptop.number, true) }
        let acceptance = try office.store.transaction { try office.hub.accept(request, from: laptop.number) }
        if isHeld { try setRevoked(laptop.number, false) }
        return try SyncReply(
            decoding: office.hub.reply(to: request, device: laptop.number, acceptance: acceptance).encoded())
    }

    func setRevoked(_ device: UInt32, _ isRevoked: Bool) throws {
        try office.store.transaction {
            try office.store.database.run(
                "UPDATE device SET revoked = ? WHERE number = ?", .integer(isRevoked ? 1 : 0), .integer(Int64(device)))
        }
    }

    /// What the office decides on a device's group of this number.
    @discardableResult
    func decide(_ kind: HeldOutcome.Kind, _ number: UInt64, of laptop: Laptop, why: String? = nil) throws
        -> HeldDecision
    {
        guard let group = try office.store.quarantined(device: laptop.number).first(where: { $0.number == number })
        else { throw HubError.quarantineUnknown(-1) }
        return try office.store.transaction {
            kind == .accepted
                ? try office.hub.acceptHeld(group.id, why: why) : try office.hub.discardHeld(group.id, why: why)
        }
    }

    // MARK: Work

    func create(_ title: String, on laptop: Laptop, area: Int = Office.main) throws -> RecordID {
        office.now += 1_000
        return try laptop.replica.write {
            try $0.create(table: Notebook.book, area: area, values: [(Notebook.title, .text(title))])
        }
    }

    func edit(_ id: RecordID, _ value: Value, on laptop: Laptop) throws {
        try edit(id, Notebook.title, value, on: laptop)
    }

    func edit(_ id: RecordID, _ field: Int, _ value: Value, on laptop: Laptop) throws {
        office.now += 1_000
        try laptop.replica.write { try $0.edit(table: Notebook.book, record: id, values: [(field, value)]) }
    }

    func title(_ id: RecordID, on laptop: Laptop) throws -> String? {
        guard let state = try laptop.replica.record(table: Notebook.book, id: id), state.isLiving else { return nil }
        if case .text(let text) = state.field(Notebook.title).value { return text }
        return ""
    }

    func title(_ id: RecordID) throws -> String? {
        guard let state = try office.hub.record(table: Notebook.book, id: id), state.isLiving else { return nil }
        if case .text(let text) = state.field(Notebook.title).value { return text }
        return ""
    }

    /// Whether a laptop's kept digests are those of its rows, and the hub's too.
    func isSound(_ laptop: Laptop) throws -> Bool {
        try laptop.replica.digests() == laptop.replica.recomputeDigests() && office.hub.areasWithWrongDigest().isEmpty
    }
}
