import Database
import SyncCore
import SyncReplica
import Synchronization
import Terminal
import Testing

@testable import KithClient

@Suite struct RecordCommandTests {
    @Test("Known risks bear the name of whoever wrote these words, and ask for the day of their review")
    func knownRisks() throws {
        let laptop = try FieldLaptop()
        let added = laptop.run([
            "place", "add", "Risky", "--known-risks", "Dog", "--risks-by", "Sam", "--risks-reviewed", "2026-11-20",
        ])
        #expect(added.code == .done && !added.errors.contains("look at the risks again"), "\(added)")
        #expect(try laptop.json("place", "show", "Risky")["risks_by"] == "Sam")
        let edited = laptop.run(["place", "edit", "Risky", "--known-risks", "Knife found in the yard"])
        #expect(edited.errors.contains("Say when to look at the risks again: kith place edit"), "\(edited)")
        var shown = try laptop.json("place", "show", "Risky")
        #expect(shown["risks_by"] == "Priya" && shown["risks_reviewed"] == .null, "that day was for the words before")
        _ = try laptop.json("place", "edit", "Risky", "--risks-reviewed", "2027-02-01")
        _ = try laptop.json("place", "edit", "Risky", "--known-risks", "Knife and dog", "--risks-by", "Lea")
        shown = try laptop.json("place", "show", "Risky")
        #expect(shown["risks_by"] == "Lea" && shown["risks_reviewed"]?.text?.hasPrefix("2027-02-01") == true)
        _ = try laptop.json("place", "edit", "Risky", "--district", "Canterbury")
        #expect(try laptop.json("place", "show", "Risky")["risks_by"] == "Lea", "other fields say nothing of the risks")
        _ = try laptop.json("place", "edit", "Risky", "--clear", "known-risks")
        shown = try laptop.json("place", "show", "Risky")
        #expect(shown["risks_by"] == .null && shown["risks_reviewed"] == .null)
        _ = try laptop.json("place", "add", "Newer", "--known-risks", "Ice")
        #expect(try laptop.json("place", "show", "Newer")["risks_by"] == "Priya")
    }

    @Test("a visit takes its kind from the place and shows every field, absent ones as null")
    func visitAdd() throws {
        let laptop = try FieldLaptop()
        let place = try laptop.json(
            "place", "add", "Castle House", "--kind", "residential", "--district", "Canterbury")
        let visit = try laptop.json("visit", "add", "castle", "2026-11-22 14:30", "--summary", "Tea\u{1B}[2J")
        #expect(visit["place"] == ["id": try #require(place["id"]), "name": "Castle House"])
        #expect(visit["kind"] == "residential")
        #expect(visit["started"] == "2026-11-22T14:30:00+00:00")
        #expect(visit["summary"] == "Tea\u{1B}[2J")
        #expect(visit["purpose"] == .null)
        #expect(visit["state"] == "waiting")
        #expect(visit["area"] == "main")
        #expect(place["area"] == "everyone")
        #expect(try laptop.json("visit", "list") == .array([visit]))
    }

    @Test("A visit takes the own words of its place's kind with the kind, unless either is said")
    func ownWordsOfThePlace() throws {
        let laptop = try FieldLaptop()
        _ = try laptop.json("place", "add", "Bus", "--kind", "other", "--kind-other", "Converted bus")
        let plain = try laptop.json("visit", "add", "Bus", "today")
        #expect(plain["kind"] == "other" && plain["kind_other"] == "Converted bus")
        let said = try laptop.json("visit", "add", "Bus", "today", "--kind", "street_site")
        #expect(said["kind"] == "street_site" && said["kind_other"] == .null)
        let own = try laptop.json("visit", "add", "Bus", "today", "--kind-other", "Litter pick")
        #expect(own["kind"] == "other" && own["kind_other"] == "Litter pick")
    }

