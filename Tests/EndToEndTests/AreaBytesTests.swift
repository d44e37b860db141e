import Foundation
import OutreachModel
import SyncCore
import Testing

/// The search of every path by which a byte of another area could reach a laptop, or stay on it.
@Suite(
    "No byte of another area", .enabled(if: Wire.isPossible && SQLiteShell.isInstalled, "curl or sqlite3 is missing"))
struct AreaBytesTests {
    private let office: Office
    private let boss: Laptop
    /// The records of the area whitstable, every field of every kind.
    private let harbour = Canaries("zanzibarquay", day: "1903-02-17")
    /// What other people made of some of them: sides of conflicts, versions that were replaced.
    private let later = Canaries("kilimanjarobay", day: "1907-05-29")

    init() throws {
        office = try Office(areas: ["canterbury", "whitstable"])
        try office.open()
        boss = try office.laptop("Boss", "admin")
        try boss.run("place", "add", "Castle House", "--kind", "residential").succeeded()
        try boss.run("person", "add", "Alex", "--new", "--area", "canterbury").succeeded()
        try boss.run("sync").succeeded()
        // Concerns are made in the restricted twin alone.
        let changes =
            harbour.creations(area: 4, tables: RecordKind.all.filter { $0 != .concern })
            + harbour.creations(area: 5, tables: [.concern])
        try push([ChangeGroup(number: 1, changes: changes)], by: try office.laptop("Maker", "admin"))
        for name in ["Noor", "Olu"] {
            let other = try office.laptop(name, areas: ["whitstable"])
            try push([ChangeGroup(number: 1, changes: try edits(of: changes, by: name))], by: other)
        }
    }

    private func push(_ groups: [ChangeGroup], by laptop: Laptop) throws {
        let reply = try SyncReply(decoding: try Wire(office, as: laptop).sync(groups).body)
        try #require(reply.held.isEmpty && reply.receipt == groups.last?.number, "\(reply.held)")
    }

    /// Another text in every text field, by one who had not seen what stood there.
    private func edits(of changes: [Change], by name: String) throws -> [Change] {
        let time = StampTime.packed(milliseconds: Wire.now)
        return try changes.map { change in
            let kind = try #require(RecordKind.of(table: change.table))
            let fields = kind.fields.filter { $0.form == .text }.sorted { $0.number < $1.number }.map { field in
                FieldChange(
                    field: field.number, value: .text("\(later.text(of: field, in: kind)) \(name)"), time: time,
                    base: .none)
            }
            return Change(table: change.table, record: change.record, fields: fields)
        }
    }

    /// All words that a laptop shows, prints or tells, with commands that name nothing and with ids of the other area.
    private func everythingShown(by laptop: Laptop) throws -> Data {
        var told = Data()
        let ids = harbour.ids.values.map(\.description)
        let exports = RecordKind.all.filter { $0 != .concern }.map { ["export", $0.plural] }
        let named = ids.flatMap { id in [["history", id], ["note", id, "Words"]] }
        let shown = RecordKind.all.flatMap { kind in ids.prefix(3).map { [kind.name, "show", $0] } }
        for command in CommandTable.looking + exports + named + shown + [["doctor"], ["search", "quay"]] {
            let typed = Child.Input.bytes(Data("person\nshow\n\n".utf8))
            let outcome = try laptop.start(command + ["--no-input"], input: typed).finish()
            told += outcome.outputBytes
            // What was typed may be repeated: it is what the person knows already.
            told += Data(ids.reduce(outcome.errors) { $0.replacingOccurrences(of: $1, with: "") }.utf8)
        }
        return told
    }

    private func path(_ name: String) -> String { office.scratch.path(name) }

