import Database
import Foundation
import OutreachModel
import SyncCore
import Terminal
import Testing

@testable import KithClient

@Suite struct MergeCommandTests {
    /// A laptop with two records of one person, who was visited under both.
    private func laptop() throws -> (laptop: FieldLaptop, alex: String, al: String) {
        let laptop = try FieldLaptop()
        _ = try laptop.json("place", "add", "Castle House", "--kind", "residential")
        let alex = try #require(try laptop.json("person", "add", "Alex", "--pronouns", "they")["id"]?.text)
        let al = try #require(
            try laptop.json("person", "add", "Ålbert", "--do-not-contact", "yes", "--interests", "Chess")["id"]?.text)
        _ = try laptop.json("visit", "add", "Castle House", "2026-11-20 10:00", "--with", "Alex", "--summary", "One")
        _ = try laptop.json("visit", "add", "Castle House", "2026-11-21 10:00", "--person", "albert")
        _ = try laptop.json("note", al, "Likes tea.")
        return (laptop, alex, al)
    }

    @Test(
        "Two people are merged by one command: one is listed, with all that belongs to both, and both names find them")
    func merge() throws {
        let (laptop, alex, al) = try laptop()
        let merged = try laptop.json("person", "merge", "Albert", "Alex", "--yes")
        #expect(merged["id"]?.text == alex)
        #expect(try laptop.json("person", "list").values.map { $0["id"]?.text } == [alex])
        for name in ["Alex", "albert", String(al.prefix(8))] {
            let shown = try laptop.json("person", "show", name)
            #expect(shown["id"]?.text == alex, "\(name)")
            #expect(shown["visits"] == 2)
            #expect(shown["notes"]?.values.map { $0["text"] } == ["Likes tea."])
            #expect(shown["merged"]?.values.map { $0["id"]?.text } == [al])
        }
        let visits = try laptop.json("visit", "list").values
        let person = try #require(visits.first { $0["person"] != .null }?["person"])
        #expect(person["id"]?.text == alex && person["name"] == "Alex" && person["written"]?.text == al)
        let third = try laptop.json("visit", "add", "Castle House", "today 9am", "--person", "Ålbert")
        #expect(third["person"]?["id"]?.text == alex)
        let all = try laptop.json("person", "list", "--all").values
        #expect(all.count == 2 && all.contains { $0["merged_into"]?["name"] == "Alex" })
    }

    @Test("A merge does not weaken do not contact: the one that stays reads as the strictest of both")
    func strictest() throws {
        let (laptop, alex, al) = try laptop()
        _ = try laptop.json("person", "merge", al, alex, "--yes")
        #expect(try laptop.json("person", "list").values.map { $0["do_not_contact"] } == [1])
        let shown = laptop.run(["person", "show", "Alex"]).output
        #expect(shown.contains("Do not contact: yes (Ålbert, \(al.prefix(8)), says so)\n"), "\(shown)")
        let edited = laptop.run(["person", "edit", "Alex", "--do-not-contact", "no"])
        #expect(
            edited.errors.contains(
                "“Do not contact” stays yes: \(al.prefix(8)), which is merged in, says so. "
                    + "Change it there: kith person edit \(al.prefix(8))"), "\(edited.errors)")
        #expect(try laptop.json("person", "show", "Alex")["do_not_contact"] == 1)
        _ = try laptop.json("person", "edit", al, "--do-not-contact", "no")
        #expect(try laptop.json("person", "show", "Alex")["do_not_contact"] == 0)
    }

    @Test("A merge that is taken back before it was sent is no change", arguments: ["person", "place"])
    func neverSent(kind: String) throws {
        let (laptop, _, _) = try laptop()
        let ids = try ["One", "Two"].map { name in
            let words = [kind, "add", name, "--yes"]
            return try #require(try laptop.json(words: words)["id"]?.text)
        }
        _ = try laptop.json("sync")
        _ = try laptop.json(kind, "merge", ids[0], ids[1], "--yes")
        #expect(try laptop.json("status")["waiting"] == 1)
        _ = try laptop.json("undo")
        #expect(try laptop.json("status")["waiting"] == 0)
        _ = try laptop.json("redo")
        #expect(try laptop.json("status")["waiting"] == 1)
    }

    @Test("One undo takes a merge back, redo does it again, and unmerge takes it back at any time")
    func takenBack() throws {
        let (laptop, alex, al) = try laptop()
        _ = try laptop.json("person", "merge", al, alex, "--yes")
        let undone = laptop.run(["undo"])
        #expect(undone.output.contains("Merged into is empty again."), "\(undone.output)")
        #expect(try laptop.json("person", "list").values.count == 2)
        #expect(laptop.run(["redo"]).output.contains("Merged into reads \"Alex\" again."))
        #expect(try laptop.json("person", "list").values.count == 1)
        _ = try laptop.json("sync")
        _ = try laptop.json("person", "edit", "Alex", "--rhythm-days", "7")
        for typed in ["Alex", "Albert", al] {
            let parted = laptop.run(["person", "unmerge", typed])
            #expect(parted.code == .done, "\(typed): \(parted.errors)")
            #expect(
                parted.output
                    == "Ålbert (\(al.prefix(8))) stands for itself again. It is saved here and waits to be sent.\n")
            #expect(try laptop.json("person", "show", "Albert")["id"]?.text == al)
            #expect(try laptop.json("person", "show", "Albert")["visits"] == 1)
            _ = laptop.run(["undo"])
        }
    }

    @Test("Whoever can be asked sees both sides before a merge, and may say no")
    func asked() throws {
        let (laptop, alex, al) = try laptop()
        let run = laptop.run(["person", "merge", al, alex], input: "n\n", isTerminal: true)
        #expect(run.code == .failed)
        #expect(run.errors.contains("Merge Ålbert (\(al.prefix(8))) into Alex (\(alex.prefix(8)))? [y/N]"))
        #expect(run.errors.contains("Chess") && run.errors.contains("they"), "\(run.errors)")
        #expect(try laptop.json("person", "list").values.count == 2)
        let unasked = laptop.run(["person", "merge", al, alex])
        #expect(unasked.code == .usage && unasked.errors.contains("Missing --yes"))
        for yes in [[], ["--yes"]] {
            let trial = laptop.run(["person", "merge", al, alex, "--dry-run"] + yes)
            #expect(trial.code == .done && trial.errors.contains("dry run"), "\(trial)")
        }
        #expect(try laptop.json("person", "list").values.count == 2)
    }

    @Test("What is one already, is itself, or belongs to two teams is not merged")
    func refused() throws {
        let (laptop, alex, al) = try laptop()
        let one = "That is one person already. Nothing was changed.\n"
        #expect(laptop.run(["person", "merge", alex, alex, "--yes"]).output == one)
        _ = try laptop.json("person", "merge", al, alex, "--yes")
        for (left, right) in [(al, alex), (alex, al), ("Albert", "Alex")] {
            #expect(laptop.run(["person", "merge", left, right, "--yes"]).output == one)
        }
        #expect(laptop.run(["person", "merge", "Nobody", alex, "--yes"]).code == .notFound)
        #expect(laptop.run(["person", "unmerge", "Castle"]).code == .notFound)
        let none = try laptop.json("person", "add", "Sam")["id"]?.text ?? ""
        let unmerged = laptop.run(["person", "unmerge", none])
        #expect(unmerged.code == .notFound && unmerged.errors.contains("Nothing is merged with that person."))
        let both = try FieldLaptop(areas: ["north", "south"])
        let north = try #require(try both.json("person", "add", "Alex", "--area", "north")["id"]?.text)
        let south = try #require(try both.json("person", "add", "Alec", "--area", "south")["id"]?.text)
        let run = both.run(["person", "merge", north, south, "--yes"])
        #expect(run.code == .refused)
        #expect(run.errors.contains("Next: kith person move \(north.prefix(8)) --team \"south\"\n"), "\(run.errors)")
    }

    @Test("Two places are merged: visits at either are listed at the one that stays, and so are exports by place")
    func places() throws {
        let laptop = try FieldLaptop()
        let house = try #require(try laptop.json("place", "add", "Castle House")["id"]?.text)
        let other = try #require(try laptop.json("place", "add", "The Castle", "--known-risks", "Dog")["id"]?.text)
        _ = try laptop.json("visit", "add", "Castle House", "2026-11-20 10:00")
        _ = try laptop.json("visit", "add", "The Castle", "2026-11-21 10:00")
        _ = try laptop.json("place", "merge", other, house, "--yes")
        #expect(try laptop.json("visit", "list", "--place", "The Castle").values.count == 2)
        let visits = try laptop.json("visit", "list").values
        #expect(visits.allSatisfy { $0["place"]?["name"] == "Castle House" })
        #expect(
            laptop.run(["place", "show", "Castle House"]).output.contains(
                "Merged in: The Castle (\(other.prefix(8)))\n  Name: The Castle\n  Known risks: Dog\n"
                    + "  Risks written by: Priya\nVisits: 2"))
        let exported = laptop.run(["export", "visits", "--where", "place=Castle House"]).output.split(separator: "\n")
        #expect(exported.count == 3)
        #expect(exported.filter { $0.contains("The Castle") }.count == 1, "an export names what was written")
        let places = laptop.run(["export", "places"]).output.split(separator: "\n")
        #expect(places.count == 3 && places.contains { $0.contains("\(house),Castle House,") })
    }

    @Test("A search that finds a merged record shows the one that stands for it, once")
    func search() throws {
        let (laptop, alex, al) = try laptop()
        _ = try laptop.json("person", "edit", "Alex", "--interests", "Chess and tea")
        _ = try laptop.json("person", "merge", al, alex, "--yes")
        let found = try laptop.json("search", "chess").values
        #expect(found.map { $0["id"]?.text } == [alex])
        let name = try laptop.json("search", "albert").values
        #expect(name.map { $0["title"] } == ["Alex"] && name[0]["written"]?.text == al)
    }

    @Test("What leads to a deleted record stands for itself again, and says so")
    func deletedSurvivor() throws {
        let (laptop, alex, al) = try laptop()
        _ = try laptop.json("person", "merge", al, alex, "--yes")
        let deleted = laptop.run(["person", "delete", "Alex", "--yes"])
        #expect(deleted.errors.contains("Others are kept together with it and stay: \(al.prefix(8))."))
        #expect(try laptop.json("person", "list").values.map { $0["id"]?.text } == [al])
        #expect(laptop.run(["person", "show", "Albert"]).output.contains("Merged into: Alex (deleted)\n"))
        let visit = try laptop.json("visit", "list").values.first { $0["summary"] == "One" }?["id"]?.text ?? ""
        #expect(laptop.run(["visit", "show", visit]).output.contains("With: Alex (deleted), attended"))
    }

    @Test("A chain of merges leads to its end, and parting one link leaves the others")
    func chain() throws {
        let (laptop, alex, al) = try laptop()
        let third = try #require(try laptop.json("person", "add", "Bertie")["id"]?.text)
        _ = try laptop.json("person", "merge", third, al, "--yes")
        _ = try laptop.json("person", "merge", al, alex, "--yes")
        #expect(try laptop.json("person", "show", "Bertie")["id"]?.text == alex)
        let several = laptop.run(["person", "unmerge", "Alex"])
        #expect(
            several.code == .notFound && several.errors.contains("2 people are merged with it."), "\(several.errors)")
        _ = try laptop.json("person", "unmerge", al)
        #expect(try laptop.json("person", "show", "Bertie")["id"]?.text == al)
        #expect(try laptop.json("person", "list").values.count == 2)
    }

    @Test("An export of merged records, imported again, changes nothing", arguments: ["places", "people", "visits"])
    func roundTrip(word: String) throws {
        let (laptop, alex, al) = try laptop()
        _ = try laptop.json("person", "merge", al, alex, "--yes")
        for format in ["csv", "jsonl"] {
            let text = laptop.run(["export", word, "--format", format]).output
            let path = "\(laptop.folder)/\(word).\(format)"
            try text.write(toFile: path, atomically: true, encoding: .utf8)
            let before = try laptop.json("status")["waiting"]
            let report = try laptop.json("import", word, path)
            #expect(report["imported"] == 0 && report["updated"] == 0 && report["rejected"] == 0, "\(report)")
            #expect(try laptop.json("status")["waiting"] == before)
            #expect(laptop.run(["export", word, "--format", format]).output == text)
        }
    }

    @Test("After a merge an import that names both records finds one")
    func importByName() throws {
        let laptop = try FieldLaptop()
        let first = try #require(try laptop.json("place", "add", "Castle House")["id"]?.text)
        let second = try #require(try laptop.json("place", "add", "castle house", "--new")["id"]?.text)
        let path = "\(laptop.folder)/visits.csv"
        try "place,started\nCastle House,2026-11-20\n".write(toFile: path, atomically: true, encoding: .utf8)
        #expect(try laptop.run(["import", "visits", path, "--json"]).json["rejected"] == 1)
        _ = try laptop.json("place", "merge", second, first, "--yes")
        #expect(try laptop.json("import", "visits", path)["imported"] == 1)
        #expect(try laptop.json("visit", "list").values.map { $0["place"]?["id"]?.text } == [first])
    }

    @Test("G16: a laptop of the version before gets what finds merged records, and what it kept of them unread counts")
    func upgrade() throws {
        let (laptop, alex, al) = try laptop()
        _ = try laptop.json("person", "merge", al, alex, "--yes")
        let path = "\(laptop.folder)/kith.sqlite"
        let database = try Database(path: path, mode: .readWrite(create: false), applicationID: Laptop.applicationID)
        try database.execute("DROP INDEX person_merged_into; DROP INDEX person_moved_to; DROP INDEX place_merged_into")
        // As a version without the field keeps it: in `more`.
        let id = try #require(RecordID(al))
        let target = try #require(RecordID(alex))
        let more = ValueListCoding.encode([(11, .blob(target.bytes))])
        try database.transaction {
            try database.run(
                "UPDATE person SET merged_into = NULL, more = ? WHERE id = ?", .blob(more), .blob(id.bytes))
            try database.execute("ALTER TABLE person DROP COLUMN merged_into")
        }
        try database.execute("PRAGMA user_version = 6")
        #expect(try laptop.json("person", "list").values.map { $0["id"]?.text } == [alex])
        #expect(try database.integer("SELECT count(*) FROM sqlite_schema WHERE name LIKE '%merged_into'") == 2)
        #expect(laptop.run(["doctor"]).code == .done)
    }
}
