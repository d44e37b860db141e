import OutreachModel
import SyncCore
import Terminal
import Testing

@testable import KithClient

@Suite("What person show tells of the ties of a person")
struct PersonShowTests {
    private func laptop() throws -> FieldLaptop {
        let laptop = try FieldLaptop()
        for name in ["Alex Moon", "Jo Field", "Robyn Vale"] { _ = try laptop.json("person", "add", name) }
        let lines: [[String]] = [
            ["role", "add", "alex", "other", "--kind-other", "Cook"],
            ["relationship", "add", "alex", "robyn", "--kind", "mentor", "--ended", "3 may 2026"],
            ["relationship", "add", "jo", "alex", "--kind", "other", "--kind-other", "Plays chess"],
            ["relationship", "add", "jo", "robyn"],
            ["consent", "add", "alex", "sharing", "--answer", "given", "--expires", "1 june 2027"],
            ["consent", "add", "alex", "quotes", "--answer", "given"],
            ["consent", "add", "alex", "quotes", "--answer", "withdrawn"],
            [
                "consent", "add", "alex", "photos", "--answer", "given", "--given", "1 may 2026", "--expires",
                "2 may 2026",
            ],
            ["consent", "add", "alex", "other", "--purpose-other", "Songs", "--answer", "refused"],
            ["promise", "add", "Bring the form", "--person", "alex", "--due", "friday"],
            ["promise", "add", "Call", "--person", "alex", "--made", "1 november", "--due", "2026-11-20"],
            ["promise", "add", "Kept", "--person", "alex", "--made", "1 november", "--kept", "today"],
            ["opportunity", "add", "alex", "Chair the meeting", "--offered", "1 may 2026", "--answer", "yes"],
            ["opportunity", "add", "alex", "Join the panel", "--answer", "not now"],
            ["concern", "add", "Nobody may read this", "--person", "alex"],
        ]
        for line in lines { _ = try laptop.json(words: line) }
        return laptop
    }

    private static let lines = """
        Role: other, Cook
        Knows: Jo Field (Plays chess), Robyn Vale (mentor, until Sunday 3 May 2026)
        Consent: quotes withdrawn, sharing given until Tuesday 1 June 2027, photos expired, Songs refused
        Open promises: 2, the next due Friday 20 November 2026, 2 days late
        Opportunities: 2, the last: Join the panel (not now)
        """

    @Test("Whom they know from either side, what they agreed to, what is promised, what was offered, and no concern")
    func words() throws {
        let laptop = try laptop()
        let shown = laptop.run(["person", "show", "alex", "--plain"]).output
        #expect(shown.contains("\n\(Self.lines)\n"), "\(shown)")
        #expect(!shown.contains("Nobody may read this"))
        let jo = laptop.run(["person", "show", "jo", "--plain"]).output
        #expect(jo.contains("Knows: Alex Moon (Plays chess), Robyn Vale\n"), "\(jo)")
        #expect(!jo.contains("Consent") && !jo.contains("promises") && !jo.contains("Opportunities"), "\(jo)")
    }

    @Test("The lines fit 40 columns")
    func narrow() throws {
        let shown = try laptop().run(["person", "show", "alex"], width: 40).output
        #expect(shown.contains("Open promises: 2, the next due Friday"), "\(shown)")
        for line in shown.split(separator: "\n") { #expect(line.count <= 40, "\(line)") }
    }

    @Test("JSON has the same records, roles too")
    func json() throws {
        let laptop = try laptop()
        let shown = try laptop.json("person", "show", "alex")
        #expect(shown["roles"]?.values.map { $0["kind_other"]?.text } == ["Cook"])
        #expect(shown["relationships"]?.values.count == 2)
        #expect(shown["consents"]?.values.count == 5)
        #expect(
            Set(shown["open_promises"]?.values.compactMap { $0["what"]?.text } ?? []) == ["Bring the form", "Call"])
        #expect(shown["opportunities"]?.values.last?["what"] == "Join the panel")
        #expect(!shown.encoded().contains("Nobody may read this"))
        let visit = try laptop.visit()
        #expect(try laptop.json("visit", "show", visit)["roles"] == nil)
    }

    @Test("Of somebody who was merged the ties of both records are told, and nobody knows themselves")
    func merged() throws {
        let laptop = try laptop()
        let ids = try laptop.json("person", "list").values.compactMap { $0["id"]?.text }
        #expect(laptop.run(["person", "merge", ids[1], ids[0], "--yes"]).code == .done)
        let shown = laptop.run(["person", "show", ids[0], "--plain"]).output
        #expect(shown.contains("Knows: Robyn Vale, Robyn Vale (mentor, until Sunday 3 May 2026)\n"), "\(shown)")
        #expect(shown.contains("Open promises: 2"), "\(shown)")
    }
}
