import OutreachModel
import SyncCore
import Terminal
import Testing

@testable import KithClient

@Suite struct DuplicateTests {
    @Test("Whoever can be asked chooses between those who are here and a new one")
    func asked() throws {
        let laptop = try FieldLaptop()
        let zoe = try #require(try laptop.json("person", "add", "Zoë Marsh")["id"]?.text)
        let same = laptop.run(["person", "add", "zoe marsh"], input: "1\n", isTerminal: true)
        #expect(same.code == .done)
        #expect(
            same.errors.contains(
                "1 person sounds like that. Is it one of these?\n  1  \(zoe.prefix(8))  Zoë Marsh  main\n  2  None of these: add a new person\n"
            ), "\(same.errors)")
        #expect(same.output == "That is person \(zoe.prefix(8)): Zoë Marsh. Nothing was added.\n")
        #expect(laptop.run(["person", "add", "Marsh Zoe"], input: "2\n", isTerminal: true).code == .done)
        #expect(try laptop.json("person", "list").values.count == 2)
        let both = laptop.run(["person", "add", "Zoe Marsch"], input: "3\n", isTerminal: true)
        #expect(both.code == .done && both.errors.contains("2 people sound like that."), "\(both.errors)")
    }

    @Test("With --no-input the option is named and nothing is saved; where nobody can be asked it is saved with a note")
    func unasked() throws {
        let laptop = try FieldLaptop()
        let zoe = try #require(try laptop.json("person", "add", "Zoë")["id"]?.text)
        let refused = laptop.run(["person", "add", "Zoe", "--no-input"])
        #expect(refused.code == .usage)
        #expect(
            refused.errors == """
                kith: 1 person sounds like that. Nothing was saved. If this is another one, say --new.
                  \(zoe.prefix(8))  Zoë  main
                Next: the same command with --new

                """)
        #expect(laptop.run(["person", "add", "Zoe", "--no-input", "--new"]).errors == "")
        let noted = laptop.run(["person", "add", "Zoé"])
        #expect(noted.code == .done && noted.errors.hasPrefix("2 people sound like that: "), "\(noted.errors)")
        #expect(try laptop.json("person", "list").values.count == 3)
    }

    @Test("Places in two districts are two places; one without a district may be either")
    func districts() throws {
        let laptop = try FieldLaptop()
        _ = try laptop.json("place", "add", "Abbey House", "--district", "Dover")
        #expect(laptop.run(["place", "add", "Abbey House", "--district", "Deal", "--no-input"]).code == .done)
        let third = laptop.run(["place", "add", "Abbey Hause", "--no-input"])
        #expect(third.code == .usage && third.errors.contains("2 places sound like that."), "\(third.errors)")
        #expect(third.errors.contains("Abbey House  Dover\n"))
        #expect(try laptop.json("place", "duplicates").values.isEmpty)
    }

    @Test(
        "Duplicates are shown side by side with the command that merges them, also at 40 columns", arguments: [40, 80])
    func listed(width: Int) throws {
        let laptop = try FieldLaptop()
        let older = try #require(
            try laptop.json(
                "person", "add", "Catherine", "--interests", "Chess and long talks about the sea and ships of all kinds"
            )["id"]?.text.map {
                String($0.prefix(8))
            })
        let newer = try #require(
            try laptop.json("person", "add", "Kathryn", "--pronouns", "she")["id"]?.text.map { String($0.prefix(8)) })
        _ = try laptop.json("person", "add", "Sam")
        let run = laptop.run(["person", "duplicates"], width: width)
        #expect(run.output.hasPrefix("Kathryn and Catherine\n"), "\(run.output)")
        let gap = width == 40 ? "\n  " : " "
        #expect(run.output.contains("If they are one:\(gap)kith person merge \(newer) \(older)\n"))
        #expect(run.output.contains("Chess") && run.output.contains("she"))
        #expect(run.output.contains("Field: Name\n") == (width == 40), "a table where it fits, else lines")
        let json = try laptop.json("person", "duplicates").values
        #expect(json.map(\.names) == [["older", "newer", "merge"]])
        #expect(json[0]["older"]?["name"] == "Catherine")
        _ = try laptop.json("person", "merge", newer, older, "--yes")
        #expect(laptop.run(["person", "duplicates"]).output == "No two people here sound as if they were one.\n")
        let alias = laptop.run(["person", "add", "Kathrin", "--no-input"])
        #expect(alias.code == .usage && alias.errors.contains("  \(older)  Catherine"), "\(alias.errors)")
    }
}
