import Foundation
import OutreachModel
import Terminal
import Testing

@testable import KithClient

@Suite("Names and texts from standard input")
struct StandardInputTests {
    @Test("G13: a person, a place and whoever took part are stored as standard input says, and found so")
    func names() throws {
        let laptop = try FieldLaptop()
        func json(_ words: [String], _ input: String) throws -> JSONValue {
            let run = laptop.run(words + ["--json"], input: input)
            try #require(run.code == .done, "\(run.errors)")
            return try run.json
        }
        #expect(try json(["person", "add", "-"], "Alex Moon\n")["name"] == "Alex Moon")
        #expect(try json(["place", "add", "-", "--kind", "residential"], "Castle House\r\n")["name"] == "Castle House")
        let visit = try json(["visit", "add", "castle", "today", "--with", "-"], "Alex Moon\n")
        let id = try #require(visit["id"]?.text)
        #expect(laptop.run(["visit", "show", id]).output.contains("Alex Moon"))
        let promise = try json(["promise", "add", "Bring the forms", "--person", "-"], "Alex Moon\n")
        #expect(promise["what"] == "Bring the forms")
        #expect(try json(["promise", "list", "--person", "-"], "alex").values.count == 1)
        #expect(laptop.run(["export", "people", "--where", "name=-"], input: "Alex Moon").output.contains("Alex Moon"))
    }

    @Test("A visit's words are its note too, from standard input or beside it, and the summary alone when it is edited")
    func note() throws {
        let laptop = try FieldLaptop()
        _ = try laptop.json("place", "add", "Castle House", "--kind", "residential")
        _ = try laptop.json("person", "add", "Priya Moon")
        let words = ["visit", "add", "castle", "yesterday 14:30", "--with", "priya", "--note"]
        let piped = laptop.run(words + ["-", "--json"], input: "Tea in the garden.\nSam was there.\n")
        try #require(piped.code == .done, "\(piped.errors)")
        #expect(try piped.json["summary"] == "Tea in the garden.\nSam was there.")
        #expect(try piped.json["started"] == "2026-11-21T14:30:00+00:00")
        let id = try #require(try piped.json["id"]?.text)
        #expect(laptop.run(["visit", "show", id]).output.contains("With: Priya Moon"))
        #expect(try laptop.json(words: words + ["Tea."])["summary"] == "Tea.")
        #expect(try laptop.json("meeting", "add", "castle", "today 10:00", "--note", "Rota.")["summary"] == "Rota.")
        let both = laptop.run(words + ["Tea.", "--summary", "Cake."])
        #expect(both.code == .usage && both.errors.contains("--summary was given more than once"), "\(both.errors)")
        let edit = laptop.run(["visit", "edit", id, "--note", "Said more."])
        #expect(edit.code == .usage && edit.errors.contains("Unknown option --note"), "\(edit.errors)")
        #expect(laptop.run(["visit", "add", "--help"]).output.contains("--summary, --note TEXT"))
    }

    @Test("A name that is - alone is refused, however it comes, and nothing is saved")
    func dash() throws {
        let laptop = try FieldLaptop()
        for run in [
            laptop.run(["person", "add", "-"], input: "-\n"), laptop.run(["place", "add", "-"], input: "-"),
            laptop.run(["person", "add"], input: "-\n", isTerminal: true),
            laptop.run(["person", "add", "-"], input: ""),
        ] {
            #expect(run.code != .done, "\(run)")
            #expect(run.errors.contains("Nothing was"), "\(run)")
        }
        #expect(try laptop.json("person", "list").values.isEmpty)
        #expect(try laptop.json("place", "list").values.isEmpty)
    }

    @Test("G1: what was typed in the place of a - is kept where another word is wrong, and the same command takes it")
    func keptText() throws {
        let laptop = try FieldLaptop()
        _ = try laptop.visit()
        let text = "We talked about the garden,\nand who has the key. \u{1F33B}"
        let words = ["visit", "add", "castle", "the day before never", "--summary", "-", "--no-input"]
        let run = laptop.run(words, input: text + "\n", isTerminal: true)
        let path = try #require(run.errors.split(separator: "'").dropFirst().first.map(String.init), "\(run.errors)")
        #expect(run.code == .usage && run.errors.contains("What you wrote is kept in \(path)"), "\(run.errors)")
        let kept = try String(contentsOfFile: path, encoding: .utf8)
        #expect(kept == text)
        #expect(laptop.run(["status", "--safe-to-lose"]).output.contains("Written and not saved: \(path)"))
        let again = laptop.run(["visit", "add", "castle", "today", "--summary", "-"], input: kept)
        #expect(again.code == .done)
        let visits = try laptop.json("visit", "list").values
        #expect(visits.contains { $0["summary"]?.text == text })
    }

    @Test("What a file or a program said is kept by whoever said it, and so is what was saved")
    func notKept() throws {
        let laptop = try FieldLaptop()
        let visit = try laptop.visit()
        let text = "We talked about the garden, and who has the key to the shed."
        let wrong = ["visit", "add", "castle", "never", "--summary", "-", "--no-input"]
        #expect(!laptop.run(wrong, input: text).errors.contains("kept in"))
        #expect(!laptop.run(["person", "show", "-"], input: "Nobody\n", isTerminal: true).errors.contains("kept in"))
        #expect(laptop.run(["note", visit, "-"], input: text, isTerminal: true).code == .done)
        #expect(!laptop.run(["status", "--safe-to-lose"]).output.contains("not saved"))
        let dry = laptop.run(["note", visit, "-", "--dry-run"], input: text, isTerminal: true)
        #expect(dry.code == .done && dry.errors.contains("What you wrote is kept in "), "\(dry)")
    }

    @Test("One value can come from standard input in each command")
    func twice() throws {
        let laptop = try FieldLaptop()
        _ = try laptop.visit()
        let run = laptop.run(["visit", "add", "-", "today", "--summary", "-"], input: "castle")
        #expect(run.code == .usage && run.errors.contains("Only one value can come from standard input"), "\(run)")
    }
}
