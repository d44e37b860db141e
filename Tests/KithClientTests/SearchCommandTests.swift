import Database
import OutreachModel
import SyncCore
import SyncReplica
import Synchronization
import Terminal
import Testing

@testable import KithClient

@Suite struct SearchCommandTests {
    @Test("A lead who finds a concern, or a note about one, reads that few may see it")
    func forFew() throws {
        let laptop = try FieldLaptop(role: .lead)
        let id = try #require(try laptop.json("concern", "add", "Owes money")["id"]?.text)
        _ = try laptop.json("note", id, "The bank was rung")
        for words in ["money", "bank"] {
            let found = laptop.run(["search", words]).output
            #expect(found.contains(" (leads and admins alone see it)\n"), "\(found)")
        }
        _ = try laptop.visit("The bank was shut")
        #expect(laptop.run(["search", "shut"]).output.contains("2026, 14:30\n"))
    }

    @Test("What somebody brought to a visit that is deleted is found no more, until the visit is back")
    func deletedVisit() throws {
        let laptop = try FieldLaptop()
        let visit = try laptop.visit("Just chatting")
        _ = try laptop.json("person", "add", "Alex")
        _ = try laptop.json("attendance", "add", "Alex", "--visit", visit, "--contribution", "a cake")
        #expect(laptop.run(["search", "cake"]).output.contains("[cake]"))
        #expect(laptop.run(["visit", "delete", visit, "--yes"]).code == .done)
        #expect(try laptop.json("search", "cake") == [])
        #expect(laptop.run(["visit", "restore", visit]).code == .done)
        #expect(laptop.run(["search", "cake"]).output.contains("[cake]"))
    }

