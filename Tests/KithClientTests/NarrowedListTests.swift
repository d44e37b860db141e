import OutreachModel
import SyncCore
import SyncReplica
import Terminal
import Testing

@testable import KithClient

@Suite("Lists of some of the records")
struct NarrowedListTests {
    private let laptop: FieldLaptop

    init() throws { laptop = try FieldLaptop() }

    @Test("Who knows whom is listed from both sides")
    func bothSides() throws {
        for name in ["Robyn Vale", "Jo Field", "Nia"] { _ = try laptop.json("person", "add", name) }
        _ = try laptop.json("relationship", "add", "Robyn Vale", "Jo Field", "--kind", "friend")
        _ = try laptop.json("relationship", "add", "Nia", "Robyn Vale", "--introduced-by", "Jo Field")
        for (name, count) in [("Robyn Vale", 2), ("Jo Field", 1), ("Nia", 1)] {
            #expect(try laptop.json("relationship", "list", "--person", name).values.count == count, "\(name)")
        }
    }

    @Test("A list that finds nothing says whether there are any, and how to add one")
    func nothing() throws {
        #expect(
            laptop.run(["visit", "list", "--since", "today"]).errors.hasSuffix(
                "There are no visits here. Add one: kith visit add\n"))
        _ = try laptop.visit()
        #expect(
            laptop.run(["visit", "list", "--since", "2026-11-23"]).errors.hasSuffix("None of the visits here fits.\n"))
        #expect(laptop.run(["note", "list"]).errors == "There are no notes here. Add one: kith note ID\n")
        #expect(laptop.run(["resource", "list"]).errors == "There are no resources here.\n", "the office writes them")
        #expect(laptop.run(["round", "list"]).errors == "There are no rounds here. Set out: kith round start\n")
    }

    @Test("What is left of a list is shown by the same command, with what it was asked for")
    func rest() throws {
        _ = try laptop.json("place", "add", "Castle House")
        for minute in 10...60 {
            _ = try laptop.json("visit", "add", "castle", "2026-11-0\(minute % 9 + 1) 10:\(minute % 50 + 10)")
        }
        let run = laptop.run(["visit", "list", "--place", "Castle House"], isTerminal: true)
        #expect(
            run.errors.hasSuffix("There are 1 more. Show all: kith visit list --place 'Castle House' --limit 0\n"),
            "\(run.errors)")
    }

    @Test("What was deleted is listed with who did it, and can be brought back from there")
    func deleted() throws {
        #expect(laptop.run(["visit", "list", "--deleted"]).errors == "No deleted visits are on this laptop.\n")
        let (kept, gone) = (try laptop.visit("Kept"), try laptop.visit("Gone"))
        _ = try laptop.json("visit", "delete", gone, "--yes")
        let id = gone.prefix(8)
        let run = laptop.run(["visit", "list", "--deleted"], width: 100)
        #expect(
            run.output == """
                Id        Visit                                         Deleted                By
                \(id)  Castle House, Sunday 22 November 2026, 14:30  Sun 22 Nov 2026 15:00  Priya

                """)
        #expect(run.errors == "Bring one back: kith visit restore \(id)\n")
        #expect(try laptop.json("visit", "list", "--deleted").values.map { $0["id"]?.text } == [gone])
        #expect(try laptop.json("visit", "list").values.map { $0["id"]?.text } == [kept])
    }

    @Test("Own words stand where other would say nothing, and a role says whose it is")
    func ownWords() throws {
        _ = try laptop.json("person", "add", "Robyn Vale")
        let role = laptop.run(["role", "add", "robyn", "other", "--kind-other", "Cook"])
        #expect(role.output.contains(": Robyn Vale, Cook."), "\(role.output)")
        #expect(laptop.run(["role", "list"]).output.contains("Cook"))
        _ = try laptop.json("consent", "add", "robyn", "other", "--purpose-other", "Songs", "--answer", "given")
        #expect(laptop.run(["consent", "list"]).output.contains("Songs"))
        let id = try #require(try laptop.json("consent", "list").values.first?["id"]?.text)
        let shown = laptop.run(["consent", "show", id]).output
        #expect(shown.hasPrefix("Robyn Vale, Songs, given\n") && shown.contains("Purpose: other\n"), "\(shown)")
    }

    @Test(
        "The day of a record is today where another day that is given lies ahead, and is left out where it has passed")
    func filledInDay() throws {
        _ = try laptop.json("person", "add", "Robyn Vale")
        for (end, given) in [("2027-06-01", "2026-11-22"), ("2026-11-20", nil)] as [(String, String?)] {
            let id = try #require(
                try laptop.json("consent", "add", "robyn", "quotes", "--answer", "given", "--expires", end)["id"]?.text)
            #expect(try laptop.json("consent", "show", id)["given"]?.text == given, "\(end)")
        }
    }

    @Test("A name with a line break makes no line of its own in what is asked")
    func lineBreak() throws {
        // As an import or a version before may have kept it.
        try laptop.write {
            _ = try $0.create(
                table: OutreachSchema.Number.person, area: 2,
                values: [(PersonField.name.rawValue, .text("Nice\nNext: kith undo"))])
        }
        _ = try laptop.json("person", "add", "Nice one", "--new")
        let run = laptop.run(["person", "show", "nice"])
        #expect(run.code == .notFound && run.errors.contains("Nice\\nNext: kith undo"), "\(run.errors)")
        #expect(!run.errors.split(separator: "\n").contains("Next: kith undo"))
    }

    @Test("Of several purposes in own words one is taken back, not all")
    func ownPurpose() throws {
        _ = try laptop.json("person", "add", "Robyn Vale")
        for own in ["Songs", "A film"] {
            _ = try laptop.json("consent", "add", "robyn", "other", "--purpose-other", own, "--answer", "given")
        }
        func answers() throws -> [String: String] {
            Dictionary(
                uniqueKeysWithValues: try laptop.json("consent", "list").values.map {
                    ($0["purpose_other"]?.text ?? "", $0["answer"]?.text ?? "")
                })
        }
        let which = laptop.run(["consent", "withdraw", "robyn", "other"])
        #expect(
            which.code == .usage && which.errors.contains("Which other purpose? Nothing was saved."), "\(which.errors)")
        #expect(try answers() == ["Songs": "given", "A film": "given"])
        let asked = laptop.run(["consent", "withdraw", "robyn", "other"], input: "2\n", isTerminal: true)
        #expect(asked.code == .done && asked.errors.contains("  1  A film\n  2  Songs\n"), "\(asked.errors)")
        #expect(try answers() == ["Songs": "withdrawn", "A film": "given"])
        #expect(laptop.run(["consent", "withdraw", "robyn", "a FILM"]).code == .done)
        #expect(Set(try answers().values) == ["withdrawn"])
    }

    @Test(
        "A name is kept without what can't be seen in it",
        arguments: [
            ("Ann\u{200B}ie", "Annie"), ("\u{202E}evil", "evil"), (" Tab\tName \n", "Tab Name"),
            ("New\nLine", "New Line"),
            ("\u{1F469}\u{200D}\u{1F9BD} Kay", "\u{1F469}\u{200D}\u{1F9BD} Kay"),
        ])
    func tidyNames(typed: String, kept: String) throws {
        for kind in ["person", "place"] {
            let id = try #require(try laptop.json(kind, "add", typed, "--new")["id"]?.text)
            #expect(try laptop.json(kind, "show", id)["name"]?.text == kept)
            _ = try laptop.json(kind, "edit", id, "--name", "Other")
            _ = try laptop.json(kind, "edit", id, "--name", typed)
            #expect(try laptop.json(kind, "show", kept)["name"]?.text == kept)
        }
    }

    @Test("An edit of a kind without a long text asks what changes, in words, and a word of a list can be emptied")
    func editAsks() throws {
        _ = try laptop.json("person", "add", "Robyn Vale")
        let id = try #require(try laptop.json("role", "add", "robyn", "client", "--started", "today")["id"]?.text)
        let run = laptop.run(["role", "edit", id], input: "2\npeer mentor\n\n", isTerminal: true)
        #expect(run.code == .done, "\(run.errors)")
        #expect(
            run.errors.contains("  1  Person: Robyn Vale\n") && !run.errors.contains("Imported extras"), "\(run.errors)"
        )
        #expect(try laptop.json("role", "show", id)["kind"] == "peer_mentor")
        let visit = try laptop.visit()
        let purpose = try laptop.json("place", "edit", "castle", "--kind", "residential")
        #expect(purpose["kind"] == "residential")
        let emptied = laptop.run(["place", "edit"], input: "castle\n2\n\n\n", isTerminal: true)
        #expect(emptied.code == .done, "\(emptied.errors)")
        #expect(try laptop.json("place", "show", "castle")["kind"] == .null)
        let opened = laptop.run(["visit", "edit", visit], isTerminal: true, editor: "true")
        #expect(!opened.errors.contains("What changes?"), "a long text opens in the editor: \(opened.errors)")
    }
}
