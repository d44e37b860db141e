import Database
import SyncCore
import Testing

@testable import SyncReplica

@Suite("A record whose making is undone before it was sent")
struct WordlessTests {
    private let server = FakeServer(directory: TestModel.directory())
    private let device: TestDevice
    private let other: TestDevice

    init() throws {
        device = try TestDevice(1, server)
        other = try TestDevice(2, server)
    }

    private func run<T>(_ words: String = "add", _ body: () throws -> T) rethrows -> T {
        server.now += 10
        device.replica.command = words
        return try body()
    }

    private func reverse(_ direction: OperationReversal.Direction) throws -> OperationReversal {
        server.now += 10
        return try #require(try device.replica.reverse(direction))
    }

    /// Whether a word is in what waits to be sent, or in the record that it is read from.
    private func isWaiting(_ word: String, in id: RecordID) throws -> Bool {
        let state = try device.replica.record(table: 1, id: id)
        let entries = try device.replica.database.query("SELECT detail FROM outbox_change")
        return state?.fields.contains { $0.value == .text(word) } == true
            || entries.contains { row in
                if case .blob(let bytes) = row[0] { bytes.firstRange(of: Array(word.utf8)) != nil } else { false }
            }
    }

    @Test("G7: not a word of it is sent; everybody has it as deleted, and done again it is there for all")
    func neverSent() throws {
        let id = try run { try device.add("a secret") }
        #expect(try isWaiting("a secret", in: id))
        let report = try reverse(.undo)
        #expect(report.wordlessCount == 1)
        #expect(report.unsentCount == 0)
        #expect(report.deleted == [TestModel.visits: 1])
        #expect(try !isWaiting("a secret", in: id))
        for laptop in [device, other] { try laptop.sync() }
        for laptop in [device, other] {
            #expect(try !laptop.isLiving(id))
            #expect(try laptop.value(id, TestModel.summary) ?? .null == .null)
            try laptop.expectSame()
        }
        #expect(server.records[id]?.fields.isEmpty == true)
        #expect(try reverse(.redo).restored == [TestModel.visits: 1])
        for laptop in [device, other] { try laptop.sync() }
        for laptop in [device, other] {
            #expect(try laptop.value(id, TestModel.summary) == .text("a secret"))
            try laptop.expectSame()
        }
        #expect(server.conflicts.isEmpty)
    }

    @Test("Back and forth before a sync it is whole each time, with its later edits, and then what stands is sent")
    func backAndForth() throws {
        let id = try run { try device.add("one") }
        try run("edit") { try device.edit(id, TestModel.headcount, .integer(3)) }
        for _ in 0..<3 {
            _ = try reverse(.undo)
            #expect(try reverse(.undo).wordlessCount == 1)
            #expect(try device.replica.record(table: 1, id: id)?.fields == [])
            #expect(try !device.isLiving(id))
            #expect(try reverse(.redo).kept.isEmpty)
            #expect(try device.value(id, TestModel.summary) == .text("one"))
            #expect(try device.value(id, TestModel.headcount) ?? .null == .null)
            #expect(try reverse(.redo).kept.isEmpty)
            #expect(try device.value(id, TestModel.headcount) == .integer(3))
        }
        for laptop in [device, other] { try laptop.sync() }
        for laptop in [device, other] {
            #expect(try laptop.isLiving(id))
            #expect(try laptop.value(id, TestModel.summary) == .text("one"))
            #expect(try laptop.value(id, TestModel.headcount) == .integer(3))
            try laptop.expectSame()
        }
        #expect(server.conflicts.isEmpty)
    }

    @Test("G1: its words stay in the history of the device, and come back where somebody brings the record back")
    func broughtBack() throws {
        let id = try run { try device.add("one") }
        _ = try reverse(.undo)
        let record = RecordReference(table: TestModel.visits, id: id)
        #expect(try device.replica.withheldWords(of: record).map(\.value) == [.text("one")])
        let kept = try device.replica.history(of: record).filter { $0.kind == .inBetween }
        #expect(kept.map(\.value) == [.text("one")])
        try device.sync()
        // Something new ends what could be done again.
        _ = try run { try device.add("two") }
        #expect(try device.replica.reverse(.redo) == nil)
        try run("restore") { try device.replica.write { try $0.restore(table: 1, record: id) } }
        for laptop in [device, other] { try laptop.sync() }
        #expect(try other.value(id, TestModel.summary) == .text("one"))
        #expect(try other.isLiving(id))
    }