    @Test("G7: no byte of an area that a laptop never had reaches it: pull, sealed answer, carried file, any command")
    func neverHeld() throws {
        let priya = try office.laptop("Priya", areas: ["canterbury"])
        let olga = try office.laptop("Olga", areas: ["whitstable"])
        try olga.run("sync").succeeded()
        try olga.run("visit", "add", "Castle House", "today", "--summary", "\(harbour.word) unsent").succeeded()
        let sealed = path("olga.kith")
        try olga.run("bundle", "export", sealed).succeeded()
        #expect(harbour.found(in: try Data(contentsOf: URL(fileURLWithPath: sealed))) == [])
        try priya.run("bundle", "carry", sealed).succeeded()
        try priya.run("sync").succeeded()
        try priya.run("person", "add", "Kim", "--new").succeeded()
        try priya.run("bundle", "export", path("priya.kith")).succeeded()
        try office.run("bundle", "import", path("priya.kith")).succeeded()
        try office.run("bundle", "reply", priya.device, path("answer.kith")).succeeded()
        try priya.run("bundle", "import", path("answer.kith")).succeeded()
        let shown = try everythingShown(by: priya)
        for canaries in [harbour, later] {
            #expect(try canaries.found(inFilesOf: priya.home) == [])
            #expect(canaries.found(in: shown) == [])
        }
        // The same search finds all of it on a laptop that has the area.
        #expect(try harbour.found(inFilesOf: olga.home).count >= harbour.ids.count)
        #expect(try later.found(inFilesOf: olga.home).isEmpty == false)
        try office.close()
    }

    @Test("G7: one sync after an area was taken no byte of it is left: rows, index, history, free pages, log, answers")
    func lost() throws {
        let sam = try office.laptop("Sam", areas: ["canterbury", "whitstable"])
        try sam.run("sync").succeeded()
        try sam.run("search", harbour.word).succeeded()
        let ids = harbour.ids.mapValues(\.description)
        let visit = try #require(ids[OutreachSchema.Number.visit])
        let person = try #require(ids[OutreachSchema.Number.person])
        // Sent and unsent edits, an undone one, a decision of words to bring back, and an answer that waits.
        try sam.run("visit", "edit", visit, "--summary", "\(harbour.word) one").succeeded()
        try sam.run("sync").succeeded()
        try sam.run("visit", "edit", visit, "--summary", "\(harbour.word) two").succeeded()
        try sam.run("undo").succeeded()
        try sam.run("note", person, "\(harbour.word) three").succeeded()
        try sam.run("search", "three").succeeded()
        let conflict = try sam.json("conflicts", "list")[0]["id"].text()
        try sam.run("conflicts", "bring-back", conflict).succeeded()
        let asked = try sam.start(["person", "add"], input: .terminal)
        try asked.type("\(harbour.word) four\n\u{4}")
        #expect(try asked.finish().errors.contains("kept here"))
        try sam.run("bundle", "export", path("sam.kith")).succeeded()
        try office.run("bundle", "import", path("sam.kith")).succeeded()
        try office.run("bundle", "reply", sam.device, path("old.kith")).succeeded()
        try sam.run("note", visit, "\(harbour.word) five").succeeded()
        #expect(try harbour.found(inFilesOf: sam.home).count > harbour.ids.count)
        try office.run("areas", "take", "Sam", "whitstable").succeeded()
        try sam.run("sync").succeeded()
        try expectNothing(on: sam)
        #expect(try office.run("quarantine", "list", "--json").succeeded().json().array?.isEmpty == false)
        // An answer that was sealed while the area was still Sam's.
        _ = try sam.run("bundle", "import", path("old.kith"))
        try sam.run("sync").succeeded()
        try expectNothing(on: sam)
        try office.close()
    }

    private func expectNothing(on laptop: Laptop, _ location: SourceLocation = #_sourceLocation) throws {
        let shown = try everythingShown(by: laptop)
        for canaries in [harbour, later] {
            #expect(try canaries.found(inFilesOf: laptop.home) == [], sourceLocation: location)
            #expect(canaries.found(in: shown) == [], sourceLocation: location)
        }
    }
}
