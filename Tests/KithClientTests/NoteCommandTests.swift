import Terminal
import Testing

@testable import KithClient

@Suite("Notes")
struct NoteCommandTests {
    private let laptop: FieldLaptop

    init() throws {
        laptop = try FieldLaptop()
        _ = try laptop.json("person", "add", "Alex Moon")
    }

    private func note(_ words: String...) throws -> String {
        try #require(try laptop.json(words: ["note"] + words)["id"]?.text)
    }

    private func listed(_ more: String...) throws -> [String?] {
        try laptop.json(words: ["note", "list"] + more).values.map { $0["text"]?.text }
    }

    @Test("A note that corrects another is shown in its place, and the earlier one stays whole")
    func corrects() throws {
        let first = try note("alex", "Sleeps at Castle Street.")
        let second = try note("alex", "Sleeps at Chapel Street.", "--corrects", first)
        let shown = laptop.run(["person", "show", "alex"]).output
        #expect(shown.contains("Chapel Street") && !shown.contains("Castle Street"), "\(shown)")
        #expect(try laptop.json("person", "show", "alex")["notes"]?.values.map { $0["id"]?.text } == [second])
        #expect(try listed() == ["Sleeps at Chapel Street."])
        #expect(try listed("--all").count == 2)
        #expect(laptop.run(["search", "castle"]).errors.contains("No record here says that."))
        #expect(laptop.run(["note", "show", first]).output.contains("Corrected by: note"))
        #expect(laptop.run(["history", first]).output.contains("Sleeps at Castle Street."))
        // What corrects the correction stands for both; without it the first stands for itself again.
        let third = try note("alex", "Sleeps at the hostel.", "--corrects", second)
        #expect(try listed() == ["Sleeps at the hostel."])
        #expect(laptop.run(["note", "delete", third, "--yes"]).code == .done)
        #expect(laptop.run(["note", "delete", second, "--yes"]).code == .done)
        #expect(try listed() == ["Sleeps at Castle Street."])
    }

    @Test("A note about a record that was deleted is refused with what brings the record back")
    func aboutDeleted() throws {
        let visit = try laptop.visit()
        _ = try laptop.json("visit", "delete", visit, "--yes")
        let short = String(visit.prefix(8))
        for typed in [short, visit] {
            let run = laptop.run(["note", typed, "Tea."])
            #expect(run.code == .notFound)
            #expect(
                run.errors
                    == "kith: A visit with that id was deleted. Nothing was changed.\n"
                    + "Next: kith visit restore \(short)\n",
                "\(run.errors)")
        }
        _ = try laptop.json("person", "delete", "Alex Moon", "--yes")
        let named = laptop.run(["note", "alex moon", "Tea."])
        #expect(
            named.code == .notFound && named.errors.contains("A person by that name or id was deleted."),
            "\(named.errors)")
    }

    @Test("The list begins with the newest note, whatever it says")
    func order() throws {
        for text in ["Bread.", "Apples.", "Cake."] { _ = try note("alex", text) }
        #expect(try listed() == ["Cake.", "Apples.", "Bread."])
        #expect(try listed("--limit", "2") == ["Cake.", "Apples."])
        #expect(laptop.run(["note", "list", "--help"]).output.contains("List notes, the newest first."))
    }

    @Test("Two notes that correct each other, as two laptops may write them, are both shown")
    func circle() throws {
        let first = try note("alex", "One.")
        let second = try note("alex", "Two.", "--corrects", first)
        #expect(laptop.run(["note", "edit", first, "--corrects", second]).code == .done)
        #expect(try listed().count == 2)
        #expect(laptop.run(["note", "edit", second, "--corrects", second]).code == .done)
        #expect(try listed() == ["One."], "who corrects itself hides nobody, and the first corrects it still")
    }

    @Test("A concern that was passed on and has left is known by its id, and it is told how to say more about it")
    func aboutConcernThatLeft() throws {
        let id = try #require(try laptop.json("concern", "add", "He owes money", "--person", "alex")["id"]?.text)
        let short = String(id.prefix(8))
        #expect(laptop.run(["concern", "show", short]).code == .done, "it is not sent yet")
        _ = try laptop.json("sync")
        for words in [["concern", "show", short], ["note", id, "More."], ["history", short]] {
            let run = laptop.run(words)
            #expect(run.code == .notFound)
            #expect(
                run.errors.contains("That concern was passed on from here for leads and admins to read ("), "\(run)")
            #expect(run.errors.contains("begins with \"More about \(short)\"."), "\(run)")
            #expect(run.errors.hasSuffix("Next: kith concern add\n"), "\(run)")
        }
        let list = laptop.run(["concern", "list"]).errors
        #expect(list.contains("None of them is on this laptop any more.") && !list.contains("There are no"), "\(list)")
        #expect(!laptop.run(["concern", "show", "2222"]).errors.contains("passed on"), "that is the id of none")
    }

    @Test("A note about another record can't be corrected from here, and nothing is saved")
    func otherRecord() throws {
        _ = try laptop.json("person", "add", "Robin Vale")
        let first = try note("alex", "One.")
        let run = laptop.run(["note", "robin", "Two.", "--corrects", first])
        #expect(run.code == .usage && run.errors.contains("about another record"), "\(run)")
        #expect(try listed() == ["One."])
    }

    @Test("A note and the history take a name; one that two records bear, or an id too, is asked about")
    func names() throws {
        _ = try note("Alex Moon", "By name.")
        #expect(laptop.run(["history", "alex"]).output.contains("Alex Moon"))
        _ = try laptop.json("place", "add", "Alexandra House", "--kind", "residential")
        let both = laptop.run(["note", "alex", "For whom?"])
        #expect(both.code == .notFound && both.errors.contains("2 records have that name"), "\(both)")
        #expect(both.errors.contains("(person, Alex Moon)"), "\(both)")
        #expect(both.errors.contains("(place, Alexandra House)"), "\(both)")
        let nobody = laptop.run(["note", "nobody", "For whom?"])
        #expect(nobody.code == .notFound && nobody.errors.contains("goes by that name or id"), "\(nobody)")
        #expect(try listed() == ["By name."])
    }
}
