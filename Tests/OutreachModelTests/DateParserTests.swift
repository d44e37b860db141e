import OutreachModel
import Testing

@Suite("Typed dates")
struct DateParserTests {
    /// Monday 23 November 2026, 10:00:42 in London, in winter time.
    static let november: Int64 = 1_795_428_042_000
    /// Wednesday 1 July 2026, 00:30 in London, in summer time; in UTC it is still June.
    static let july: Int64 = 1_782_862_200_000

    func parse(
        _ text: String, now: Int64 = november, zone: ZoneTable = .london, leaning: DateParser.Leaning = .past
    ) throws(DateParseError) -> String {
        try DateParser(local: zone.local).parse(text, now: now, leaning: leaning).stored
    }

    @Test(
        "Everyday British dates in November",
        arguments: [
            ("now", "2026-11-23T10:00:00+00:00"),
            ("2 hours ago", "2026-11-23T08:00:00+00:00"),
            ("10 minutes ago", "2026-11-23T09:50:00+00:00"),
            ("today", "2026-11-23"),
            ("Today 14:30", "2026-11-23T14:30:00+00:00"),
            ("14:30 today", "2026-11-23T14:30:00+00:00"),
            ("yesterday", "2026-11-22"),
            ("yesterday 14:30", "2026-11-22T14:30:00+00:00"),
            ("yesterday at 14:30", "2026-11-22T14:30:00+00:00"),
            ("tomorrow", "2026-11-24"),
            ("3 days ago", "2026-11-20"),
            ("2 weeks ago", "2026-11-09"),
            ("mon", "2026-11-23"),
            ("mon 9am", "2026-11-23T09:00:00+00:00"),
            ("mon 9 am", "2026-11-23T09:00:00+00:00"),
            ("monday 6pm", "2026-11-23T18:00:00+00:00"),
            ("tues", "2026-11-17"),
            ("sun 2pm", "2026-11-22T14:00:00+00:00"),
            ("last friday 2.30pm", "2026-11-20T14:30:00+00:00"),
            ("last monday", "2026-11-16"),
            ("next monday", "2026-11-30"),
            ("next fri 10:15", "2026-11-27T10:15:00+00:00"),
            ("9am", "2026-11-23T09:00:00+00:00"),
            ("14.30", "2026-11-23T14:30:00+00:00"),
            ("noon", "2026-11-23T12:00:00+00:00"),
            ("midnight", "2026-11-23T00:00:00+00:00"),
            ("12am", "2026-11-23T00:00:00+00:00"),
            ("12.15pm", "2026-11-23T12:15:00+00:00"),
            ("2026-11-22", "2026-11-22"),
            ("2026-11-22 14:30", "2026-11-22T14:30:00+00:00"),
            ("2026-11-22T14:30", "2026-11-22T14:30:00+00:00"),
            ("2026-11-22T14:30:15", "2026-11-22T14:30:15+00:00"),
            ("2026-11-22T14:30+01:00", "2026-11-22T13:30:00+00:00"),
            ("2026-11-22T14:30:00.125Z", "2026-11-22T14:30:00+00:00"),
            ("2026-11-22 14:30 -0500", "2026-11-22T19:30:00+00:00"),
            ("22/11/2026 14:30", "2026-11-22T14:30:00+00:00"),
            ("2/3/26", "2026-03-02"), ("12/05/98", "1998-05-12"), ("12/05/46", "2046-05-12"),
            ("12/05/47", "1947-05-12"),
            ("22.11.2026", "2026-11-22"),
            ("22-11-2026", "2026-11-22"),
            ("22/11", "2026-11-22"),
            ("22-Nov-26", "2026-11-22"), ("22-nov", "2026-11-22"), ("22/Nov/2026 2pm", "2026-11-22T14:00:00+00:00"),
            ("22 nov 26", "2026-11-22"), ("nov 22 14:30", "2026-11-22T14:30:00+00:00"),
            ("22 nov 10am", "2026-11-22T10:00:00+00:00"), ("22 nov 10.30", "2026-11-22T10:30:00+00:00"),
            ("24/11", "2025-11-24"),
            ("22 nov", "2026-11-22"),
            ("22nd November 2026 2pm", "2026-11-22T14:00:00+00:00"),
            ("1st of sept", "2026-09-01"),
            ("november 22, 9am", "2026-11-22T09:00:00+00:00"),
            ("29 feb", "2024-02-29"),
            ("Sunday 22 November 2026, 14:30", "2026-11-22T14:30:00+00:00"),
            ("22/11/2026 Sunday", "2026-11-22"),
            ("1 july 2026 9am", "2026-07-01T09:00:00+01:00"),
            ("1 july 2026 9am gmt", "2026-07-01T10:00:00+01:00"),
        ])
    func november(text: String, expected: String) throws {
        #expect(try parse(text) == expected)
    }

