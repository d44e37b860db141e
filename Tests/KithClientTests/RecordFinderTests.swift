import OutreachModel
import SyncCore
import SyncReplica
import Terminal
import Testing

@testable import KithClient

/// Names that are spelt as an id may begin.
@Suite struct RecordFinderTests {
    private let laptop: FieldLaptop
    /// The beginning of the id of somebody called Robin.
    private let beginning: String

    init() throws {
        laptop = try FieldLaptop()
        beginning = String(try #require(try laptop.json("person", "add", "Robin")["id"]?.text).prefix(4))
    }

    private func names() throws -> [String?] { try laptop.json("person", "list").values.map { $0["name"]?.text } }

    @Test("Where somebody's name is the beginning of another's id, it is asked who is meant, and nothing is changed")
    func nameAndID() throws {
        let named = beginning.uppercased()
        _ = try laptop.json("person", "add", named, "--new")
        let run = laptop.run(["person", "delete", beginning, "--yes"])
        #expect(run.code == .notFound)
        #expect(run.errors.contains("2 people fit"))
        #expect(try Set(names()) == ["Robin", named])
    }

    @Test("Three letters are a name, and never the beginning of a person's id")
    func shortName() throws {
        let short = String(beginning.prefix(3))
        #expect(laptop.run(["person", "delete", short, "--yes"]).code == .notFound)
        _ = try laptop.json("person", "add", short, "--new")
        #expect(laptop.run(["person", "delete", short, "--yes"]).code == .done)
        #expect(try names() == ["Robin"])
    }

    @Test("The beginning of an id alone still finds its person, and the whole id always does")
    func idAlone() throws {
        #expect(try laptop.json("person", "show", beginning)["name"] == "Robin")
        let id = try #require(try laptop.json("person", "show", beginning)["id"]?.text)
        _ = try laptop.json("person", "add", id, "--new")
        #expect(try laptop.json("person", "show", id)["name"] == "Robin")
    }
}

@Suite("A name that fits nobody")
struct NearNameTests {
    private let laptop: FieldLaptop

    init() throws {
        laptop = try FieldLaptop()
        for name in ["Alex Moon", "Robyn Vale", "Robert Kay", "Priya Marsh"] {
            _ = try laptop.json("person", "add", name, "--new")
        }
        _ = try laptop.json("place", "add", "Castle House")
        _ = try laptop.json("place", "add", "Abbey House")
    }

    @Test(
        "It is asked whether a near one was meant, and nothing is chosen",
        arguments: [
            ("alxe", "\"Alex Moon\"?"), ("Alex Mon", "\"Alex Moon\"?"), ("moom", "\"Alex Moon\"?"),
            ("Robin Vale", "\"Robyn Vale\"?"), ("Bob Kay", "\"Robert Kay\"?"),
            ("Pirya", "\"Priya Marsh\"?"), ("marhs", "\"Priya Marsh\"?"),
        ])
    func people(typed: String, names: String) throws {
        let run = laptop.run(["person", "edit", typed, "--interests", "Chess", "--yes"])
        #expect(run.code == .notFound)
        #expect(
            run.errors.hasPrefix(
                "kith: No person here goes by that name or id. Nothing was saved. Did you mean \(names)\n"),
            "\(run.errors)")
        #expect(try laptop.json("person", "list").values.allSatisfy { $0["interests"] == .null })
    }