    @Test("G7: brought back and undone once more it is without a word again, and done again it says all of it")
    func broughtBackAndUndone() throws {
        let id = try run { try device.add("one") }
        for _ in 0..<2 {
            #expect(try reverse(.undo).wordlessCount == 1)
            try run("restore") {
                try device.replica.write { work in
                    try work.restore(table: 1, record: id)
                    try work.edit(table: 1, record: id, values: [(TestModel.headcount, .integer(4))])
                }
            }
            #expect(try device.value(id, TestModel.summary) == .text("one"))
            let report = try reverse(.undo)
            #expect(report.wordlessCount == 1 && report.count == 1 && report.kept.isEmpty)
            #expect(try !isWaiting("one", in: id))
            try run("restore") { try device.replica.write { try $0.restore(table: 1, record: id) } }
        }
        #expect(try reverse(.undo).wordlessCount == 1)
        #expect(try !isWaiting("one", in: id))
        #expect(try reverse(.redo).restored == [TestModel.visits: 1])
        for laptop in [device, other] { try laptop.sync() }
        #expect(try other.value(id, TestModel.summary) == .text("one"))
        #expect(try other.value(id, TestModel.headcount) == .integer(4))
        for laptop in [device, other] { try laptop.expectSame() }
    }

    @Test(
        "A redo says what was undone last, not what was undone before; an undo after a sync tells of the deletion alone"
    )
    func correctedWords() throws {
        let id = try run { try device.add("x") }
        _ = try reverse(.undo)
        try device.sync()
        try run("import") {
            try device.replica.write { work in
                try work.restore(table: 1, record: id)
                try work.edit(table: 1, record: id, values: [(TestModel.summary, .text("y"))])
            }
        }
        _ = try reverse(.undo)
        let again = try reverse(.redo)
        #expect(again.kept.isEmpty)
        #expect(try device.value(id, TestModel.summary) == .text("y"))
        try device.sync()
        let report = try reverse(.undo)
        #expect(report.kept.isEmpty && report.entries.map(\.step) == [.deleted])
        #expect(try reverse(.redo).kept.isEmpty)
        for laptop in [device, other] { try laptop.sync() }
        #expect(try other.value(id, TestModel.summary) == .text("y"))
        for laptop in [device, other] { try laptop.expectSame() }
    }

    @Test("G7: a sync that found no signal leaves what waits to this device alone; one that may have sent does not")
    func noSignal() throws {
        struct NoSignal: Error {}
        func fail(mayHaveSent: Bool) {
            let transport = SyncTransport(
                send: { _, _ in throw NoSignal() }, mayHaveSent: { mayHaveSent })
            #expect(throws: NoSignal.self) { try SyncSession(replica: device.replica).run(transport) }
        }
        let id = try run { try device.add("one") }
        fail(mayHaveSent: false)
        #expect(try reverse(.undo).wordlessCount == 1)
        #expect(try !isWaiting("one", in: id))
        let second = try run { try device.add("two") }
        fail(mayHaveSent: true)
        fail(mayHaveSent: false)
        #expect(try reverse(.undo).wordlessCount == 0)
        #expect(try isWaiting("two", in: second))
        for laptop in [device, other] { try laptop.sync() }
        #expect(try !other.isLiving(second))
        for laptop in [device, other] { try laptop.expectSame() }
    }

    @Test("G7: numbers stay final where another process has written since, which may have put them into a file")
    func noSignalBesideAnother() throws {
        struct NoSignal: Error {}
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/kith.sqlite"
        let device = try TestDevice(3, server, path: path)
        device.replica.command = "add"
        try device.add("one")
        let transport = SyncTransport(
            send: { _, _ in
                let beside = try Database(
                    path: path, mode: .readWrite(create: false), applicationID: 0x4B49_5448)
                try beside.transaction { try beside.execute("CREATE TABLE beside (only INTEGER)") }
                throw NoSignal()
            }, mayHaveSent: { false })
        #expect(throws: NoSignal.self) { try SyncSession(replica: device.replica).run(transport) }
        #expect(try device.replica.standing().frozen == 1)
    }

