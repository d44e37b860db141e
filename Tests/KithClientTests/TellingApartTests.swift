import OutreachModel
import SyncCore
import Terminal
import Testing

@testable import KithClient

@Suite("Records that can be told apart")
struct TellingApartTests {
    private func laptop() throws -> FieldLaptop {
        let laptop = try FieldLaptop(role: .lead)
        _ = try laptop.visit("Tea in the garden, and a long talk about the lift and who decides about it.")
        _ = try laptop.visit("Cake")
        _ = try laptop.json("person", "add", "Jo Field")
        return laptop
    }

    /// The lines of a run without the short ids, which no two runs share.
    private func lines(_ output: String, _ ids: [String]) -> [String] {
        ids.enumerated().reduce(output) { text, id in
            text.replacing(RecordID(id.element).map(ShortID.display) ?? id.element, with: "‹id\(id.offset + 1)›")
        }.split(separator: "\n").map(String.init)
    }

    @Test("An attendance says of which visit or meeting it is, in its title and in lists")
    func attendance() throws {
        let laptop = try laptop()
        let visit = try #require(try laptop.json("visit", "list").values.first?["id"]?.text)
        let id = try #require(try laptop.json("attendance", "add", "jo", "--visit", visit)["id"]?.text)
        let meeting = try #require(
            try laptop.json("meeting", "add", "castle", "today 10:00", "--kind", "workshop")["id"]?.text)
        let other = try #require(try laptop.json("attendance", "add", "jo", "--meeting", meeting)["id"]?.text)
        let deleted = laptop.run(["attendance", "delete", id], input: "n\n", isTerminal: true)
        #expect(
            deleted.errors.contains("Jo Field, Castle House, Sunday 22 November 2026, 14:30"), "\(deleted.errors)")
        let listed = lines(laptop.run(["attendance", "list"], width: 120).output, [id, other])
        #expect(
            Set(listed.dropFirst().map { $0.split(separator: " ").joined(separator: " ") }) == [
                "‹id1› Jo Field Sun 22 Nov 2026 14:30, Castle House waiting",
                "‹id2› Jo Field Sun 22 Nov 2026 10:00, workshop, Castle House waiting",
            ], "\(listed)")
    }

    @Test("A concern says whom it is about, a payment its currency, a list of notes what they are about")
    func others() throws {
        let laptop = try laptop()
        let concern = laptop.run(["concern", "add", "Somebody takes the money", "--person", "jo"])
        #expect(concern.output.contains(": Jo Field, Somebody takes the money."), "\(concern.output)")
        let own = laptop.run(["concern", "add", "Cold at night", "--about-other", "the man with the red bike"])
        #expect(own.output.contains(": the man with the red bike, Cold at night."), "\(own.output)")
        for (currency, words) in [("GBP", "Jo Field, voucher, 20.00 GBP"), ("EUR", "Jo Field, voucher, 20.00 EUR")] {
            let run = laptop.run(["payment", "add", "jo", "20", "--kind", "voucher", "--currency", currency])
            #expect(run.output.contains(": \(words)."), "\(run.output)")
        }
        let visit = try #require(try laptop.json("visit", "list").values.last?["id"]?.text)
        for about in ["jo", visit] { _ = try laptop.json("note", about, "Asked about the garden.") }
        let notes = laptop.run(["note", "list"], width: 120).output
        #expect(
            notes.contains("Jo Field") && notes.contains("Castle House, Sunday 22 November 2026, 14:30"), "\(notes)")
    }

    @Test("Two visits of one place and time are offered with their ids and words, and the kept answer is told in words")
    func choices() throws {
        let laptop = try laptop()
        let ids = try laptop.json("visit", "list").values.compactMap { $0["id"]?.text }
        let asked = laptop.run(["attendance", "add"], input: "jo\n1\n", isTerminal: true)
        let shown = lines(asked.errors, ids).filter { $0.contains("Visit: ") }
        let start = "Visit: Castle House, Sunday 22 November 2026, 14:30"
        #expect(shown.count == 2, "\(shown)")
        #expect(shown.contains { $0.contains("\(start) (‹id1›): ") || $0.contains("\(start) (‹id2›): ") }, "\(shown)")
        #expect(shown.contains { $0.hasSuffix(": Tea in the garden, and a long talk about…") }, "\(shown)")
        #expect(shown.contains { $0.hasSuffix(": Cake") }, "\(shown)")
        let again = laptop.run(["attendance", "add"], input: "", isTerminal: true)
        #expect(again.errors.contains("kept: jo; Castle House, Sunday 22 November"), "\(again.errors)")
    }

    @Test("At 80 columns no date is cut; today the column is the time alone, and at 40 all is there")
    func wholeDates() throws {
        let laptop = try laptop()
        _ = try laptop.json("visit", "add", "castle", "2026-11-22", "--summary", "Who knows when this was, that day.")
        let listed = laptop.run(["visit", "list"], width: 80).output.split(separator: "\n")
        #expect(listed.allSatisfy { $0.count <= 80 }, "\(listed)")
        #expect(listed.count { $0.contains("  Sun 22 Nov 2026 14:30  Castle House  ") } == 2, "\(listed)")
        #expect(listed.contains { $0.contains("Tea in the") && $0.contains("…  waiting") }, "\(listed)")
        let today = laptop.run(["today"], width: 80).output
        #expect(today.contains("  14:30    Castle House  Tea in the garden, and a long talk ab…  waiting"), "\(today)")
        #expect(today.contains("  today    Castle House"), "\(today)")
        #expect(laptop.run(["week"], width: 80).output.contains("Sun 22 Nov 2026 14:30"))
        let narrow = laptop.run(["visit", "list"], width: 40).output
        #expect(narrow.contains("Started: Sun 22 Nov 2026 14:30\n"), "\(narrow)")
    }

    @Test("A person who is picked is the one that is meant, also where a namesake was merged into somebody else")
    func mergedNamesake() throws {
        let laptop = try laptop()
        let smith = try #require(try laptop.json("person", "add", "Jo Smith")["id"]?.text)
        let namesake = try #require(try laptop.json("person", "add", "Jo Smith", "--new")["id"]?.text)
        let smyth = try #require(try laptop.json("person", "add", "Jo Smyth", "--new")["id"]?.text)
        _ = try laptop.json("person", "merge", namesake, smyth, "--yes")
        let typed = laptop.run(["promise", "add", "Call", "--person", "Jo Smith"])
        #expect(typed.code == .notFound, "\(typed)")
        #expect(
            lines(typed.errors, [smith, smyth]).contains {
                $0.hasSuffix("‹id2›  Jo Smyth  also Jo Smith  added 22 Nov 2026")
            }, "\(typed.errors)")
        #expect(lines(typed.errors, [smith]).contains { $0.hasSuffix("‹id1›  Jo Smith  added 22 Nov 2026") })
        for (id, name) in [(smith, "Jo Smith"), (smyth, "Jo Smyth")] {
            let listed = laptop.run(["promise", "add", "Call", "--person", "jo s"]).errors
            let number = try #require(
                lines(listed, [id]).first { $0.contains("‹id1›") }?.split(separator: " ").first.map(String.init))
            let run = laptop.run(
                ["visit", "add"], input: "castle\ntoday 9am\njo s\n\(number)\n\nTea.\n", isTerminal: true)
            #expect(run.code == .done, "\(run.errors)")
            let there = try laptop.json("attendance", "list").values.filter { $0["person"]?["id"]?.text == id }
            #expect(there.count == 1, "\(name): \(run.errors)")
        }
    }
}
