import Cryptography
import Database
import SyncCore
import Testing

@testable import SyncReplica

/// A tiny model, to show that the engine needs no other.
enum TestModel {
    static let place = 1
    static let summary = 2
    static let headcount = 3
    static let visits = 1
    static let notes = 2
    static let schema = Schema(
        version: 1,
        tables: [
            Table(
                visits, "visit",
                [Field(place, "place"), Field(summary, "summary"), Field(headcount, "headcount", .integer)]),
            Table(notes, "note", [Field(1, "text"), Field(2, "weight", .real)]),
        ])

    /// Areas 1 and 2 to read and write, 3 to write alone.
    static func directory(version: UInt64 = 1, role: Role = .lead, readable: Set<Int> = [1, 2]) -> Directory {
        Directory(
            version: version, role: role, person: "Sam",
            devices: [Directory.Device(number: 1, name: "laptop", person: "Sam")],
            areas: (1...3).map {
                Directory.Area(
                    number: $0, name: "area \($0)", canRead: readable.contains($0), canWrite: true, twinOf: nil)
            })
    }
}

/// A device: a replica in memory or in a file, with a clock that stands still until it is set.
final class TestDevice {
    let number: UInt32
    let server: FakeServer
    let replica: Replica
    private(set) var state: UInt64
    /// What its clock shows less what the server's shows.
    var clockError: Int64 = 0

    init(
        _ number: UInt32, _ server: FakeServer, path: String = Database.memoryPath, joins: Bool = true, seed: UInt64 = 0
    ) throws {
        self.number = number
        self.server = server
        state = UInt64(number) &+ seed
        let box = ClockBox()
        let database = try Database(
            path: path, mode: .readWrite(create: true), applicationID: 0x4B49_5448)
        replica = Replica(
            database: database, schema: TestModel.schema, hash: FakeServer.hash,
            clock: { server.now + (box.device?.clockError ?? 0) }, random: { box.device?.nextRandom() ?? 0 })
        box.device = self
        guard joins else { return }
        try replica.createTables()
        try replica.install(
            JoinReply(device: number, token: [], epoch: FakeServer.epoch, directory: server.directory))
    }

    /// SplitMix64, seeded by the device's number and the test.
    private func nextRandom() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    @discardableResult
    func add(_ summary: String, area: Int = 1) throws -> RecordID {
        try replica.write { try $0.create(table: 1, area: area, values: [(TestModel.summary, .text(summary))]) }
    }

    func edit(_ id: RecordID, _ field: Int, _ value: Value, seen: RecordSnapshot? = nil) throws {
        server.now += 10
        try replica.write { try $0.edit(table: 1, record: id, values: [(field, value)], seen: seen) }
    }

    func delete(_ id: RecordID) throws {
        server.now += 10
        try replica.write { try $0.delete(table: 1, record: id) }
    }

    @discardableResult
    func sync(limitCount: Int = 1_000) throws -> SyncSummary {
        server.now += 10
        return try SyncSession(replica: replica, limitCount: limitCount).run { request in
            let sent = try SyncRequest(decoding: request.encoded())
            return try SyncReply(decoding: server.reply(to: sent, from: number).encoded())
        }
    }

    func value(_ id: RecordID, _ field: Int) throws -> Value? {
        try replica.record(table: 1, id: id)?.field(field).value
    }

    func isLiving(_ id: RecordID) throws -> Bool { try replica.record(table: 1, id: id)?.isLiving ?? false }

    /// Expects that the kept digests, those from the rows, and the server's are the same.
    func expectSame(areas: [Int] = [1, 2]) throws {
        let kept = try replica.digests()
        #expect(try replica.recomputeDigests() == kept)
        for area in areas { #expect(kept[area] == server.digest(of: area)) }
    }

    func pageOfAll() throws -> [ChangeGroup] {
        try replica.freeze()
        return try replica.nextPage(after: 0)
    }
}

/// Lets the closures of a replica reach the device that owns it.
private final class ClockBox {
    weak var device: TestDevice?
}
