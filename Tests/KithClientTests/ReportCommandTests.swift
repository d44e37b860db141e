import Foundation
import Terminal
import Testing

@testable import KithClient

@Suite("kith report")
struct ReportCommandTests {
    private func laptop() throws -> FieldLaptop {
        let laptop = try FieldLaptop()
        _ = try laptop.json("place", "add", "Castle House", "--kind", "residential")
        _ = try laptop.json("place", "add", "Elm Hall", "--kind", "day_centre")
        for (place, day) in [
            ("Castle House", "2026-09-03"), ("Castle House", "2026-11-10"), ("Elm Hall", "2026-11-12"),
        ] {
            _ = try laptop.json("visit", "add", place, day, "--headcount", "4", "--outcome", "went_ahead")
        }
        return laptop
    }

    @Test("Activity is told by month, months without anything included, number before bar")
    func activity() throws {
        let run = try laptop().run(["report", "activity"])
        #expect(
            run.output.hasPrefix(
                """
                Visits and meetings
                From the first record to Sunday 22 November 2026. Made on Sunday 22 November 2026.

                Visits by month
                3 visits, 0 meetings. Headcounts add up to 12; the same person may be in several.
                September 2026: 1  ---------------
                October 2026: 0
                November 2026: 2   ------------------------------

                Meetings by month
                Nothing is recorded.

                Where
                Castle House: 2  ------------------------------
                Elm Hall: 1      ---------------

                """))
        let some = try laptop().run(["report", "activity", "--since", "1 november", "--until", "2026-11-11"])
        #expect(some.output.contains("1 visit, 0 meetings.") && !some.output.contains("Elm Hall"))
    }

    @Test("At 40 columns and with --plain there are no bars, and every line is whole")
    func narrow() throws {
        let laptop = try laptop()
        for run in [laptop.run(["report", "activity"], width: 40), laptop.run(["report", "activity", "--plain"])] {
            #expect(run.output.contains("November 2026: 2\n") && !run.output.contains("---"))
        }
    }

    @Test("Who decided: numbers below five are not told, unless somebody asks for them")
    func decisions() throws {
        let laptop = try laptop()
        for day in 1...6 {
            _ = try laptop.json("meeting", "add", "Elm Hall", "2026-11-0\(day)", "--who-decided", "coproduced")
        }
        for day in 11...17 {
            _ = try laptop.json("meeting", "add", "Castle House", "2026-08-\(day)", "--who-decided", "involved")
        }
        _ = try laptop.json("meeting", "add", "Castle House", "2026-08-01", "--who-decided", "informed")
        _ = try laptop.json(
            "meeting", "add", "Castle House", "2026-08-02", "--who-decided", "informed", "--went-ahead", "no")
        let shown = laptop.run(["report", "decisions"]).output
        for line in [
            "informed: hidden", "involved: hidden", "coproduced: 6", "July 2026     hidden    hidden    0",
            "October 2026  0         0         6", "Castle House  hidden    hidden    0",
        ] {
            #expect(shown.contains(line), "of 14 meetings, 7 and 6 would leave 1: \(line) \(shown)")
        }
        #expect(shown.contains("Numbers from 1 to 4 are told as \"fewer than 5\""))
        let all = laptop.run(["report", "decisions", "--small-numbers"]).output
        #expect(all.contains("informed: 1") && all.contains("involved: 7") && !all.contains("hidden"))
    }

    @Test("The network names nobody, counts merged people once, and leaves out what has ended")
    func network() throws {
        let laptop = try FieldLaptop()
        for name in ["Alex", "Robin", "Sam", "The man with the dog"] {
            _ = try laptop.json("person", "add", name, "--role", "client", "--new")
        }
        #expect(laptop.run(["person", "merge", "the man with", "Alex", "--yes"]).code == .done)
        _ = try laptop.json("relationship", "add", "Alex", "Robin", "--kind", "friend", "--introduced-by", "Sam")
        _ = try laptop.json("relationship", "add", "Alex", "Sam", "--kind", "mentor")
        _ = try laptop.json("relationship", "add", "Robin", "Sam", "--kind", "friend", "--ended", "2026-11-01")
        let shown = laptop.run(["report", "network", "--small-numbers"]).output
        #expect(shown.contains("client: 3") && shown.contains("friend: 1") && shown.contains("mentor: 1"))
        #expect(shown.contains("1 other: 2") && shown.contains("2 or 3 others: 1"))
        #expect(shown.contains("Introductions: 1"))
        for name in ["Alex", "Robin", "Sam", "dog"] { #expect(!shown.contains(name)) }
    }

    @Test("Promises are told by what became of them, and no worker is named")
    func dependability() throws {
        let laptop = try FieldLaptop()
        func promise(_ words: String...) throws { _ = try laptop.json(words: ["promise", "add"] + words) }
        try promise("a", "--made", "2026-11-01", "--due", "2026-11-05", "--kept", "2026-11-04")
        try promise("b", "--made", "2026-11-01", "--due", "2026-11-05", "--kept", "2026-11-08")
        try promise("c", "--made", "2026-11-01", "--due", "2026-11-05")
        try promise("d", "--made", "2026-11-01", "--due", "2026-12-05")
        try promise("e", "--made", "2026-11-01", "--outcome", "could_not_keep")
        let hidden = laptop.run(["report", "dependability"]).output
        #expect(hidden.contains("5 promises.") && hidden.contains("kept late: hidden"), "\(hidden)")
        let shown = laptop.run(["report", "dependability", "--small-numbers"]).output
        for line in ["kept in time: 1", "kept late: 1", "open: 1", "overdue: 1", "could not keep: 1", "5 promises."] {
            #expect(shown.contains(line), "\(line)")
        }
        #expect(!shown.contains("Priya"))
    }

    @Test("Where all took equally long nobody is said to have taken longer")
    func middle() throws {
        let laptop = try FieldLaptop()
        for what in ["a", "b", "c"] {
            let dates = ["--made", "2026-11-01", "--due", "2026-11-05", "--kept", "2026-11-07"]
            _ = try laptop.json(words: ["promise", "add", what] + dates)
        }
        let late = laptop.run(["report", "dependability", "--small-numbers"]).output
        #expect(late.contains("3 promises. Of those kept late, half were at most 2 days late."), "\(late)")
        for theme in ["a", "b"] {
            let words = ["--heard", "2026-11-01", "--decision", "accepted", "--decided", "2026-11-05"]
            _ = try laptop.json(words: ["insight", "add", theme] + words)
        }
        let heard = laptop.run(["report", "insights"]).output
        #expect(heard.contains("Days in the middle: half took no longer\nFrom hearing to deciding: 4"), "\(heard)")
    }

    @Test(
        "Each report is a page that stands alone, and the same as JSON",
        arguments: ["activity", "network", "insights", "decisions", "dependability"])
    func pages(name: String) throws {
        let laptop = try laptop()
        _ = try laptop.json("insight", "add", "Safer stairs")
        _ = try laptop.json("promise", "add", "Ring back")
        let path = "\(laptop.folder)/\(name).html"
        #expect(laptop.run(["report", name, "--html", path]).code == .done)
        let page = try String(contentsOfFile: path, encoding: .utf8)
        #expect(page.hasPrefix("<!doctype html>") && page.hasSuffix("</html>\n") && !page.contains("<script"))
        #expect(laptop.run(["report", name, "--html", path]).code == .failed)
        #expect(try laptop.json("report", name)["sections"]?.values.isEmpty == false)
        let dry = laptop.run(["report", name, "--html", path + "2", "--dry-run"])
        #expect(dry.code == .done && !FileManager.default.fileExists(atPath: path + "2"))
    }

    @Test("A page that can't be written says why and leaves nothing")
    func unwritable() throws {
        let laptop = try laptop()
        let run = laptop.run(["report", "activity", "--html", laptop.folder + "/none/a.html"])
        #expect(run.code == .failed && run.errors.contains("Nothing was written"))
        let full = laptop.run(["report", "activity", "--html", "/dev/full"])
        #expect(full.code == .failed)
    }

    @Test("A note is edited, listed and deleted, and a note's own words still add one")
    func notes() throws {
        let laptop = try FieldLaptop()
        let visit = try laptop.visit()
        let note = try #require(try laptop.json("note", visit, "Asked about the garden.")["id"]?.text)
        _ = try laptop.json("note", "edit", note, "--text", "Asked about the art group.")
        #expect(try laptop.json("note", "list").values.map { $0["text"]?.text } == ["Asked about the art group."])
        #expect(laptop.run(["visit", "show", visit]).output.contains("Asked about the art group."))
        _ = try laptop.json("note", "delete", note, "--yes")
        #expect(try laptop.json("note", "list").values.isEmpty)
        #expect(laptop.run(["note", "list", "more"]).code == .usage)
        #expect(laptop.run(["note", visit, "edit"]).code == .done, "after a word of its own no word is a command")
    }
}
