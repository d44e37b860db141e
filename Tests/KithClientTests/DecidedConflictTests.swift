import Database
import OutreachModel
import SyncCore
import SyncReplica
import Synchronization
import Terminal
import Testing

@testable import KithClient

@Suite("Decisions on one's own words")
struct DecidedConflictTests {
    private static let id: UInt128 = 0x0123_4567_89AB_CDEF_0123_4567_89AB_CDEF

    /// Whose words stand.
    enum Standing: Sendable {
        case own, others, both, deletion
    }

    /// A laptop of Priya's whose visit has words of hers and of Sam's in a conflict that she was told of.
    private func laptop(isTold: Bool = true) throws -> (FieldLaptop, Conflict) {
        let laptop = try FieldLaptop(colleagues: ["Sam", "Lea"])
        let record = try #require(RecordID(try laptop.visit("Priya's words")))
        _ = try laptop.json("sync")
        let open = try Laptop(home: HomeFolder(path: laptop.folder), creating: false, clock: { FieldLaptop.now })
        let row = try #require(try open.replica.record(table: OutreachSchema.Number.visit, id: record))
        let mine = row.field(VisitField.summary.rawValue).stamp
        let conflict = Conflict(
            id: Self.id, table: OutreachSchema.Number.visit, record: record, area: 2,
            field: VisitField.summary.rawValue, a: Conflict.Side(value: .text("Priya's words"), stamp: mine),
            b: Conflict.Side(
                value: .text("Sam's words"), stamp: Stamp(time: mine.time + 1, device: PaperOffice.colleague)),
            before: .text("before"), kept: .b)
        if isTold {
            offer(conflict, nil, laptop)
            #expect(laptop.run(["sync"]).output.contains("kith conflicts show"))
        }
        return (laptop, conflict)
    }

    /// Hands out the conflict as decided by the device, and what stands since.
    private func offer(
        _ conflict: Conflict, _ standing: Standing?, by device: UInt32 = PaperOffice.colleague + 1,
        action: Decision.Action = .resolve, why: String? = "Sam was there", laterBy later: UInt64 = 0,
        _ laptop: FieldLaptop
    ) {
        var conflict = conflict
        let time = conflict.b.stamp.time + 100 + later
        if standing != nil {
            conflict.verdict = Conflict.Verdict(stamp: Stamp(time: time, device: device), action: action, why: why)
            conflict.status = action == .resolve ? .resolved : .open
        }
        let words: [(Standing?, String)] = [
            (.own, "Priya's words"), (.others, "Sam's words"), (nil, "Sam's words"),
            (.both, "Priya's words\n\nSam's words"), (.deletion, "Priya's words"),
        ]
        let stamp = Stamp(time: time, device: device)
        let value = FieldState(
            number: conflict.field, value: .text(words.first { $0.0 == standing }?.1 ?? ""),
            stamp: standing == nil ? conflict.b.stamp : stamp)
        if standing == .deletion { conflict.b.value = nil }
        let update = RecordUpdate(
            table: conflict.table, record: conflict.record, created: conflict.a.stamp, isWhole: false,
            fields: standing == .deletion ? [] : [value],
            existence: standing == .deletion ? ExistenceState(isAlive: false, stamp: stamp, base: nil, seen: []) : nil,
            isLiving: standing != .deletion)
        let offered = conflict
        laptop.office.state.withLock { ($0.conflicts, $0.updates) = ([offered], [update]) }
    }

    @Test("What was written after a decision is not put into the decider's mouth", arguments: [Standing.own, .others])
    func writtenSince(decided: Standing) throws {
        let (laptop, conflict) = try laptop()
        offer(conflict, decided, laptop)
        laptop.office.state.withLock { state in
            let stamp = Stamp(time: conflict.b.stamp.time + 200, device: PaperOffice.colleague)
            let words = decided == .own ? "Sam's words" : "Priya's words"
            state.updates[0].fields = [FieldState(number: conflict.field, value: .text(words), stamp: stamp)]
        }
        let told = laptop.run(["sync"]).output
        #expect(told.contains("Lea decided about words of yours. What stands now was written after that."))
        #expect(!told.contains("stands.") && told.contains("what stands now is by Sam, "))
        let shown = laptop.run(["conflicts", "show", ConflictReport.text(of: Self.id)]).output
        #expect(shown.contains("resolved by Lea") && shown.contains("what stands now is by Sam, "))
    }

