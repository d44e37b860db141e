import Foundation
import Testing

/// A spreadsheet that a colleague has imported long ago, or an old export, and what people have written since.
@Suite("What an old spreadsheet does not take back")
struct OldSpreadsheetTests {
    private let office: Office
    private let priya: Laptop
    private let sam: Laptop
    private let lea: Laptop

    init() throws {
        office = try Office()
        try office.open()
        priya = try office.laptop("Priya")
        sam = try office.laptop("Sam")
        lea = try office.laptop("Lea")
    }

    private func sync(_ laptops: Laptop...) throws {
        for laptop in laptops { try laptop.run("sync").succeeded() }
    }

    private func counts(_ result: JSON) -> [Int?] {
        ["imported", "updated", "unchanged", "rejected", "blank", "kept"].map { result[$0].integer }
    }

    private func summaries(_ laptop: Laptop) throws -> [String] {
        try (laptop.json("visit", "list").array ?? []).compactMap { $0["summary"].string }.sorted()
    }

    @Test(
        "A file that a colleague imported before leaves what somebody wrote since, on a second laptop and at the office"
    )
    func wordsStay() throws {
        let head = "external_id,place,started,summary,headcount\n"
        let path = try priya.scratch.write(
            "q.csv", head + "1,Hub,2025-11-20,first words,\n2,Hub,2025-11-21,,\n3,Hub,2025-11-22,plain,\n")
        try priya.run("import", "visits", path, "--create-places").succeeded()
        try sync(priya, sam)
        for (visit, words) in [("2025-11-20", "Sam mended this"), ("2025-11-21", "a whole page")] {
            let id = try #require(
                (sam.json("visit", "list").array ?? []).first { $0["started"].string?.hasPrefix(visit) == true }?["id"]
                    .string)
            try sam.run("visit", "edit", id, "--summary", words).succeeded()
        }
        try sync(sam, lea)
        let told = try lea.run("import", "visits", path).succeeded()
        #expect(told.output == "0 visits imported, 3 unchanged.\n")
        #expect(
            told.errors.contains("2 rows say something else than somebody wrote here since: that stays."),
            "\(told.errors)")
        #expect(try counts(lea.json("import", "visits", path)) == [0, 0, 3, 0, 0, 2])
        let server = try office.run("import", "visits", path, "--json").succeeded().json()
        #expect(counts(server) == [0, 0, 3, 0, 0, 2])
        // A field that nobody has written since takes what a later file says, and so does one that stands empty.
        let later = try lea.scratch.write(
            "later.csv", head + "1,Hub,2025-11-20,first words,4\n2,Hub,2025-11-21,,\n3,Hub,2025-11-22,plainer,\n")
        #expect(try counts(lea.json("import", "visits", later)) == [0, 2, 1, 0, 0, 2])
        #expect(try summaries(lea) == ["Sam mended this", "a whole page", "plainer"])
        // Where it was imported, another content in a later file is an edit.
        try sync(lea, priya)
        let other = try priya.scratch.write("other.csv", head + "1,Hub,2025-11-20,other words,\n")
        #expect(try counts(priya.json("import", "visits", other)) == [0, 1, 0, 0, 0, 1], "Lea's headcount stays")
        #expect(try summaries(priya) == ["a whole page", "other words", "plainer"])
        // But an empty cell empties nothing that somebody else wrote.
        let empty = try priya.scratch.write("empty.csv", head + "2,Hub,2025-11-21,,7\n")
        #expect(try counts(priya.json("import", "visits", empty)) == [0, 1, 0, 0, 0, 1])
        #expect(try summaries(priya) == ["a whole page", "other words", "plainer"])
    }

    @Test("A cell that reads as it did at the last import on this machine takes back no colleague's words")
    func cellsStay() throws {
        let head = "external_id,name,interests,wants_next\n"
        let first = try priya.scratch.write("first.csv", head + "1,Anna,Chess,A flat\n")
        let later = try priya.scratch.write("later.csv", head + "1,Anna,Chess,A house\n")
        func anna() throws -> [String?] {
            try sync(priya, sam, priya)
            let anna = try sam.json("person", "list").array?.first
            return [anna?["interests"].string, anna?["wants_next"].string]
        }
        // On a laptop, and at the office: the other one's words are always Sam's.
        try priya.run("import", "people", first).succeeded()
        try sync(priya, sam)
        try sam.run("person", "edit", "Anna", "--interests", "Sam's words").succeeded()
        try sync(sam, priya)
        #expect(try counts(priya.json("import", "people", later)) == [0, 1, 0, 0, 0, 1])
        #expect(try anna() == ["Sam's words", "A house"])
        try priya.run("undo").succeeded()
        #expect(try anna() == ["Sam's words", "A flat"])
        #expect(try counts(priya.json("import", "people", later)) == [0, 1, 0, 0, 0, 1])
        #expect(try anna() == ["Sam's words", "A house"])
        try office.run("import", "people", first, "--overwrite").succeeded()
        #expect(try anna() == ["Chess", "A flat"])
        try sam.run("person", "edit", "Anna", "--interests", "Sam's words").succeeded()
        try sync(sam)
        for _ in 0..<2 {
            let told = try office.run("import", "people", later, "--json").succeeded().json()
            #expect(counts(told) == [0, 1, 0, 0, 0, 1])
            #expect(try anna() == ["Sam's words", "A house"])
            try office.run("undo").succeeded()
            #expect(try anna() == ["Sam's words", "A flat"])
        }
    }

    @Test("No file takes back who is kept together with whom: the one who stands for both wants no contact")
    func identitiesStay() throws {
        for name in ["Ann A", "Ann B"] { try priya.run("person", "add", name, "--new").succeeded() }
        let export = try priya.scratch.write("old.csv", try priya.run("export", "people").succeeded().output)
        try sync(priya, sam)
        try sam.run("person", "merge", "Ann A", "Ann B", "--yes").succeeded()
        try sam.run("person", "edit", "Ann B", "--do-not-contact", "yes").succeeded()
        try sync(sam, priya)
        let result = try priya.json("import", "people", export)
        #expect(counts(result) == [0, 0, 1, 1, 0, 1], "\(result)")
        let people = try priya.json("person", "list").array ?? []
        #expect(people.count == 1 && people.first?["do_not_contact"].integer == 1, "\(people)")
        let server = try office.run("import", "people", export, "--json").succeeded().json()
        #expect(counts(server)[1] == 0 && counts(server)[0] == 0, "\(server)")
    }

    @Test("No import lifts do not contact, a withdrawn consent or what may not be quoted, whoever imported it before")
    func restrictedStays() throws {
        let people = try priya.scratch.write("p.csv", "external_id,name,do_not_contact\n1,Dora,\n2,Ben,no\n")
        let consents = try priya.scratch.write("c.csv", "external_id,person,purpose,answer\n1,Dora,quotes,given\n")
        try priya.run("import", "people", people).succeeded()
        try priya.run("import", "consents", consents).succeeded()
        let export = try priya.scratch.write("january.csv", try priya.run("export", "people").succeeded().output)
        try sync(priya, sam)
        for name in ["Dora", "Ben"] { try sam.run("person", "edit", name, "--do-not-contact", "yes").succeeded() }
        let consent = try #require((sam.json("consent", "list").array ?? []).first?["id"].string)
        try sam.run("consent", "edit", consent, "--answer", "withdrawn").succeeded()
        try sync(sam, lea, priya)
        // An empty cell says nothing; a cell that says no is rejected.
        #expect(try counts(lea.json("import", "people", people)) == [0, 0, 1, 1, 0, 1])
        let refused = try lea.run("import", "consents", consents)
        #expect(refused.code == 1)
        #expect(refused.errors.contains("“Answer” is withdrawn here by now, and an import does not take that back."))
        #expect(refused.errors.contains("kith consent edit \(consent.prefix(8)) --answer given"), "\(refused.errors)")
        let server = try office.run("import", "people", people, "--json").succeeded().json()
        #expect(counts(server) == [0, 0, 1, 1, 0, 1])
        #expect(try office.run("import", "consents", consents).code == 1)
        // An old export of the very laptop, and a later file where the first one was imported.
        #expect(try counts(priya.run("import", "people", export, "--json").json()) == [0, 0, 0, 2, 0, 0])
        let later = try priya.scratch.write(
            "later.csv", "external_id,name,interests,do_not_contact\n1,Dora,Chess,\n2,Ben,Tea,no\n")
        #expect(try counts(priya.json("import", "people", later)) == [0, 1, 0, 1, 0, 1])
        #expect(try counts(lea.json("import", "people", people, "--overwrite")) == [0, 0, 1, 1, 0, 1])
        try sync(lea, priya)
        let exported = try office.run("export", "people", "--format", "jsonl").succeeded().output
        #expect(exported.split(separator: "\n").allSatisfy { $0.contains("\"do_not_contact\":1") }, "\(exported)")
        #expect(try office.run("export", "consents").succeeded().output.contains("withdrawn"))
        let rejects = try String(contentsOfFile: later + ".rejects.csv", encoding: .utf8)
        #expect(rejects.contains("“Do not contact” is yes here by now, and an import does not take that back."))
        #expect(rejects.contains("kith person edit") && rejects.contains("--do-not-contact no"), "\(rejects)")
    }
}
