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
