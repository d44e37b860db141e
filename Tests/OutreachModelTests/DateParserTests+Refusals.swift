import OutreachModel
import Testing

/// What is no date, and how a date is echoed.
extension DateParserTests {
    @Test(
        "What cannot be read says why",
        arguments: [
            ("", .notUnderstood), ("soon", .notUnderstood), ("14", .notUnderstood), ("22/11/2026 gmt", .notUnderstood),
            ("gmt", .notUnderstood), ("today!", .notUnderstood), ("last", .notUnderstood), ("+01:00", .notUnderstood),
            ("99999999999999999999", .notUnderstood), ("22-11", .notUnderstood), ("1/1/123", .notUnderstood),
            ("14:30 +25:00", .notUnderstood), ("20000 days ago", .notUnderstood),
            (String(repeating: "now ", count: 30), .notUnderstood),
            ("today yesterday", .saidTwice), ("9am 10am", .saidTwice), ("now 9am", .saidTwice),
            ("14:30 gmt bst", .saidTwice), ("mon tue", .saidTwice),
            ("31 february 2026", .noSuchDay(month: 2, year: 2026)), ("2026-02-31", .noSuchDay(month: 2, year: 2026)),
            ("29/2/2026", .noSuchDay(month: 2, year: 2026)), ("30 feb", .noSuchDay(month: 2, year: nil)),
            ("0/1/2026", .noSuchDay(month: 1, year: 2026)), ("31/6", .noSuchDay(month: 6, year: nil)),
            ("11/22/2026", .noSuchMonth), ("2026-13-01", .noSuchMonth), ("1/1/0000", .noSuchYear),
            ("24:00", .noSuchTime), ("14:60", .noSuchTime), ("13pm", .noSuchTime), ("0am", .noSuchTime),
            ("9:5", .noSuchTime), ("14:30:61", .noSuchTime),
            ("22/11/2026 14:30 winter", .notInThatTime),
        ] as [(String, DateParseError)])
    func refused(text: String, expected: DateParseError) {
        #expect(throws: expected) { try parse(text) }
    }

    @Test("A weekday that does not belong to its date is refused in plain words")
    func otherWeekday() throws {
        let error = try #require(throws: DateParseError.self) { try parse("monday 22 november 2026") }
        #expect(
            error.description
                == "22 November 2026 is a Sunday. Leave out the weekday, or write another date.")
    }

    @Test("A day that a month has not is refused in plain words")
    func shortMonths() throws {
        let dated = try #require(throws: DateParseError.self) { try parse("31 feb 2026") }
        #expect(dated.description == "February 2026 has 28 days.")
        let undated = try #require(throws: DateParseError.self) { try parse("31 feb") }
        #expect(undated.description == "February never has more than 29 days.")
    }

    @Test("A day is echoed with its weekday, a moment from another zone with its offset")
    func echo() throws {
        let local = ZoneTable.london.local
        #expect(ParsedDate(stored: "2026-11-22")?.echo(in: local) == "Sunday 22 November 2026")
        #expect(
            ParsedDate(stored: "2026-07-01T09:05:00+01:00")?.echo(in: local) == "Wednesday 1 July 2026, 09:05")
        #expect(
            ParsedDate(stored: "2026-07-01T09:05:00+02:00")?.echo(in: local)
                == "Wednesday 1 July 2026, 09:05 (UTC+02:00)")
    }
}
