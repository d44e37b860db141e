import Foundation
import Testing

@Suite("When work came to the office", .enabled(if: FakeClock.isInstalled, "libfaketime is not installed"))
struct ArrivalTests {
    @Test("What came long after it was written says since when it is there, in the history and at the office")
    func late() throws {
        let clock = try MovingClock()
        let office = try Office(environment: clock.environment)
        try office.open()
        let (priya, sam) = (try office.laptop("Priya"), try office.laptop("Sam"))
        func run(_ laptop: Laptop, _ words: String...) throws -> Outcome {
            try laptop.start(words, environment: clock.environment).finish().succeeded()
        }
        _ = try run(priya, "place", "add", "Castle House", "--kind", "residential")
        let visit = try run(priya, "visit", "add", "Castle House", "today", "--summary", "Tea.", "--json").json()["id"]
            .text()
        for laptop in [priya, sam] { _ = try run(laptop, "sync") }
        // Written on one day, carried in three days later; the other's a moment before it is sent.
        _ = try run(priya, "visit", "edit", visit, "--summary", "Written long ago.")
        try clock.set("+3d")
        _ = try run(sam, "visit", "edit", visit, "--summary", "Written just now.")
        for laptop in [sam, priya, sam] { _ = try run(laptop, "sync") }
        let history = try run(sam, "history", visit, "--json").json().array ?? []
        let old = try #require(history.first { $0["value"].string == "Written long ago." })
        let new = try #require(history.first { $0["value"].string == "Written just now." })
        #expect(try old["at"].text().prefix(10) < old["arrived"].text().prefix(10), "\(old)")
        #expect(try old["arrived"].text().prefix(10) == new["arrived"].text().prefix(10), "\(new)")
        for line in try run(sam, "history", visit).output.split(separator: "\n") {
            #expect(line.contains("(at the office since ") == line.contains("Written long ago."), "\(line)")
        }
        let told = try office.run("conflicts", "list").succeeded().output
        #expect(told.components(separatedBy: "at the office since ").count == 2, "\(told)")
        try office.close()
    }
}