    @Test(
        "Times as people say them are those of the working day, unless morning or afternoon is named",
        arguments: [
            ("yesterday half past 2", "2026-11-22T14:30:00+00:00"), ("half two", "2026-11-23T14:30:00+00:00"),
            ("mon half past nine", "2026-11-23T09:30:00+00:00"), ("half past 12", "2026-11-23T12:30:00+00:00"),
            ("quarter to three yesterday", "2026-11-22T14:45:00+00:00"),
            ("quarter to 1", "2026-11-23T12:45:00+00:00"), ("quarter past 8", "2026-11-23T08:15:00+00:00"),
            ("ten past nine", "2026-11-23T09:10:00+00:00"), ("20 to 5", "2026-11-23T16:40:00+00:00"),
            ("25 minutes past 10", "2026-11-23T10:25:00+00:00"), ("2 o'clock", "2026-11-23T14:00:00+00:00"),
            ("nine oclock yesterday", "2026-11-22T09:00:00+00:00"), ("twelve o'clock", "2026-11-23T12:00:00+00:00"),
            ("half past 2 am", "2026-11-23T02:30:00+00:00"), ("half past 7 pm", "2026-11-23T19:30:00+00:00"),
            ("half past 8 in the evening", "2026-11-23T20:30:00+00:00"),
            ("quarter past 12 am", "2026-11-23T00:15:00+00:00"), ("quarter to 12 am", "2026-11-23T23:45:00+00:00"),
            ("22/11 at half past 3", "2026-11-22T15:30:00+00:00"), ("a week ago", "2026-11-16"),
            ("a fortnight ago", "2026-11-09"), ("an hour ago", "2026-11-23T09:00:00+00:00"),
            ("the day before yesterday at 2pm", "2026-11-21T14:00:00+00:00"),
            ("two weeks ago", "2026-11-09"),
            ("two days ago", "2026-11-21"), ("Ten minutes ago", "2026-11-23T09:50:00+00:00"),
            ("three hours ago", "2026-11-23T07:00:00+00:00"), ("one week ago", "2026-11-16"),
            ("two fortnights ago", "2026-10-26"), ("two days ago at half past 2", "2026-11-21T14:30:00+00:00"),
            ("this morning", "2026-11-23"), ("This afternoon", "2026-11-23"), ("this evening", "2026-11-23"),
            ("last night", "2026-11-22"), ("last Tuesday half past 4", "2026-11-17T16:30:00+00:00"),
            ("yesterday morning", "2026-11-22"), ("yesterday afternoon", "2026-11-22"),
            ("friday evening", "2026-11-20"),
            ("yesterday morning half past 9", "2026-11-22T09:30:00+00:00"),
            ("last night 11pm", "2026-11-22T23:00:00+00:00"),
            ("yesterday evening at 7pm", "2026-11-22T19:00:00+00:00"), ("a month ago", "2026-10-23"),
            ("this monday", "2026-11-23"), ("this sunday", "2026-11-29"), ("2 years ago", "2024-11-23"),
            ("2:30", "2026-11-23T02:30:00+00:00"),
        ])
    func spoken(text: String, expected: String) throws {
        #expect(try parse(text) == expected)
    }

