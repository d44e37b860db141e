import Foundation
import Testing

@Suite("Exports of both programs")
struct ExportTests {
    private let office: Office
    private let priya: Laptop

    init() throws {
        office = try Office()
        try office.open()
        priya = try office.laptop("Priya")
        try priya.run("place", "add", "Castle House", "--kind", "residential", "--district", "Canterbury").succeeded()
        try priya.run("person", "add", "Alex", "--role", "key-worker", "--place", "Castle House").succeeded()
        _ = try priya.visit("Castle House", "2026-11-02 09:00", summary: "=SUM(A1:A9)")
        let visit = try priya.json(
            "visit", "add", "Castle House", "2026-11-22 14:30", "--with", "Alex", "--summary", "Two\nlines")
        try priya.run("note", try visit["id"].text(), "Ask again.").succeeded()
        try priya.run("meeting", "add", "Castle House", "2026-11-23 10:00", "--kind", "workshop").succeeded()
        try priya.run("sync").succeeded()
    }

    @Test(
        "Every kind gives the same bytes on a laptop and at the office, with and without conditions",
        arguments: ["places", "people", "roles", "visits", "meetings", "attendances", "notes"])
    func sameBytes(kind: String) throws {
        for more in [[], ["--format", "jsonl"], ["--where", "external_id="], ["--where", "external_id=x"]] {
            let here = try priya.start(["export", kind] + more).finish().succeeded()
            let there = try Child(Programs.server, ["export", kind, "--data", office.folder] + more).finish()
            #expect(try here.outputBytes == there.succeeded().outputBytes)
            #expect(more.last == "external_id=x" || here.output.split(separator: "\n").count > 0)
        }
        let since = try priya.run("export", kind, "--since", "2026-11-03", "--format", "jsonl").succeeded().output
        let atOffice = try office.run("export", kind, "--since", "2026-11-03", "--format", "jsonl").succeeded().output
        #expect(since == atOffice)
        #expect(since.split(separator: "\n").count == 1)
        try office.close()
    }

    @Test("An SQLite file of either program is read by the sqlite3 shell, and both hold the same rows")
    func sqlite() throws {
        let query = """
            SELECT v.started, v.summary, p.name, v.place_name FROM visit v JOIN place p ON p.id = v.place ORDER BY 1;
            SELECT text, about_table FROM note; PRAGMA integrity_check; PRAGMA journal_mode;
            """
        var told: [String] = []
        let scratch = try Scratch()
        for (name, run) in [("here", { try priya.start($0) }), ("there", startServer)]
            as [(String, ([String]) throws -> Child)]
        {
            let path = scratch.path("\(name).sqlite")
            let answer = try run(["export", "--sqlite", path, "--json"]).finish().succeeded().json()
            #expect(answer["records"]["visit"].integer == 2 && answer["records"]["note"].integer == 1, "\(answer)")
            told.append(try Child("/usr/bin/env", ["sqlite3", path, query]).finish().succeeded().output)
            #expect(try run(["export", "--sqlite", path]).finish().code == 1, "it is there already")
        }
        #expect(
            told[0] == """
                2026-11-02T09:00:00+00:00|=SUM(A1:A9)|Castle House|Castle House
                2026-11-22T14:30:00+00:00|Two
                lines|Castle House|Castle House
                Ask again.|visit
                ok
                delete

                """)
        #expect(told[0] == told[1])
        let left = try FileManager.default.contentsOfDirectory(atPath: scratch.path("."))
        #expect(Set(left) == ["here.sqlite", "there.sqlite"])
        try office.close()
    }

    private func startServer(_ words: [String]) throws -> Child {
        try Child(Programs.server, words + ["--data", office.folder])
    }
}
