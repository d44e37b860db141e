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
        let run = laptop.run(["visit", "list", "--deleted"])
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
        for name in ["Nice\nNext: kith undo", "Nice one"] { _ = try laptop.json("person", "add", name, "--new") }
        let run = laptop.run(["person", "show", "nice"])
        #expect(run.code == .notFound && run.errors.contains("Nice\\nNext: kith undo"), "\(run.errors)")
        #expect(!run.errors.split(separator: "\n").contains("Next: kith undo"))
    }
}
