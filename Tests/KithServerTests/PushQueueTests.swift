import Cryptography
import Database
import Dispatch
import Foundation
import OutreachModel
import SyncCore
import SyncHub
import Testing

@testable import KithServer

/// A server's database in a folder of its own, with devices.
private final class Desk {
    let folder: URL
    let connection: HubConnection
    let queue: PushQueue

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("kith-desk-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let keyFile = OfficeKeyFile(path: folder.appendingPathComponent("office-key").path)
        let path = folder.appendingPathComponent("hub.sqlite").path
        connection = try HubConnection(path: path, keyFile: keyFile, creates: ["main"])
        // What the queue writes with is the queue's alone.
        queue = PushQueue(connection: try HubConnection(path: path, keyFile: keyFile))
    }

    // A folder that is gone already is no failure.
    deinit { try? FileManager.default.removeItem(at: folder) }

    func join(_ name: String) throws -> UInt32 {
        let secret = Array(name.utf8)
        try connection.hub.invite(person: name, role: .worker, areas: [2], expires: .max, secretHash: secret)
        return try connection.hub.join(secretHash: secret, deviceName: name, tokenHash: secret)
    }

    func request(groups: [ChangeGroup] = []) throws -> SyncRequest {
        SyncRequest(
            schemaVersion: 1, epoch: try connection.hub.epoch, clockMilliseconds: WallClock.milliseconds(),
            lowestOwnGroup: .max, directoryVersion: 0, pageBytes: 1 << 16, cursors: [], groups: groups)
    }

    func connect() throws -> HubConnection {
        try HubConnection(
            path: folder.appendingPathComponent("hub.sqlite").path,
            keyFile: OfficeKeyFile(path: folder.appendingPathComponent("office-key").path))
    }

    /// The line of the ledger for an order.
    func sign(_ order: ErasureOrder) throws -> LedgerEntry {
        let key = try OfficeKeyFile(path: folder.appendingPathComponent("office-key").path).key(makes: false)
        var entry = LedgerEntry(
            number: 1_000, kind: LedgerEntry.Kind.erasure.rawValue, time: 1, previous: 0, payload: order.encoded())
        entry.signature = key.sign(entry.signedBytes)
        return entry
    }

    /// The files that hold some words.
    func files(with words: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil).filter {
            try Data(contentsOf: $0).range(of: Data(words.utf8)) != nil
        }.map(\.lastPathComponent)
    }

    /// Pushes that share one commit, and what became of each.
    func push(_ pushes: [(device: UInt32, request: SyncRequest)]) throws -> [Result<Acceptance, any Error>] {
        let gate = DispatchSemaphore(value: 0)
        queue.perform { _ in
            gate.wait()
        } completion: { _ in
        }
        let outcomes = Outcomes()
        for (index, push) in pushes.enumerated() {
            queue.push(push.request, from: push.device) { outcomes.add($0, at: index) }
        }
        gate.signal()
        try queue.finish()
        return outcomes.all
    }

    private final class Outcomes: @unchecked Sendable {
        private let lock = NSLock()
        private var found: [Int: Result<Acceptance, any Error>] = [:]
        var all: [Result<Acceptance, any Error>] {
            lock.withLock { found.sorted { $0.key < $1.key }.map(\.value) }
        }
        func add(_ outcome: Result<Acceptance, any Error>, at index: Int) {
            lock.withLock { found[index] = outcome }
        }
    }
}

@Suite("The queue of pushes")
struct PushQueueTests {
    private let desk: Desk
    private let group = ChangeGroup(number: 1, changes: [])

    init() throws { desk = try Desk() }

    @Test("Who asks for what no row may say is refused alone: the pushes that share its commit are taken")
    func outdatedToken() throws {
        let (good, bad) = (try desk.join("Priya"), try desk.join("Sam"))
        let (old, new) = ([UInt8](repeating: 4, count: 32), [UInt8](repeating: 5, count: 32))
        let hub = desk.connection.hub
        // The first token of the enrolment is one that a request can ask for.
        try desk.connection.store.transaction {
            try desk.connection.database.run(
                "UPDATE device SET token_hash = ?1 WHERE number = ?2", .blob(BLAKE2b.hash256(old)), .integer(Int64(bad))
            )
            try desk.connection.store.setToken(BLAKE2b.hash256(new), ofDevice: bad)
        }
        var spoilt = try desk.request()
        spoilt.set(wantedToken: old)
        let outcomes = try desk.push([(good, try desk.request(groups: [group])), (bad, spoilt)])
        #expect(try outcomes[0].get().receipt == 1)
        #expect(throws: HubError.invitationRefused) { try outcomes[1].get() }
        #expect(try hub.devices().first { $0.number == good }?.lastGroup == 1)
    }

