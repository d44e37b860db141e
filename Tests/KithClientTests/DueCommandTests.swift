import Foundation
import OutreachModel
import SyncCore
import SyncReplica
import Synchronization
import Terminal
import Testing

@testable import KithClient

/// Today is Sunday 22 November 2026.
@Suite("kith due, today and week")
struct DueCommandTests {
    func due(_ laptop: FieldLaptop, _ words: String...) throws -> [String] {
        let run = laptop.run(["due", "--json"] + words)
        try #require(run.code == .done, "\(run.errors)")
        return try run.json.values.map { item in
            guard case .integer(let late)? = item["days_late"] else { return "?" }
            return "\(item["due"]?.text ?? "?") \(late)"
        }
    }

    @Test("Promises are told by how late they are, kept ones and those that came to nothing not")
    func promises() throws {
        let laptop = try FieldLaptop()
        for (what, day) in [("late", "2026-11-20"), ("soon", "2026-11-25"), ("far", "2026-12-25")] {
            _ = try laptop.json("promise", "add", what, "--made", "2026-11-01", "--due", day)
        }
        _ = try laptop.json("promise", "add", "no day")
        let kept = try #require(
            try laptop.json("promise", "add", "kept", "--made", "2026-11-01", "--due", "2026-11-19")["id"]?.text)
        _ = try laptop.json("promise", "kept", kept)
        _ = try laptop.json(
            "promise", "add", "over", "--made", "2026-11-01", "--due", "2026-11-19", "--outcome", "no_longer_needed")
        #expect(try due(laptop) == ["promise 2", "promise 0", "promise -3"])
        #expect(try due(laptop, "--days", "60").count == 4)
        #expect(try laptop.json("today")["due"]?.values.count == 1)
        let text = laptop.run(["today"]).output
        #expect(text.hasPrefix("Today, Sunday 22 November 2026\nPromises to keep\n"))
        #expect(text.contains("2 days late  late, promised by Priya"))
    }

    @Test(
        "G7: who reads concerns is told which to look at again and which nobody decided, by id and day; others nothing")
    func concerns() throws {
        let worker = try FieldLaptop()
        _ = try worker.json("concern", "add", "Owes money", "--review", "today")
        #expect(try due(worker).isEmpty)
        let laptop = try FieldLaptop(role: .lead)
        _ = try laptop.json("person", "add", "Alex")
        let open = try #require(
            try laptop.json("concern", "add", "Owes money", "--person", "Alex", "--immediate-danger", "yes")["id"]?.text
        )
        _ = try laptop.json("concern", "add", "Looked into", "--decision", "watching", "--review", "2026-11-21")
        _ = try laptop.json("concern", "add", "Done", "--decision", "no_further_action", "--review", "2027-11-21")
        #expect(try due(laptop) == ["concern 1", "undecided 0"])
        let text = laptop.run(["today"], width: 120).output
        #expect(
            text.contains("Concerns to look at again\n") && text.contains("Concerns without a decision\n"), "\(text)")
        #expect(
            text.contains("\(open.prefix(8))  since today  Written on Sunday 22 November 2026, in danger now"),
            "\(text)")
        #expect(!text.contains("money") && !text.contains("Alex"), "others may see the screen")
        _ = try laptop.json("concern", "edit", open, "--decision", "referred")
        #expect(try due(laptop) == ["concern 1"])
        #expect(laptop.run(["concern", "list"], width: 160).output.contains("In danger now"))
    }

    @Test("A decision that is changed on the day when people were told of the first one is owed to them as well")
    func decidedAnewOnTheSameDay() throws {
        let laptop = try FieldLaptop()
        let id = try #require(
            try laptop.json("insight", "add", "Stairs", "--decision", "accepted", "--decided", "today")["id"]?.text)
        _ = try laptop.json("insight", "told", id, "today")
        #expect(try due(laptop).isEmpty)
        let changed = laptop.run(["insight", "edit", id, "--decision", "declined", "--reason", "No money"])
        #expect(changed.errors.contains("they are owed this one."), "\(changed)")
        #expect(try due(laptop) == ["feedback 0"])
        #expect(!laptop.run(["report", "insights"]).output.contains("Told: Sunday 22 November 2026"))
    }

    @Test("A sync says how many concerns are new, to whoever reads them")
    func newConcerns() throws {
        let laptop = try FieldLaptop(role: .lead)
        let made = Stamp(time: 1 << 16, device: PaperOffice.colleague)
        laptop.office.state.withLock { state in
            state.updates = [
                RecordUpdate(
                    table: 15, record: RecordID(milliseconds: 3, random: (1, 2)), created: made, isWhole: true,
                    fields: [FieldState(number: 3, value: .text("Owes money"), stamp: made)], existence: nil,
                    isLiving: true)
            ]
        }
        let run = laptop.run(["sync"])
        #expect(run.output.contains("1 new concern: kith concern list\n"), "\(run)")
        #expect(!laptop.run(["sync"]).output.contains("new concern"))
    }

    @Test("Feedback is owed from the decision until somebody was told; nothing is done before")
    func feedback() throws {
        let laptop = try FieldLaptop()
        let id = try #require(
            try laptop.json(
                "insight", "add", "Safer stairs", "--heard", "2026-11-01", "--decision", "accepted", "--decided",
                "2026-11-10")["id"]?.text)
        _ = try laptop.json("insight", "add", "Asked", "--heard", "2026-11-15", "--due", "2026-11-24")
        _ = try laptop.json("insight", "add", "Asked without a day")
        #expect(try due(laptop) == ["feedback 12", "answer -2"])
        _ = try laptop.json("insight", "told", id, "--to", "the house")
        #expect(try due(laptop) == ["answer -2"])
        let asked = try #require(
            try laptop.json("insight", "list").values.first { $0["theme"] == "Asked" }?["id"]?.text)
        let early = laptop.run(["insight", "told", asked, "--to", "the house"])
        #expect(early.code == .usage && early.errors.contains("Nothing is decided on this yet"), "\(early)")
        let record = try #require(RecordID(asked))
        try laptop.write {
            try $0.edit(
                table: OutreachSchema.Number.insight, record: record,
                values: [(InsightField.fedBack.rawValue, .text("2026-11-20"))])
        }
        #expect(try due(laptop) == ["answer -2"], "who was told before anything was decided still waits")
        #expect(laptop.run(["report", "insights"]).output.contains("became of 1. Nothing is done before."))
        _ = try laptop.json("insight", "edit", asked, "--decision", "accepted", "--decided", "2026-11-21")
        #expect(try due(laptop) == ["feedback -2"], "what they heard then was something else")
        #expect(laptop.run(["report", "insights"]).output.contains("became of 1. Nothing is done before."))
    }

    @Test("Whoever was told of a decision that is changed is owed the new one, and is not said to have been told of it")
    func changedDecision() throws {
        let laptop = try FieldLaptop()
        let added = try laptop.json(
            "insight", "add", "Safer stairs", "--heard", "2026-11-01", "--decision", "accepted", "--decided",
            "2026-11-05")
        let id = try #require(added["id"]?.text)
        _ = try laptop.json("insight", "told", id, "2026-11-07")
        let changed = laptop.run(["insight", "edit", id, "--decision", "declined", "--reason", "No money"])
        #expect(
            changed.errors.contains(
                "People were told of what was said before on Saturday 7 November 2026: they are owed this one."),
            "\(changed.errors)")
        #expect(try laptop.json("insight", "show", id)["decided"] == "2026-11-22")
        #expect(try due(laptop) == ["feedback 0"])
        #expect(!laptop.run(["report", "insights"]).output.contains("Told: Saturday 7 November"))
        #expect(laptop.run(["insight", "told", id]).code == .done)
        #expect(try due(laptop) == [])
    }

    @Test("A decision that is changed says which words beside it are still those of the one before")
    func keptReason() throws {
        let laptop = try FieldLaptop()
        let added = try laptop.json(
            "insight", "add", "Later tea", "--decision", "accepted", "--reason", "Hall free", "--did", "Tea at six")
        let id = String(try #require(added["id"]?.text).prefix(8))
        let changed = laptop.run(["insight", "edit", id, "--decision", "declined"], width: 200)
        #expect(
            changed.errors.contains(
                "“Reason” and “What was done” are still as said with \"accepted\". Say it anew, or: kith insight edit \(id) "
                    + "--clear reason --clear did\n"), "\(changed.errors)")
        let anew = laptop.run(["insight", "edit", id, "--decision", "partly", "--reason", "Mondays", "--clear", "did"])
        #expect(!anew.errors.contains("still as said"), "\(anew.errors)")
    }

    @Test(
        "Nobody is said to have been told of what is not decided, or was decided later",
        arguments: [
            ["--fed-back", "yesterday"], ["--decision", "pending", "--fed-back", "yesterday"],
            ["--decision", "accepted", "--decided", "today", "--fed-back", "yesterday"],
        ])
    func toldTooEarly(words: [String]) throws {
        let laptop = try FieldLaptop()
        let add = laptop.run(["insight", "add", "Lamps", "--heard", "2026-11-01"] + words)
        #expect(add.code == .usage && add.errors.contains("Nothing was saved."), "\(add.errors)")
        let id = try #require(try laptop.json("insight", "add", "Lamps", "--heard", "2026-11-01")["id"]?.text)
        #expect(laptop.run(["insight", "edit", id] + words).code == .usage)
        #expect(try laptop.json("insight", "show", id)["fed_back"] == .null)
    }

    @Test(
        "Two people are told who were not together for longer than their relationship needs; visits to one do not count"
    )
    func relationships() throws {
        let laptop = try FieldLaptop()
        for name in ["Alex", "Robin", "Mo"] { _ = try laptop.json("person", "add", name) }
        _ = try laptop.json("place", "add", "Elm Hall")
        let pair = ["relationship", "add", "Alex", "Robin", "--kind", "mentor", "--rhythm-days", "14"]
        let id = try #require(try laptop.json(words: pair + ["--started", "2026-10-01"])["id"]?.text)
        _ = try laptop.json("relationship", "add", "Alex", "Mo", "--kind", "friend", "--started", "2026-01-01")
        #expect(try due(laptop) == ["relationship 38"], "since it began, where they were never seen together")
        _ = try laptop.json("visit", "add", "Elm Hall", "2026-11-20 10:00", "--with", "Alex")
        _ = try laptop.json(
            "visit", "add", "Elm Hall", "2026-11-20 11:00", "--with", "Alex", "--with", "Robin", "--outcome",
            "not_found")
        _ = try laptop.json("visit", "add", "Elm Hall", "2026-11-05 10:00", "--with", "Robin", "--person", "Alex")
        #expect(try due(laptop) == ["relationship 3"])
        let text = laptop.run(["due"]).output
        #expect(text.contains("People to bring together again\n"), "\(text)")
        #expect(text.contains("last together Thu 5 Nov 2026"), "\(text)")
        _ = try laptop.json("meeting", "add", "Elm Hall", "2026-11-10 10:00", "--with", "Robin", "--with", "Alex")
        #expect(try due(laptop, "--days", "1") == [])
        #expect(try due(laptop, "--days", "2") == ["relationship -2"])
        _ = try laptop.json("person", "edit", "Robin", "--do-not-contact", "yes")
        #expect(try due(laptop, "--days", "2") == [])
        _ = try laptop.json("person", "edit", "Robin", "--do-not-contact", "no")
        _ = try laptop.json("relationship", "edit", id, "--ended", "2026-11-21")
        #expect(try due(laptop, "--days", "2") == [])
    }

    @Test("Whoever is merged brings the rhythm along: of those kept together the strictest counts, whoever was seen")
    func mergedRhythm() throws {
        let laptop = try FieldLaptop()
        for (kind, rhythms) in [("person", ["3", nil]), ("place", ["3", "14"])] as [(String, [String?])] {
            let names = ["Alex \(kind)", "Bo \(kind)"]
            for (name, rhythm) in zip(names, rhythms) {
                _ = try laptop.json(words: [kind, "add", name] + (rhythm.map { ["--rhythm-days", $0] } ?? []))
            }
            _ = try laptop.json(kind, "merge", names[0], names[1], "--yes")
        }
        _ = try laptop.json("visit", "add", "Bo place", "2026-11-21 10:00", "--with", "Bo person")
        #expect(try due(laptop, "--days", "3") == ["person -2", "place -2"])
        let text = laptop.run(["due", "--days", "3"], width: 120).output
        #expect(text.contains("Bo person, last seen ") && text.contains("Bo place, last seen "), "\(text)")
        _ = try laptop.json("person", "unmerge", "Alex person")
        #expect(try due(laptop, "--days", "3") == ["person -3", "place -2"], "nobody saw that one")
    }

    @Test("People and places are told when they were not seen for longer than their rhythm; who wants no contact never")
    func rhythm() throws {
        let laptop = try FieldLaptop()
        _ = try laptop.json("place", "add", "Castle House", "--rhythm-days", "7")
        _ = try laptop.json("place", "add", "Elm Hall", "--rhythm-days", "30")
        _ = try laptop.json("person", "add", "Alex", "--rhythm-days", "14")
        _ = try laptop.json("person", "add", "Robin", "--rhythm-days", "1", "--do-not-contact", "yes")
        _ = try laptop.json("visit", "add", "Castle House", "2026-11-10 14:00", "--with", "Alex", "--with", "Robin")
        _ = try laptop.json("meeting", "add", "Elm Hall", "2026-11-15", "--kind", "house_meeting")
        #expect(try due(laptop) == ["person -2", "place 5"])
        #expect(try due(laptop, "--days", "0") == ["place 5"])
        _ = try laptop.json("visit", "add", "Castle House", "2026-11-21 14:00")
        #expect(try due(laptop, "--days", "0") == [])
        #expect(laptop.run(["due", "--days", "0"]).output == "Nothing is due today.\n")
    }

    @Test("A closed door, what did not go ahead and what is still to come are no contact")
    func noContact() throws {
        let laptop = try FieldLaptop()
        _ = try laptop.json("place", "add", "Castle House", "--rhythm-days", "7")
        _ = try laptop.json("person", "add", "Alex", "--rhythm-days", "7")
        _ = try laptop.json("visit", "add", "Castle House", "2026-11-10 14:00", "--with", "Alex")
        for (day, outcome) in [("2026-11-19", "no_access"), ("2026-11-20", "not_found"), ("2026-11-21", "cancelled")] {
            _ = try laptop.json("visit", "add", "Castle House", day, "--outcome", outcome, "--with", "Alex")
        }
        _ = try laptop.json("meeting", "add", "Castle House", "2026-11-21", "--went-ahead", "no", "--with", "Alex")
        _ = try laptop.json("visit", "add", "Castle House", "2027-11-21", "--with", "Alex")
        #expect(try due(laptop, "--days", "0") == ["person 5", "place 5"])
        _ = try laptop.json("visit", "add", "Castle House", "today 09:00", "--with", "Alex")
        #expect(try due(laptop, "--days", "0") == [])
    }

    @Test("What was written down ahead counts once somebody has said that it took place; until then that is asked")
    func plans() throws {
        let laptop = try FieldLaptop()
        _ = try laptop.json("place", "add", "Castle House", "--rhythm-days", "1")
        _ = try laptop.json("visit", "add", "Castle House", "2026-11-10 14:00")
        let plan = try #require(try laptop.json("visit", "add", "Castle House", "tomorrow 10:00")["id"]?.text)
        _ = try laptop.json("meeting", "add", "Castle House", "tomorrow 11:00", "--kind", "training")
        #expect(try due(laptop, "--days", "0") == ["place 11"])
        func later() -> String { laptop.run(["due", "--days", "0"], width: 200, laterDays: 2).output }
        let next = "If it did: kith visit edit \(plan.prefix(8)) --outcome went_ahead\n"
        #expect(
            later().contains("Did it take place?\n") && later().contains("  1 day ago  Castle House, ")
                && later().contains(next), "\(later())")
        #expect(later().contains(" --went-ahead yes\n") && later().contains("last seen Tue 10 Nov 2026"), "\(later())")
        _ = try laptop.json("visit", "edit", plan, "--outcome", "went_ahead")
        #expect(!later().contains(next) && later().contains("last seen Mon 23 Nov 2026"), "\(later())")
    }

    @Test("A contact with a merged record counts for the one that stands for it")
    func merged() throws {
        let laptop = try FieldLaptop()
        _ = try laptop.json("place", "add", "Castle House")
        _ = try laptop.json("person", "add", "Alex", "--rhythm-days", "7")
        _ = try laptop.json("person", "add", "The man with the dog")
        _ = try laptop.json("visit", "add", "Castle House", "2026-11-20", "--with", "the man with")
        #expect(try due(laptop, "--days", "7") == ["person -7"])
        #expect(laptop.run(["person", "merge", "the man with", "Alex", "--yes"]).code == .done)
        #expect(try due(laptop, "--days", "5") == ["person -5"])
    }

    @Test("Risks to review, consents that end and overdue rounds are told")
    func endings() throws {
        let laptop = try FieldLaptop()
        _ = try laptop.json("place", "add", "Castle House", "--risks-reviewed", "2026-11-21", "--known-risks", "dog")
        _ = try laptop.json("person", "add", "Alex")
        _ = try laptop.json(
            "consent", "add", "Alex", "quotes", "--answer", "given", "--given", "2026-01-01", "--expires",
            "2026-12-10")
        _ = try laptop.json(
            "round", "add", "River", "--buddy", "Sam", "--started", "12:00", "--expected-end", "14:00")
        #expect(try due(laptop) == ["round 0", "risks 1", "consent -18"])
    }

    @Test("The week runs from Monday to Sunday")
    func week() throws {
        let laptop = try FieldLaptop()
        _ = try laptop.json("place", "add", "Castle House")
        for day in ["2026-11-15", "2026-11-16", "2026-11-22 09:00", "2026-11-23"] {
            _ = try laptop.json("visit", "add", "Castle House", day)
        }
        let week = try laptop.json("week")
        #expect(week["visits"]?.values.map { $0["started"]?.text } == ["2026-11-22T09:00:00+00:00", "2026-11-16"])
        #expect(week["date"] == "2026-11-16")
    }
}
