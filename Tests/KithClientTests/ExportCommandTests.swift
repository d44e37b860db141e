import Database
import Foundation
import SyncCore
import SyncReplica
import Terminal
import Testing

@testable import KithClient

@Suite struct ExportCommandTests {
    /// A laptop with one record of every kind.
    private func laptop() throws -> FieldLaptop {
        let laptop = try FieldLaptop()
        let id = try laptop.visit("=1+1")
        _ = try laptop.json("person", "add", "Alex", "--role", "key-worker", "--place", "Castle House")
        _ = try laptop.json(
            "meeting", "add", "Castle House", "2026-11-21 10:00", "--kind", "workshop", "--with", "Alex")
        _ = try laptop.json("note", id, "Two\nlines")
        return laptop
    }

    @Test(
        "every kind is exported in both forms",
        arguments: ["places", "people", "roles", "visits", "meetings", "attendances", "notes"])
    func everyKind(word: String) throws {
        let laptop = try laptop()
        let csv = laptop.run(["export", word])
        #expect(csv.code == .done && csv.output.hasPrefix("id,"), "\(csv)")
        #expect(csv.output.contains("\n"))
        let lines = laptop.run(["export", word, "--format", "jsonl"]).output.split(separator: "\n")
        #expect(lines.count == 1)
        let row = try JSONParser.parse(Array(Array(lines)[0].utf8))
        #expect(row.names == csv.output.split(separator: "\n")[0].split(separator: ",").map(String.init))
    }

    @Test("a text that a spreadsheet would run gets an apostrophe in CSV, and stays as it is elsewhere")
    func formulas() throws {
        let laptop = try laptop()
        #expect(laptop.run(["export", "visits"]).output.contains(",'=1+1,"))
        #expect(laptop.run(["export", "visits", "--format", "jsonl"]).output.contains("\"summary\":\"=1+1\""))
    }

    @Test("conditions and a day limit what is written")
    func limits() throws {
        let laptop = try laptop()
        _ = try laptop.json("visit", "add", "Castle House", "2026-11-01 10:00", "--summary", "Early")
        func summaries(_ words: String...) throws -> [String] {
            let run = laptop.run(["export", "visits", "--format", "jsonl"] + words)
            #expect(run.code == .done, "\(run.errors)")
            return try run.output.split(separator: "\n").compactMap {
                try JSONParser.parse(Array($0.utf8))["summary"]?.text
            }
        }
        #expect(try Set(summaries()) == ["=1+1", "Early"])
        #expect(try summaries("--since", "2026-11-22") == ["=1+1"])
        #expect(try summaries("--where", "summary=early", "--where", "place=castle house") == ["Early"])
        #expect(try summaries("--where", "kind=office") == [])
        for (words, isTold) in [(["--where", "place=castle"], true), (["--since", "2030-01-01"], false)] {
            let nothing = laptop.run(["export", "visits"] + words)
            #expect(nothing.code == .done && nothing.errors.contains("None of the visits fits") == isTold, "\(words)")
        }
        let wrong = laptop.run(["export", "visits", "--where", "colour=red"])
        #expect(wrong.code == .usage && wrong.errors.contains("place_name") && wrong.output.isEmpty)
        #expect(laptop.run(["export", "visits", "--since", "whenever"]).code == .usage)
    }

    @Test("an SQLite file holds a table for each kind with the columns of the export")
    func sqlite() throws {
        let laptop = try laptop()
        let path = laptop.folder + "/out.sqlite"
        let told = try laptop.json("export", "--sqlite", path)
        #expect(told["file"]?.text == path)
        let kinds = ["place", "person", "role", "visit", "meeting", "attendance", "note"]
        let more = ["resource", "promise", "opportunity", "insight", "relationship", "consent", "payment", "round"]
        #expect(told["records"]?.names == kinds + more, "concerns are exported by their own name alone")
        #expect(kinds.allSatisfy { told["records"]?[$0] == 1 })
        let database = try Database.reading(plainFile: path)
        #expect(try database.text("SELECT summary FROM visit") == "=1+1")
        #expect(try database.text("SELECT place_name FROM visit") == "Castle House")
        #expect(try database.text("SELECT typeof(headcount) FROM visit") == "null")
        #expect(try database.text("SELECT about_table FROM note") == "visit")
        #expect(try database.integer("SELECT count(*) FROM visit v JOIN place p ON p.id = v.place") == 1)
    }

    @Test("G7: a note about a concern leaves with no export of many, and is told to be left out")
    func notesAboutConcerns() throws {
        let laptop = try laptop()
        let concern = try #require(try laptop.json("concern", "add", "He owes money")["id"]?.text)
        _ = try laptop.json("note", concern, "The police were called")
        let said = "Without 1 note about concerns, which few may read. Alone: kith export notes --restricted\n"
        // As a version before may have saved it: where everybody of the team reads.
        try laptop.write { work in
            try work.create(
                table: 7, area: 2,
                values: [
                    (1, .integer(15)), (2, .blob([UInt8](repeating: 7, count: 16))), (3, .text("misplaced")),
                ])
        }
        for more in [[], ["--format", "jsonl"], ["--since", "2020-01-01"]] {
            let run = laptop.run(["export", "notes"] + more)
            #expect(run.code == .done && !run.output.contains("police") && !run.output.contains("misplaced"), "\(run)")
            #expect(run.output.contains("Two"))
            #expect(run.errors.contains(said.replacingOccurrences(of: "1 note", with: "2 notes")), "\(run.errors)")
        }
        let path = laptop.folder + "/all.sqlite"
        #expect(laptop.run(["export", "--sqlite", path]).errors.contains("Without 2 notes about concerns"))
        #expect(try Database.reading(plainFile: path).text("SELECT group_concat(text) FROM note") == "Two\nlines")
        #expect(laptop.run(["export", "notes", "--restricted"]).output.contains("police"))
        #expect(laptop.run(["export", "visits", "--restricted"]).code == .done)
        let both = laptop.run(["export", "--restricted", "--sqlite", laptop.folder + "/more.sqlite"])
        #expect(both.code == .usage && both.errors.contains("--restricted needs a kind."))
        for report in ["activity", "network", "insights", "decisions", "dependability"] {
            #expect(!laptop.run(["report", report]).output.contains("police"))
        }
    }

    @Test("a file that is there is not touched, and what makes no sense together is refused")
    func refusals() throws {
        let laptop = try laptop()
        let path = laptop.folder + "/out.sqlite"
        #expect(laptop.run(["export", "--sqlite", path, "--dry-run"]).code == .done)
        #expect(!FileManager.default.fileExists(atPath: path))
        #expect(laptop.run(["export", "visits", "--sqlite", path]).code == .done)
        let before = try Data(contentsOf: URL(fileURLWithPath: path))
        let again = laptop.run(["export", "--sqlite", path])
        #expect(again.code == .failed && again.errors.contains("Nothing was written"))
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == before)
        #expect(laptop.run(["export", "--sqlite", path + "2", "--format", "csv"]).code == .usage)
        #expect(laptop.run(["export", "--sqlite", path + "2", "--where", "kind=office"]).code == .usage)
        #expect(laptop.run(["export"]).code == .usage)
        #expect(laptop.run(["export", "everything"]).code == .usage)
    }
}

extension Database {
    /// A file of nobody's, read through a database in memory.
    fileprivate static func reading(plainFile path: String) throws -> Database {
        let database = try Database(path: Database.memoryPath, mode: .readWrite(create: true), applicationID: 1)
        try database.execute("ATTACH '\(path)' AS plain")
        return database
    }
}
