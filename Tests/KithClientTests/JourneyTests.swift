import Foundation
import OutreachModel
import SyncCore
import SyncReplica
import Terminal
import Testing

@testable import KithClient

@Suite("kith person journey, and words that need consent")
struct JourneyTests {
    private func laptop() throws -> FieldLaptop {
        let laptop = try FieldLaptop()
        _ = try laptop.json("person", "add", "Alex", "--strengths", "listening", "--wants-next", "to chair a meeting")
        _ = try laptop.json("place", "add", "Castle House")
        let first = try #require(
            try laptop.json(
                "opportunity", "add", "Alex", "Garden group", "--offered", "2026-03-01", "--answer", "yes",
                "--how-it-went", "Best day in years", "--thanked-how", "a card")["id"]?.text)
        _ = try laptop.json(
            "opportunity", "add", "Alex", "Interview panel", "--offered", "2026-06-01", "--answer", "no",
            "--came-from", first)
        _ = try laptop.json(
            "opportunity", "add", "Alex", "Steering group", "--offered", "2026-10-01", "--answer", "not_now",
            "--support-wanted", "somebody to go with", "--came-from", first)
        let meeting = try #require(
            try laptop.json("meeting", "add", "Castle House", "2026-11-01", "--kind", "house_meeting")["id"]?.text)
        _ = try laptop.json(
            "attendance", "add", "Alex", "--meeting", meeting, "--took-part-as", "co_facilitated", "--contribution",
            "asked the quiet ones", "--felt", "Nervous, then proud")
        return laptop
    }

    @Test("The way is told step by step, each with the one it led on from, and a step back as a step")
    func journey() throws {
        let run = try laptop().run(["person", "journey", "Alex"])
        #expect(
            run.output == """
                Alex: the way so far
                Made on Sunday 22 November 2026.

                What Alex brings
                What                 In words
                Strengths            listening
                What they want next  to chair a meeting

                Step by step
                1 Mar 2026: Garden group
                  Said yes.
                  In their own words: “Best day in years”
                  Thanked: a card.
                1 Jun 2026: Interview panel
                  Led on from: Garden group
                  Chose something else this time.
                1 Oct 2026: Steering group
                  Led on from: Garden group
                  Not now: it stays open.
                  Support wanted: somebody to go with
                1 Nov 2026: Co facilitated: house meeting, Castle House
                  Brought: asked the quiet ones
                  In their own words: “Nervous, then proud”

                Alex took part in 1 visit or meeting.

                """)
        for word in ["fail", "declined", "refus", "unsuccess", "dropped"] {
            #expect(!run.output.lowercased().contains(word))
        }
    }

    @Test("What is shared holds their own words only where they agreed to sharing, and says how many are left out")
    func shared() throws {
        let laptop = try laptop()
        let before = laptop.run(["person", "journey", "Alex", "--share"]).output
        #expect(!before.contains("Best day") && !before.contains("proud") && !before.contains("somebody to go"))
        #expect(
            before.contains("2 texts in a person's own words are left out") || before.contains("2 texts in people's"))
        _ = try laptop.json("consent", "add", "Alex", "sharing", "--answer", "given")
        let agreed = laptop.run(["person", "journey", "Alex", "--share"]).output
        #expect(agreed.contains("Best day in years") && agreed.contains("Nervous, then proud"))
        #expect(!agreed.contains("left out"))
        #expect(laptop.run(["consent", "withdraw", "Alex", "sharing"]).code == .done)
        #expect(!laptop.run(["person", "journey", "Alex", "--share"]).output.contains("Best day"))
    }

    @Test(
        "What was brought to a visit or meeting that is deleted is not told, and is told again once it is back",
        arguments: ["visit", "meeting"])
    func deletedGathering(kind: String) throws {
        let laptop = try laptop()
        let visit = try #require(try laptop.json("visit", "add", "Castle House", "2026-11-08")["id"]?.text)
        _ = try laptop.json("attendance", "add", "Alex", "--visit", visit, "--contribution", "a cake")
        let (id, words, rest) =
            kind == "visit"
            ? (visit, "Brought: a cake", "Brought: asked")
            : (try #require(try laptop.json("meeting", "list").values.first?["id"]?.text), "Brought: asked", "a cake")
        let pages = [
            ["person", "journey", "Alex"], ["person", "journey", "Alex", "--share"], ["report", "journey", "Alex"],
        ]
        #expect(laptop.run([kind, "delete", id, "--yes"]).code == .done)
        for page in pages {
            let told = laptop.run(page).output
            #expect(!told.contains(words) && told.contains(rest), "\(told)")
            #expect(told.contains("Alex took part in 1 visit or meeting."), "\(told)")
        }
        let isLeftOut = laptop.run(pages[1]).output.contains("2 texts")
        #expect(isLeftOut == (kind == "visit"), "their own words at the meeting are not counted while it is deleted")
        for back in [[kind, "restore", id], ["undo", "--yes"], ["undo", "--yes"]] {
            #expect(laptop.run(back).code == .done, "\(back)")
            let isBack = back[0] != "undo" || !laptop.run([kind, "list", "--deleted"]).output.contains(id.prefix(8))
            for page in pages { #expect(laptop.run(page).output.contains(words) == isBack, "\(back)") }
        }
        #expect(laptop.run(pages[0]).output.contains(words))
    }

    @Test("What was brought to a visit that is not here, or not yet, is told")
    func absentGathering() throws {
        let laptop = try laptop()
        let alex = try #require(
            try laptop.json("person", "list").values.first?["id"]?.text.flatMap { RecordID($0) })
        try laptop.write { work in
            _ = try work.create(
                table: OutreachSchema.Number.attendance, area: 2,
                values: [
                    (AttendanceField.visit.rawValue, .blob(RecordID(milliseconds: 9, random: (9, 9)).bytes)),
                    (AttendanceField.person.rawValue, .blob(alex.bytes)),
                    (AttendanceField.contribution.rawValue, .text("a cake")),
                ])
        }
        let told = laptop.run(["person", "journey", "Alex"]).output
        #expect(told.contains("Brought: a cake") && told.contains("took part in 2 visits and meetings"), "\(told)")
        #expect(laptop.run(["search", "cake"]).output.contains("[cake]"))
    }

    @Test("A page is a new file, is guarded as what is shared, and is never written over another")
    func page() throws {
        let laptop = try laptop()
        let path = laptop.folder + "/alex.html"
        #expect(laptop.run(["report", "journey", "Alex", "--html", path]).code == .done)
        let page = try String(contentsOfFile: path, encoding: .utf8)
        #expect(page.contains("Garden group") && page.contains("<svg") && !page.contains("Best day"))
        let again = laptop.run(["person", "journey", "Alex", "--html", path])
        #expect(again.code == .failed && again.errors.contains("Nothing was written"))
        #expect(try String(contentsOfFile: path, encoding: .utf8) == page)
    }

    @Test("An export leaves out words without consent, tells how many, and importing it changes nothing")
    func export() throws {
        let laptop = try laptop()
        _ = try laptop.json("insight", "add", "Safer stairs", "--words", "I nearly fell", "--person", "Alex")
        let guarded = laptop.run(["export", "insights"])
        #expect(guarded.output.contains("(left out: no consent)") && !guarded.output.contains("I nearly fell"))
        #expect(guarded.errors.contains("1 text in a person's own words was left out"))
        let path = laptop.folder + "/insights.csv"
        try Data(guarded.output.utf8).write(to: URL(fileURLWithPath: path))
        let again = try laptop.json("import", "insights", path)
        #expect(again["unchanged"] == 1)
        #expect(try laptop.json("insight", "list").values.first?["words"] == "I nearly fell")
        #expect(laptop.run(["export", "insights", "--all-words"]).output.contains("I nearly fell"))
        let file = laptop.folder + "/all.sqlite"
        #expect(
            laptop.run(["export", "--sqlite", file]).errors.contains("3 texts in people's own words were left out"))
        _ = try laptop.json("consent", "add", "Alex", "quotes", "--answer", "given")
        #expect(laptop.run(["export", "insights"]).output.contains("I nearly fell"))
    }

    @Test("You said, we did: what waits and how long, medians, and nothing done before it was fed back")
    func insights() throws {
        let laptop = try FieldLaptop()
        func add(_ theme: String, _ words: String...) throws -> String {
            let run = laptop.run(["insight", "add", theme, "--json"] + words)
            return try #require(try run.json["id"]?.text, "\(run.errors)")
        }
        let tea = try add(
            "Later tea", "--heard", "2026-11-01", "--decision", "accepted", "--decided", "2026-11-05", "--did",
            "Tea at six")
        _ = try add("Safer stairs", "--heard", "2026-11-12", "--words", "I fell")
        let run = laptop.run(["report", "insights"])
        #expect(run.output.contains("Later tea     to be told: accepted  21"))
        #expect(run.output.contains("Safer stairs  a decision            10"))
        #expect(run.output.contains("people were told what became of 0. Nothing is done before."))
        _ = try laptop.json("insight", "told", tea, "2026-11-08", "--to", "the house")
        let told = laptop.run(["report", "insights"])
        #expect(
            told.output.contains("From hearing to deciding: 4") && told.output.contains("From hearing to telling: 7"))
        #expect(told.output.contains("accepted. Tea at six"))
        #expect(!told.output.contains("I fell"), "words without consent are in no report")
    }
}