    @Test("Who a person is to the work stands with them, where and for how long")
    func roles() throws {
        let laptop = try FieldLaptop()
        _ = try laptop.json("place", "add", "Castle House")
        _ = try laptop.json("person", "add", "Alex", "--role", "resident", "--place", "castle")
        _ = try laptop.json("role", "add", "Alex", "peer_mentor", "--started", "2026-01-05")
        let shown = laptop.run(["person", "show", "Alex"]).output
        #expect(shown.contains("Role: resident, Castle House\n"), "\(shown)")
        #expect(shown.contains("Role: peer mentor, from Monday 5 January 2026\n"), "\(shown)")
        #expect(!laptop.run(["place", "show", "castle"]).output.contains("Role"))
    }

    @Test("who took part is saved with the visit")
    func attendance() throws {
        let laptop = try FieldLaptop()
        _ = try laptop.json("place", "add", "Castle House", "--kind", "residential")
        let person = try laptop.json("person", "add", "Alex", "--role", "key-worker", "--place", "Castle House")
        let visit = try laptop.json("visit", "add", "Castle House", "today 14:30", "--with", "alex", "--with", "Alex")
        let shown = try laptop.json("visit", "show", try #require(visit["id"]?.text))
        #expect(shown["with"]?.values.count == 1)
        #expect(shown["with"]?.values.first?["person"] == ["id": try #require(person["id"]), "name": "Alex"])
        // One group each: place; person with role; visit with attendance.
        _ = try laptop.json("sync")
        #expect(laptop.office.state.withLock { $0.taken.map(\.changes.count) } == [1, 2, 2])
    }

    @Test("The visits and meetings of a person are those about them and those that they took part in")
    func listByPerson() throws {
        let laptop = try FieldLaptop()
        for name in ["Alex", "Alexander", "Kim"] { _ = try laptop.json("person", "add", name, "--new") }
        _ = try laptop.json("place", "add", "Castle House")
        func id(_ words: String...) throws -> String { try laptop.json(words: words)["id"]?.text ?? "" }
        let about = try id("visit", "add", "", "2026-11-20", "--person", "Kim", "--with", "Kim")
        let with = try id("visit", "add", "Castle House", "2026-11-19", "--with", "Kim", "--with", "Alex")
        _ = try id("visit", "add", "Castle House", "2026-11-18", "--with", "Alex")
        let meeting = try id("meeting", "add", "Castle House", "2026-11-18", "--kind", "training", "--with", "Kim")
        func listed(_ kind: String, _ more: String...) throws -> [String] {
            try laptop.json(words: [kind, "list", "--person", "Kim"] + more).values.compactMap { $0["id"]?.text }
        }
        #expect(try listed("visit") == [about, with])
        #expect(try listed("visit", "--until", "2026-11-19", "--place", "castle") == [with])
        #expect(try listed("meeting") == [meeting])
        _ = try laptop.json("person", "merge", "Alexander", "Kim", "--yes")
        #expect(try listed("visit") == [about, with])
        let part = try #require(
            try laptop.json("attendance", "list", "--person", "Kim").values.first { $0["visit"]?["id"]?.text == with }?[
                "id"])
        _ = try laptop.json("attendance", "delete", part.text ?? "", "--yes")
        #expect(try listed("visit") == [about], "who did not take part after all is not listed")
    }