    @Test("a visit is found by words of its text, which stand in brackets, whatever capitals and accents they have")
    func finding() throws {
        let laptop = try FieldLaptop()
        let id = try laptop.visit("Alex spoke about the Garden group,\nand a café.")
        _ = try laptop.visit("Just chatting")
        let run = laptop.run(["search", "CAFE", "gárden"])
        #expect(run.code == .done)
        #expect(
            run.output == """
                visit  \(id.prefix(8))  Castle House, Sunday 22 November 2026, 14:30
                  Alex spoke about the [Garden] group, and a [café].

                """)
        let found = try laptop.json("search", "garden")
        #expect(found.values.map { $0["id"]?.text } == [id])
        #expect(found.values.first?.names == ["kind", "id", "title", "snippet", "area"])
        #expect(try laptop.json("search", "gard") == found, "the beginning of a word is enough")
        #expect(try laptop.json("search", "arden") == [])
        #expect(laptop.run(["search", "zebra"]).errors == "No record here says that.\n")
    }

    @Test("all kinds are looked through, and one alone where it is named")
    func kinds() throws {
        let laptop = try FieldLaptop()
        let visit = try laptop.visit("About the lift")
        _ = try laptop.json("note", visit, "The lift again.")
        _ = try laptop.json("place", "edit", "Castle House", "--access-notes", "No lift")
        let kinds = try laptop.json("search", "lift").values.map { $0["kind"]?.text }
        #expect(Set(kinds) == ["visit", "note", "place"])
        #expect(try laptop.json("search", "lift", "--kind", "note").values.map { $0["kind"]?.text } == ["note"])
        #expect(try laptop.json("search", "castle").values.map { $0["title"] } == ["Castle House"])
        let run = laptop.run(["search", "lift", "--limit", "2"])
        #expect(run.output.split(separator: "\n").count == 4)
        #expect(run.errors.contains("--limit 4"))
    }

    @Test("an edit counts at once, the words before it no more; what is deleted is not found until it is restored")
    func staysTrue() throws {
        let laptop = try FieldLaptop()
        let id = try laptop.visit("kettle")
        #expect(try laptop.json("search", "kettle").values.count == 1)
        _ = try laptop.json("visit", "edit", id, "--summary", "teapot")
        #expect(try laptop.json("search", "kettle") == [])
        #expect(try laptop.json("search", "teapot").values.count == 1)
        _ = try laptop.json("visit", "delete", id, "--yes")
        #expect(try laptop.json("search", "teapot") == [])
        _ = try laptop.json("undo")
        #expect(try laptop.json("search", "teapot").values.count == 1)
        _ = try laptop.json("undo")
        #expect(try laptop.json("search", "kettle").values.count == 1)
    }

    @Test("what a sync brings is found, new and changed")
    func afterSync() throws {
        let laptop = try FieldLaptop()
        #expect(try laptop.json("search", "soup") == [])
        let created = Stamp(time: 1 << 56, device: PaperOffice.colleague)
        let id = RecordID(milliseconds: 1, random: (2, 3))
        func arrives(_ text: String, _ stamp: Stamp, isWhole: Bool) throws {
            laptop.office.state.withLock {
                $0.updates = [
                    RecordUpdate(
                        table: 4, record: id, created: created, isWhole: isWhole,
                        fields: [FieldState(number: 8, value: .text(text), stamp: stamp)], existence: nil,
                        isLiving: true)
                ]
            }
            _ = try laptop.json("sync")
        }
        try arrives("Hot soup", created, isWhole: true)
        #expect(try laptop.json("search", "soup").values.map { $0["id"]?.text } == [id.description])
        try arrives("Cold tea", Stamp(time: created.time + 1, device: PaperOffice.colleague), isWhole: false)
        #expect(try laptop.json("search", "soup") == [])
        #expect(try laptop.json("search", "tea").values.count == 1)
    }

    @Test(
        "any text may be looked for",
        arguments: [
            "\"", "lift\"", "AND", "OR NOT", "NEAR(lift)", "lift*", "-lift", "words:lift", "(", "^lift", "l{i}ft +a",
            "it's", "%", "lift'; DROP TABLE search; --", "☕ lift", "a\u{1}b",
        ])
    func anyText(words: String) throws {
        let laptop = try FieldLaptop()
        _ = try laptop.visit("The lift")
        let run = laptop.run(["search", "--json", "--", words])
        let hasLetters = words.contains { $0.isLetter || $0.isNumber }
        #expect(run.code == (hasLetters ? .done : .usage), "\(run.errors)")
        #expect(try laptop.json("search", "lift").values.count == 1)
    }

    @Test("the words may come from standard input, and too many are refused")
    func input() throws {
        let laptop = try FieldLaptop()
        _ = try laptop.visit("The lift")
        #expect(try laptop.run(["search", "-", "--json"], input: "lift the\n").json.values.count == 1)
        let many = Array(repeating: "a", count: SearchQuery.largestCount + 1)
        #expect(laptop.run(["search"] + many).code == .usage)
    }

    @Test("records of areas that may not be read are not found, though they wait here to be sent")
    func areas() throws {
        let laptop = try FieldLaptop()
        let open = try Laptop(home: HomeFolder(path: laptop.folder), creating: false, clock: { FieldLaptop.now })
        try open.replica.write { work in
            _ = try work.create(table: 4, area: 3, values: [(8, .text("A concern"))])
            _ = try work.create(table: 4, area: 2, values: [(8, .text("No concern"))])
        }
        #expect(try laptop.json("search", "concern").values.map { $0["snippet"] } == ["No [concern]"])
    }

    @Test("keys that are used again, and more rows than fit a batch, leave nothing out")
    func manyRows() throws {
        let laptop = try FieldLaptop()
        let open = try Laptop(home: HomeFolder(path: laptop.folder), creating: false, clock: { FieldLaptop.now })
        let count = 2 * SearchIndex.batchCount + 1
        for start in stride(from: 0, to: count, by: 1_000) {
            try open.replica.write { work in
                for number in start..<min(start + 1_000, count) {
                    _ = try work.create(table: 7, area: 2, values: [(3, .text("tea \(number)"))])
                }
            }
        }
        #expect(try open.search.staleCount() == count)
        try open.search.catchUp()
        #expect(try open.search.staleCount() == 0)
        #expect(try open.database.integer("SELECT count(*) FROM search") == Int64(count))
        try open.database.transaction { try open.database.execute("DELETE FROM note WHERE record_key = \(count)") }
        try open.replica.write { work in _ = try work.create(table: 7, area: 2, values: [(3, .text("new words"))]) }
        #expect(try laptop.json("search", "new").values.map { $0["snippet"] } == ["[new] words"])
        #expect(try laptop.json("search", "\(count - 1)") == [])
        #expect(try laptop.json("search", "\(count - 2)").values.count == 1)
    }

    @Test("a laptop of the version before gets the index and the log with its first command")
    func upgrade() throws {
        let laptop = try FieldLaptop()
        _ = try laptop.visit("The lift")
        let open = try Laptop(home: HomeFolder(path: laptop.folder), creating: false, clock: { FieldLaptop.now })
        let query = "SELECT name FROM sqlite_schema WHERE type = 'trigger'"
        // Before the first search every command would read them for nothing.
        #expect(try open.database.query(query).isEmpty)
        #expect(try laptop.json("search", "lift").values.count == 1)
        let triggers = try open.database.query(query)
        #expect(triggers.count == 2 * RecordKind.all.count)
        for case .text(let name) in triggers.compactMap(\.first) { try open.database.execute("DROP TRIGGER \(name)") }
        try open.database.execute(
            "DROP TABLE search; DROP TABLE search_stale; DROP TABLE search_progress; DROP TABLE operation")
        try open.database.execute("PRAGMA user_version = 1")
        #expect(try laptop.json("search", "lift").values.count == 1)
        #expect(laptop.run(["undo"]).code == .notFound)
    }

    @Test("A command that updates the tables later than another one leaves the index that this one began to fill")
    func upgradeTwice() throws {
        let laptop = try FieldLaptop()
        _ = try laptop.visit("The lift")
        #expect(try laptop.json("search", "lift").values.count == 1)
        let open = try Laptop(home: HomeFolder(path: laptop.folder), creating: false, clock: { FieldLaptop.now })
        let version = try open.database.version
        func filled() throws -> Int64? { try open.database.integer("SELECT count(*) FROM search_progress") }
        let before = try filled()
        try SearchIndex(database: open.database).createTables(forVersion: version)
        #expect(try filled() == before && before != 0)
        try SearchIndex(database: open.database).createTables(forVersion: version + 1)
        #expect(try filled() == 0)
        #expect(try laptop.json("search", "lift").values.count == 1)
    }
}