    @Test("G7: done again and undone once more after a sync, it leaves no word either, and comes back with a redo")
    func undoneAfterSync() throws {
        let id = try run { try device.add("one") }
        _ = try reverse(.undo)
        try device.sync()
        for _ in 0..<2 {
            _ = try reverse(.redo)
            #expect(try device.value(id, TestModel.summary) == .text("one"))
            let report = try reverse(.undo)
            #expect(report.unsentCount == 1 && report.count == 1 && report.deleted == [TestModel.visits: 1])
            #expect(try device.replica.unsentCount == 0)
            #expect(try !isWaiting("one", in: id))
        }
        for laptop in [device, other] { try laptop.sync() }
        #expect(server.records[id]?.fields.isEmpty == true)
        _ = try reverse(.redo)
        for laptop in [device, other] { try laptop.sync() }
        #expect(try other.value(id, TestModel.summary) == .text("one"))
        for laptop in [device, other] { try laptop.expectSame() }
    }

    @Test(
        "G1: words in an area that this device may not read, as a worker's concern, go to the office with the deletion")
    func notReadable() throws {
        let id = try run { try device.add("a concern", area: 3) }
        let report = try reverse(.undo)
        #expect(report.wordlessCount == 0 && report.mayHaveLeftCount == 1)
        try device.sync()
        #expect(server.records[id]?.field(TestModel.summary).value == .text("a concern"))
        #expect(server.records[id]?.isLiving == false)
    }

    @Test("What a colleague has written in the meantime stays, whoever brings the record back")
    func writtenSince() throws {
        let id = try run { try device.add("one") }
        _ = try reverse(.undo)
        for laptop in [device, other] { try laptop.sync() }
        server.now += 10
        try other.replica.write { work in
            try work.restore(table: 1, record: id)
            try work.edit(table: 1, record: id, values: [(TestModel.summary, .text("theirs"))])
        }
        for laptop in [other, device] { try laptop.sync() }
        try run("delete") { try device.delete(id) }
        try run("restore") { try device.replica.write { try $0.restore(table: 1, record: id) } }
        #expect(try device.value(id, TestModel.summary) == .text("theirs"))
        for laptop in [device, other] { try laptop.sync() }
        for laptop in [device, other] { try laptop.expectSame() }
        #expect(server.conflicts.isEmpty)
    }

    @Test("G1: what may have left, and what was changed by hand since, keeps its words")
    func mayHaveLeft() throws {
        let sent = try run { try device.add("one") }
        try device.replica.freeze()
        let frozen = try reverse(.undo)
        #expect(frozen.wordlessCount == 0 && frozen.mayHaveLeftCount == 1)
        #expect(try device.value(sent, TestModel.summary) == .text("one"))
        let changed = try run { try device.add("two") }
        device.replica.command = nil
        try device.edit(changed, TestModel.summary, .text("two and more"))
        let report = try reverse(.undo)
        #expect(report.wordlessCount == 0)
        #expect(report.keptCount == 1)
        #expect(try device.value(changed, TestModel.summary) == .text("two and more"))
    }

    @Test("A record that others name stays as it is, words and all")
    func named() throws {
        let id = try run { try device.add("one") }
        let report = try #require(try device.replica.reverse(.undo, user: { _ in 2 }))
        #expect(report.kept.map(\.reason) == [.used(device: 2)])
        #expect(try device.value(id, TestModel.summary) == .text("one"))
        #expect(try device.isLiving(id))
    }

    @Test("Many with long words come back in as many groups as they need")
    func many() throws {
        let long = String(repeating: "x", count: 60_000)
        let ids = try run {
            try device.replica.write { work in
                try (0..<40).map {
                    try work.create(table: 1, area: 1, values: [(TestModel.summary, .text("\($0) \(long)"))])
                }
            }
        }
        #expect(try reverse(.undo).wordlessCount == ids.count)
        try device.sync()
        #expect(try reverse(.redo).restored == [TestModel.visits: ids.count])
        #expect(try device.replica.database.integer("SELECT count(*) FROM outbox_group") ?? 0 > 1)
        for laptop in [device, other] { try laptop.sync() }
        for (index, id) in ids.enumerated() {
            #expect(try other.value(id, TestModel.summary) == .text("\(index) \(long)"))
        }
    }
}