    @Test(
        "A part that can't be read is refused alone: the pushes that share its commit are taken",
        arguments: [
            MessagePart.healing, .ledger, .erasure, .refetch, .heldGroups, .identity, .previousGroup, .openGroups,
            .settledGroups, .handoverProgress,
        ],
        [false, true])
    func malformedPart(part: MessagePart, isRevoked: Bool) throws {
        let (good, bad) = (try desk.join("Priya"), try desk.join("Sam"))
        if isRevoked { try desk.connection.hub.revoke(bad) }
        var spoilt = try desk.request(groups: [group])
        spoilt.parts[part] = [0x63, 0x6E, 0x6F, 0x74]
        let outcomes = try desk.push([
            (good, try desk.request(groups: [group])), (bad, spoilt),
            (good, try desk.request(groups: [ChangeGroup(number: 2, changes: [])])),
        ])
        try #require(outcomes.count == 3)
        #expect(try outcomes[0].get().receipt == 1)
        #expect(try outcomes[2].get().receipt == 2)
        let refusal = #expect(throws: CBORError.self) { try outcomes[1].get() }
        #expect(refusal.map { ServiceRefusal(describing: $0).status } == 400)
        #expect(try desk.connection.hub.devices().first { $0.number == bad }?.lastGroup == 0)
    }

    private func page(_ numbers: UInt64...) throws -> SyncRequest {
        try desk.request(groups: numbers.map { ChangeGroup(number: $0, changes: []) })
    }

    @Test("G4: of two pages that come in the wrong order the later one waits for the other, and none is sent again")
    func wrongOrder() throws {
        let (device, other) = (try desk.join("Priya"), try desk.join("Sam"))
        let outcomes = try desk.push([
            (device, try page(3, 4)), (other, try page(1)), (device, try page(1, 2)), (device, try page(5)),
        ])
        try #require(outcomes.count == 4)
        #expect(try outcomes.allSatisfy { try $0.get().notice == .none })
        #expect(try outcomes.map { try $0.get().receipt } == [4, 1, 2, 5])
        #expect(try desk.connection.hub.devices().first { $0.number == device }?.lastGroup == 5)
    }

    @Test("G4: a page whose one before never comes is answered all the same, and nothing of it is taken")
    func nothingBefore() throws {
        let device = try desk.join("Priya")
        let outcomes = try desk.push([(device, try page(2)), (device, try page(4))])
        try #require(outcomes.count == 2)
        #expect(try outcomes.map { try $0.get().notice } == [.gap, .gap])
        #expect(try outcomes.map { try $0.get().receipt } == [0, 0])
        #expect(try desk.connection.hub.devices().first { $0.number == device }?.lastGroup == 0)
        #expect(try desk.push([(device, try page(1, 2))])[0].get().receipt == 2)
    }

    private func make(_ record: RecordID, table: Int, number: UInt64) -> ChangeGroup {
        ChangeGroup(number: number, changes: [change(of: record, table: table)])
    }

    private func change(of record: RecordID, table: Int) -> Change {
        let time = StampTime.packed(milliseconds: WallClock.milliseconds())
        return Change(
            table: table, record: record, creation: Creation(area: 2, time: time),
            fields: [FieldChange(field: 1, value: .text("Hub"), time: time, base: Base.none)])
    }

    @Test("G6: a change of a record that is damaged at the office is held, and holds up neither its laptop nor others")
    func damagedRecord() throws {
        let (priya, sam) = (try desk.join("Priya"), try desk.join("Sam"))
        let record = RecordID(milliseconds: 1_000, random: (7, 7))
        let place = OutreachSchema.Number.place
        _ = try desk.push([(priya, try desk.request(groups: [make(record, table: place, number: 1)]))])
        try desk.connection.store.transaction {
            try desk.connection.database.run("UPDATE place SET stamps = x'ff' WHERE id = ?", .blob(record.bytes))
        }
        var edit = change(of: record, table: place)
        edit.creation = nil
        let later = RecordID(milliseconds: 1_000, random: (8, 8))
        let outcomes = try desk.push([
            (
                sam,
                try desk.request(groups: [
                    ChangeGroup(number: 1, changes: [edit]), make(later, table: place, number: 2),
                ])
            ), (priya, try desk.request(groups: [ChangeGroup(number: 2, changes: [])])),
        ])
        let receipts = try outcomes.map { try $0.get().receipt }
        #expect(receipts == [2, 2])
        #expect(try outcomes[0].get().held == [HeldGroup(number: 1, reason: .malformed)])
        #expect(try desk.connection.hub.record(table: place, id: later) != nil)
    }

