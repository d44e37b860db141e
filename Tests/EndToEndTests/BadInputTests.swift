import Foundation
import Testing

/// A command that must be refused, and how.
struct BadInput: Sendable, CustomTestStringConvertible {
    let name: String
    let words: [String]
    let code: Int32
    var input = Data()
    /// What the message must say.
    var says = ""

    var testDescription: String { name }
}

@Suite("Bad input")
struct BadInputTests {
    /// The most bytes in a field.
    private static let fieldBytes = 64 * 1_024

    private static let table: [BadInput] = [
        BadInput(name: "unknown command", words: ["vist", "add"], code: 2, says: "visit"),
        BadInput(
            name: "unknown flag", words: ["visit", "add", "Castle House", "today", "--sumary", "x"], code: 2,
            says: "--sumary"),
        BadInput(
            name: "flag without its value", words: ["visit", "add", "Castle House", "today", "--summary"], code: 2,
            says: "--summary"),
        BadInput(name: "too many arguments", words: ["visit", "add", "Castle House", "today", "again"], code: 2),
        BadInput(name: "missing place", words: ["visit", "add"], code: 2, says: "PLACE"),
        BadInput(name: "missing time", words: ["visit", "add", "Castle House"], code: 2, says: "WHEN"),
        BadInput(name: "unknown place", words: ["visit", "add", "Atlantis", "today"], code: 3),
        BadInput(name: "ambiguous place", words: ["visit", "add", "Castle", "today"], code: 3, says: "Canterbury"),
        BadInput(
            name: "unknown person", words: ["visit", "add", "Castle House", "today", "--with", "Nobody"], code: 3),
        BadInput(name: "unknown id", words: ["visit", "edit", "zzzzzzzz", "--summary", "x"], code: 3),
        BadInput(name: "no id at all", words: ["visit", "show", "!!"], code: 3),
        BadInput(name: "31 February", words: ["visit", "add", "Castle House", "2026-02-31 10:00"], code: 2),
        BadInput(name: "hour 25", words: ["visit", "add", "Castle House", "2026-02-01 25:00"], code: 2),
        BadInput(name: "no date", words: ["visit", "add", "Castle House", "whenever"], code: 2),
        BadInput(
            name: "unknown kind", words: ["meeting", "add", "Castle House", "today", "--kind", "seance"], code: 2),
        BadInput(
            name: "headcount in words",
            words: ["meeting", "add", "Castle House", "today", "--kind", "training", "--headcount", "six"], code: 2),
        BadInput(
            name: "headcount below zero",
            words: ["meeting", "add", "Castle House", "today", "--kind", "training", "--headcount=-1"], code: 2),
        BadInput(
            name: "area that does not exist", words: ["visit", "add", "Castle House", "today", "--area", "moon"],
            code: 3),
        BadInput(
            name: "text of 100 kB",
            words: ["visit", "add", "Castle House", "today", "--summary", String(repeating: "a", count: 100_000)],
            code: 2, says: "64"),
        BadInput(
            name: "text of one byte too many", words: ["visit", "add", "Castle House", "today", "--summary", "-"],
            code: 2, input: Data(repeating: 97, count: fieldBytes + 1)),
        BadInput(
            name: "text of 10 MB on standard input",
            words: ["visit", "add", "Castle House", "today", "--summary", "-"], code: 2,
            input: Data(repeating: 97, count: 10_000_000)),
        BadInput(
            name: "NUL on standard input", words: ["visit", "add", "Castle House", "today", "--summary", "-"], code: 2,
            input: Data([97, 0, 98])),
        BadInput(
            name: "invalid UTF-8 on standard input",
            words: ["visit", "add", "Castle House", "today", "--summary", "-"], code: 2,
            input: Data([97, 0xff, 0xfe, 98])),
        BadInput(name: "empty name of a place", words: ["place", "add", "", "--kind", "residential"], code: 2),
        BadInput(name: "unknown kind of export", words: ["export", "secrets"], code: 2),
        BadInput(
            name: "delete without a yes and without a terminal", words: ["place", "delete", "Castle House"], code: 2),
        BadInput(name: "note about nothing", words: ["note", "zzzzzzzz", "x"], code: 3),
        BadInput(name: "unknown conflict", words: ["conflicts", "resolve", "zzzzzzzz", "--keep", "a"], code: 3),
        BadInput(
            name: "side that does not exist", words: ["conflicts", "resolve", "zzzzzzzz", "--keep", "ours"], code: 2),
        BadInput(name: "history of nothing", words: ["history", "zzzzzzzz"], code: 3),
    ]

    /// A laptop with a little on it, far from its office.
    private static func laptop() throws -> Laptop {
        let office = try Office()
        try office.open()
        let priya = try office.laptop("Priya")
        try office.close()
        try priya.run("place", "add", "Castle House", "--kind", "residential", "--district", "Canterbury").succeeded()
        try priya.run("place", "add", "Castle Street", "--kind", "office", "--district", "Whitstable").succeeded()
        _ = try priya.visit("Castle House", summary: "Tea.")
        return priya
    }

