import Foundation
import Testing

@Suite("British Summer Time and the hours of the clock change")
struct ClockChangeTests {
    private let office: Office
    private let priya: Laptop

    init() throws {
        office = try Office()
        try office.open()
        priya = try office.laptop("Priya")
        try office.close()
        try priya.run("place", "add", "Castle House", "--kind", "residential").succeeded()
    }

    @Test(
        "A local time is kept with the offset of its day",
        arguments: [
            ("2026-06-30 09:15", "2026-06-30T09:15", "+01:00"),
            ("2026-12-30 09:15", "2026-12-30T09:15", "+00:00"),
            ("2026-03-29 00:59", "2026-03-29T00:59", "+00:00"),
            ("2026-03-29 02:00", "2026-03-29T02:00", "+01:00"),
            ("2026-10-25 00:59", "2026-10-25T00:59", "+01:00"),
            ("2026-10-25 02:00", "2026-10-25T02:00", "+00:00"),
        ])
    func offsets(typed: String, time: String, offset: String) throws {
        let visit = try priya.visit("Castle House", typed)
        let started = try priya.listed(visit)["started"].text()
        #expect(started.hasPrefix(time))
        #expect(started.hasSuffix(offset) || (offset == "+00:00" && started.hasSuffix("Z")), "\(started)")
        #expect(try priya.run("export", "visits").output.contains(time))
    }

    @Test("Both half past ones of the night in October are told apart, and sort as they happened")
    func bothHours() throws {
        let winter = try priya.visit("Castle House", "2026-10-25 01:30 GMT", summary: "second")
        let summer = try priya.visit("Castle House", "2026-10-25 01:30 BST", summary: "first")
        #expect(try priya.listed(summer)["started"].string?.hasSuffix("+01:00") == true)
        let order = try priya.json("visit", "list").array?.compactMap { $0["id"].string }
        #expect(order == [winter, summer], "the newest first")
        let shown = try [summer, winter].map { try priya.run("visit", "show", $0).succeeded().output }
        #expect(shown[0].contains("1:30") && shown[1].contains("1:30"))
        let times = shown.map { $0.split(separator: "\n").first { $0.contains("1:30") } ?? "" }
        #expect(times[0] != times[1], "\(times)")
    }

    @Test("A time that the clock skips in March is refused, and nothing is saved")
    func gap() throws {
        let refused = try priya.run("visit", "add", "Castle House", "2026-03-29 01:30")
        #expect(refused.code == 2, "\(refused)")
        #expect(refused.errors.contains("Nothing was saved"))
        #expect(try priya.json("visit", "list").array?.isEmpty == true)
    }

    @Test("What is read back in another zone is the same moment, and exports the same bytes")
    func otherZone() throws {
        let visit = try priya.visit("Castle House", "2026-07-01 12:00")
        let here = try priya.run("export", "visits").output
        let there = try priya.run("export", "visits", environment: ["TZ": "America/New_York"])
        #expect(here == there.output)
        let listed = try priya.json("visit", "list", environment: ["TZ": "America/New_York"])[0]
        let parser = ISO8601DateFormatter()
        let started = try listed["started"].text()
        #expect(parser.date(from: started) == parser.date(from: try priya.listed(visit)["started"].text()))
        #expect(parser.date(from: started)?.timeIntervalSince1970 == 1_782_903_600)
    }
}
