import Cryptography
import Database
import Foundation
import SyncCore
import Testing

@testable import SyncHub
@testable import SyncReplica

/// An office with a key, and laptops whose databases are files, so that their bytes can be searched.
final class ErasingOffice {
    let office: Office
    let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        office = try Office(signer: try Office.signer(seed: 1))
    }

    // A folder that is gone already is no failure.
    deinit { try? FileManager.default.removeItem(at: folder) }

    func laptop(_ name: String, role: Role = .lead) throws -> ErasingLaptop {
        let number = try office.join(name, role: role)
        let laptop = try ErasingLaptop(number, self, file: name)
        try laptop.replica.createTables()
        var reply = JoinReply(
            device: number, token: [], epoch: try office.hub.epoch, directory: try office.hub.directory(for: number))
        if let key = office.hub.officeKey { reply.setOfficeKey(key) }
        try laptop.replica.install(reply)
        return laptop
    }

    /// Carries out an order and writes it into the ledger, as `kith-server erase` does.
    @discardableResult
    func erase(_ targets: [ErasureTarget], at time: UInt64? = nil) throws -> RecordID {
        office.now += 1_000
        let id = RecordID(milliseconds: office.now, random: (1, UInt64(office.now)))
        let order = ErasureOrder(
            id: id, time: time ?? StampTime.packed(milliseconds: office.now), targets: targets)
        try office.store.transaction {
            try office.hub.carryOut(order)
            try office.hub.order(.erasure, payload: order.encoded())
        }
        return id
    }

    func state(_ order: RecordID, _ laptop: ErasingLaptop) throws -> ErasureState? {
        try office.store.erasureConfirmations(order: order).first { $0.device == laptop.number }?.state
    }
}

final class ErasingLaptop {
    let number: UInt32
    let replica: Replica
    private let office: ErasingOffice
    private let name: String

    init(_ number: UInt32, _ office: ErasingOffice, file name: String) throws {
        self.number = number
        self.office = office
        self.name = name
        var dice = Dice(seed: UInt64(number) &+ UInt64(name.utf8.count) << 32)
        let clock = office.office
        replica = Replica(
            database: try Notebook.database(path: office.folder.appendingPathComponent("\(name).sqlite").path),
            schema: Notebook.schema, hash: Notebook.hash, clock: { clock.now }, random: { dice.next() },
            verifier: OfficeVerifier { OfficeKey.verify($1, over: $0, publicKey: $2) })
        replica.command = "test"
    }

    @discardableResult
    func sync(
        pageBytes: Int = SyncRequest.largestPageBytes,
        change: @escaping (inout SyncReply) throws -> Void = { _ in }
    ) throws -> SyncSummary {
        office.office.now += 10
        let hub = office.office.hub
        return try SyncSession(replica: replica, pageBytes: pageBytes).run { request in
            let request = try SyncRequest(decoding: request.encoded())
            let acceptance = try self.office.office.store.transaction { try hub.accept(request, from: self.number) }
            var reply = try hub.reply(to: request, device: self.number, acceptance: acceptance)
            try change(&reply)
            return try SyncReply(decoding: reply.encoded())
        }
    }

    func add(_ title: String) throws -> RecordID {
        office.office.now += 10
        return try replica.write {
            try $0.create(table: Notebook.book, area: Office.main, values: [(Notebook.title, .text(title))])
        }
    }

    func edit(_ id: RecordID, _ value: Value, _ field: Int = Notebook.title) throws {
        office.office.now += 10
        // A command of its own.
        replica.command = "test"
        try replica.write { try $0.edit(table: Notebook.book, record: id, values: [(field, value)]) }
    }

    func title(_ id: RecordID) throws -> Value? {
        try replica.record(table: Notebook.book, id: id)?.field(Notebook.title).value
    }

    /// The files of this laptop in which some bytes stand.
    func files(with words: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(at: office.folder, includingPropertiesForKeys: nil).filter {
            guard $0.lastPathComponent.hasPrefix(name + ".sqlite") else { return false }
            return try Data(contentsOf: $0).range(of: Data(words.utf8)) != nil
        }.map(\.lastPathComponent).sorted()
    }

    func matches(_ summary: SyncSummary) throws -> Bool {
        try summary.matches && replica.recomputeDigests() == replica.digests()
    }
}

func whole(_ ids: RecordID...) -> [ErasureTarget] {
    ids.map { ErasureTarget(table: Notebook.book, record: $0) }
}

extension ErasureOutcome {
    init(records: Int, ownChanges: Int) {
        self.init()
        self.records = records
        self.ownChanges = ownChanges
    }
}
