import Foundation
import OutreachModel
import SyncCore
import SyncReplica
import Synchronization
import Terminal
import Testing

@testable import KithClient

@Suite("Rounds of somebody who works alone")
struct RoundTests {
    private let laptop: FieldLaptop

    init() throws { laptop = try FieldLaptop() }

    private func ends() throws -> [String?] { try laptop.json("round", "list").values.map { $0["expected_end"]?.text } }

    @Test("Who goes out in the evening is expected back that night, counted from when they set out")
    func night() throws {
        let started = laptop.run(["round", "start", "The river", "--buddy", "Lea", "--back", "1am"])
        #expect(started.code == .done && started.errors.contains("Monday 23 November 2026, 01:00"), "\(started.errors)")
        #expect(laptop.run(["round", "ok", "--back", "2am"]).code == .done)
        #expect(try ends() == ["2026-11-23T02:00:00+00:00"])
        _ = try laptop.json("round", "end")
        _ = try laptop.json(
            "round", "add", "The town", "--buddy", "Lea", "--started", "yesterday 22:00", "--expected-end", "1am")
        #expect(try ends().contains("2026-11-22T01:00:00+00:00"))
        let late = laptop.run([
            "round", "add", "Late", "--buddy", "Lea", "--started", "14:00", "--expected-end", "13:50",
        ])
        #expect(late.code == .usage, "ten minutes too early is no night out: \(late)")
    }

    @Test("Who is out is told to whoever looks at their day, and to themselves how it ends; not before they set out")
    func outNow() throws {
        _ = try laptop.json("round", "start", "The river", "--buddy", "Sam", "--back", "17:00")
        _ = try laptop.json(
            "round", "add", "Later", "--buddy", "Sam", "--started", "tomorrow 9am", "--expected-end", "tomorrow 10am")
        let told =
            "Out now\nPriya, The river: back by 17:00, set out 15:00, buddy Sam. When you are back: kith round end\n"
        #expect(laptop.run(["today"], width: 120).output.hasPrefix("Today, Sunday 22 November 2026\n\(told)"))
        #expect(laptop.run([], width: 120).output.contains(told))
        #expect(try laptop.json("today")["out"]?.values.map { $0["plan"] } == ["The river"])
        let again = laptop.run(["round", "start", "Town", "--buddy", "Sam", "--back", "18:00"])
        #expect(again.code == .failed && again.errors.contains("You are on a round already"), "\(again)")
        _ = try laptop.json("round", "end")
        #expect(!laptop.run(["today"]).output.contains("Out now"))
    }

    @Test("A sync tells whoever was named as the buddy, once")
    func buddyIsTold() throws {
        let made = Stamp(time: 1 << 16, device: PaperOffice.colleague)
        func round(
            _ number: UInt64, buddy: String, started: String = "2026-11-22T14:00:00+00:00",
            expected: String = "2026-11-22T18:00:00+00:00"
        ) -> RecordUpdate {
            let values: [(RoundField, String)] = [
                (.who, "Sam"), (.plan, "Night walk"), (.buddy, buddy), (.started, started),
                (.expectedEnd, expected),
            ]
            return RecordUpdate(
                table: RecordKind.round.number, record: RecordID(milliseconds: 3, random: (1, number)), created: made,
                isWhole: true,
                fields: values.map { FieldState(number: $0.rawValue, value: .text($1), stamp: made) }, existence: nil,
                isLiving: true)
        }
        laptop.office.state.withLock { $0.updates = [round(1, buddy: "priya"), round(2, buddy: "Lea")] }
        let run = laptop.run(["sync"])
        let id = ShortID.display(RecordID(milliseconds: 3, random: (1, 1)))
        #expect(
            run.output.contains("Sam is out until 18:00 and named you as the buddy: kith round show \(id)\n"), "\(run)")
        #expect(run.output.components(separatedBy: "named you").count == 2)
        #expect(!laptop.run(["sync"]).output.contains("named you"))
        laptop.office.state.withLock {
            $0.updates = [
                round(
                    3, buddy: "Priya", started: "2026-11-23T09:00:00+00:00", expected: "2026-11-23T12:00:00+00:00"),
                round(
                    4, buddy: "Priya", started: "2026-11-21T14:00:00+00:00", expected: "2026-11-21T18:00:00+00:00"),
            ]
        }
        let later = laptop.run(["sync"]).output
        #expect(
            later.contains("Sam goes out Mon 23 Nov 2026 09:00 until Mon 23 Nov 2026 12:00 and named you as the buddy"),
            "\(later)")
        #expect(later.contains("Sam should have been back by Sat 21 Nov 2026 18:00 and named you as the buddy"))
        #expect(
            laptop.run(["today"], width: 120).output.contains(
                "Sam, Night walk: back by 18:00, set out 14:00, buddy Lea"))
    }

    @Test(
        "Nobody is their own buddy",
        arguments: [["start", "X", "--back", "17:00"], ["add", "X", "--started", "14:00", "--expected-end", "17:00"]])
    func ownBuddy(words: [String]) throws {
        let run = laptop.run(["round"] + words + ["--buddy", "priya"])
        #expect(run.code == .usage)
        #expect(run.errors.contains("A buddy is somebody else, who misses Priya. Nothing was saved."), "\(run.errors)")
        #expect(try ends() == [])
    }
}