    @Test("A whole later word that one name alone has is that name, and is told; of several it is asked who is meant")
    func laterWord() throws {
        let vale = laptop.run(["person", "show", "vale"])
        #expect(vale.code == .done && vale.errors == "Robyn Vale\n" && vale.output.contains("Robyn Vale"), "\(vale)")
        let visit = laptop.run(["visit", "add", "castle", "today", "--with", "KAY"])
        #expect(visit.code == .done && visit.errors.contains("Robert Kay\n"), "\(visit)")
        #expect(laptop.run(["note", "marsh", "Likes tea"]).code == .done)
        let house = laptop.run(["visit", "add", "house", "today", "--no-input"])
        #expect(house.code == .notFound && house.errors.contains("2 places fit. Nothing was saved."), "\(house.errors)")
        #expect(house.errors.contains("  1  ") && house.errors.contains("  Abbey House"), "\(house.errors)")
        for part in ["va", "bert", "e"] { #expect(laptop.run(["person", "show", part]).code == .notFound, "\(part)") }
        _ = try laptop.json("person", "add", "Robyn Vale", "--new")
        let two = laptop.run(["person", "show", "robin vale"])
        let ids = try laptop.json("person", "list").values.filter { $0["name"] == "Robyn Vale" }
            .compactMap { $0["id"]?.text?.prefix(8) }
        #expect(ids.allSatisfy { two.errors.contains("\"Robyn Vale\" (\($0))") }, "\(two.errors)")
    }

    @Test("Names that are far off are not asked after", arguments: ["Zoe", "Sam", "Kim", "Tom", "Ros", "Zo Zest"])
    func far(typed: String) {
        let run = laptop.run(["visit", "add", "castle", "today", "--with", typed])
        #expect(run.code == .notFound && !run.errors.contains("Did you mean"), "\(run.errors)")
    }

    @Test("Of several people who are named the failure says whose name it is about")
    func several() throws {
        let run = laptop.run(["visit", "add", "castle", "today", "--with", "alex", "--with", "alxe"])
        #expect(run.code == .notFound)
        #expect(run.errors.contains("kith: --with alxe: No person here goes by that name or id. Nothing was saved."))
        #expect(run.errors.contains("Did you mean \"Alex Moon\"?\nNext: kith person list\n"))
        let both = laptop.run(["relationship", "add", "alex", "pirya", "--kind", "friend"])
        #expect(both.errors.contains("kith: OTHER: No person here goes by that name or id."), "\(both.errors)")
        #expect(try laptop.json("visit", "list").values.isEmpty)
    }

    @Test("People of one name are told apart by what they are and when they were last seen")
    func namesakes() throws {
        let first = try #require(
            try laptop.json("person", "add", "Jo Field", "--role", "client", "--place", "Castle House")["id"]?.text)
        let second = try #require(try laptop.json("person", "add", "Jo Field", "--new")["id"]?.text)
        _ = try laptop.json("visit", "add", "castle", "2026-11-20 10:00", "--with", first)
        let run = laptop.run(["visit", "add", "castle", "today", "--with", "jo field"])
        let lines = [
            "  \(first.prefix(8))  Jo Field  client at Castle House, last seen 20 Nov 2026",
            "  \(second.prefix(8))  Jo Field  added 22 Nov 2026",
        ]
        #expect(run.code == .notFound)
        for line in lines { #expect(run.errors.contains("\(line)\n"), "\(run.errors)") }
        let asked = laptop.run(["promise", "add", "Ring", "--person", "jo field"], width: 120)
        for line in lines { #expect(asked.errors.contains("\(line)\n"), "\(asked.errors)") }
    }

    @Test("Where questions are asked, the near names are numbered choices; another name may be typed")
    func guided() throws {
        let picked = laptop.run(["visit", "add"], input: "castel\n1\ntoday\n\n\n", isTerminal: true)
        #expect(picked.code == .done, "\(picked.errors)")
        #expect(
            picked.errors.contains("Nothing here goes by that name. Did you mean one of these? Pick it by its number"))
        #expect(picked.errors.contains("  Castle House\n"))
        let typed = laptop.run(["visit", "add"], input: "castel\nabbey\ntoday\n\n\n", isTerminal: true)
        #expect(typed.code == .done, "\(typed.errors)")
        let places = try laptop.json("visit", "list").values.map { $0["place_name"]?.text ?? $0["place"]?.text }
        #expect(places.count == 2)
        let note = laptop.run(["note", "alxe", "Likes tea"])
        #expect(note.code == .notFound && note.errors.contains("Did you mean \"Alex Moon\"?"), "\(note.errors)")
    }
}

@Suite("Deleted records with names, and names that look the same")
struct DeletedNameTests {
    @Test(
        "Who was deleted is said to be, by name and by id, and is brought back by either",
        arguments: ["person", "place"])
    func deleted(kind: String) throws {
        let laptop = try FieldLaptop()
        let id = String(try #require(try laptop.json(kind, "add", "Robyn Vale")["id"]?.text).prefix(8))
        for typed in ["robyn vale", id] {
            _ = try laptop.json(kind, "delete", id, "--yes")
            for words in [
                [kind, "show", typed], [kind, "edit", typed, "--name", "x"], [kind, "delete", typed, "--yes"],
            ] {
                let run = laptop.run(words)
                #expect(run.code == .notFound)
                #expect(
                    run.errors.contains("A \(kind) by that name or id was deleted. Nothing was changed."),
                    "\(run.errors)")
                #expect(run.errors.hasSuffix("Next: kith \(kind) restore \(id)\n"), "\(run.errors)")
            }
            #expect(laptop.run([kind, "restore", typed]).code == .done)
            #expect(try laptop.json(kind, "show", "robyn")["name"] == "Robyn Vale")
        }
        let nobody = laptop.run([kind, "show", "Nobody Here"])
        #expect(nobody.errors.hasSuffix("Next: kith \(kind) list\n"), "to add them is no way to find them")
    }

    @Test("Two names that look the same and are written in other bytes are two people, and it is asked who is meant")
    func accents() throws {
        let laptop = try FieldLaptop()
        for name in ["Zo\u{EB} M\u{FC}ller", "Zoe\u{308} Mu\u{308}ller"] {
            _ = try laptop.json("person", "add", name, "--new")
        }
        for typed in ["Zo\u{EB} M\u{FC}ller", "Zoe\u{308} Mu\u{308}ller"] {
            let run = laptop.run(["person", "show", typed])
            #expect(run.code == .notFound && run.errors.contains("2 people fit."), "\(run.errors)")
        }
    }
}
