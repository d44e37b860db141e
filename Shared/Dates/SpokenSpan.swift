/// Days and hours as people count them from now, turned into figures: `a fortnight ago`, `in two weeks`, `friday week`,
/// `a week on friday`, `the day after tomorrow`.
///
/// What lies ahead becomes `in 14 days` or `in 1 weeks on friday`, what lies behind `2 weeks ago`.
enum SpokenSpan {
    private static let fortnights: Set<String> = ["fortnight", "fortnights"]
    private static let units = Set(DateWords.daysOfUnit.keys).union(DateWords.minutesOfUnit.keys)
        .union(DateWords.monthsOfUnit.keys).union(fortnights)
    private static let weekUnits: Set<String> = ["week", "weeks"]
    /// Days from which weeks are counted ahead: `a week tomorrow`, `tomorrow week`.
    private static let starts = ["today": 0, "now": 0, "tomorrow": 1]

    private struct Span {
        var count: Int
        var unit: String

        var isWeeks: Bool { weekUnits.contains(unit) }
        var figures: [DateToken] { [.number(count, digits: 2), .word(unit)] }
    }

    /// Takes one count of days or hours off the pieces; nil where they begin with none.
    static func take(_ rest: inout ArraySlice<DateToken>) -> [DateToken]? {
        for (words, figures) in neighbours where rest.starts(with: words) {
            rest.removeFirst(words.count)
            return figures
        }
        var ahead = rest
        guard let figures = dayAndWeeks(&ahead) ?? spanAhead(&ahead) ?? spanWithEnd(&ahead) else { return nil }
        rest = ahead
        return figures
    }

    private static let neighbours: [([DateToken], [DateToken])] = [
        (
            [.word("day"), .word("before"), .word("yesterday")],
            [.number(2, digits: 1), .word("days"), .word("ago")]
        ),
        (
            [.word("day"), .word("after"), .word("tomorrow")],
            [.word("in"), .number(2, digits: 1), .word("days")]
        ),
    ]

    /// `friday week`, `tomorrow week`, `monday fortnight`.
    private static func dayAndWeeks(_ rest: inout ArraySlice<DateToken>) -> [DateToken]? {
        guard case .word(let day)? = rest.first, case .word(let unit)? = rest.dropFirst().first else { return nil }
        let count: Int
        switch unit {
        case "week": count = 1
        case "fortnight": count = 2
        default: return nil
        }
        guard let figures = weeks(count, from: day) else { return nil }
        rest.removeFirst(2)
        return figures
    }

    /// `in two weeks`.
    private static func spanAhead(_ rest: inout ArraySlice<DateToken>) -> [DateToken]? {
        guard rest.first == .word("in") else { return nil }
        rest.removeFirst()
        return span(&rest, needsCount: true).map { [.word("in")] + $0.figures }
    }

    /// `a week ago`, `two weeks from today`, `a week on friday`, `a fortnight tomorrow`.
    private static func spanWithEnd(_ rest: inout ArraySlice<DateToken>) -> [DateToken]? {
        guard let span = span(&rest, needsCount: false), case .word(let word)? = rest.first else { return nil }
        rest.removeFirst()
        if word == "ago" { return span.figures + [.word("ago")] }
        var day = word
        if word == "from" || word == "on" {
            guard case .word(let following)? = rest.first else { return nil }
            rest.removeFirst()
            day = following
        }
        if span.isWeeks { return weeks(span.count, from: day) }
        guard word == "from", starts[day] == 0 else { return nil }
        return [.word("in")] + span.figures
    }

    private static func weeks(_ count: Int, from day: String) -> [DateToken]? {
        if let days = starts[day] {
            return [.word("in"), .number(7 * count + days, digits: 2), .word("days")]
        }
        guard DateWords.weekday(day) != nil else { return nil }
        return [.word("in"), .number(count, digits: 2), .word("weeks"), .word("on"), .word(day)]
    }

    /// `a week`, `two days`, `3 months`, `half an hour`; `fortnight` is one, and so is `week` where a day follows.
    private static func span(_ rest: inout ArraySlice<DateToken>, needsCount: Bool) -> Span? {
        if rest.starts(with: [.word("half"), .word("an"), .word("hour")]) {
            rest.removeFirst(3)
            return Span(count: 30, unit: "minutes")
        }
        var ahead = rest
        var count: Int?
        switch ahead.first {
        case .number(let number, let digits)? where digits <= DateReader.digitsOfLargestCount: count = number
        case .word("a")?, .word("an")?: count = 1
        case .word(let word)?: count = DateWords.numbers[word]
        default: return nil
        }
        if count != nil { ahead.removeFirst() }
        guard case .word(let unit)? = ahead.first, units.contains(unit) else { return nil }
        let isOne = unit == "fortnight" || unit == "week" && !needsCount
        guard let times = count ?? (isOne ? 1 : nil) else { return nil }
        rest = ahead.dropFirst()
        return fortnights.contains(unit) ? Span(count: 2 * times, unit: "weeks") : Span(count: times, unit: unit)
    }
}
