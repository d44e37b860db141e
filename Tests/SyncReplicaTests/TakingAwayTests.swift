import Database
import RecordStorage
import SyncCore
import Testing

@testable import SyncReplica

@Suite("Undo before anything was sent")
struct TakingAwayTests {
    let server = FakeServer(directory: TestModel.directory())

    /// Two devices that both have a visit with a summary.
    func pair(path: String = Database.memoryPath) throws -> (
        device: TestDevice, other: TestDevice, id: RecordID
    ) {
        let (device, other) = (try TestDevice(1, server, path: path), try TestDevice(2, server))
        device.replica.command = "add"
        other.replica.command = "add"
        let id = try device.add("before")
        try device.sync()
        try other.sync()
        return (device, other, id)
    }

    /// Does something as a command of its own.
    func run<T>(_ device: TestDevice, _ body: (TestDevice) throws -> T) rethrows -> T {
        server.now += 10
        device.replica.command = "test"
        return try body(device)
    }

    @discardableResult
    func reverse(_ direction: OperationReversal.Direction, _ device: TestDevice) throws -> OperationReversal {
        server.now += 10
        return try #require(try device.replica.reverse(direction))
    }

    func groups(_ device: TestDevice) throws -> Int64? {
        try device.replica.database.integer("SELECT count(*) FROM outbox_group")
    }

