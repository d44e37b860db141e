import Database
import SyncCore
import SyncReplica
import Testing

@testable import SyncHub

@Suite(
    "A making that is undone before a sync, of a record that somebody else has made too, as two imports of one file do")
struct UnmadeRecordTests {
    private let clinic: Clinic
    private let priya: FieldLaptop
    private let sam: FieldLaptop
    private let id = RecordID(milliseconds: 1_700_000_000_000, random: (1, 2))

    init() throws {
        clinic = try Clinic()
        priya = try clinic.laptop("Priya")
        sam = try clinic.laptop("Sam")
        try clinic.settle(priya, sam)
        for laptop in [priya, sam] { laptop.replica.command = "import" }
    }

    /// Takes a row in, as an import with ids from the file does.
    private func take(_ title: String, on laptop: FieldLaptop) throws {
        clinic.now += 10
        _ = try laptop.replica.write {
            try $0.create(
                table: Notebook.book, area: Office.main, values: [(Notebook.title, .text(title))], id: id)
        }
    }

    private func undo(on laptop: FieldLaptop) throws {
        clinic.now += 10
        let report = try #require(try laptop.replica.reverse(.undo))
        #expect(report.wordlessCount == 1)
    }

    @Test("G1 G5: what the other one said lives, without a conflict, whoever syncs first", arguments: [true, false])
    func twoImports(otherIsFirst: Bool) throws {
        try take("a row", on: sam)
        try take("a row", on: priya)
        try undo(on: priya)
        if otherIsFirst { try clinic.settle(sam, priya) } else { try clinic.settle(priya, sam) }
        try clinic.settle(priya, sam)
        for laptop in [priya, sam] { #expect(try laptop.title(id) == "a row") }
        #expect(try clinic.value(id) == .text("a row"))
        #expect(try clinic.hub.conflicts(openOnly: false) == [])
    }

    @Test("G1 G5: so it does where it was undone, done again and undone", arguments: [true, false])
    func backAndForth(otherIsFirst: Bool) throws {
        try take("a row", on: sam)
        try take("a row", on: priya)
        try undo(on: priya)
        _ = try priya.replica.reverse(.redo)
        try undo(on: priya)
        if otherIsFirst { try clinic.settle(sam, priya) } else { try clinic.settle(priya, sam) }
        try clinic.settle(priya, sam)
        for laptop in [priya, sam] { #expect(try laptop.title(id) == "a row") }
        #expect(try clinic.hub.conflicts(openOnly: false) == [])
    }

    @Test("G1: what was undone comes back with a redo where somebody has brought the record back without its words")
    func broughtBackEmpty() throws {
        try take("a row", on: priya)
        try undo(on: priya)
        try clinic.settle(priya, sam)
        clinic.now += 10
        try sam.replica.write { try $0.restore(table: Notebook.book, record: id) }
        try clinic.settle(sam, priya)
        let report = try #require(try priya.replica.reverse(.redo))
        #expect(report.entries.map(\.step) == [.field(Notebook.title, .text("a row"))])
        try clinic.settle(priya, sam)
        #expect(try sam.title(id) == "a row")
        #expect(try clinic.hub.conflicts(openOnly: false) == [])
    }

    @Test("A delete of the whole record, after it was seen, counts against who made it too")
    func seenDelete() throws {
        try take("a row", on: sam)
        try take("a row", on: priya)
        try clinic.settle(sam, priya)
        try clinic.settle(sam, priya)
        clinic.now += 10
        try priya.replica.write { try $0.delete(table: Notebook.book, record: id) }
        try clinic.settle(priya, sam)
        #expect(try clinic.hub.record(table: Notebook.book, id: id)?.isLiving == false)
        #expect(try clinic.hub.conflicts(openOnly: false) == [])
    }
}
