import OutreachModel
import SyncCore
import SyncReplica
import Synchronization
import Terminal
import Testing

@testable import KithClient

@Suite struct ConflictCommandTests {
    /// A laptop with a sent visit about whose summary Priya and Sam disagree.
    ///
    /// - Parameter isCut: whether the line is cut behind the page that brings the conflict, of several.
    private func laptop(
        role: Role, b: Value? = .text("Sam's words"), verdict: Conflict.Verdict? = nil, isCut: Bool = false
    ) throws -> (FieldLaptop, id: String) {
        let laptop = try FieldLaptop(role: role)
        let record = try #require(RecordID(try laptop.visit("Priya's words")))
        let time = StampTime.packed(milliseconds: FieldLaptop.now)
        var conflict = Conflict(
            id: 0x0123_4567_89AB_CDEF_0123_4567_89AB_CDEF, table: OutreachSchema.Number.visit, record: record, area: 2,
            field: VisitField.summary.rawValue,
            a: Conflict.Side(value: .text("Priya's words"), stamp: Stamp(time: time, device: PaperOffice.device)),
            b: Conflict.Side(value: b, stamp: Stamp(time: time + 1, device: PaperOffice.colleague)),
            before: .text("before"), kept: .b)
        conflict.verdict = verdict
        let offered = conflict
        laptop.office.state.withLock {
            $0.conflicts = [offered]
            guard isCut else { return }
            ($0.isEndless, $0.syncError, $0.pagesBeforeError) = (true, .cutOff(reason: "reset"), 1)
        }
        let run = laptop.run(["sync", "--json"])
        try #require(run.code == (isCut ? .offline : .done))
        if !isCut { try #require(try run.json["conflicts"] == 1) }
        laptop.office.state.withLock { ($0.isEndless, $0.syncError) = (false, nil) }
        laptop.office.state.withLock { $0.conflicts = [] }
        return (laptop, ConflictReport.text(of: conflict.id))
    }

    @Test("Who lost words in a sync that was cut is told by the next one, once")
    func toldAfterCut() throws {
        let (laptop, id) = try laptop(role: .worker, isCut: true)
        #expect(try laptop.json("conflicts", "list").values.count == 1)
        let told = laptop.run(["sync"])
        #expect(told.code == .done)
        #expect(told.output.contains("Your words were not kept here: what Sam wrote stands."), "\(told.output)")
        #expect(told.output.contains("kith conflicts bring-back \(id.prefix(8))"), "\(told.output)")
        #expect(!laptop.run(["sync"]).output.contains("Your words"))
        let (other, _) = try self.laptop(role: .worker, isCut: true)
        #expect(try other.json("sync")["not_kept"]?.values.count == 1)
        #expect(try other.json("sync")["not_kept"] == nil)
    }

    @Test("What became of held work in a sync that was cut is told by the next one, once")
    func outcomeAfterCut() throws {
        let laptop = try FieldLaptop()
        _ = try laptop.visit("Priya's words")
        // The place was the first.
        let number: UInt64 = 2
        laptop.office.state.withLock { $0.held = [HeldGroup(number: number, reason: .areaNotGranted)] }
        #expect(laptop.run(["sync"]).output.contains("held for checking"))
        laptop.office.state.withLock {
            $0.held = []
            $0.outcomes = [
                HeldOutcome(
                    id: 1, number: number, kind: .discarded, reason: .areaNotGranted, why: "Twice in the list",
                    milliseconds: FieldLaptop.now)
            ]
            ($0.isEndless, $0.syncError, $0.pagesBeforeError) = (true, .cutOff(reason: "reset"), 1)
        }
        let cut = laptop.run(["sync"])
        #expect(cut.code == .offline && !cut.output.contains("Twice in the list"))
        laptop.office.state.withLock { ($0.isEndless, $0.syncError) = (false, nil) }
        let told = laptop.run(["sync"])
        #expect(told.code == .done && told.output.contains("\(number) was not taken by the office"), "\(told)")
        #expect(told.output.contains("Bring it back: kith held resend \(number)"), "\(told)")
        #expect(!laptop.run(["sync"]).output.contains("not taken"))
    }

    @Test("a conflict is shown with both sides by person, device and time")
    func list() throws {
        let (laptop, id) = try laptop(role: .worker)
        let conflict = try #require(try laptop.json("conflicts", "list").values.first)
        #expect(
            conflict.names == ["id", "table", "record", "field", "before", "a", "b", "kept", "status"])
        #expect(conflict["id"]?.text == id)
        #expect(conflict["table"] == "visit")
        #expect(conflict["field"] == "summary")
        #expect(conflict["before"] == "before")
        #expect(
            conflict["a"] == [
                "value": "Priya's words", "person": "Priya", "device": "Priya's laptop",
                "at": "2026-11-22T15:00:00+00:00",
            ])
        #expect(conflict["b"]?["person"] == "Sam")
        #expect(conflict["kept"] == "b")
        #expect(conflict["status"] == "open")
        #expect(try laptop.json("conflicts", "show", String(id.prefix(8))) == conflict)
        let words = laptop.run(["conflicts", "list"]).output
        #expect(words.contains("b  Sam on Sam's laptop, Sunday 22 November 2026, 15:00 (kept): \"Sam's words\""))
        let visit = try laptop.json("visit", "list").values.first
        #expect(visit?["state"] == "conflict")
        #expect(laptop.run(["status", "--check"]).code == .choiceNeeded)
    }

    @Test("the side that stands counts as kept, also where the other one stood when the conflict was written down")
    func standsSince() throws {
        let laptop = try FieldLaptop()
        let record = try #require(RecordID(try laptop.visit("Priya's words")))
        let open = try Laptop(home: HomeFolder(path: laptop.folder), creating: false, clock: { FieldLaptop.now })
        let row = try #require(try open.replica.record(table: OutreachSchema.Number.visit, id: record))
        let mine = row.field(VisitField.summary.rawValue).stamp
        let conflict = Conflict(
            id: 5 << 120, table: OutreachSchema.Number.visit, record: record, area: 2,
            field: VisitField.summary.rawValue, a: Conflict.Side(value: .text("Priya's words"), stamp: mine),
            b: Conflict.Side(value: .text("Sam's"), stamp: Stamp(time: mine.time + 1, device: PaperOffice.colleague)),
            before: .text("before"), kept: .b)
        laptop.office.state.withLock { $0.conflicts = [conflict] }
        let told = try laptop.json("sync")
        #expect(told["conflicts"] == 1 && told["not_kept"] == nil, "nobody is told that standing words were not kept")
        laptop.office.state.withLock { $0.conflicts = [] }
        let id = ConflictReport.text(of: conflict.id)
        #expect(try laptop.json("conflicts", "show", id)["kept"] == "a")
        #expect(laptop.run(["conflicts", "bring-back", id], laterDays: 1).code == .done)
        #expect(try laptop.json("visit", "show", record.description)["summary"] == "Sam's")
        #expect(try laptop.json("conflicts", "show", id)["kept"] == "b")
        #expect(laptop.run(["conflicts", "show", id]).output.contains("(kept): \"Sam's\""))
        #expect(laptop.run(["visit", "edit", record.description, "--summary", "Else"], laterDays: 2).code == .done)
        #expect(try laptop.json("conflicts", "show", id)["kept"] == .null)
        let words = laptop.run(["conflicts", "show", id]).output
        #expect(!words.contains("(kept)"), "neither stands: \(words)")
        #expect(
            words.contains("  now: \"Else\", by Priya on Priya's laptop, Tuesday 24 November 2026, 15:00\n"), "\(words)"
        )
        #expect(try laptop.json("conflicts", "show", id)["now"]?["value"] == "Else")
    }

    @Test("A decided conflict shows which side stands since", arguments: ["a", "b"])
    func decided(side: String) throws {
        let (laptop, id) = try laptop(role: .lead)
        #expect(laptop.run(["conflicts", "resolve", id, "--keep", side], laterDays: 1).code == .done)
        let words = laptop.run(["conflicts", "show", id]).output
        let kept = words.split(separator: "\n").first { $0.contains("(kept)") }
        #expect(kept?.hasPrefix("  \(side)  ") == true, "\(words)")
        #expect(try laptop.json("conflicts", "show", id)["kept"]?.text == side)
    }

    @Test(
        "The author of known risks goes with the words that a decision keeps, and is no choice of their own",
        arguments: [
            (["--keep", "a"], "Dog at the back", "Priya"), (["--keep", "b"], "Needles on the stairs", "Sam"),
            (["--combine"], "Dog at the back\n\nNeedles on the stairs", "Priya and Sam"),
            (["--value", "None"], "None", "Priya"),
        ])
    func authorOfRisks(choice: [String], risks: String, author: String) throws {
        let laptop = try FieldLaptop(role: .lead)
        let added = try laptop.json("place", "add", "Castle House", "--known-risks", "Dog at the back")
        let id = try #require(added["id"]?.text)
        let record = try #require(RecordID(id))
        let time = StampTime.packed(milliseconds: FieldLaptop.now)
        func conflict(_ id: UInt128, _ field: PlaceField, _ own: String, _ other: String) -> Conflict {
            Conflict(
                id: id, table: OutreachSchema.Number.place, record: record, area: 1, field: field.rawValue,
                a: Conflict.Side(value: .text(own), stamp: Stamp(time: time, device: PaperOffice.device)),
                b: Conflict.Side(value: .text(other), stamp: Stamp(time: time + 1, device: PaperOffice.colleague)),
                before: .null, kept: .b)
        }
        laptop.office.state.withLock {
            $0.conflicts = [
                conflict(7 << 100, .knownRisks, "Dog at the back", "Needles on the stairs"),
                conflict(9 << 100, .risksBy, "Priya", "Sam"),
            ]
        }
        try #require(laptop.run(["sync"]).code == .done)
        laptop.office.state.withLock { $0.conflicts = [] }
        let run = laptop.run(["conflicts", "resolve", ConflictReport.text(of: 7 << 100)] + choice)
        #expect(run.code == .done, "\(run.errors)")
        let place = try laptop.json("place", "show", id)
        #expect(place["known_risks"]?.text == risks && place["risks_by"]?.text == author)
        #expect(try laptop.json("conflicts", "list").values.isEmpty)
        #expect(laptop.run(["undo"]).code == .done)
        #expect(try laptop.json("conflicts", "list").values.count == 2)
    }

    @Test("Where no risks are kept there is no author of them", arguments: [true, false])
    func noAuthorOfRisks(isDeleted: Bool) throws {
        let laptop = try FieldLaptop(role: .lead)
        let added = try laptop.json("place", "add", "Castle House", "--known-risks", "Dog at the back")
        let id = try #require(added["id"]?.text)
        let time = StampTime.packed(milliseconds: FieldLaptop.now)
        let conflict = Conflict(
            id: 7 << 100, table: OutreachSchema.Number.place, record: try #require(RecordID(id)), area: 1,
            field: PlaceField.knownRisks.rawValue,
            a: Conflict.Side(
                value: .text("Dog at the back"), stamp: Stamp(time: time, device: PaperOffice.device)),
            b: Conflict.Side(
                value: isDeleted ? nil : .null, stamp: Stamp(time: time + 1, device: PaperOffice.colleague)),
            before: .null, kept: .a)
        laptop.office.state.withLock { $0.conflicts = [conflict] }
        try #require(laptop.run(["sync"]).code == .done)
        laptop.office.state.withLock { $0.conflicts = [] }
        let run = laptop.run(["conflicts", "resolve", ConflictReport.text(of: conflict.id), "--keep", "b"])
        #expect(run.code == .done, "\(run.errors)")
        guard !isDeleted else { return #expect(try laptop.json("place", "list").values.isEmpty) }
        let place = try laptop.json("place", "show", id)
        #expect(place["known_risks"] == .null && place["risks_by"] == .null)
    }

    @Test("A decision that takes the place of what stood as neither side says so")
    func replaced() throws {
        let (laptop, id) = try laptop(role: .lead)
        let first = laptop.run(["conflicts", "resolve", id, "--value", "Both of it"], laterDays: 1).output
        #expect(!first.contains("took the place"))
        let second = laptop.run(["conflicts", "resolve", id, "--keep", "a"], laterDays: 2).output
        #expect(second.contains("It took the place of what Priya had written, "), "\(second)")
        #expect(second.contains("See it: kith history "))
    }

    @Test("A decided conflict says who decided, and when")
    func decider() throws {
        let stamp = Stamp(time: StampTime.packed(milliseconds: FieldLaptop.now) + 9, device: PaperOffice.colleague)
        let verdict = Conflict.Verdict(stamp: stamp, action: .resolve, why: "I asked")
        let (laptop, id) = try laptop(role: .worker, verdict: verdict)
        let words = laptop.run(["conflicts", "show", id]).output
        #expect(words.contains("  resolved by Sam, Sunday 22 November 2026, 15:00: I asked\n"), "\(words)")
        #expect(try laptop.json("conflicts", "show", id)["decided_by"] == "Sam")
    }

    @Test("once a conflict was decided and reopened, neither side counts as the one that is kept")
    func reopened() throws {
        let stamp = Stamp(time: StampTime.packed(milliseconds: FieldLaptop.now) + 9, device: PaperOffice.colleague)
        let (laptop, id) = try laptop(role: .admin, verdict: Conflict.Verdict(stamp: stamp, action: .reopen, why: nil))
        let words = laptop.run(["conflicts", "show", id]).output
        #expect(words.contains("reopened") && !words.contains("(kept)"), "\(words)")
        let decided = laptop.run(["conflicts", "resolve", id, "--keep", "before"]).output
        #expect(decided.contains("The conflict is resolved.") && !decided.contains("reopened by"), "\(decided)")
    }

    @Test("a side that deleted the record is shown as such")
    func deletedSide() throws {
        let (laptop, id) = try laptop(role: .worker, b: nil)
        let conflict = try laptop.json("conflicts", "show", id)
        #expect(conflict["b"]?.names == ["deleted", "person", "device", "at"])
        #expect(conflict["b"]?["deleted"] == true)
        #expect(laptop.run(["conflicts", "show", id]).output.contains("deleted the record"))
    }

    @Test("What was chosen between an edit and a delete can be seen", arguments: ["a", "b"])
    func deleteDecided(side: String) throws {
        let (laptop, id) = try laptop(role: .lead, b: nil)
        let run = laptop.run(["conflicts", "resolve", id, "--keep", side])
        #expect(run.code == .done, "\(run.errors)")
        for words in [run.output, laptop.run(["conflicts", "show", id]).output] {
            let kept = words.split(separator: "\n").filter { $0.contains("(kept)") }
            #expect(kept.count == 1 && kept[0].hasPrefix("  \(side)  "), "\(words)")
        }
        #expect(try laptop.json("conflicts", "show", id)["kept"]?.text == side)
        #expect(try laptop.json("visit", "list").values.count == (side == "a" ? 1 : 0))
    }

    @Test("a worker may not decide, and nothing is changed", arguments: [["resolve", "--keep", "a"], ["reopen"]])
    func worker(words: [String]) throws {
        let (laptop, id) = try laptop(role: .worker)
        let run = laptop.run(["conflicts", words[0], id] + words.dropFirst())
        #expect(run.code == .refused)
        #expect(run.errors.contains("Only a lead or an admin decides"))
        #expect(try laptop.json("status")["waiting"] == 0)
        #expect(try laptop.json("conflicts", "list").values.count == 1)
    }

    @Test(
        "an admin decides without a connection, and the decision waits to be sent",
        arguments: [
            (["--keep", "a"], "Priya's words"), (["--keep", "before"], "before"), (["--value", "both"], "both"),
            (["--combine"], "Priya's words\n\nSam's words"),
        ])
    func admin(words: [String], summary: String) throws {
        let (laptop, id) = try laptop(role: .admin)
        let run = laptop.run(["conflicts", "resolve", String(id.prefix(6)), "--why", "I asked", "--json"] + words)
        #expect(run.code == .done, "\(run.errors)")
        #expect(try run.json["status"] == "resolved")
        #expect(try laptop.json("visit", "list").values.first?["summary"]?.text == summary)
        #expect(try laptop.json("conflicts", "list") == [])
        #expect(try laptop.json("conflicts", "list", "--all").values.count == 1)
        #expect(try laptop.json("status")["waiting"] == 1)
        #expect(try laptop.json("conflicts", "reopen", id)["status"] == "open")
    }

    @Test("On a terminal both texts and words of one's own can be picked too, and it is asked why")
    func asked() throws {
        for (answer, summary) in [("4\n", "Priya's words\n\nSam's words"), ("5\nNeither\n", "Neither")] {
            let (laptop, id) = try laptop(role: .lead)
            let run = laptop.run(["conflicts", "resolve", id], input: "\(answer)I asked\n", isTerminal: true)
            #expect(run.code == .done, "\(run.errors)")
            #expect(run.errors.contains("  4  both, one after the other\n  5  something else\n"), "\(run.errors)")
            #expect(try laptop.json("visit", "list").values.first?["summary"]?.text == summary)
            guard case .array(let groups)? = Optional(try laptop.json("conflicts", "list", "--all")) else { return }
            #expect(groups.first?["status"] == "resolved")
        }
    }

    @Test(
        "a decision that does not fit is a usage error",
        arguments: [["--keep", "a", "--combine"], ["--keep", "c"], []])
    func misfit(words: [String]) throws {
        let (laptop, id) = try laptop(role: .lead)
        #expect(laptop.run(["conflicts", "resolve", id] + words).code == .usage)
        #expect(try laptop.json("conflicts", "list").values.count == 1)
    }

    @Test("A record says what of it needs a choice, and how to see it")
    func neededChoice() throws {
        let (laptop, id) = try laptop(role: .worker)
        let visit = try #require(try laptop.json("visit", "list").values.first?["id"]?.text)
        let shown = laptop.run(["visit", "show", visit]).output
        #expect(
            shown.contains(
                "Needs a choice: Summary, between Priya and Sam. See it: kith conflicts show \(id.prefix(8))\n"),
            "\(shown)")
    }

    @Test("Of a text that lists show on one line the two are put on one line; two names are none together")
    func combineTitles() throws {
        let laptop = try FieldLaptop(role: .lead)
        let time = StampTime.packed(milliseconds: FieldLaptop.now)
        let promise = try #require(RecordID(try laptop.json("promise", "add", "Call")["id"]?.text ?? ""))
        let place = try #require(RecordID(try laptop.json("place", "add", "Castle")["id"]?.text ?? ""))
        let conflicts = [(RecordKind.promise, promise, UInt128(5), 2), (.place, place, UInt128(6), 2)].map {
            kind, record, id, area in
            Conflict(
                id: id << 100, table: kind.number, record: record, area: area, field: kind.titleField,
                a: Conflict.Side(value: .text("One"), stamp: Stamp(time: time, device: PaperOffice.device)),
                b: Conflict.Side(value: .text("Two"), stamp: Stamp(time: time + 1, device: PaperOffice.colleague)),
                before: .null, kept: .b)
        }
        laptop.office.state.withLock { $0.conflicts = conflicts }
        _ = try laptop.json("sync")
        let ids = conflicts.map { ConflictReport.text(of: $0.id) }
        #expect(laptop.run(["conflicts", "resolve", ids[0], "--combine"]).code == .done)
        #expect(try laptop.json("promise", "list").values.first?["what"] == "One; Two")
        let names = laptop.run(["conflicts", "resolve", ids[1], "--combine"])
        #expect(names.code == .usage && names.errors.contains("Two names can't be combined"), "\(names.errors)")
    }

    @Test("a deleted side cannot be combined")
    func combineDeleted() throws {
        let (laptop, id) = try laptop(role: .lead, b: nil)
        let run = laptop.run(["conflicts", "resolve", id, "--combine"])
        #expect(run.code == .usage)
        #expect(run.errors.contains("Only two texts can be combined."))
    }

    @Test("a new conflict is told at the end of the sync that brought it")
    func syncTells() throws {
        let laptop = try FieldLaptop()
        let record = try #require(RecordID(try laptop.visit()))
        let time = StampTime.packed(milliseconds: FieldLaptop.now)
        laptop.office.state.withLock {
            $0.conflicts = [
                Conflict(
                    id: 5, table: OutreachSchema.Number.visit, record: record, area: 2, field: 7,
                    a: Conflict.Side(value: .null, stamp: Stamp(time: time, device: PaperOffice.device)),
                    b: Conflict.Side(value: .text("x\u{7}"), stamp: Stamp(time: time, device: PaperOffice.colleague)),
                    before: .null, kept: .b)
            ]
        }
        let output = laptop.run(["sync"]).output
        #expect(output.contains("Castle House, Sunday 22 November 2026, 14:30: Purpose"))
        #expect(output.contains("a  Priya on Priya's laptop, Sunday 22 November 2026, 15:00 (kept): (nothing)"))
        #expect(output.contains("See it: kith conflicts show"))
        #expect(!output.contains("\u{7}"))
        #expect(!laptop.run(["sync"]).output.contains("See it"))
    }
}
