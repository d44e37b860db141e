import OutreachModel
import SyncCore
import Synchronization
import Terminal
import Testing

@testable import KithClient

@Suite("References to records that are not here")
struct MissingRecordTests {
    private static let gone = RecordID(high: 0x0190_0000_0000_7000, low: 0x8000_0000_0000_0001)
    private static let visit = RecordID(high: 0x0190_0000_0000_7000, low: 0x8000_0000_0000_0002)
    private static let created = Stamp(time: UInt64(FieldLaptop.now) << 16, device: PaperOffice.colleague)
    private static var short: String { ShortID.display(gone) }

    /// A laptop to which a colleague's visit came whose person did not.
    private func laptop() throws -> FieldLaptop {
        let laptop = try FieldLaptop()
        deliver(
            laptop, table: 4, Self.visit,
            [
                (2, .blob(Self.gone.bytes)), (3, .text("2026-11-22T10:00:00+00:00")), (8, .text("On the stairs")),
            ])
        return laptop
    }

    private func deliver(_ laptop: FieldLaptop, table: Int, _ id: RecordID, _ values: [(Int, Value)]) {
        laptop.office.state.withLock {
            $0.updates = [
                RecordUpdate(
                    table: table, record: id, created: Self.created, isWhole: true,
                    fields: values.map { FieldState(number: $0.0, value: $0.1, stamp: Self.created) }, existence: nil,
                    isLiving: true)
            ]
        }
        _ = laptop.run(["sync", "--quiet"])
    }

    @Test("It is shown as what it is in lists, today, search and show, never as an empty cell", arguments: [40, 80])
    func shown(width: Int) throws {
        let laptop = try laptop()
        let words = "not here (\(Self.short))"
        for command in [
            ["visit", "list"], ["today"], ["search", "stairs"], ["visit", "show", Self.visit.description],
        ] {
            let run = laptop.run(command, width: width)
            #expect(run.code == .done && run.output.contains(words), "\(command): \(run.output) \(run.errors)")
        }
        let show = laptop.run(["visit", "show", Self.visit.description])
        #expect(show.errors == "What is not here has not arrived yet, belongs to another team, or was erased.\n")
        let person = try laptop.json("visit", "list").values[0]["person"]
        #expect(person?.names == ["id", "name", "missing"])
        #expect(person?["name"] == .null && person?["missing"] == "not_here")
        let doctor = laptop.run(["doctor"])
        #expect(
            doctor.code == .done && doctor.output.contains("links: good. 1 time a record names one that is deleted"))
        #expect(laptop.run(["visit", "edit", Self.visit.description, "--summary", "At the door"]).code == .done)
    }

    @Test("An export says so beside the id, as CSV, JSON lines and by a condition")
    func exported() throws {
        let laptop = try laptop()
        #expect(laptop.run(["export", "visits"]).output.contains("\(Self.gone),(not here),"))
        let line = laptop.run(["export", "visits", "--format", "jsonl"]).output
        #expect(line.contains("\"person_name\":\"(not here)\""))
        #expect(laptop.run(["export", "visits", "--where", "person=(not here)", "--format", "jsonl"]).output == line)
        #expect(laptop.run(["export", "visits", "--where", "person=", "--format", "jsonl"]).output == "")
    }

    @Test("A child that came before its parent is whole once the parent comes")
    func parentLater() throws {
        let laptop = try laptop()
        deliver(laptop, table: 2, Self.gone, [(1, .text("Alex"))])
        let person = try laptop.json("visit", "list").values[0]["person"]
        #expect(person?.names == ["id", "name"] && person?["name"] == "Alex")
        #expect(try laptop.json("person", "show", "Alex")["visits"] == 1)
    }

    @Test("A merge into a record that is not here hides nothing")
    func mergedAway() throws {
        let laptop = try FieldLaptop()
        let id = RecordID(high: 0x0190_0000_0000_7000, low: 0x8000_0000_0000_0003)
        deliver(laptop, table: 2, id, [(1, .text("Alex")), (11, .blob(Self.gone.bytes))])
        #expect(try laptop.json("person", "list").values.map { $0["name"] } == ["Alex"])
        #expect(laptop.run(["person", "show", "Alex"]).output.contains("Merged into: not here (\(Self.short))\n"))
        #expect(laptop.run(["person", "unmerge", "Alex"]).code == .done)
        #expect(try laptop.json("person", "show", "Alex")["merged_into"] == .null)
    }

    @Test("A note about a record that is not here is found, and its history is shown")
    func note() throws {
        let laptop = try FieldLaptop()
        let id = RecordID(high: 0x0190_0000_0000_7000, low: 0x8000_0000_0000_0004)
        deliver(
            laptop, table: 7, id, [(1, .integer(2)), (2, .blob(Self.gone.bytes)), (3, .text("Likes tea"))])
        #expect(laptop.run(["search", "tea"]).output.contains("Likes [tea]"))
        #expect(laptop.run(["history", id.description]).output.contains("About: not here (\(Self.short))"))
    }
}