    @Test("Each is refused in plain words with its exit code, and changes nothing")
    func table() throws {
        let priya = try Self.laptop()
        let before = try priya.exported()
        for bad in Self.table {
            let outcome = try priya.start(bad.words, input: .bytes(bad.input)).finish()
            expectPlain(outcome, bad.code, bad.name)
            #expect(bad.says.isEmpty || outcome.errors.contains(bad.says), "\(bad.name): \(outcome)")
            #expect(try priya.exported() == before, "\(bad.name)")
        }
    }

    /// A refusal: nothing on standard output, few plain lines, no words of programmers.
    private func expectPlain(_ outcome: Outcome, _ code: Int32, _ name: String) {
        #expect(outcome.code == code, "\(name): \(outcome)")
        #expect(outcome.outputBytes.isEmpty, "\(name): \(outcome)")
        let lines = outcome.errors.split(separator: "\n")
        #expect((1...8).contains(lines.count) && outcome.errorBytes.count < 2_000, "\(name): \(outcome)")
        for word in ["Error(", "SQLITE", "Optional(", "nil", "Fatal", "sqlite3", "tombstone"] {
            #expect(!outcome.errors.contains(word), "\(name): \(outcome)")
        }
    }

    @Test("The largest text that a field takes is taken, and arrives")
    func largestText() throws {
        let priya = try Self.laptop()
        let text = String(repeating: "é", count: Self.fieldBytes / 2)
        let id = try priya.json(
            "visit", "add", "Castle House", "2026-11-20 10:00", "--summary", "-", input: .bytes(Data(text.utf8))
        )["id"].text()
        #expect(try priya.listed(id)["summary"].string == text)
    }

    @Test("Invalid UTF-8 in an argument is refused, and nothing is saved")
    func rawBytes() throws {
        let priya = try Self.laptop()
        let before = try priya.exported()
        let script = "exec '\(Programs.client)' place add \"$(printf 'Caf\\351 \\377')\" --kind residential"
        let outcome = try Child("/bin/sh", ["-c", script], environment: ["KITH_HOME": priya.home]).finish()
        expectPlain(outcome, 2, "invalid UTF-8")
        #expect(try priya.exported() == before)
    }

    @Test("The database of another application is left as it is, byte for byte")
    func otherApplication() throws {
        let scratch = try Scratch()
        let priya = try Laptop("Priya", home: scratch.path)
        let made = try Child(
            "/usr/bin/sqlite3",
            [
                priya.database,
                "PRAGMA application_id = 7; CREATE TABLE notes (text); "
                    + "INSERT INTO notes VALUES ('precious');",
            ])
        try made.finish().succeeded()
        let before = try Data(contentsOf: URL(fileURLWithPath: priya.database))
        let office = try Office()
        try office.open()
        let code = try office.invite("Priya")
        for words in [
            ["visit", "list"], ["sync"], ["place", "add", "X", "--kind", "office"], ["join", code, "--device", "d"],
            ["doctor"],
        ] {
            let outcome = try priya.start(words).finish()
            #expect([1, 7].contains(outcome.code), "\(outcome)")
            #expect(!outcome.errors.contains("Error("), "\(outcome)")
            #expect(try Data(contentsOf: URL(fileURLWithPath: priya.database)) == before, "\(words)")
        }
        try office.close()
    }

    @Test("A file that is no database is called damaged, exit code 7, and is left as it is")
    func noDatabase() throws {
        let scratch = try Scratch()
        let priya = try Laptop("Priya", home: scratch.path)
        let bytes = Data((0..<20_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 2) })
        try bytes.write(to: URL(fileURLWithPath: priya.database))
        for words in [["visit", "list"], ["doctor"]] {
            let outcome = try priya.start(words).finish()
            #expect(outcome.code == 7, "\(outcome)")
            #expect(try Data(contentsOf: URL(fileURLWithPath: priya.database)) == bytes)
        }
    }

    @Test("The office's own commands refuse alike, and change nothing")
    func office() throws {
        let office = try Office(areas: ["canterbury", "whitstable"])
        let table: [(words: [String], code: Int32)] = [
            (["invite", "--name", "Priya", "--role", "worker"], 2),
            (["invite", "--name", "Priya", "--role", "boss"], 2),
            (["invite", "--name", "Priya", "--role", "worker", "--area", "moon"], 3),
            (["invite", "--role", "worker", "--area", "canterbury"], 2),
            (["revoke", "99", "--yes"], 3),
            (["areas", "add", "canterbury"], 1),
            (["areas", "give", "Nobody", "canterbury"], 3),
            (["areas", "take", "Nobody", "moon"], 3),
            (["conflicts", "resolve", "zzzz", "--keep", "a"], 3),
            (["quarantine", "show", "12"], 3),
            (["export", "secrets"], 2),
            (["init"], 1),
            (["devices", "list", "--jsn"], 2),
        ]
        let before = try office.run("areas", "list", "--json").succeeded().output
        for (words, code) in table {
            let outcome = try Child(Programs.server, words + ["--data", office.folder]).finish()
            expectPlain(outcome, code, words.joined(separator: " "))
        }
        #expect(try office.run("areas", "list", "--json").output == before)
        #expect(try office.run("devices", "list", "--json").json().array?.isEmpty == true)
        let nowhere = try Child(Programs.server, ["serve", "--data", office.scratch.path("nothing")]).finish()
        #expect(nowhere.code != 0 && nowhere.errors.contains("kith-server init"), "\(nowhere)")
    }
}
