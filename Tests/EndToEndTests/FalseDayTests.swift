import Foundation
import Testing

@Suite(
    "Days that a wrong clock took for today", .enabled(if: FakeClock.isInstalled, "libfaketime is not installed"))
struct FalseDayTests {
    private let office: Office
    private let priya: Laptop

    init() throws {
        office = try Office()
        try office.open()
        priya = try office.laptop("Priya")
        try priya.run("place", "add", "Castle House", "--kind", "residential").succeeded()
        try priya.run("sync").succeeded()
    }

    private func run(_ clock: String, _ words: String...) throws -> Outcome {
        try FakeClock.run(clock, Programs.client, words, environment: ["KITH_HOME": priya.home])
    }

    private func started(_ id: String) throws -> String { try priya.listed(id)["started"].text() }

    @Test(
        "A sync that finds the clock fast or slow lists them, with the command that mends each",
        arguments: ["+400d", "-400d"])
    func listed(clock: String) throws {
        let today = try run(clock, "visit", "add", "Castle House", "today", "--json").succeeded().json()["id"].text()
        let now = try run(clock, "visit", "add", "Castle House", "now", "--json").succeeded().json()["id"].text()
        try run(clock, "visit", "add", "Castle House", "22 november 2025", "--summary", "said with its year")
            .succeeded()
        let days = (try started(today), try started(now))
        let sync = try run(clock, "sync").succeeded()
        #expect(
            sync.errors.contains(
                "days \(clock.hasPrefix("+") ? "fast" : "slow"): when you saved something is corrected."))
        #expect(sync.errors.contains("Set its clock. 2 dates that went up now are of that clock:\n"), "\(sync.errors)")
        for id in [today, now] {
            #expect(sync.errors.contains("Mend it: kith visit edit \(id.prefix(8)) --started WHEN\n"), "\(sync.errors)")
        }
        #expect(try (started(today), started(now)) == days, "nothing is changed by itself")
        try priya.run("visit", "edit", today, "--started", "yesterday").succeeded()
        #expect(try !priya.run("sync").succeeded().errors.contains("clock"))
        try office.close()
    }

    @Test("They are listed too where the clock was set right before the sync", arguments: ["+400d", "-400d"])
    func setRight(clock: String) throws {
        let id = try run(clock, "visit", "add", "Castle House", "now", "--json").succeeded().json()["id"].text()
        try priya.run("visit", "add", "Castle House", "today").succeeded()
        let sync = try priya.run("sync").succeeded()
        #expect(
            sync.errors.contains(
                "This laptop's clock was wrong when something was saved, and is right now. 1 date that went up now is of the wrong one:"
            ), "\(sync.errors)")
        #expect(sync.errors.contains("Mend it: kith visit edit \(id.prefix(8)) --started WHEN\n"), "\(sync.errors)")
        try office.close()
    }

    @Test(
        "With --json they are listed, also what was edited on that day; an import and a clock that is right list nothing"
    )
    func json() throws {
        let promise = try priya.json("promise", "add", "Bring the forms", "--person", try person())["id"].text()
        try priya.run("sync").succeeded()
        let path = try priya.scratch.write("visits.csv", "started,place\n2025-11-20,Castle House\n")
        try run("+400d", "import", "visits", path).succeeded()
        try run("+400d", "promise", "kept", promise).succeeded()
        let days = try run("+400d", "sync", "--json").succeeded().json()["false_days"].array ?? []
        #expect(
            days.map { [$0["table"].string, $0["record"].string, $0["field"].string] } == [
                ["promise", promise, "kept"]
            ])
        try priya.run("visit", "add", "Castle House", "yesterday").succeeded()
        #expect(try priya.json("sync")["false_days"].array == nil)
        try office.close()
    }

    private func person() throws -> String { try priya.json("person", "add", "Robin")["id"].text() }
}
