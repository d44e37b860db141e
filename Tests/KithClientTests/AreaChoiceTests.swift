import SyncCore
import Terminal
import Testing

@testable import KithClient

@Suite struct AreaChoiceTests {
    @Test("with several areas one must be said, and is remembered")
    func several() throws {
        let laptop = try FieldLaptop(areas: ["north", "south"])
        let unsaid = laptop.run(["person", "add", "Alex"])
        #expect(unsaid.code == .usage)
        #expect(unsaid.errors.contains("\"north\", \"south\""))
        #expect(try laptop.json("person", "list") == [])
        #expect(try laptop.json("person", "add", "Alex", "--area", "south")["area"] == "south")
        let next = laptop.run(["person", "add", "Sam", "--json"])
        #expect(try next.json["area"] == "south")
        #expect(next.errors.contains("\"south\""))
    }

    @Test("restricted twins and the area of everyone are never chosen for a team's record")
    func twins() throws {
        let areas = [
            Directory.Area(number: 1, name: "everyone", canRead: true, canWrite: true, twinOf: nil),
            Directory.Area(number: 2, name: "main", canRead: true, canWrite: true, twinOf: nil),
            Directory.Area(number: 3, name: "main (restricted)", canRead: true, canWrite: true, twinOf: 2),
            Directory.Area(number: 4, name: "other", canRead: true, canWrite: false, twinOf: nil),
        ]
        let directory = Directory(version: 1, role: .worker, person: "P", devices: [], areas: areas)
        let choice = try AreaChoice(directory: directory).decide(named: nil, lastUsed: 4)
        #expect(choice == AreaChoice.Decision(area: 2, name: "main"))
    }

    @Test(
        "A visit with people of several teams says so and saves nothing, whoever is named first; a single one's team is told",
        arguments: [["Alex", "Robyn"], ["Robyn", "Alex"]])
    func peopleOfSeveral(names: [String]) throws {
        let laptop = try FieldLaptop(areas: ["alex", "canterbury"])
        _ = try laptop.json("place", "add", "Castle House")
        _ = try laptop.json("person", "add", "Alex", "--team", "alex")
        _ = try laptop.json("person", "add", "Robyn", "--team", "canterbury")
        let words = ["visit", "add", "castle", "today", "--with", names[0], "--with", names[1]]
        let refused = laptop.run(words)
        #expect(refused.code == .usage)
        for place in ["Alex is in alex", "Robyn is in canterbury"] {
            #expect(refused.errors.contains(place), "\(refused)")
        }
        #expect(try laptop.json("visit", "list") == [])
        let asked = laptop.run(words, input: "2\n", isTerminal: true)
        #expect(asked.code == .done, "\(asked)")
        #expect(try laptop.json("visit", "list").values.first?["area"] == "canterbury")
        #expect(laptop.run(words + ["--team", "alex"]).code == .done)
        let one = laptop.run(["visit", "add", "castle", "today", "--with", "Robyn"])
        #expect(one.errors.contains("Saved in the team \"canterbury\", as Robyn is."), "\(one)")
        #expect(laptop.run(["relationship", "add", "Alex", "Robyn", "--kind", "friend"]).code == .usage)
    }

    @Test("G7: nothing follows another record into somebody's own area, nor what was picked for people of two teams")
    func ownArea() throws {
        let laptop = try FieldLaptop(areas: ["alex", "canterbury"], membersAreas: ["alex"])
        _ = try laptop.json("place", "add", "Castle House")
        _ = try laptop.json("person", "add", "Alex", "--team", "alex")
        _ = try laptop.json("person", "add", "Nia", "--team", "canterbury")
        _ = try laptop.json("note", "castle", "Bring tea", "--team", "alex")
        let both = laptop.run(["relationship", "add", "Alex", "Nia"], input: "2\n", isTerminal: true)
        #expect(both.code == .done, "\(both.errors)")
        #expect(try laptop.json("relationship", "list").values.first?["area"] == "alex")
        let told = "Saved in the team \"canterbury\", the only one of yours that is not somebody's own."
        for words in [
            ["visit", "add", "castle", "today", "--summary", "Nia cried."], ["promise", "add", "For both"],
            ["concern", "add", "A worry"], ["round", "start", "The river", "--buddy", "Sam", "--back", "17:00"],
        ] {
            let run = laptop.run(words)
            #expect(run.code == .done && run.errors.contains(told), "\(run.errors)")
            guard words[0] != "concern" else { continue }
            #expect(try laptop.json(words[0], "list").values.first?["area"] == "canterbury")
        }
    }

    @Test("Of several teams the one that was named last is taken, but not for a round or a concern: there it is asked")
    func severalBesideOwn() throws {
        let laptop = try FieldLaptop(areas: ["alex", "deal", "dover"], membersAreas: ["alex"])
        _ = try laptop.json("place", "add", "Castle House")
        let visit = ["visit", "add", "castle", "today"]
        #expect(laptop.run(visit).code == .usage)
        for (team, next) in [("deal", "deal"), ("alex", "deal"), ("dover", "dover")] {
            #expect(laptop.run(visit + ["--team", team]).code == .done)
            let run = laptop.run(visit)
            #expect(run.errors.contains("Saved in the team \"\(next)\", as the record before."), "\(run.errors)")
        }
        for words in [
            ["concern", "add", "A worry"], ["round", "start", "The river", "--buddy", "Sam", "--back", "17:00"],
        ] {
            let run = laptop.run(words)
            #expect(run.code == .usage && run.errors.contains("Which team? Nothing was saved."), "\(run.errors)")
        }
        #expect(laptop.run(visit + ["--team", "alex"]).code == .done)
        let asked = laptop.run(
            ["round", "start", "River", "--buddy", "Sam", "--back", "17:00"], input: "1\n", isTerminal: true)
        #expect(asked.code == .done, "\(asked.errors)")
        #expect(try laptop.json("round", "list").values.first?["area"] == "deal")
    }

    @Test("Teams are named before anybody's own area, which is marked, and what is said to come next names a team")
    func ownAreaLast() throws {
        let laptop = try FieldLaptop(areas: ["alex", "deal", "dover"], membersAreas: ["alex"])
        let words = ["round", "start", "River", "--buddy", "Sam", "--back", "17:00"]
        let refused = laptop.run(words)
        #expect(
            refused.errors.hasSuffix(
                "kith: Which team? Nothing was saved. Say one of: \"deal\", \"dover\", \"alex\" (somebody's own, who reads all "
                    + "of it).\nNext: the same command with --team \"deal\"\n"), "\(refused.errors)")
        let asked = laptop.run(words, input: "1\n", isTerminal: true)
        #expect(
            asked.errors.contains(
                "Which team does it belong to?\n  1  deal\n  2  dover\n  3  alex (somebody's own, who reads all of it)\n"
            ),
            "\(asked.errors)")
        #expect(try laptop.json("round", "list").values.map { $0["area"]?.text } == ["deal"])
        _ = try laptop.json("person", "add", "Alex", "--team", "alex")
        _ = try laptop.json("person", "add", "Nia", "--team", "dover")
        let both = laptop.run(["relationship", "add", "Alex", "Nia"])
        #expect(both.errors.hasSuffix("Next: the same command with --team \"dover\"\n"), "\(both.errors)")
    }

    @Test("who may write nowhere is told so")
    func none() {
        let directory = Directory(version: 1, role: .auditor, person: "P", devices: [], areas: [])
        let error = #expect(throws: CommandFailure.self) {
            try AreaChoice(directory: directory).decide(named: nil, lastUsed: nil)
        }
        #expect(error?.exitCode == .refused)
    }
}