    @Test(
        "Whoever wrote one side reads once what was decided, by whom, why, what reads now, and how to bring theirs back",
        arguments: [
            (
                Standing.others, "Lea decided: what Sam wrote stands. Nothing of yours is lost.",
                ["  now: \"Sam's words\"", "  yours: \"Priya's words\""],
                "  Bring yours back: kith conflicts bring-back ID --side a"
            ),
            (.own, "Lea decided: what you wrote stands.", ["  now: \"Priya's words\""], ""),
            (
                .both, "Lea decided: what you wrote stands, with more.",
                ["  now: \"Priya's words\\n\\nSam's words\"", "  yours: \"Priya's words\""], ""
            ),
            (
                .deletion, "Lea decided: Sam's deletion stands. Nothing of yours is lost.",
                ["  now: deleted", "  yours: \"Priya's words\""], "  Bring it back: kith visit restore RECORD"
            ),
        ])
    private func told(_ standing: Standing, headline: String, facts: [String], advice: String) throws {
        let (laptop, conflict) = try laptop()
        offer(conflict, standing, laptop)
        let short = String(ConflictReport.text(of: Self.id).prefix(ShortID.length))
        let record = ShortID.display(conflict.record)
        let told = laptop.run(["sync"]).output
        let title = "Visit \(record), Castle House, Sunday 22 November 2026, 14:30: Summary"
        let expected =
            [headline, title] + facts
            + ["  resolved by Lea, Sunday 22 November 2026, 15:00: Sam was there"]
            + [advice].filter { !$0.isEmpty }.map {
                $0.replacing("ID", with: short).replacing("RECORD", with: record)
            } + ["  See it: kith conflicts show \(short)"]
        #expect(told.hasSuffix(expected.joined(separator: "\n") + "\n"), "\(told)")
        #expect(!laptop.run(["sync"]).output.contains("Lea decided"), "once")
        guard standing == .others else { return }
        #expect(laptop.run(["conflicts", "bring-back", short, "--side", "a"], laterDays: 1).code == .done)
        #expect(try laptop.json("visit", "show", record)["summary"] == "Priya's words")
    }

    @Test("The words are in JSON too, and no line is wider than 40 columns")
    func json() throws {
        let (laptop, conflict) = try laptop()
        offer(conflict, .others, laptop)
        let decided = try #require(try laptop.json("sync")["decided"]?.values.first)
        #expect(
            decided.names == [
                "conflict", "table", "record", "field", "decided_by", "decided_at", "why", "own_side", "own_words",
                "now", "deleted",
            ])
        #expect(decided["conflict"]?.text == ConflictReport.text(of: Self.id))
        #expect(decided["decided_by"] == "Lea" && decided["why"] == "Sam was there")
        #expect(decided["own_side"] == "a" && decided["own_words"] == "not_kept")
        #expect(decided["now"] == "Sam's words" && decided["deleted"] == false)
        #expect(try laptop.json("sync")["decided"] == nil)
        let (other, same) = try self.laptop()
        offer(same, .others, other)
        let narrow = other.run(["sync"], width: 40)
        #expect(narrow.output.contains("Lea decided"))
        for line in narrow.output.split(separator: "\n") where line.count > 40 {
            #expect(line.contains("kith "), "a command stays on one line: \(line)")
        }
    }

    @Test("What came with a sync that was cut is told by the next one, and a conflict that was never open here too")
    func cut() throws {
        let (laptop, conflict) = try laptop(isTold: false)
        offer(conflict, .others, laptop)
        laptop.office.state.withLock {
            ($0.isEndless, $0.syncError, $0.pagesBeforeError) = (true, .cutOff(reason: "reset"), 1)
        }
        let cut = laptop.run(["sync"])
        #expect(cut.code == .offline && !cut.output.contains("Lea decided"))
        laptop.office.state.withLock { ($0.isEndless, $0.syncError, $0.conflicts) = (false, nil, []) }
        #expect(laptop.run(["sync"]).output.contains("Lea decided: what Sam wrote stands."))
        #expect(!laptop.run(["sync"]).output.contains("Lea decided"))
    }

    @Test("A choice that is opened again, and one that is made anew, are told again")
    func again() throws {
        let (laptop, conflict) = try laptop()
        offer(conflict, .own, laptop)
        #expect(laptop.run(["sync"]).output.contains("Lea decided: what you wrote stands."))
        offer(conflict, .own, action: .reopen, why: nil, laterBy: 10, laptop)
        #expect(laptop.run(["sync"]).output.contains("Lea opened a choice about words of yours again"))
        offer(conflict, .others, laterBy: 20, laptop)
        #expect(laptop.run(["sync"]).output.contains("Lea decided: what Sam wrote stands."))
    }

    @Test("Whoever decided, and whoever wrote neither side, is told nothing")
    func others() throws {
        let (laptop, conflict) = try laptop()
        offer(conflict, .others, by: PaperOffice.device, laptop)
        #expect(try laptop.json("sync")["decided"] == nil)
        let (other, foreign) = try self.laptop()
        var strange = foreign
        strange.id += 1
        strange.a.stamp.device = PaperOffice.colleague
        offer(strange, .others, other)
        #expect(try other.json("sync")["decided"] == nil)
    }

    @Test("That a laptop counts as a copy is told by the next sync, once, where the one that made it so was cut")
    func untoldIdentity() throws {
        let (laptop, _) = try laptop()
        let open = try Laptop(home: HomeFolder(path: laptop.folder), creating: false, clock: { FieldLaptop.now })
        #expect(try open.settings.toldDevice() == PaperOffice.device)
        try open.database.transaction { try open.settings.keep(toldDevice: PaperOffice.device + 40) }
        #expect(laptop.run(["sync"]).output.contains("The office counts it as a laptop of its own from now on"))
        #expect(!laptop.run(["sync"]).output.contains("a laptop of its own"))
    }

    @Test("What was decided before this version, or before a laptop's first sync, is no news")
    func before() throws {
        let (laptop, conflict) = try laptop()
        offer(conflict, .others, laptop)
        _ = try laptop.json("sync")
        let home = HomeFolder(path: laptop.folder)
        try Laptop(home: home, creating: false, clock: { FieldLaptop.now }).database.execute("DROP TABLE told_decision")
        #expect(try laptop.json("sync")["decided"] == nil)
        offer(conflict, .own, laterBy: 10, laptop)
        #expect(try laptop.json("sync")["decided"]?.values.count == 1)
    }
}
