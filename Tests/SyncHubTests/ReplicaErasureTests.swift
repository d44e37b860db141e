import Cryptography
import Database
import Foundation
import SyncCore
import Testing

@testable import SyncHub
@testable import SyncReplica

/// An office with a key, and laptops whose databases are files, so that their bytes can be searched.
private final class ErasingOffice {
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

private final class ErasingLaptop {
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
    func sync(change: @escaping (inout SyncReply) throws -> Void = { _ in }) throws -> SyncSummary {
        office.office.now += 10
        let hub = office.office.hub
        return try SyncSession(replica: replica).run { request in
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

private func whole(_ ids: RecordID...) -> [ErasureTarget] {
    ids.map { ErasureTarget(table: Notebook.book, record: $0) }
}

@Suite("Orders of erasure on devices")
struct ReplicaErasureTests {
    @Test(
        "G9: erased while a device was away: no byte of it is left there, its unsent changes neither, and it confirms")
    func files() throws {
        let office = try ErasingOffice()
        let (priya, sam) = (try office.laptop("Priya"), try office.laptop("Sam"))
        let id = try priya.add("canary created")
        let other = try priya.add("stays")
        try priya.sync()
        try sam.sync()
        // A conflict, a version in the history, own unsent and in-between values, a log of operations.
        try priya.edit(id, .text("canary from Priya"))
        try sam.edit(id, .text("canary from Sam"))
        try priya.sync()
        try sam.sync()
        #expect(try sam.replica.conflicts().count == 1)
        try sam.edit(id, .text("canary in between"))
        try sam.edit(id, .text("canary unsent"))
        try sam.replica.write { work in
            try work.edit(table: Notebook.book, record: other, values: [(Notebook.count, .integer(7))])
            try work.edit(table: Notebook.book, record: id, values: [(Notebook.count, .integer(8))])
        }
        #expect(try !sam.files(with: "canary").isEmpty)
        var cleanings = 0
        sam.replica.afterErasing = { cleanings += 1 }

        let order = try office.erase(whole(id))
        #expect(try office.state(order, sam) == nil)
        let summary = try sam.sync()

        #expect(try sam.files(with: "canary") == [])
        #expect(try sam.matches(summary))
        // Unsent edits of one record are one change.
        #expect(summary.erased == ErasureOutcome(records: 1, ownChanges: 1))
        #expect(cleanings == 1)
        #expect(try sam.replica.unsentCount == 0)
        #expect(try sam.replica.conflicts(openOnly: false).isEmpty)
        #expect(try sam.replica.history(of: RecordReference(table: Notebook.book, id: id)).isEmpty)
        // What else the same group changed is at the office.
        #expect(try office.office.value(other, Notebook.count) == .integer(7))
        #expect(try office.office.value(id) == nil)
        #expect(try office.state(order, sam) == .confirmed)
        #expect(try office.state(order, priya) == nil)
        // It is said once.
        #expect(try sam.sync().erased == ErasureOutcome())
        #expect(try sam.replica.makeRequest().erasureReports().isEmpty)
    }

    @Test("G9: an older copy of a device's database brings nothing back, and erases too")
    func oldCopy() throws {
        let office = try ErasingOffice()
        let priya = try office.laptop("Priya")
        let id = try priya.add("canary")
        try priya.sync()
        try priya.edit(id, .text("canary not yet sent"))
        #expect(try priya.replica.database.checkpoint(.truncate))
        let copy = office.folder.appendingPathComponent("copy.sqlite")
        try FileManager.default.copyItem(at: office.folder.appendingPathComponent("Priya.sqlite"), to: copy)
        try office.erase(whole(id))
        let restored = try ErasingLaptop(priya.number, office, file: "copy")
        let summary = try restored.sync()
        #expect(summary.erased == ErasureOutcome(records: 1, ownChanges: 1))
        #expect(try restored.matches(summary))
        #expect(try restored.files(with: "canary") == [])
        #expect(try office.office.value(id) == nil)
    }

    @Test("G9: a lost reply between the order and the rest makes no fork, and everything arrives")
    func lostReply() throws {
        struct Cut: Error {}
        let office = try ErasingOffice()
        let sam = try office.laptop("Sam")
        let id = try sam.add("canary")
        try sam.sync()
        let other = try sam.replica.write { work in
            try work.edit(table: Notebook.book, record: id, values: [(Notebook.title, .text("canary 2"))])
            return try work.create(table: Notebook.book, area: Office.main, values: [(Notebook.title, .text("new"))])
        }
        #expect(throws: Cut.self) { try sam.sync { _ in throw Cut() } }
        try office.erase(whole(id))
        #expect(throws: Cut.self) { try sam.sync { _ in throw Cut() } }
        let summary = try sam.sync()
        #expect(try sam.matches(summary))
        #expect(try office.office.value(other) == .text("new"))
        #expect(try sam.title(id) == nil)
        #expect(try sam.files(with: "canary") == [])
        let last = try sam.add("later")
        #expect(try sam.matches(try sam.sync()))
        #expect(try office.office.value(last) == .text("later"))
    }

    @Test("a group of which nothing is left keeps its number, so that later ones go up")
    func emptied() throws {
        let office = try ErasingOffice()
        let (priya, sam) = (try office.laptop("Priya"), try office.laptop("Sam"))
        let id = try priya.add("canary")
        try priya.sync()
        try sam.sync()
        try sam.edit(id, .text("canary again"))
        try sam.replica.freeze()
        let later = try sam.add("later")
        // Sam's laptop has the order before it can send.
        try office.erase(whole(id))
        _ = try sam.replica.apply(
            try office.office.hub.reply(to: try emptyRequest(sam), device: sam.number, acceptance: nil))
        #expect(try sam.replica.unsentCount == 1)
        let summary = try sam.sync()
        #expect(try sam.matches(summary))
        #expect(try office.office.value(later) == .text("later"))
    }

    /// A request that sends no group.
    private func emptyRequest(_ laptop: ErasingLaptop) throws -> SyncRequest {
        var request = try laptop.replica.makeRequest()
        request.groups = []
        return request
    }

    @Test("an order about more than 5 % of the records waits for the user; until then nothing is removed")
    func large() throws {
        let office = try ErasingOffice()
        let (priya, sam) = (try office.laptop("Priya"), try office.laptop("Sam"))
        let ids = try (0..<40).map { try priya.add("book \($0)") }
        try priya.sync()
        try sam.sync()
        try sam.edit(ids[0], .text("unsent"))
        let order = try office.erase(ids.prefix(12).map { ErasureTarget(table: Notebook.book, record: $0) })

        let waiting = try sam.sync()
        #expect(waiting.erased == ErasureOutcome())
        #expect(try sam.matches(waiting), "what is to be erased counts in no digest")
        #expect(try sam.replica.waitingErasures().map(\.size) == [.init(records: 12, allRecords: 40, ownChanges: 1)])
        #expect(try ids.prefix(12).allSatisfy { try sam.title($0) != nil })
        #expect(try office.state(order, sam) == .waitsForUser)
        #expect(throws: ReplicaError.recordErased(ids[1])) { try sam.edit(ids[1], .text("no")) }
        #expect(try sam.matches(try sam.sync()))

        #expect(try sam.replica.carryOutWaitingErasures() == ErasureOutcome(records: 12, ownChanges: 1))
        #expect(try sam.replica.waitingErasures().isEmpty)
        #expect(try ids.prefix(12).allSatisfy { try sam.title($0) == nil })
        #expect(try sam.files(with: "book 5\u{0}").isEmpty)
        #expect(try sam.matches(try sam.sync()))
        #expect(try office.state(order, sam) == .confirmed)
    }

    @Test("a handful is erased without asking, also on a device with few records", arguments: [10, 11])
    func handful(count: Int) throws {
        let office = try ErasingOffice()
        let sam = try office.laptop("Sam")
        let ids = try (0..<count).map { try sam.add("book \($0)") }
        try sam.sync()
        try office.erase(ids.map { ErasureTarget(table: Notebook.book, record: $0) })
        #expect(try sam.sync().erased.records == (count == 10 ? 10 : 0))
        #expect(try sam.replica.waitingErasures().count == (count == 10 ? 0 : 1))
    }

    @Test("many small orders at once are one large one")
    func split() throws {
        let office = try ErasingOffice()
        let sam = try office.laptop("Sam")
        let ids = try (0..<20).map { try sam.add("book \($0)") }
        try sam.sync()
        for id in ids { try office.erase(whole(id)) }
        #expect(try sam.sync().erased.records == 0)
        #expect(try sam.replica.waitingErasures().count == 20)
    }

    @Test("G9: an order that the office did not sign removes nothing and is reported")
    func forged() throws {
        let office = try ErasingOffice()
        let sam = try office.laptop("Sam")
        let ids = try (0..<3).map { try sam.add("book \($0)") }
        try sam.sync()
        let other = try Office.signer(seed: 2)
        let order = ErasureOrder(
            id: Notebook.id(5), time: at(9_000), targets: ids.map { .init(table: Notebook.book, record: $0) })
        for signer in [other, nil] {
            let summary = try sam.sync { reply in
                let last = try sam.replica.ledger.last()
                var entry = LedgerEntry(
                    number: (last?.number ?? 0) + 1, kind: LedgerEntry.Kind.erasure.rawValue, time: 1,
                    previous: last?.hash(Notebook.hash) ?? 0, payload: order.encoded(),
                    signature: [UInt8](repeating: 0, count: LedgerEntry.signatureLength))
                if let signer { entry.signature = try signer.sign(entry.signedBytes) }
                reply.set(LedgerNews(publicKey: nil, entries: [entry]))
            }
            #expect(summary.refusedLedgerEntry != nil)
            #expect(summary.erased == ErasureOutcome())
        }
        #expect(try ids.allSatisfy { try sam.title($0) != nil })
        #expect(try sam.replica.waitingErasures().isEmpty)
    }

    @Test("what a cut left in the files is removed by the next sync before it is confirmed")
    func unfinished() throws {
        struct Cut: Error {}
        let office = try ErasingOffice()
        let sam = try office.laptop("Sam")
        let id = try sam.add("canary")
        try sam.sync()
        let order = try office.erase(whole(id))
        sam.replica.afterErasing = { throw Cut() }
        #expect(throws: Cut.self) { try sam.sync() }
        #expect(try sam.title(id) == nil)
        #expect(try sam.replica.makeRequest().erasureReports().isEmpty)
        sam.replica.afterErasing = nil
        let summary = try sam.sync()
        #expect(try sam.matches(summary))
        #expect(try office.state(order, sam) == .confirmed)
        #expect(try sam.files(with: "canary") == [])
    }

    @Test("a server that tells again of an erased record changes nothing on a device that has erased it")
    func toldAgain() throws {
        let office = try ErasingOffice()
        let sam = try office.laptop("Sam")
        let id = try sam.add("canary")
        try sam.sync()
        try office.erase(whole(id))
        try sam.sync()
        _ = try sam.replica.apply(
            try {
                var reply = try office.office.hub.reply(to: try emptyRequest(sam), device: sam.number, acceptance: nil)
                reply.pages[1].records = [
                    RecordUpdate(
                        table: Notebook.book, record: id, created: stamp(0, 1), isWhole: true,
                        fields: [FieldState(number: Notebook.title, value: .text("canary"), stamp: stamp(0, 1))],
                        existence: nil, isLiving: true)
                ]
                return reply
            }())
        #expect(try sam.title(id) == nil)
        #expect(throws: ReplicaError.recordErased(id)) {
            try sam.replica.write { try $0.create(table: Notebook.book, area: Office.main, values: [], id: id) }
        }
    }

    @Test("G9: of a field that stays, every older value is gone from the device, unsent ones too")
    func fields() throws {
        let office = try ErasingOffice()
        let (priya, sam) = (try office.laptop("Priya"), try office.laptop("Sam"))
        let id = try priya.add("canary created")
        try priya.sync()
        try priya.edit(id, .text("canary second"))
        try priya.sync()
        try sam.sync()
        try sam.edit(id, .text("canary unsent"))
        try sam.edit(id, .integer(3), Notebook.count)
        try priya.edit(id, .text("canary third"))
        try priya.sync()

        let hub = office.office.hub
        office.office.now += 1_000
        let time = try office.office.store.transaction {
            let state = try #require(try office.office.store.record(table: Notebook.book, id: id)?.state)
            let change = try OfficeWriter(hub).edit(
                state, values: [(Notebook.title, .text("[erased]"))], restores: false)
            _ = try hub.accept([hub.officeGroup([change])], from: 0, deviceClock: nil)
            return try #require(try office.office.store.record(table: Notebook.book, id: id)?.state)
                .field(Notebook.title).stamp.time
        }
        let order = try office.erase(
            [ErasureTarget(table: Notebook.book, record: id, fields: FieldMask(bits: 1 << UInt64(Notebook.title)))],
            at: time)
        for laptop in [sam, priya, sam] {
            let summary = try laptop.sync()
            #expect(try laptop.matches(summary))
            #expect(try laptop.title(id) == .text("[erased]"))
            #expect(try laptop.files(with: "canary") == [])
            #expect(try office.state(order, laptop) == .confirmed)
            #expect(try laptop.replica.conflicts(openOnly: false).isEmpty)
        }
        #expect(try office.office.value(id, Notebook.count) == .integer(3))
        #expect(try sam.replica.unsentCount == 0)
        // It goes on like any record.
        try sam.edit(id, .text("new words"))
        try sam.sync()
        #expect(try office.office.value(id) == .text("new words"))
    }
}

extension ErasureOutcome {
    fileprivate init(records: Int, ownChanges: Int) {
        self.init()
        self.records = records
        self.ownChanges = ownChanges
    }
}
