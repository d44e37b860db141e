import Foundation
import SyncCore
import Terminal
import Testing

@testable import KithClient

@Suite("kith import notes")
struct NoteImportTests {
    @Test("Notes beside names of one kind are notes about them, once, and what fits nobody or several is rejected")
    func names() throws {
        let importer = try Importer()
        let jo = try #require(try importer.laptop.json("person", "add", "Jo Field")["id"]?.text)
        for _ in 0..<2 { _ = try importer.laptop.json("person", "add", "Robyn Vale", "--new") }
        let path = try importer.write(
            "Who,What\nJo Field,Likes tea\nNobody,Lost\nRobyn Vale,Which one\n\(jo),By id\n,About nobody\n")
        func counts() throws -> [Int64] {
            try importer.counts(
                "notes", path, "--set", "about_table=person", "--map", "Who=about", "--map", "What=text")
        }
        #expect(try counts() == [2, 0, 0, 3, 0])
        let rejects = try importer.read("table.csv.rejects.csv")
        #expect(rejects.contains("Nobody here is called as “About” says: import people first."), "\(rejects)")
        #expect(rejects.contains("2 people are called so: give the id of one."))
        #expect(rejects.contains("A note needs “About”."))
        let shown = importer.laptop.run(["person", "show", jo]).output
        #expect(shown.contains("Likes tea") && shown.contains("By id"), "\(shown)")
        #expect(try counts() == [0, 0, 2, 3, 0])
    }

    @Test("An export of notes comes back as it was, in both forms; elsewhere its notes need what they are about")
    func export() throws {
        let importer = try Importer()
        let other = try Importer()
        let person = try #require(try importer.laptop.json("person", "add", "Jo Field")["id"]?.text)
        let place = try #require(
            try importer.laptop.json("place", "add", "Castle House", "--kind", "residential")["id"]?.text)
        #expect(importer.laptop.run(["note", person, "Likes tea"]).code == .done)
        #expect(importer.laptop.run(["note", place, "=Ring twice"]).code == .done)
        for format in ["csv", "jsonl"] {
            let exported = importer.laptop.run(["export", "notes", "--format", format]).output
            let path = try importer.write(exported, "notes.\(format)")
            #expect(try importer.counts("notes", path) == [0, 0, 2, 0, 0])
            #expect(try other.counts("notes", try other.write(exported, "notes.\(format)")) == [0, 0, 0, 2, 0])
        }
        #expect(
            try other.read("notes.csv.rejects.csv").contains(
                "The person that it is about is not here: import it first."))
        for kind in ["people", "places"] {
            let exported = importer.laptop.run(["export", kind]).output
            #expect(try other.counts(kind, try other.write(exported, "\(kind).csv")) == [1, 0, 0, 0, 0])
        }
        let notes = importer.laptop.run(["export", "notes"]).output
        #expect(try other.counts("notes", try other.write(notes, "notes.csv")) == [2, 0, 0, 0, 0])
        #expect(other.laptop.run(["person", "show", "Jo Field"]).output.contains("Likes tea"))
        #expect(other.laptop.run(["place", "show", "Castle House"]).output.contains("=Ring twice"))
    }

    @Test("G7: a note about a concern is not taken in from a file, and a kind must be one")
    func concern() throws {
        let importer = try Importer()
        let id = "25s52dnbb2vsf2k2222222222a"
        let path = try importer.write(
            "about_table,about,text\nconcern,\(id),Told the lead\nthing,\(id),x\nvisit,castle,x\n")
        #expect(try importer.counts("notes", path) == [0, 0, 0, 3, 0])
        let rejects = try importer.read("table.csv.rejects.csv")
        #expect(rejects.contains("A note about a concern is written with: kith note ID TEXT."), "\(rejects)")
        #expect(rejects.contains("“About a” is the word for a kind of record, such as person, place or visit."))
        #expect(rejects.contains("“About” needs the whole id of a record, 26 letters, as an export has it."))
    }
}

@Suite("kith import concerns")
struct ConcernImportTests {
    private static let rows = """
        Who,Worry,Day
        Alex,Owes money to his landlord,2026-11-02
        Nobody,Lost,2026-11-03

        """
    private static let maps = ["--map", "Who=person", "--map", "Worry=what", "--map", "Day=happened"]

    @Test("G7: a lead takes concerns in where leads and admins alone read, about people of the team, once")
    func lead() throws {
        let laptop = try FieldLaptop(role: .lead)
        _ = try laptop.json("person", "add", "Alex")
        let path = laptop.folder + "/concerns.csv"
        try Self.rows.write(toFile: path, atomically: true, encoding: .utf8)
        let first = laptop.run(["import", "concerns", path] + Self.maps)
        #expect(first.code == .done && first.output.hasPrefix("1 concern imported, 1 rejected."), "\(first)")
        let concern = try #require(try laptop.json("concern", "list").values.first)
        #expect(concern["person"]?["name"] == "Alex" && concern["what"] == "Owes money to his landlord")
        let shown = laptop.run(["concern", "show", try #require(concern["id"]?.text)]).output
        #expect(shown.contains("leads and admins alone see it"), "\(shown)")
        #expect(concern["area"] == "main (restricted)")
        let again = laptop.run(["import", "concerns", path] + Self.maps)
        #expect(again.output.hasPrefix("0 concerns imported, 1 unchanged, 1 rejected."), "\(again.output)")
        for format in ["csv", "jsonl"] {
            let file = laptop.folder + "/out.\(format)"
            let exported = laptop.run(["export", "concerns", "--format", format]).output
            #expect(exported.contains("landlord"))
            try exported.write(toFile: file, atomically: true, encoding: .utf8)
            #expect(laptop.run(["import", "concerns", file]).output == "0 concerns imported, 1 unchanged.\n")
        }
    }

    @Test("G7: whoever does not read concerns takes in no file of them")
    func worker() throws {
        let laptop = try FieldLaptop()
        _ = try laptop.json("person", "add", "Alex")
        let path = laptop.folder + "/concerns.csv"
        try Self.rows.write(toFile: path, atomically: true, encoding: .utf8)
        let run = laptop.run(["import", "concerns", path] + Self.maps)
        #expect(run.code == .refused)
        #expect(
            run.errors
                == "kith: A file of concerns is taken in by leads and admins, who read them. Nothing was imported.\n"
                + "Next: kith concern add\n", "\(run.errors)")
        #expect(try laptop.json("concern", "list").values.isEmpty)
    }
}
