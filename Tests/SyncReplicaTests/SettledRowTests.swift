import Database
import SyncCore
import Testing

@testable import SyncReplica

@Suite("Rows that go on naming a settled group")
struct SettledRowTests {
    let server = FakeServer(directory: TestModel.directory())

    /// How many rows name a group, and how many records wait or show work that is not settled.
    private func counts(_ device: TestDevice) throws -> [Int64?] {
        [
            try device.replica.database.integer("SELECT count(*) FROM visit WHERE pending NOT NULL"),
            try device.replica.database.integer("SELECT count(*) FROM visit WHERE \(Replica.mayWaitSQL)"),
            try device.replica.database.integer(
                "SELECT count(*) FROM visit WHERE NOT \(device.replica.isSettledSQL(TestModel.visits))"),
        ]
    }

    @Test("A row is not written again when its making is acknowledged, and nothing takes it for unsent")
    func settled() throws {
        let device = try TestDevice(1, server)
        let ids = [try device.add("first"), try device.add("second", area: 2)]
        #expect(try counts(device) == [2, 2, 2])
        #expect(try device.sync().matches)
        #expect(try counts(device) == [2, 0, 0])
        for id in ids {
            #expect(try device.replica.progress(of: RecordReference(table: TestModel.visits, id: id)) == .sent)
            let history = try device.replica.history(of: RecordReference(table: TestModel.visits, id: id))
            #expect(history.allSatisfy { $0.kind == .acknowledged })
        }
        #expect(try device.replica.unsentCount == 0)
        try device.expectSame()
    }

    @Test("G5: an edit after that stands on what the server has, and its group leads to no earlier one")
    func edited() throws {
        let device = try TestDevice(1, server)
        let other = try TestDevice(2, server)
        let id = try device.add("first")
        try device.sync()
        try other.sync()
        try device.edit(id, TestModel.summary, .text("mine"))
        #expect(try device.replica.database.integer("SELECT count(previous) FROM outbox_change") == 0)
        #expect(try device.replica.database.integer("SELECT count(*) FROM shadow") == 1)
        #expect(try device.replica.progress(of: RecordReference(table: TestModel.visits, id: id)) == .waiting)
        try other.edit(id, TestModel.summary, .text("theirs"))
        for device in [device, other, device] { #expect(try device.sync().matches) }
        #expect(try counts(device) == [1, 0, 0])
        #expect(try counts(other) == [1, 0, 0])
        #expect(server.conflicts.count == 1)
        #expect(try device.value(id, TestModel.summary) == .text("theirs"))
        try device.expectSame()
        try other.expectSame()
    }

    @Test("G7: all acknowledged records of an area are marked when it is fetched again, and a damaged one is mended")
    func fetchedAgain() throws {
        let device = try TestDevice(1, server)
        let ids = [try device.add("first"), try device.add("second")]
        try device.sync()
        try device.add("waits")
        try device.replica.database.transaction {
            try device.replica.fetches.mark(1, in: "\"visit\"", number: "1")
        }
        #expect(try device.replica.database.integer("SELECT count(*) FROM unconfirmed") == 2)
        try device.replica.database.transaction {
            try device.replica.database.run("DELETE FROM unconfirmed")
            try device.replica.database.run("UPDATE visit SET summary = 'changed' WHERE id = ?1", .blob(ids[1].bytes))
            let digest = try device.replica.recomputeDigest(of: 1)
            try device.replica.database.run(
                "UPDATE cursor SET digest = ?1 WHERE area = 1", .blob(digest.bigEndianBytes))
        }
        let summary = try device.sync()
        #expect(summary.repairs == [AreaRepair(area: 1, outcome: .mended)])
        #expect(try device.value(ids[1], TestModel.summary) == .text("second"))
        try device.expectSame()
    }

    @Test("G8: a lost area takes its settled records along, and leaves those that wait")
    func lostArea() throws {
        let device = try TestDevice(1, server)
        try device.add("settled", area: 2)
        let kept = try device.add("elsewhere")
        try device.sync()
        try device.replica.database.transaction { try device.replica.removeArea(2) }
        #expect(try device.replica.database.integer("SELECT count(*) FROM visit") == 1)
        try device.edit(kept, TestModel.summary, .text("edited"))
        try device.replica.database.transaction { try device.replica.removeArea(1) }
        #expect(try device.value(kept, TestModel.summary) == .text("edited"))
    }

    @Test("A record that was made here and deleted long ago by somebody else leaves this device")
    func oldTombstone() throws {
        let device = try TestDevice(1, server)
        let other = try TestDevice(2, server)
        let id = try device.add("first")
        try device.sync()
        try other.sync()
        try other.delete(id)
        try other.sync()
        try device.sync()
        #expect(try device.isLiving(id) == false)
        #expect(try device.replica.record(table: TestModel.visits, id: id) != nil)
        server.now += RecordState.tombstoneMilliseconds + 60_000
        try device.sync()
        #expect(try device.replica.record(table: TestModel.visits, id: id) == nil)
        try device.expectSame()
    }

    @Test("New records leave the outbox together, or none where an edit lies over one or one is not there")
    func together() throws {
        let device = try TestDevice(1, server)
        let ids = try device.replica.write { work in
            try (0..<4).map { index in
                try work.create(
                    table: TestModel.visits, area: 1, values: [(TestModel.summary, .text("visit \(index)"))])
            }
        }
        for index in 0..<3 { try device.add("alone \(index)") }
        let outbox = device.replica.outbox
        let entries = try outbox.entries(in: 1...4)
        func remove(_ entries: [Outbox.Entry]) throws -> Bool {
            try device.replica.database.transaction { try outbox.removeUntouched(entries) }
        }
        try device.replica.freeze()
        try device.edit(ids[2], TestModel.summary, .text("edited"))
        #expect(try !remove(entries))
        #expect(try outbox.entries(in: 1...4).count == 7)
        let untouched = entries.filter { $0.row.key != entries[2].row.key }
        #expect(try remove(Array(untouched[..<2])))
        #expect(try !remove(untouched))
        #expect(try remove(Array(untouched[2...])))
        #expect(try outbox.entries(in: 1...4).map(\.row) == [entries[2].row])
        #expect(try remove([]))
    }

    @Test("G16: a file of the version before, in which settled rows name nothing, goes on as it was")
    func olderFile() throws {
        let device = try TestDevice(1, server)
        let first = try device.add("first")
        try device.sync()
        try device.replica.database.transaction { try device.replica.database.run("UPDATE visit SET pending = NULL") }
        let second = try device.add("second")
        #expect(try counts(device) == [1, 1, 1])
        try device.edit(first, TestModel.summary, .text("edited"))
        #expect(try device.sync().matches)
        for id in [first, second] {
            #expect(try device.replica.progress(of: RecordReference(table: TestModel.visits, id: id)) == .sent)
        }
        try device.expectSame()
    }
}
