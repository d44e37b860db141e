/// Reads dates as people in Britain type them: `yesterday 14:30`, `mon 9am`, `22/11/2026`, `22nd November 2pm`.
///
/// Days come before months. A time alone is today's; one that has passed, where the caller leans to what lies ahead, the
/// coming night's. `last friday` and `next friday` leave today out, `friday week` is a week after the coming one, `this friday`
/// that of this week or, of what lies ahead, the coming one; a weekday alone, or a date without a year, is the nearest one with today included, on the side that the caller leans to. `noon` is
/// 12:00 and `midnight` the 00:00 at which the day begins. A time that the clocks show twice is the earlier one, in
/// summer time, unless a zone (`GMT`, `BST`, `UTC`, `winter time`) or an offset follows. A time that is given in
/// another zone becomes the local one of the same moment.
package struct DateParser: Sendable {
    /// Where a weekday or a date without a year is looked for.
    package enum Leaning: Hashable, Sendable {
        /// Today and before: visits, meetings.
        case past
        /// Today and after: promises, plans.
        case future
    }

    /// How far ahead a time alone may lie, in milliseconds: a time that has passed by less than the rest of the day was
    /// more likely mistyped than meant for tomorrow.
    private static let longestWait: Int64 = 18 * 3_600_000
    /// The same for an hour of the night: whoever sets out at 5 in the morning and names 1 means the night that comes.
    private static let longestWaitForNight: Int64 = 21 * 3_600_000
    /// The hour at which the night ends.
    private static let nightEnd = 5

    private let local: LocalTime

    /// Makes a parser for a time zone.
    package init(local: LocalTime) { self.local = local }

    /// Reads a date.
    ///
    /// - Parameters:
    ///   - text: at most 100 bytes; upper or lower case.
    ///   - now: milliseconds since 1970.
    ///   - start: from when a time alone that lies ahead is counted, in milliseconds since 1970; nil: from now.
    /// - Throws: what is wrong with the text, in plain words.
    package func parse(
        _ text: String, now: Int64, leaning: Leaning = .past, after start: Int64? = nil
    ) throws(DateParseError) -> ParsedDate {
        let today = local.moment(atMilliseconds: now).date
        let phrase = try DateReader.phrase(text, thisYear: today.year)
        if let minutes = phrase.minutesAgo {
            guard phrase.day == nil, phrase.time == nil, phrase.zone == nil else { throw .saidTwice }
            let then = now - Int64(minutes) * 60_000
            return .moment(local.moment(atMilliseconds: then).onTheMinute)
        }
        guard phrase.day != nil || phrase.time != nil else { throw .notUnderstood }
        if phrase.day == nil, let time = phrase.time, leaning == .future {
            return .moment(try next(time, zone: phrase.zone, after: start ?? now))
        }
        let date = try date(phrase.day ?? .daysFromToday(0), today: today, leaning: leaning)
        if let weekday = phrase.weekday, weekday != date.weekday { throw .otherWeekday(date) }
        guard let time = phrase.time else {
            guard phrase.zone == nil else { throw .notUnderstood }
            return .day(date)
        }
        return .moment(try moment(date, time, zone: phrase.zone))
    }

    // MARK: Days

    private func date(
        _ day: DatePhrase.Day, today: CivilDate, leaning: Leaning
    ) throws(DateParseError) -> CivilDate {
        switch day {
        case .daysFromToday(let days):
            return today.adding(days: days)
        case .monthsFromToday(let months):
            return today.adding(months: months)
        case .endOfMonth(let months):
            let month = today.adding(months: months)
            return month.adding(days: CivilDate.daysIn(month: month.month, year: month.year) - month.day)
        case .weekday(let weekday, let direction):
            return date(weekday: weekday, direction, today: today, leaning: leaning)
        case .date(let year, let month, let day):
            guard let date = CivilDate(year: year, month: month, day: day) else {
                throw .noSuchDay(month: month, year: year)
            }
            return date
        case .dayOfYear(let month, let day):
            return try date(month: month, day: day, today: today, leaning: leaning)
        }
    }

    private func date(
        weekday: Int, _ direction: DatePhrase.Direction, today: CivilDate, leaning: Leaning
    ) -> CivilDate {
        let ahead = (weekday - today.weekday + 7) % 7
        return switch (direction, leaning) {
        case (.nearest, .past): today.adding(days: ahead == 0 ? 0 : ahead - 7)
        case (.nearest, .future): today.adding(days: ahead)
        case (.last, _): today.adding(days: ahead - 7)
        case (.next, _): today.adding(days: ahead == 0 ? 7 : ahead)
        case (.this, .past): today.adding(days: weekday - today.weekday)
        case (.this, .future): today.adding(days: ahead)
        case (.ahead(let weeks), _): today.adding(days: ahead + 7 * weeks)
        }
    }

    /// Eight years hold a 29 February in any case, 1900 included.
    private func date(
        month: Int, day: Int, today: CivilDate, leaning: Leaning
    ) throws(DateParseError) -> CivilDate {
        for distance in 0...8 {
            let year = leaning == .past ? today.year - distance : today.year + distance
            guard let date = CivilDate(year: year, month: month, day: day) else { continue }
            if leaning == .past ? date <= today : date >= today { return date }
        }
        throw .noSuchDay(month: month, year: nil)
    }

    // MARK: Times

    /// The time on the day of a moment, or on the night that follows it.
    private func next(
        _ time: ClockTime, zone: DatePhrase.Zone?, after start: Int64
    ) throws(DateParseError) -> Moment {
        let start = local.moment(atMilliseconds: start).onTheMinute
        let same = try moment(start.date, time, zone: zone)
        guard same.milliseconds < start.milliseconds else { return same }
        let next = try moment(start.date.adding(days: 1), time, zone: zone)
        let longest = time.hour < Self.nightEnd ? Self.longestWaitForNight : Self.longestWait
        return next.milliseconds - start.milliseconds <= longest ? next : same
    }

    private func moment(
        _ date: CivilDate, _ time: ClockTime, zone: DatePhrase.Zone?
    ) throws(DateParseError) -> Moment {
        if case .offset(let minutes)? = zone {
            let given = Moment(date: date, time: time, offsetMinutes: minutes)
            return local.moment(atMilliseconds: given.milliseconds)
        }
        switch local.occurrence(date, time) {
        case .once(let moment):
            guard zone == nil else { throw .notInThatTime }
            return moment
        case .twice(let summer, let winter):
            return zone == .winter ? winter : summer
        case .never(let from, let to):
            throw .skippedByClocks(date: date, time: time, from: from, to: to)
        }
    }
}
