import Database
import SyncCore
import Testing

@testable import SyncReplica

@Suite struct UndoTests {
    private let server = FakeServer(directory: TestModel.directory())

    /// A device whose writes can be taken back; each call of `run` is a command of its own.
    private func device(_ number: UInt32 = 1) throws -> TestDevice {
        let device = try TestDevice(number, server)
        device.replica.command = "test"
        return device
    }

    @discardableResult
    private func run<T>(_ device: TestDevice, _ words: String = "test", _ body: () throws -> T) rethrows -> T {
        server.now += 10
        device.replica.command = words
        return try body()
    }

    /// A record that two devices wrote, and the conflict between "theirs" and "mine".
    private func inConflict(on device: TestDevice) throws -> (RecordID, Conflict) {
        let other = try TestDevice(2, server)
        let id = try run(device) { try device.add("one") }
        try device.sync()
        try other.sync()
        try other.edit(id, TestModel.summary, .text("theirs"))
        try other.sync()
        try run(device) { try device.edit(id, TestModel.summary, .text("mine")) }
        try device.sync()
        let conflict = try #require(try device.replica.conflicts().first)
        return (id, conflict)
    }

    @Test("Commands are taken back from the last to the first, and done again in their own order")
    func backAndForth() throws {
        let device = try device()
        let id = try run(device, "add") { try device.add("one") }
        try run(device, "edit") { try device.edit(id, TestModel.summary, .text("two")) }
        try run(device, "fill") { try device.edit(id, TestModel.headcount, .integer(3)) }
        try run(device, "delete") { try device.delete(id) }
        let record = RecordReference(table: 1, id: id)
        let back = try (0..<4).map { _ in try #require(try device.replica.reverse(.undo)) }
        #expect(back.map(\.words) == ["delete", "fill", "edit", "add"])
        #expect(
            back.map { $0.entries } == [
                [.init(record: record, step: .restored)],
                [.init(record: record, step: .field(TestModel.headcount, .null))],
                [.init(record: record, step: .field(TestModel.summary, .text("one")))],
                [.init(record: record, step: .deleted)],
            ])
        #expect(try !device.isLiving(id))
        #expect(try device.replica.reverse(.undo) == nil)
        let again = try (0..<4).map { _ in try #require(try device.replica.reverse(.redo)) }
        #expect(again.map(\.words) == ["add", "edit", "fill", "delete"])
        #expect(again.allSatisfy { $0.kept.isEmpty && $0.count == 1 })
        #expect(try device.value(id, TestModel.summary) == .text("two"))
        #expect(try device.value(id, TestModel.headcount) == .integer(3))
        #expect(try !device.isLiving(id))
        #expect(try device.replica.reverse(.redo) == nil)
    }

    @Test("After something new is done, what was taken back before can't be done again")
    func newWorkEndsRedo() throws {
        let device = try device()
        let id = try run(device, "add") { try device.add("one") }
        try run(device, "edit") { try device.edit(id, TestModel.summary, .text("two")) }
        _ = try device.replica.reverse(.undo)
        try run(device, "fill") { try device.edit(id, TestModel.headcount, .integer(3)) }
        #expect(try device.replica.reverse(.redo) == nil)
        #expect(try device.replica.reverse(.undo)?.words == "fill")
        #expect(try device.replica.reverse(.redo)?.words == "fill")
        #expect(try device.replica.reverse(.redo) == nil)
        #expect(try device.value(id, TestModel.summary) == .text("one"))
    }

    @Test("What was sent is taken back as a new change, which reaches the others", arguments: [true, false])
    func afterSync(syncsBetween: Bool) throws {
        let (device, other) = (try device(), try TestDevice(2, server))
        let id = try run(device) { try device.add("one") }
        try device.sync()
        try run(device) { try device.edit(id, TestModel.summary, .text("two")) }
        if syncsBetween {
            try device.sync()
            try other.sync()
            #expect(try other.value(id, TestModel.summary) == .text("two"))
        }
        server.now += 10
        _ = try device.replica.reverse(.undo)
        try device.sync()
        try other.sync()
        #expect(try other.value(id, TestModel.summary) == .text("one"))
        #expect(server.conflicts.isEmpty)
        try device.expectSame()
        try other.expectSame()
    }

    @Test("What somebody else wrote since is left, and told with the writer; the other fields are set back")
    func changedSince() throws {
        let (device, other) = (try device(), try TestDevice(2, server))
        let id = try run(device) { try device.add("one") }
        try run(device) {
            try device.replica.write {
                try $0.edit(
                    table: 1, record: id,
                    values: [(TestModel.summary, .text("two")), (TestModel.place, .text("here"))])
            }
        }
        try device.sync()
        try other.sync()
        try other.edit(id, TestModel.summary, .text("theirs"))
        try other.sync()
        try device.sync()
        let report = try #require(try device.replica.reverse(.undo))
        let record = RecordReference(table: 1, id: id)
        #expect(report.entries == [.init(record: record, step: .field(TestModel.place, .null))])
        #expect(report.kept == [.init(record: record, field: TestModel.summary, reason: .changed(device: 2))])
        #expect(try device.value(id, TestModel.summary) == .text("theirs"))
        #expect(try device.value(id, TestModel.place) == .null)
        // The record itself says something else than when it was made: it stays.
        let creation = try #require(try device.replica.reverse(.undo))
        #expect(creation.kept == [.init(record: record, field: nil, reason: .changed(device: 2))])
        #expect(creation.count == 0)
        #expect(try device.isLiving(id))
    }

    @Test("An edit of a record that somebody deleted since is left, and told")
    func deletedSince() throws {
        let (device, other) = (try device(), try TestDevice(2, server))
        let id = try run(device) { try device.add("one") }
        try run(device) { try device.edit(id, TestModel.summary, .text("two")) }
        try device.sync()
        try other.sync()
        try other.delete(id)
        try other.sync()
        try device.sync()
        let report = try #require(try device.replica.reverse(.undo))
        #expect(
            report.kept == [.init(record: RecordReference(table: 1, id: id), field: nil, reason: .deleted(device: 2))])
        #expect(try !device.isLiving(id))
    }

