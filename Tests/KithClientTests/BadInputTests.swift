import SyncCore
import Terminal
import Testing

@testable import KithClient

@Suite struct BadInputTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let words: [String]
        let code: ExitCode
        let says: String
        var testDescription: String { words.joined(separator: " ") }

        init(_ words: [String], _ code: ExitCode, _ says: String) {
            self.words = words
            self.code = code
            self.says = says
        }
    }

    static let cases = [
        Case(["visit", "add", "Castle House", "today", "--sumary", "x"], .usage, "--summary"),
        Case(["visit", "add", "Castle House", "today", "--summary"], .usage, "needs a value"),
        Case(["visit", "add", "Nowhere", "today"], .notFound, "No place here goes by that name"),
        Case(["visit", "add", "Castle Hoose", "today"], .notFound, "Did you mean \"Castle House\""),
        Case(["visit", "add", "Castle House", "31 February 2026"], .usage, "February 2026 has 28 days."),
        Case(["visit", "add", "Castle House", "1 January 1850"], .usage, "1850 is not a year of anybody's work"),
        Case(["promise", "add", "Tea", "--due", "1 January 2226"], .usage, "2226 is not a year of anybody's work"),
        Case(["visit", "list", "--since", "today", "--until", "yesterday"], .usage, "--until lies before --since"),
        Case(
            ["report", "activity", "--since", "today", "--until", "yesterday"], .usage, "--until lies before --since"),
        Case(["visit", "add", "Castle House", "soon"], .usage, "not a date"),
        Case(["visit", "add", "Castle House", "today", "--kind", "castle"], .usage, "residential"),
        Case(["visit", "add", "Castle House", "today", "--headcount", "-3"], .usage, "whole number"),
        Case(["visit", "add", "Castle House", "today", "--with", "Nobody"], .notFound, "No person"),
        Case(["visit", "add", "Castle House", "today", "--area", "north"], .notFound, "no team of that name"),
        Case(["visit", "add", "Castle House", "today", "--summary", "-", "--purpose", "-"], .usage, "Only one value"),
        Case(["visit", "show", "zzzzzzzz"], .notFound, "No visit"),
        Case(["visit", "show", "not an id"], .notFound, "No visit"),
        Case(["place", "add", ""], .usage, "Name"),
        Case(["person", "add", "Alex", "--place", "Castle House"], .usage, "--role"),
        Case(["note", "zzzz", "text"], .notFound, "No record"),
        Case(["history", "zzzz"], .notFound, "No record"),
        Case(["conflicts", "show", "zzzz"], .notFound, "No conflict"),
        Case(["export", "everything"], .usage, "visits, meetings"),
        Case(["join", "hello", "--device", "x"], .usage, "not an invitation code"),
        Case(
            ["visit", "add", "Castle House", "today", "--summary", String(repeating: "x", count: 65_537)], .usage, "KB"),
    ]

    @Test("bad input is refused in plain words and changes nothing", arguments: cases)
    func refused(given: Case) throws {
        let laptop = try FieldLaptop()
        _ = try laptop.json("place", "add", "Castle House", "--kind", "residential")
        let before = try laptop.json("visit", "list")
        let run = laptop.run(given.words)
        #expect(run.code == given.code)
        #expect(run.errors.contains(given.says), "\(run.errors)")
        #expect(run.output == "")
        #expect(try laptop.json("visit", "list") == before)
        #expect(try laptop.json("status")["waiting"] == 1)
    }

    @Test(
        "a usage failure names the help of the command that was called",
        arguments: [
            (["visit", "add"], "visit add"), (["visit", "add", "Castle House", "soon"], "visit add"),
            (["visit", "add", "--sumary"], "visit add"), (["note", "ID", ""], "note"),
            (["place", "edit", "ID", "--name", ""], "place edit"), (["place", "add", ""], "place add"),
        ])
    func next(words: [String], command: String) throws {
        let laptop = try FieldLaptop()
        let id = try #require(try laptop.json("place", "add", "Castle House", "--kind", "residential")["id"]?.text)
        let run = laptop.run(words.map { $0 == "ID" ? id : $0 })
        #expect(run.code == .usage)
        #expect(run.errors.contains("Nothing was "), "\(run.errors)")
        #expect(run.errors.hasSuffix("\nNext: kith \(command) --help\n"), "\(run.errors)")
    }

    @Test("a NUL on standard input is refused, other controls are kept")
    func controls() throws {
        let laptop = try FieldLaptop()
        let id = try laptop.visit()
        let refused = laptop.run(["visit", "edit", id, "--summary", "-"], input: "a\u{0}b")
        #expect(refused.code == .usage)
        #expect(refused.errors.contains("NUL"))
        #expect(laptop.run(["visit", "edit", id, "--summary", "-"], input: "a\u{1B}b\u{7}").code == .done)
        #expect(try laptop.json("visit", "show", id)["summary"] == "a\u{1B}b\u{7}")
        #expect(!laptop.run(["visit", "show", id]).output.contains("\u{1B}"))
    }

    @Test("of several places that fit, each is listed with its id and district")
    func ambiguous() throws {
        let laptop = try FieldLaptop()
        let first = try laptop.json("place", "add", "Castle House", "--district", "Canterbury")
        _ = try laptop.json("place", "add", "Castle Lodge", "--district", "Dover")
        let run = laptop.run(["visit", "add", "Castle", "today"])
        #expect(run.code == .notFound)
        #expect(run.errors.contains("1  "))
        #expect(run.errors.contains("Canterbury"))
        #expect(run.errors.contains("Dover"))
        let id = try #require(first["id"]?.text).prefix(8)
        #expect(run.errors.contains(id))
        #expect(try laptop.json("visit", "list") == [])
        let chosen = laptop.run(["visit", "add", String(id), "today", "--json"])
        #expect(chosen.code == .done)
    }

    @Test("a whole name wins over longer names that begin with it")
    func exactName() throws {
        let laptop = try FieldLaptop()
        let house = try laptop.json("place", "add", "Castle")
        _ = try laptop.json("place", "add", "Castle Lodge")
        let visit = try laptop.json("visit", "add", "CASTLE", "today")
        #expect(visit["place"]?["id"] == house["id"])
    }

    @Test("before the laptop has joined every command says so")
    func notJoined() throws {
        for words in [["status"], ["sync"], ["visit", "list"], ["visit", "add", "x", "today"], ["doctor"], []] {
            let run = try FieldLaptop(isJoined: false).run(words)
            #expect(run.code == .failed)
            #expect(run.errors.contains("kith join --device NAME"))
        }
    }
}