    @Test("G6: a group that makes records of two unknown tables under one id is held, and holds up nobody")
    func oneIDTwice() throws {
        let (priya, sam) = (try desk.join("Priya"), try desk.join("Sam"))
        let record = RecordID(milliseconds: 1_000, random: (7, 7))
        let twice = ChangeGroup(
            number: 1, changes: [change(of: record, table: 900), change(of: record, table: 901)])
        let outcomes = try desk.push([
            (sam, try desk.request(groups: [twice])), (priya, try desk.request(groups: [group])),
        ])
        #expect(try outcomes.map { try $0.get().receipt } == [1, 1])
        #expect(try outcomes[0].get().held.map(\.reason) == [.malformed])
    }

    @Test("G14: whoever is not known and tries a thousand times leaves few lines in the audit log, with how often")
    func strangers() throws {
        let device = try desk.join("Priya")
        let first = try desk.connection.hub.lastAuditNumber()
        for number in UInt64(1)...40 {
            for _ in 1...25 {
                desk.queue.noteRefusal(of: nil)
                desk.queue.noteWrongInvitation()
            }
            // Each of these is a commit that could write a line.
            let done = DispatchSemaphore(value: 0)
            let request = try desk.request(groups: [ChangeGroup(number: number, changes: [])])
            desk.queue.push(request, from: device) { _ in done.signal() }
            done.wait()
        }
        try desk.queue.finish()
        let lines = try desk.connection.hub.auditEntries(after: first, limit: 2_000)
        for kind in [AuditEntry.Kind.signInRefused, .invitationRefused] {
            let found = lines.filter { $0.kind == kind.rawValue }
            #expect(found.count <= 3, "\(kind)")
            #expect(found.reduce(0) { $0 + $1.detail } == 1_000, "\(kind)")
        }
    }

    @Test("G9: what an order removes that a device's ledger brings back leaves the server's files at once")
    func erasureFromLedger() throws {
        let device = try desk.join("Priya")
        let record = RecordID(milliseconds: 1, random: (1, 1))
        let time = StampTime.packed(milliseconds: WallClock.milliseconds())
        let change = Change(
            table: 77, record: record, creation: Creation(area: 2, time: time),
            fields: [FieldChange(field: 1, value: .text("canary"), time: time, base: .none)])
        let made = try desk.push([(device, try desk.request(groups: [ChangeGroup(number: 1, changes: [change])]))])
        #expect(try made.first?.get().held == [])
        #expect(try desk.files(with: "canary") == ["hub.sqlite"])
        let order = ErasureOrder(
            id: RecordID(milliseconds: 2, random: (2, 2)), time: time + 1,
            targets: [ErasureTarget(table: 77, record: record)])
        var request = try desk.request()
        request.set(HealingRequest(receipt: 1, step: .ledger([try desk.sign(order)], directory: nil)))
        let done = DispatchSemaphore(value: 0)
        desk.queue.push(request, from: device) { _ in done.signal() }
        done.wait()
        #expect(try desk.connection.hub.isErased(table: 77, record: record))
        #expect(try desk.files(with: "canary") == [])
    }

    @Test("G9: a server that was cut off before it emptied its log empties it when it starts")
    func erasureBeforeCut() throws {
        let device = try desk.join("Priya")
        let record = RecordID(milliseconds: 1, random: (1, 1))
        let time = StampTime.packed(milliseconds: WallClock.milliseconds())
        let change = Change(
            table: 77, record: record, creation: Creation(area: 2, time: time),
            fields: [FieldChange(field: 1, value: .text("canary"), time: time, base: .none)])
        let order = ErasureOrder(
            id: RecordID(milliseconds: 2, random: (2, 2)), time: time + 1,
            targets: [ErasureTarget(table: 77, record: record)])
        let connection = desk.connection
        try connection.store.transaction {
            let groups = [ChangeGroup(number: 1, changes: [change])]
            _ = try connection.hub.accept(groups, from: device, deviceClock: WallClock.milliseconds())
        }
        try connection.store.transaction { _ = try connection.hub.carryOut(order) }
        #expect(try desk.files(with: "canary") == ["hub.sqlite-wal"])
        let queue = PushQueue(connection: try desk.connect())
        let done = DispatchSemaphore(value: 0)
        queue.perform { _ in
        } completion: { _ in
            done.signal()
        }
        done.wait()
        #expect(try desk.files(with: "canary") == [])
    }
}