    @Test(
        "What nobody says is not understood",
        arguments: [
            "half to 3", "half past", "half past 13", "quarter 3", "quarter", "70 past 2", "o'clock", "13 o'clock",
            "a ago", "two ago", "fortnights ago", "this", "this week", "this evening half past 8", "last night 1am",
            "morning", "this afternoon 9am", "tonight half past 8", "in", "in friday", "in a", "in the morning", "week",
            "end",
            "end of", "end of friday", "in 20000 days", "a day on friday", "yesterday week", "week from", "next week",
        ])
    func unsaid(text: String) { #expect(throws: DateParseError.self) { try parse(text) } }

    @Test(
        "Spoken times over the change of clocks are what the wall shows",
        arguments: [
            ("25 october 2026 half past 1", "2026-10-25T13:30:00+00:00"),
            ("25 october 2026 half past 1 am", "2026-10-25T01:30:00+01:00"),
            ("25 october 2026 half past 1 am gmt", "2026-10-25T01:30:00+00:00"),
            ("29 march 2026 half past 2 am", "2026-03-29T02:30:00+01:00"),
        ])
    func spokenChange(text: String, expected: String) throws { #expect(try parse(text) == expected) }

    @Test(
        "The local day counts where it differs from that of UTC",
        arguments: [
            ("now", "2026-07-01T00:30:00+01:00"),
            ("today", "2026-07-01"),
            ("yesterday", "2026-06-30"),
            ("wed 8am", "2026-07-01T08:00:00+01:00"),
            ("1 jan", "2026-01-01"),
            ("1 jan 9am", "2026-01-01T09:00:00+00:00"),
        ])
    func july(text: String, expected: String) throws {
        #expect(try parse(text, now: Self.july) == expected)
    }

    @Test(
        "A promise leans to days that are yet to come",
        arguments: [
            ("mon", "2026-11-23"), ("sun", "2026-11-29"), ("last sun", "2026-11-22"), ("22 nov", "2027-11-22"),
            ("23/11", "2026-11-23"), ("29 feb", "2028-02-29"), ("17:00", "2026-11-23T17:00:00+00:00"),
            ("10:00", "2026-11-23T10:00:00+00:00"), ("today 1am", "2026-11-23T01:00:00+00:00"),
        ])
    func future(text: String, expected: String) throws {
        #expect(try parse(text, leaning: .future) == expected)
    }

    @Test(
        "What lies ahead is counted as people count it, for a promise and wherever else",
        arguments: [
            ("this friday", "2026-11-27"), ("by friday", "2026-11-27"), ("friday week", "2026-12-04"),
            ("monday week", "2026-11-30"), ("fri week at 2pm", "2026-12-04T14:00:00+00:00"),
            ("tomorrow week", "2026-12-01"),
            ("today week", "2026-11-30"), ("a week today", "2026-11-30"), ("a week tomorrow", "2026-12-01"),
            ("a week on friday", "2026-12-04"), ("two weeks on wednesday", "2026-12-09"),
            ("a week from today", "2026-11-30"),
            ("friday fortnight", "2026-12-11"), ("a fortnight on friday", "2026-12-11"), ("in a week", "2026-11-30"),
            ("in two weeks", "2026-12-07"), ("in 2 weeks' time", "2026-12-07"), ("in a fortnight", "2026-12-07"),
            ("in 3 days", "2026-11-26"), ("In three days at 2pm", "2026-11-26T14:00:00+00:00"),
            ("the day after tomorrow", "2026-11-25"), ("tonight", "2026-11-23"),
            ("tonight 11pm", "2026-11-23T23:00:00+00:00"),
            ("tomorrow morning", "2026-11-24"), ("tomorrow morning 9am", "2026-11-24T09:00:00+00:00"),
            ("tomorrow afternoon", "2026-11-24"), ("tomorrow night", "2026-11-24"),
            ("in 2 hours", "2026-11-23T12:00:00+00:00"),
            ("in half an hour", "2026-11-23T10:30:00+00:00"), ("in an hour", "2026-11-23T11:00:00+00:00"),
            ("in 20 minutes", "2026-11-23T10:20:00+00:00"),
            ("an hour from now", "2026-11-23T11:00:00+00:00"), ("in a month", "2026-12-23"),
            ("in 3 months", "2027-02-23"),
            ("in a year", "2027-11-23"), ("end of the month", "2026-11-30"), ("by the end of next month", "2026-12-31"),
            ("end of this month", "2026-11-30"),
        ])
    func ahead(text: String, expected: String) throws {
        #expect(try parse(text, leaning: .future) == expected)
        if text != "by friday" { #expect(try parse(text) == expected) }
    }

    @Test(
        "A month that has fewer days has its last one in place of the 31st",
        arguments: [(3, "2027-02-28"), (-1, "2026-10-30"), (15, "2028-02-29"), (1, "2026-12-30")])
    func months(count: Int, expected: String) throws {
        #expect(try #require(CivilDate("2026-11-30")).adding(months: count).description == expected)
    }

    @Test(
        "A time alone that lies ahead may be that of the coming night; one that has just passed is today's",
        arguments: [
            (nil, "1am", "2026-11-24T01:00:00+00:00"), (nil, "9:55", "2026-11-23T09:55:00+00:00"),
            ("2026-11-22T22:00:00+00:00", "1am", "2026-11-23T01:00:00+00:00"),
            ("2026-11-22T22:00:00+00:00", "23:30", "2026-11-22T23:30:00+00:00"),
            ("2026-11-22T22:00:00+00:00", "tomorrow 1am", "2026-11-24T01:00:00+00:00"),
            ("2026-11-22T05:00:00+00:00", "1am", "2026-11-23T01:00:00+00:00"),
            ("2026-11-22T05:00:00+00:00", "4:50", "2026-11-22T04:50:00+00:00"),
            ("2026-11-22T02:30:00+00:00", "1am", "2026-11-22T01:00:00+00:00"),
            ("2026-11-22T22:00:00+00:00", "18:00", "2026-11-22T18:00:00+00:00"),
        ] as [(String?, String, String)])
    func comingNight(start: String?, text: String, expected: String) throws {
        let start = start.flatMap { Moment($0)?.milliseconds }
        let parser = DateParser(local: ZoneTable.london.local)
        #expect(try parser.parse(text, now: Self.november, leaning: .future, after: start).stored == expected)
    }

    @Test(
        "An hour that the clocks show twice is the earlier one unless the zone is named",
        arguments: [
            (.london, "25/10/2026 00:59", "2026-10-25T00:59:00+01:00", "Sunday 25 October 2026, 00:59"),
            (.london, "25/10/2026 01:30", "2026-10-25T01:30:00+01:00", "Sunday 25 October 2026, 01:30 (summer time)"),
            (
                .london, "25/10/2026 01:30 BST", "2026-10-25T01:30:00+01:00",
                "Sunday 25 October 2026, 01:30 (summer time)"
            ),
            (
                .london, "25/10/2026 01:30 GMT", "2026-10-25T01:30:00+00:00",
                "Sunday 25 October 2026, 01:30 (winter time)"
            ),
            (
                .london, "2026-10-25T01:30+00:00", "2026-10-25T01:30:00+00:00",
                "Sunday 25 October 2026, 01:30 (winter time)"
            ),
            (.london, "25/10/2026 02:00", "2026-10-25T02:00:00+00:00", "Sunday 25 October 2026, 02:00"),
            (.newYork, "1/11/2026 01:30", "2026-11-01T01:30:00-04:00", "Sunday 1 November 2026, 01:30 (summer time)"),
            (
                .newYork, "1/11/2026 01:30 winter time", "2026-11-01T01:30:00-05:00",
                "Sunday 1 November 2026, 01:30 (winter time)"
            ),
            (.newYork, "1/11/2026 02:00", "2026-11-01T02:00:00-05:00", "Sunday 1 November 2026, 02:00"),
        ] as [(ZoneTable, String, String, String)])
    func autumn(zone: ZoneTable, text: String, stored: String, echo: String) throws {
        let date = try DateParser(local: zone.local).parse(text, now: Self.november)
        #expect(date.stored == stored)
        #expect(date.echo(in: zone.local) == echo)
        #expect(try parse(echo, zone: zone) == stored)
    }

    @Test(
        "An hour that the clocks leave out is refused, and its neighbours are not",
        arguments: [
            (
                .london, "29/3/2026 01:30",
                "01:30 does not exist on Sunday 29 March 2026: on that day the clocks go from 01:00 straight to 02:00."
            ),
            (
                .newYork, "8/3/2026 2am",
                "02:00 does not exist on Sunday 8 March 2026: on that day the clocks go from 02:00 straight to 03:00."
            ),
        ] as [(ZoneTable, String, String)])
    func spring(zone: ZoneTable, text: String, message: String) throws {
        let error = try #require(throws: DateParseError.self) { try parse(text, zone: zone) }
        #expect(error.description == message)
        #expect(try parse("29/3/2026 00:59") == "2026-03-29T00:59:00+00:00")
        #expect(try parse("29/3/2026 02:00") == "2026-03-29T02:00:00+01:00")
        #expect(try parse("8/3/2026 03:00", zone: .newYork) == "2026-03-08T03:00:00-04:00")
    }
}
