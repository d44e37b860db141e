import Foundation
import OutreachModel
import Testing

@Suite("Local time")
struct LocalTimeTests {
    @Test(
        "A stored moment is read and written unchanged, and counts as the right instant",
        arguments: [
            ("2026-11-22T14:30:00+00:00", 1_795_357_800_000),
            ("2026-07-01T09:05:07+01:00", 1_782_893_107_000),
            ("1969-12-31T23:59:59+00:00", -1_000),
            ("2026-11-22T14:30:00-05:30", 1_795_377_600_000),
        ] as [(String, Int64)])
    func moments(text: String, milliseconds: Int64) throws {
        let moment = try #require(Moment(text))
        #expect(moment.milliseconds == milliseconds)
        #expect(moment.description == text)
    }

    @Test("Z, small letters and fractions are read and written in the stored form")
    func otherSpellings() {
        #expect(Moment("2026-11-22T14:30:00Z")?.description == "2026-11-22T14:30:00+00:00")
        #expect(Moment("2026-11-22t14:30:00.125z")?.description == "2026-11-22T14:30:00+00:00")
    }

    @Test(
        "What is not RFC 3339 is no moment",
        arguments: [
            "", "2026-11-22", "2026-11-22T14:30:00", "2026-11-22T14:30+00:00", "2026-02-29T14:30:00Z",
            "2026-11-22T24:00:00Z", "2026-11-22T14:30:60Z", "2026-11-22T14:30:00.Z", "2026-11-22T14:30:00+24:00",
            "2026-11-22T14:30:00+0100", "2026-11-22 14:30:00Z", "2026-11-22T14:30:00Z ", "２026-11-22T14:30:00Z",
        ])
    func notMoments(text: String) {
        #expect(Moment(text) == nil)
    }

    @Test("Every day of 800 years comes back from its number, with the weekdays in turn")
    func calendar() throws {
        let first = try #require(CivilDate(year: 1600, month: 1, day: 1))
        #expect(first.weekday == 5)
        var previous = first
        for number in (first.daysSince1970 + 1)...(first.daysSince1970 + 292_194) {
            let date = CivilDate(daysSince1970: number)
            #expect(date.daysSince1970 == number)
            #expect(date > previous)
            #expect(date.weekday == (previous.weekday + 1) % 7)
            previous = date
        }
        #expect(previous.description == "2400-01-01")
    }

    @Test("The first and the last day that can be written come back from their numbers")
    func ends() {
        #expect(CivilDate("0001-01-01").map { CivilDate(daysSince1970: $0.daysSince1970).description } == "0001-01-01")
        #expect(CivilDate("9999-12-31").map { CivilDate(daysSince1970: $0.daysSince1970).description } == "9999-12-31")
        #expect(CivilDate("9999-12-31")?.adding(days: 1).description == "9999-12-31")
        #expect(CivilDate("0001-01-01")?.adding(days: -1).description == "0001-01-01")
    }

    @Test(
        "The wall clock follows both clock changes of a zone",
        arguments: [
            (.london, 1_774_745_999, "2026-03-29T00:59:59+00:00"),
            (.london, 1_774_746_000, "2026-03-29T02:00:00+01:00"),
            (.london, 1_792_889_999, "2026-10-25T01:59:59+01:00"),
            (.london, 1_792_890_000, "2026-10-25T01:00:00+00:00"),
            (.newYork, 1_793_512_799, "2026-11-01T01:59:59-04:00"),
            (.newYork, 1_793_512_800, "2026-11-01T01:00:00-05:00"),
        ] as [(ZoneTable, Int64, String)])
    func wallClock(zone: ZoneTable, seconds: Int64, text: String) {
        #expect(zone.local.moment(atMilliseconds: seconds * 1_000).description == text)
        #expect(zone.local.moment(atMilliseconds: seconds * 1_000 + 999).description == text)
    }

    @Test("Milliseconds before 1970 belong to the second before")
    func beforeTheEpoch() {
        #expect(ZoneTable.london.local.moment(atMilliseconds: -1).description == "1969-12-31T23:59:59+00:00")
    }

    @Test("A day has one offset throughout, unless the clocks change from the day before it to the day after")
    func offsetOfADay() throws {
        let local = ZoneTable.london.local
        let days = try (22...28).map { try #require(CivilDate(year: 2026, month: 10, day: $0)) }
        #expect(days.map { local.offsetMinutes(throughout: $0) } == [60, 60, nil, nil, nil, 0, 0])
        #expect(ZoneTable.newYork.local.offsetMinutes(throughout: days[0]) == -240)
    }

    @Test("libc knows the same offsets in London, hour by hour")
    func libcInLondon() async {
        await #expect(processExitsWith: .success) {
            exit(Self.libcAgrees(with: .london) ? EXIT_SUCCESS : EXIT_FAILURE)
        }
    }

    @Test("libc knows the same offsets in New York, hour by hour")
    func libcInNewYork() async {
        await #expect(processExitsWith: .success) {
            exit(Self.libcAgrees(with: .newYork) ? EXIT_SUCCESS : EXIT_FAILURE)
        }
    }

    /// Runs in a process of its own, because `TZ` belongs to the whole process.
    private static func libcAgrees(with zone: ZoneTable) -> Bool {
        guard unsafe setenv("TZ", zone.posixRule, 1) == 0 else { return false }
        let local = LocalTime()
        let start = 1_735_689_600  // 2025-01-01T00:00Z
        return stride(from: start, to: start + 2 * 365 * 86_400, by: 3_600).allSatisfy {
            local.moment(atMilliseconds: Int64($0) * 1_000) == zone.local.moment(atMilliseconds: Int64($0) * 1_000)
        }
    }
}