    @Test("All transactions of one command are one operation; thousands of records take several groups")
    func largeOperation() throws {
        let device = try device()
        let kept = try run(device) { try device.add("before") }
        try run(device, "import") {
            for part in 0..<3 {
                try device.replica.write { work in
                    for row in 0..<700 {
                        try work.create(table: 1, area: 1, values: [(TestModel.summary, .text("\(part) \(row)"))])
                    }
                }
            }
        }
        #expect(try device.replica.livingCount(table: 1) == 2_101)
        var steps: [Int] = []
        let report = try #require(try device.replica.reverse(.undo, progress: { done, _ in steps.append(done) }))
        #expect(report.deleted == [1: 2_100])
        #expect(report.entries.count == OperationReversal.largestList)
        #expect(steps == [1, 2, 3])
        #expect(try device.replica.livingCount(table: 1) == 1)
        #expect(try device.isLiving(kept))
        #expect(try device.replica.reverse(.redo)?.restored == [1: 2_100])
        #expect(try device.replica.livingCount(table: 1) == 2_101)
        try device.sync()
        try device.expectSame()
    }

    @Test("A large operation that was cut off in the middle is finished by the next call")
    func cutOff() throws {
        struct Cut: Error {}
        let device = try device()
        try run(device, "import") {
            for part in 0..<3 { try device.add("part \(part)") }
        }
        #expect(throws: Cut.self) {
            try device.replica.reverse(.undo) { done, _ in if done == 2 { throw Cut() } }
        }
        #expect(try device.replica.livingCount(table: 1) == 1)
        let rest = try #require(try device.replica.reverse(.undo))
        #expect(rest.deleted == [1: 1])
        #expect(try device.replica.reverse(.undo) == nil)
        #expect(try device.replica.reverse(.redo)?.restored == [1: 3])
    }

    @Test("A trial tells everything and changes nothing")
    func trial() throws {
        let device = try device()
        let id = try run(device) { try device.add("one") }
        let trial = try #require(try device.replica.reverse(.undo, isTrial: true))
        #expect(trial.deleted == [1: 1])
        #expect(try device.isLiving(id))
        #expect(try device.replica.reverse(.undo) == trial)
    }

    @Test("A decision that is taken back opens its conflict again, and doing it again settles it")
    func decision() throws {
        let device = try device()
        let (id, conflict) = try inConflict(on: device)
        try run(device, "resolve") {
            try device.replica.write { try $0.decide(conflict.id, keep: .value(.text("both"))) }
        }
        #expect(try device.replica.conflicts().isEmpty)
        let report = try #require(try device.replica.reverse(.undo))
        #expect(report.entries.map(\.step) == [.field(TestModel.summary, .text("mine")), .conflict(isOpen: true)])
        #expect(try device.replica.conflicts().map(\.id) == [conflict.id])
        _ = try device.replica.reverse(.redo)
        #expect(try device.replica.conflicts().isEmpty)
        #expect(try device.value(id, TestModel.summary) == .text("both"))
    }

    @Test(
        "A decision that can't be taken back any more is told, and what came before can be", arguments: [true, false])
    func decisionStays(isGone: Bool) throws {
        let device = try device()
        let (id, conflict) = try inConflict(on: device)
        try run(device, "resolve") { try device.replica.write { try $0.decide(conflict.id, keep: .a) } }
        try device.sync()
        if isGone {
            try device.replica.transaction { try device.replica.conflictLog.remove(record: .init(table: 1, id: id)) }
        } else {
            server.directory = TestModel.directory(version: 2, role: .worker)
            try device.sync()
        }
        let report = try #require(try device.replica.reverse(.undo))
        #expect(report.words == "resolve")
        let kept = OperationReversal.Kept(record: RecordReference(table: 1, id: id), field: nil, reason: .notDecidable)
        #expect(report.kept.contains(kept) == !isGone)
        // A decision and its value are one.
        #expect(report.entries.isEmpty == !isGone)
        #expect(try device.replica.reverse(.undo)?.words == "test")
    }

    @Test("G7: with an area its values leave the log too")
    func lostArea() throws {
        let device = try device()
        let id = try run(device) { try device.add("secret", area: 2) }
        try run(device) { try device.edit(id, TestModel.summary, .text("changed")) }
        let other = try run(device) { try device.add("mine") }
        try device.sync()
        server.directory = TestModel.directory(version: 2, readable: [1])
        try device.sync()
        #expect(try device.replica.record(table: 1, id: id) == nil)
        let left = try device.replica.database.query(
            "SELECT changes FROM operation WHERE instr(changes, x'736563726574')")
        #expect(left.isEmpty)
        #expect(try device.replica.reverse(.undo)?.entries.map(\.record.id) == [other])
        for _ in 0..<2 {
            let gone = try #require(try device.replica.reverse(.undo))
            #expect(
                gone.isGone && gone.entries.isEmpty && gone.words == "test", "an older one is not taken back instead")
        }
        #expect(try device.replica.reverse(.undo) == nil)
    }

    @Test("Operations that a sync found 90 days ago, and those beyond the newest 1,000, are forgotten")
    func oldOnes() throws {
        let device = try device()
        func count() throws -> Int64? { try device.replica.database.integer("SELECT count(*) FROM operation") }
        try run(device, "old") { try device.add("old") }
        let found = server.now
        try device.replica.forgetOld(serverMilliseconds: found)
        server.now += LocalHistory.inBetweenMilliseconds
        try run(device, "new") { try device.add("new") }
        try device.replica.forgetOld(serverMilliseconds: found + LocalHistory.inBetweenMilliseconds - 1)
        #expect(try count() == 2)
        try device.replica.forgetOld(serverMilliseconds: server.now + 1)
        #expect(try count() == 1)
        for number in 0..<(OperationLog.largestCount + 5) { try run(device, "\(number)") { try device.add("new") } }
        try device.replica.forgetOld(serverMilliseconds: server.now)
        #expect(try device.replica.database.integer("SELECT count(*) FROM operation") == 1_000)
        #expect(try device.replica.database.text("SELECT words FROM operation ORDER BY id LIMIT 1") == "5")
    }

    @Test("Without a command nothing is logged")
    func noCommand() throws {
        let device = try TestDevice(1, server)
        try device.add("one")
        #expect(try device.replica.reverse(.undo) == nil)
    }
}
