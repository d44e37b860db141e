import Database
import SyncCore
import SyncReplica
import Testing

@testable import SyncHub

@Suite("Work that a restored server is told of before its author sends it again")
struct SecondHandTests {
    private let clinic: Clinic
    private let priya: FieldLaptop
    private let sam: FieldLaptop

    init() throws {
        clinic = try Clinic()
        priya = try clinic.laptop("Priya")
        sam = try clinic.laptop("Sam")
    }

    /// Sam's reply is lost, Priya goes on from what he sent, and the server is put back to before that. His clock is wrong,
    /// so that his work is given other times when it comes again.
    ///
    /// - Parameters:
    ///   - isNew: Sam made the record; otherwise he edited one.
    ///   - edits: how often Priya wrote after seeing it.
    @Test(
        "G4 G5 G10: a lost reply and a restore make no conflict, and what was seen does not win",
        arguments: [true, false],
        [0, 1, 2])
    func lostReply(isNew: Bool, edits: Int) throws {
        var id = try priya.add("first")
        try clinic.settle(priya, sam)
        let backup = try clinic.backUp()
        sam.clockError = 3_600_000
        if isNew { id = try sam.add("Sam's") } else { try sam.edit(id, "Sam's") }
        #expect(throws: Clinic.Lost.self) {
            try sam.sync { send in
                _ = try send()
                throw Clinic.Lost()
            }
        }
        try priya.sync()
        #expect(try priya.title(id) == "Sam's")
        for number in 0..<edits {
            try priya.edit(id, "Priya's \(number)")
            try priya.sync()
        }
        let before = try #require(try clinic.hub.record(table: Notebook.book, id: id))
        clinic.now += 60_000
        sam.clockError -= 50_000
        try clinic.restore(backup)
        try clinic.settle(priya, sam)
        #expect(try clinic.hub.conflicts(openOnly: false) == [])
        #expect(try clinic.value(id) == .text(edits == 0 ? "Sam's" : "Priya's \(edits - 1)"))
        #expect(try clinic.hub.record(table: Notebook.book, id: id) == before)
        #expect(try clinic.hub.vouchedCount() == 0)
    }

    @Test(
        "G10: a lost reply and a restore make no conflict where the author comes first and has gone on",
        arguments: [true, false])
    func authorFirst(isNew: Bool) throws {
        var id = try priya.add("first")
        try clinic.settle(priya, sam)
        let backup = try clinic.backUp()
        sam.clockError = 3_600_000
        if isNew { id = try sam.add("Sam's") } else { try sam.edit(id, "Sam's") }
        #expect(throws: Clinic.Lost.self) {
            try sam.sync { send in
                _ = try send()
                throw Clinic.Lost()
            }
        }
        try priya.sync()
        clinic.now += 60_000
        sam.clockError -= 50_000
        try clinic.restore(backup)
        try sam.edit(id, "Sam's second")
        try clinic.settle(sam, priya)
        #expect(try clinic.hub.conflicts(openOnly: false) == [])
        #expect(try priya.title(id) == "Sam's second")
        // Priya had seen the first one alone.
        try priya.edit(id, "Priya's")
        try clinic.settle(priya, sam)
        #expect(try clinic.hub.conflicts(openOnly: false) == [])
        #expect(try sam.title(id) == "Priya's")
    }

    @Test(
        "G5 G10: what was written before something that others saw comes in before it, however wrong the clock is by then"
    )
    func writtenBefore() throws {
        let id = try priya.add("first")
        try clinic.settle(priya, sam)
        let backup = try clinic.backUp()
        for title in ["Sam's first", "Sam's second"] {
            try sam.edit(id, title)
            #expect(throws: Clinic.Lost.self) {
                try sam.sync { send in
                    _ = try send()
                    throw Clinic.Lost()
                }
            }
        }
        // Priya sees the second one alone.
        try priya.sync()
        try priya.edit(id, "Priya's")
        try clinic.restore(backup)
        sam.clockError = -3_600_000
        try clinic.settle(priya, sam)
        #expect(try clinic.value(id) == .text("Priya's"))
        #expect(try clinic.hub.conflicts(openOnly: false).allSatisfy { $0.status == .withdrawn })
        #expect(try clinic.hub.vouchedCount() == 0)
    }

    @Test("G2 G10: values that others wrote and that were replaced come back from whoever saw them")
    func replacedValues() throws {
        let id = try priya.add("first")
        try clinic.settle(priya, sam)
        let backup = try clinic.backUp()
        try sam.edit(id, "Sam's")
        try clinic.settle(sam, priya)
        try priya.edit(id, "Priya's")
        try clinic.settle(priya, sam)
        try clinic.restore(backup)
        try priya.sync()
        let stored = try #require(try clinic.store.record(table: Notebook.book, id: id))
        let versions = try clinic.store.versions(table: Notebook.book, key: stored.key)
        #expect(Set(versions.map(\.value)) == [.text("first"), .text("Sam's")])
        #expect(try clinic.value(id) == .text("Priya's"))
        #expect(try clinic.hub.conflicts(openOnly: false) == [])
    }

    @Test("G2 G10: a true conflict that is told stays open when other work on its record comes in first-hand")
    func trueConflict() throws {
        let kim = try clinic.laptop("Kim")
        let id = try priya.add("first")
        for laptop in [priya, sam, kim] { try laptop.sync() }
        try priya.edit(id, "Priya's")
        for laptop in [priya, kim] { try laptop.sync() }
        let backup = try clinic.backUp()
        clinic.now += 1_000
        try sam.edit(id, "Sam's, who had not seen Priya's")
        for laptop in [sam, kim, priya] { try laptop.sync() }
        try priya.replica.write {
            try $0.edit(table: Notebook.book, record: id, values: [(Notebook.count, .integer(5))])
        }
        try priya.sync()
        let open = { try clinic.hub.conflicts(openOnly: true).map { Set([$0.a.value, $0.b.value]) } }
        let before = try open()
        #expect(before.count == 1)
        try clinic.restore(backup)
        // Kim saw the one word replaced by the other, and knows of the conflict. Sam's laptop is gone.
        try kim.sync()
        #expect(try open() == before)
        try priya.sync()
        #expect(try clinic.value(id, Notebook.count) == .integer(5))
        #expect(try open() == before)
    }

    @Test("G5 G10: two words of one writer that are accepted one after the other make no conflict, though told before")
    func acceptedAfterTold() throws {
        _ = try priya.add("first")
        try clinic.settle(priya, sam)
        let id = try sam.add("one")
        clinic.now += 10
        try sam.edit(id, "two")
        let first = try clinic.sendHeld(sam)
        clinic.now += 10
        try sam.edit(id, "three")
        _ = try clinic.sendHeld(sam)
        let backup = try clinic.backUp()
        // The second lives by the record that the first makes, and comes with it.
        _ = try clinic.store.transaction { try clinic.hub.acceptHeld(first.id, why: nil) }
        try priya.sync()
        try #require(try priya.title(id) == "three")
        try clinic.restore(backup)
        try priya.sync()
        try #require(try clinic.value(id) == .text("three"))
        for held in try clinic.hub.quarantine() {
            _ = try clinic.store.transaction { try clinic.hub.acceptHeld(held.id, why: nil) }
        }
        try clinic.settle(priya, sam)
        #expect(try clinic.value(id) == .text("three"))
        #expect(try clinic.hub.conflicts(openOnly: true) == [])
    }

    @Test("G10: a conflict that was withdrawn once does not come back open with a worker's word")
    func withdrawnConflict() throws {
        // Nobody here may settle a conflict, so nobody's word counts for more than what it shows.
        let other = try clinic.laptop("Kim", role: .worker)
        let writer = try clinic.laptop("Robin", role: .worker)
        let worker = try clinic.laptop("Alex", role: .worker)
        let id = try priya.add("first")
        try clinic.settle(priya, sam, other, writer, worker)
        let backup = try clinic.backUp()
        try other.edit(id, "one")
        try other.sync()
        try writer.sync()
        try writer.edit(id, "two")
        try writer.sync()
        // Alex sees the second value alone, and brings it to a server that has neither.
        try worker.sync()
        try clinic.restore(backup)
        try clinic.settle(worker, other, writer, priya, sam)
        #expect(try clinic.hub.conflicts(openOnly: false).map(\.status) == [.withdrawn])
        try clinic.restore(backup)
        for laptop in [other, writer, worker, other, writer, worker] { try laptop.sync() }
        #expect(try clinic.hub.conflicts(openOnly: false).map(\.status) == [.withdrawn])
        #expect(try clinic.value(id) == .text("two"))
    }

    @Test(
        "G10: what a writer sent again under another time, and wrote over, makes no conflict with what others saw of it"
    )
    func authorFirst() throws {
        let id = try priya.add("first")
        try clinic.settle(priya, sam)
        let backup = try clinic.backUp()
        sam.clockError = 3_600_000
        try sam.edit(id, "Sam's")
        #expect(throws: Clinic.Lost.self) {
            try sam.sync { send in
                _ = try send()
                throw Clinic.Lost()
            }
        }
        try priya.sync()
        #expect(try priya.title(id) == "Sam's")
        clinic.now += 60_000
        sam.clockError -= 50_000
        try clinic.restore(backup)
        try sam.edit(id, "Sam's next")
        try sam.sync()
        try clinic.settle(priya, sam)
        #expect(try clinic.value(id) == .text("Sam's next"))
        #expect(try clinic.hub.conflicts(openOnly: false) == [])
    }

    @Test(
        "G5 G10: of two words of one laptop the earlier one makes no conflict with the later one, which somebody told of"
    )
    func bothOfOneWriter() throws {
        let id = try priya.add("first")
        try clinic.settle(priya, sam)
        let backup = try clinic.backUp()
        try sam.edit(id, "one")
        try sam.sync()
        try sam.edit(id, "two")
        try sam.sync()
        // Priya sees the second value alone, and brings it to a server that has neither.
        try priya.sync()
        try clinic.restore(backup)
        try clinic.settle(priya, sam)
        #expect(try clinic.hub.conflicts(openOnly: false) == [])
        #expect(try clinic.value(id) == .text("two"))
        let reader = try #require(try priya.replica.device)
        let history = try #require(try clinic.hub.history(table: Notebook.book, record: id, for: reader))
        #expect(history.versions.contains { $0.value == .text("one") })
    }

    @Test(
        "G5 G10: whoever lifts a restriction of their own lifts it, though nobody tells that others had lifted it before"
    )
    func ownRestriction() throws {
        let ben = try clinic.laptop("Ben")
        func seal(_ id: RecordID, _ value: Int64, by laptop: FieldLaptop) throws {
            clinic.now += 10
            try laptop.replica.write {
                try $0.edit(table: Notebook.book, record: id, values: [(Notebook.sealed, .integer(value))])
            }
        }
        let id = try sam.add("first")
        try seal(id, 2, by: sam)
        try clinic.settle(sam, priya, ben)
        try seal(id, 1, by: sam)
        try clinic.settle(sam, ben)
        let backup = try clinic.backUp()
        try seal(id, 0, by: ben)
        try clinic.settle(ben, sam)
        // Priya never saw that it was restricted.
        try priya.sync()
        try clinic.restore(backup)
        try seal(id, 3, by: sam)
        #expect(try priya.sync().hasHealed)
        #expect(try clinic.value(id, Notebook.sealed) == .integer(1))
        for laptop in [sam, priya, sam] { try laptop.sync() }
        #expect(try clinic.value(id, Notebook.sealed) == .integer(3))
        let state = try #require(try priya.replica.record(table: Notebook.book, id: id))
        #expect(state.field(Notebook.sealed).value == .integer(3))
    }
}