    /// Expects that nothing waits, and that the record is as the server has it.
    func expectNothing(_ device: TestDevice, _ id: RecordID) throws {
        #expect(try device.replica.unsentCount == 0)
        #expect(try groups(device) == 0)
        #expect(try device.replica.database.integer("SELECT count(*) FROM shadow") == 0)
        let row = RowKey(table: 1, key: try #require(try device.replica.records.key(table: 1, id: id)))
        #expect(try device.replica.pending(row) == nil)
    }

    @Test(
        "G5: an edit that is taken back before it was sent is no change: nothing waits, and the version is the old one")
    func noChange() throws {
        let (device, _, id) = try pair()
        let before = try #require(try device.replica.record(table: 1, id: id))
        try run(device) { try $0.edit(id, TestModel.summary, .text("slip")) }
        let report = try reverse(.undo, device)
        #expect(report.entries.map(\.step) == [.field(TestModel.summary, .text("before"))])
        #expect(report.unsentCount == 1 && report.count == 1)
        #expect(try device.replica.record(table: 1, id: id) == before)
        try expectNothing(device, id)
        // The next work has the number that was free again.
        let standing = try device.replica.standing()
        try run(device) { _ = try $0.add("next") }
        #expect(try device.replica.standing().lastGroup == standing.lastGroup + 1)
        try device.sync()
        try device.expectSame()
        #expect(server.conflicts.isEmpty)
    }

    @Test(
        "G5: what a colleague wrote stands, without a conflict, whether before or after the edit that was taken back",
        arguments: [true, false])
    func colleague(isEarlier: Bool) throws {
        let (device, other, id) = try pair()
        if isEarlier { try run(other) { try $0.edit(id, TestModel.summary, .text("theirs")) } }
        try run(device) { try $0.edit(id, TestModel.summary, .text("slip")) }
        try reverse(.undo, device)
        if !isEarlier { try run(other) { try $0.edit(id, TestModel.summary, .text("theirs")) } }
        for laptop in [other, device, other, device] { try laptop.sync() }
        for laptop in [device, other] {
            #expect(try laptop.value(id, TestModel.summary) == .text("theirs"))
            #expect(try laptop.replica.conflicts(openOnly: false).isEmpty)
            try laptop.expectSame()
        }
        #expect(server.conflicts.isEmpty)
    }

    @Test("Done again it waits again, and arrives; taken back again it is no change again")
    func doneAgain() throws {
        let (device, other, id) = try pair()
        try run(device) { try $0.edit(id, TestModel.summary, .text("after")) }
        for _ in 0..<2 {
            try reverse(.undo, device)
            try expectNothing(device, id)
            #expect(try reverse(.redo, device).unsentCount == 0)
            #expect(try device.replica.unsentCount == 1)
        }
        try device.sync()
        try other.sync()
        #expect(try other.value(id, TestModel.summary) == .text("after"))
        #expect(server.conflicts.isEmpty)
        try other.expectSame()
    }

    @Test("An undo of what was sent is a new change, and doing that again before a sync is none")
    func redoOfUnsentUndo() throws {
        let (device, other, id) = try pair()
        try run(device) { try $0.edit(id, TestModel.summary, .text("after")) }
        try device.sync()
        #expect(try reverse(.undo, device).unsentCount == 0)
        #expect(try device.replica.unsentCount == 1)
        #expect(try reverse(.redo, device).unsentCount == 1)
        try expectNothing(device, id)
        // And once more, with a new change that is sent.
        try reverse(.undo, device)
        try device.sync()
        try reverse(.redo, device)
        try reverse(.undo, device)
        try expectNothing(device, id)
        try other.sync()
        #expect(try other.value(id, TestModel.summary) == .text("before"))
        #expect(server.conflicts.isEmpty)
    }

    @Test("Of two edits in one group the later is taken back as a new value, and with both nothing is left")
    func joined() throws {
        let (device, other, id) = try pair()
        try run(device) { try $0.edit(id, TestModel.summary, .text("one")) }
        try run(device) { try $0.edit(id, TestModel.place, .text("here")) }
        try run(device) { try $0.edit(id, TestModel.summary, .text("two")) }
        #expect(try groups(device) == 1)
        try reverse(.undo, device)
        #expect(try device.value(id, TestModel.summary) == .text("one"))
        try reverse(.undo, device)
        #expect(try device.value(id, TestModel.place) == .null)
        #expect(try device.replica.unsentCount == 1)
        let left = try device.pageOfAll().flatMap(\.changes).flatMap(\.fields).map(\.value)
        #expect(left == [.text("one")])
        // It may have left by now: what goes on is a new change.
        try reverse(.undo, device)
        #expect(try groups(device) == 2)
        try device.sync()
        try other.sync()
        #expect(try other.value(id, TestModel.summary) == .text("before"))
        try other.expectSame()
    }

    @Test("One after the other, all steps of several groups are taken back to nothing")
    func severalGroups() throws {
        let (device, _, id) = try pair()
        let second = try run(device) { try $0.add("second") }
        try device.sync()
        try run(device) { try $0.edit(id, TestModel.summary, .text("one")) }
        try run(device) { try $0.edit(second, TestModel.summary, .text("two")) }
        // Touches both, so it is a group of its own with two links.
        try run(device) { laptop in
            try laptop.replica.write { work in
                for record in [id, second] {
                    try work.edit(table: 1, record: record, values: [(TestModel.summary, .text("both"))])
                }
            }
        }
        #expect(try groups(device) == 3)
        for waiting in [2, 1, 0] {
            try reverse(.undo, device)
            #expect(try device.replica.unsentCount == waiting)
        }
        try expectNothing(device, id)
        try expectNothing(device, second)
        for _ in 0..<3 { try reverse(.redo, device) }
        #expect(try device.value(id, TestModel.summary) == .text("both"))
        try device.sync()
        try device.expectSame()
        #expect(server.conflicts.isEmpty)
    }

    @Test("A deletion and a restoring that were not sent are taken away too")
    func existence() throws {
        let (device, other, id) = try pair()
        try run(device) { try $0.delete(id) }
        #expect(try reverse(.undo, device).entries.map(\.step) == [.restored])
        try expectNothing(device, id)
        try run(device) { try $0.delete(id) }
        try device.sync()
        try run(device) { laptop in try laptop.replica.write { try $0.restore(table: 1, record: id) } }
        #expect(try reverse(.undo, device).entries.map(\.step) == [.deleted])
        try expectNothing(device, id)
        try device.sync()
        try other.sync()
        #expect(try !other.isLiving(id))
        try other.expectSame()
    }

    @Test("What was only confirmed is taken back with its step, and confirmed again where that is done again")
    func confirmed() throws {
        let (device, other, id) = try pair()
        func move() throws {
            try run(device) { laptop in
                try laptop.replica.write { work in
                    try work.confirm(table: 1, record: id, fields: [TestModel.summary, TestModel.headcount])
                    try work.edit(table: 1, record: id, values: [(TestModel.place, .text("there"))])
                }
            }
        }
        try move()
        let report = try reverse(.undo, device)
        #expect(report.entries.map(\.step) == [.field(TestModel.place, .null)])
        try expectNothing(device, id)
        let history = try device.replica.history(of: RecordReference(table: 1, id: id))
        #expect(history.filter { $0.kind == .inBetween }.map(\.value) == [.text("there")])
        try reverse(.redo, device)
        let fields = try #require(try device.pageOfAll().last?.changes.first?.fields)
        #expect(fields.map(\.field) == [TestModel.place, TestModel.summary, TestModel.headcount])
        // Sent by now, the confirmations stay: nothing can take them back.
        try reverse(.undo, device)
        let last = try #require(try device.pageOfAll().last?.changes.first)
        #expect(last.fields.map(\.field) == [TestModel.place])
        try device.sync()
        try reverse(.redo, device)
        #expect(try device.pageOfAll().last?.changes.first?.fields.map(\.field) == [TestModel.place])
        try device.sync()
        try other.sync()
        try other.expectSame()
    }

    @Test("An edit that confirmed something before it is taken back to that: the confirmation still travels")
    func editOverConfirmation() throws {
        let (device, _, id) = try pair()
        try run(device) { laptop in
            try laptop.replica.write { try $0.confirm(table: 1, record: id, fields: [TestModel.summary]) }
        }
        try run(device) { try $0.edit(id, TestModel.summary, .text("after")) }
        try reverse(.undo, device)
        #expect(try device.value(id, TestModel.summary) == .text("before"))
        #expect(try device.replica.unsentCount == 1)
    }
}