    @Test("lists are the newest first, whatever offsets times have, and can be limited")
    func listOrder() throws {
        let laptop = try FieldLaptop()
        _ = try laptop.json("place", "add", "Castle House")
        for when in ["2026-11-20 09:00", "2026-11-22 14:30", "2026-07-01 10:00", "2026-11-21"] {
            _ = try laptop.json("visit", "add", "Castle House", when)
        }
        let all = try laptop.json("visit", "list").values.map { $0["started"]?.text }
        #expect(
            all == [
                "2026-11-22T14:30:00+00:00", "2026-11-21", "2026-11-20T09:00:00+00:00", "2026-07-01T10:00:00+01:00",
            ])
        #expect(try laptop.json("visit", "list", "--limit", "2").values.count == 2)
        let some = try laptop.json("visit", "list", "--since", "2026-11-21", "--until", "2026-11-21")
        #expect(some.values.map { $0["started"]?.text } == ["2026-11-21"])
    }

    @Test("an edit changes what it names and nothing else")
    func edit() throws {
        let laptop = try FieldLaptop()
        let id = try laptop.visit()
        let edited = try laptop.json(
            "visit", "edit", String(id.prefix(8)), "--purpose", "Garden", "--clear", "summary")
        #expect(edited["purpose"] == "Garden")
        #expect(edited["summary"] == .null)
        #expect(edited["started"] == "2026-11-22T14:30:00+00:00")
        #expect(try laptop.json("visit", "edit", id, "--summary", "")["summary"] == "")
        let same = laptop.run(["visit", "edit", id, "--purpose", "Garden"])
        #expect(same.code == .done)
        #expect(same.output.contains("Nothing to change"))
    }

    @Test("an edit that would end a visit before it starts is refused and changes nothing")
    func editChecks() throws {
        let laptop = try FieldLaptop()
        let id = try laptop.visit()
        let before = try laptop.json("visit", "show", id)
        let run = laptop.run(["visit", "edit", id, "--ended", "2026-11-22 14:00"])
        #expect(run.code == .usage)
        #expect(try laptop.json("visit", "show", id) == before)
    }

    @Test("a sync while the editor is open leaves the edit based on what the editor showed")
    func editorDuringSync() throws {
        let laptop = try FieldLaptop()
        let id = try laptop.visit("first")
        _ = try laptop.json("sync")
        let record = try #require(RecordID(id))
        let sent = try #require(laptop.office.state.withLock { $0.taken.last?.changes.last })
        let created = Stamp(time: try #require(sent.creation?.time), device: PaperOffice.device)
        // What a colleague wrote arrives while the editor is open: the update is applied by a sync of the same folder.
        let theirs = Stamp(time: created.time + 5, device: PaperOffice.colleague)
        laptop.office.state.withLock {
            $0.updates = [
                RecordUpdate(
                    table: 4, record: record, created: created, isWhole: false,
                    fields: [FieldState(number: 8, value: .text("theirs"), stamp: theirs)], existence: nil,
                    isLiving: true)
            ]
        }
        // The editor is a program that cannot sync this office, so the test syncs between showing and saving.
        let open = try Laptop(home: HomeFolder(path: laptop.folder), creating: false, clock: { FieldLaptop.now })
        let seen = try #require(try open.replica.snapshot(table: 4, record: record))
        _ = try laptop.json("sync")
        #expect(try laptop.json("visit", "show", id)["summary"] == "theirs")
        try open.replica.write { work in
            try work.edit(table: 4, record: record, values: [(8, .text("mine"))], seen: seen)
        }
        laptop.office.state.withLock { $0.updates = [] }
        _ = try laptop.json("sync")
        let edit = try #require(laptop.office.state.withLock { $0.taken.last?.changes.first?.fields.first })
        #expect(edit.value == .text("mine"))
        #expect(edit.base != .stamp(theirs))
    }

    @Test("the editor's text is saved without the newline that editors add")
    func editor() throws {
        let laptop = try FieldLaptop()
        let id = try laptop.visit("one")
        let run = laptop.run(["visit", "edit", id, "--json"], isTerminal: true, editor: "printf 'two\\n' >")
        #expect(run.code == .done)
        #expect(try run.json["summary"] == "two")
    }

    @Test("a deleted visit is gone from lists and comes back whole")
    func deleteAndRestore() throws {
        let laptop = try FieldLaptop()
        let id = try laptop.visit()
        let before = try laptop.json("visit", "show", id)
        #expect(laptop.run(["visit", "delete", id]).code == .usage)
        #expect(try laptop.json("visit", "delete", id, "--yes")["deleted"] == true)
        #expect(try laptop.json("visit", "list") == [])
        let edit = laptop.run(["visit", "edit", id, "--summary", "x"])
        #expect(edit.code == .notFound)
        #expect(edit.errors.contains("kith visit restore \(id.prefix(8))"))
        _ = try laptop.json("visit", "restore", id, "--yes")
        #expect(try laptop.json("visit", "show", id) == before)
    }

    @Test("a note is about its record and bears its writer")
    func note() throws {
        let laptop = try FieldLaptop()
        let id = try laptop.visit()
        let run = laptop.run(["note", String(id.prefix(10)), "-", "--json"], input: "Two\nlines\n")
        #expect(run.code == .done)
        #expect(try run.json["text"] == "Two\nlines")
        #expect(try run.json["about_table"] == "visit")
        let notes = try laptop.json("visit", "show", id)["notes"]?.values
        #expect(notes?.first?["person"] == "Priya")
        #expect(notes?.first?["device"] == "Priya's laptop")
    }

    @Test("a dry run says so and saves nothing")
    func dryRun() throws {
        let laptop = try FieldLaptop()
        let run = laptop.run(["place", "add", "Castle House", "--dry-run"])
        #expect(run.code == .done)
        #expect(run.errors.contains("Nothing was saved"))
        #expect(try laptop.json("place", "list") == [])
    }

    @Test("a missing answer is asked for at a terminal, and named elsewhere")
    func prompts() throws {
        let laptop = try FieldLaptop()
        _ = try laptop.json("place", "add", "Castle House", "--kind", "residential")
        let asked = laptop.run(["visit", "add"], input: "Castle\nyesterday 9am\n\nTea\n", isTerminal: true)
        #expect(asked.code == .done, "\(asked.errors)")
        #expect(asked.errors.contains("Saturday 21 November 2026, 09:00"))
        #expect(try laptop.json("visit", "list").values.first?["summary"] == "Tea")
        let refused = laptop.run(["visit", "add", "Castle House"])
        #expect(refused.code == .usage)
        #expect(refused.errors.contains("WHEN"))
    }

    @Test("A visit needs a place or a person: who was met in the street is no place that everybody reads")
    func visitWithoutPlace() throws {
        let laptop = try FieldLaptop()
        _ = try laptop.json("person", "add", "Robin Vale")
        let visit = try laptop.json("visit", "add", "--person", "robin", "--started", "today 9am", "--no-input")
        #expect(visit["place"] == .null && visit["person"]?["name"] == "Robin Vale", "\(visit)")
        #expect(visit["started"] == "2026-11-22T09:00:00+00:00")
        let title = laptop.run(["visit", "add", "", "today 10am", "--person", "robin"])
        #expect(title.code == .done && title.output.contains("Robin Vale, "), "\(title)")
        let neither = laptop.run(["visit", "add", "--started", "today"])
        #expect(neither.code == .usage && neither.errors.contains("Missing PLACE or --person."), "\(neither)")
        let twice = laptop.run(["visit", "add", "", "today", "--started", "today", "--person", "robin"])
        #expect(twice.code == .usage && twice.errors.contains("WHEN and --started"), "\(twice)")
        #expect(try laptop.json("visit", "list").values.count == 2)
        #expect(try laptop.json("place", "list") == [])
    }

    @Test("Somebody who is asked and leaves the place empty is asked for the person")
    func personInstead() throws {
        let laptop = try FieldLaptop()
        _ = try laptop.json("person", "add", "Robin Vale")
        let asked = laptop.run(["visit", "add"], input: "\nrobin\ntoday 9am\nTea\n", isTerminal: true)
        #expect(asked.code == .done, "\(asked.errors)")
        let named = laptop.run(
            ["visit", "add", "--person", "robin"], input: "\ntoday 10am\n\n", isTerminal: true)
        #expect(named.code == .done, "\(named.errors)")
        #expect(try laptop.json("visit", "list").values.allSatisfy { $0["person"]?["name"] == "Robin Vale" })
    }

    @Test("A meeting needs no place")
    func meetingWithoutPlace() throws {
        let laptop = try FieldLaptop()
        let meeting = try laptop.json("meeting", "add", "--started", "today 9am", "--kind", "team_meeting")
        #expect(meeting["place"] == .null && meeting["kind"] == "team_meeting", "\(meeting)")
        let asked = laptop.run(["meeting", "add"], input: "\ntoday 9am\n\n1\n\n\n\n", isTerminal: true)
        #expect(asked.code == .done, "\(asked.errors)")
        let refused = laptop.run(["meeting", "add", "--no-input"])
        #expect(refused.code == .usage && refused.errors.contains("Missing WHEN."), "\(refused)")
        #expect(try laptop.json("meeting", "list").values.count == 2)
    }
}
