/// What a typed date says, before it is laid on the calendar.
struct DatePhrase: Hashable {
    enum Day: Hashable {
        case daysFromToday(Int)
        /// The same day of another month, or its last where that has fewer.
        case monthsFromToday(Int)
        /// The last day of this month, or of a later one.
        case endOfMonth(after: Int)
        case weekday(Int, Direction)
        case date(year: Int, month: Int, day: Int)
        /// No year was given.
        case dayOfYear(month: Int, day: Int)
    }

    enum Direction: Hashable {
        /// The nearest one, today included, on the side that the caller leans to.
        case nearest
        case last
        case next
        /// That of the week it is, Monday to Sunday, or of the next one for what lies ahead and is over in this.
        case this
        /// So many weeks after the next one, today included.
        case ahead(weeks: Int)
    }

    /// A part of a day.
    enum Part: Hashable {
        case morning
        case afternoon
        case evening

        /// Whether a time lies in it. Who says `this evening half past 8` may mean the one of a clock with twelve hours: nobody
        /// knows.
        func holds(_ time: ClockTime) -> Bool {
            switch self {
            case .morning: time.hour < 12
            case .afternoon: (12..<18).contains(time.hour)
            case .evening: time.hour >= 17
            }
        }
    }

    enum Zone: Hashable {
        case offset(minutes: Int)
        case summer
        case winter
    }

    var day: Day?
    /// The weekday that was written beside a date, 0 for Monday.
    var weekday: Int?
    var part: Part?
    var time: ClockTime?
    var zone: Zone?
    /// Minutes before now: `now`, `2 hours ago`; negative after it. Stands alone.
    var minutesAgo: Int?

    mutating func set(_ day: Day) throws(DateParseError) {
        guard self.day == nil else { throw .saidTwice }
        self.day = day
    }

    mutating func confirm(weekday: Int) throws(DateParseError) {
        guard self.weekday == nil else { throw .saidTwice }
        self.weekday = weekday
    }

    mutating func set(_ part: Part) throws(DateParseError) {
        guard self.part == nil else { throw .saidTwice }
        self.part = part
    }

    mutating func set(_ time: ClockTime) throws(DateParseError) {
        guard self.time == nil else { throw .saidTwice }
        self.time = time
    }

    mutating func set(_ zone: Zone) throws(DateParseError) {
        guard self.zone == nil else { throw .saidTwice }
        self.zone = zone
    }

    mutating func set(minutesAgo: Int) throws(DateParseError) {
        guard self.minutesAgo == nil else { throw .saidTwice }
        self.minutesAgo = minutesAgo
    }
}

/// The English words that dates are written with.
enum DateWords {
    /// Words that change nothing: `on friday at 2pm`.
    static let fillers: Set<String> = ["on", "at", "by", "the", "of", "time"]
    static let numbers = [
        "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
        "eleven": 11, "twelve": 12,
    ]
    static let relativeDays = ["today": 0, "yesterday": -1, "tomorrow": 1]
    static let parts: [String: DatePhrase.Part] = [
        "morning": .morning, "afternoon": .afternoon, "evening": .evening, "night": .evening,
    ]
    static let times: [String: ClockTime] = ["noon": .noon, "midday": .noon, "midnight": .midnight]
    static let zones: [String: DatePhrase.Zone] = [
        "z": .offset(minutes: 0), "utc": .offset(minutes: 0), "gmt": .offset(minutes: 0), "bst": .offset(minutes: 60),
        "summer": .summer, "winter": .winter,
    ]
    static let minutesOfUnit = [
        "minute": 1, "minutes": 1, "min": 1, "mins": 1, "hour": 60, "hours": 60,
    ]
    static let daysOfUnit = ["day": 1, "days": 1, "week": 7, "weeks": 7]
    static let monthsOfUnit = ["month": 1, "months": 1, "year": 12, "years": 12]
    static let ordinals: Set<String> = ["st", "nd", "rd", "th"]

    /// 0 for Monday to 6 for Sunday.
    static func weekday(_ word: String) -> Int? {
        switch word {
        case "mon", "monday": 0
        case "tue", "tues", "tuesday": 1
        case "wed", "weds", "wednesday": 2
        case "thu", "thur", "thurs", "thursday": 3
        case "fri", "friday": 4
        case "sat", "saturday": 5
        case "sun", "sunday": 6
        default: nil
        }
    }

    /// 1 to 12; three letters suffice.
    static func month(_ word: String) -> Int? {
        if word == "sept" { return 9 }
        for (index, name) in CivilDate.monthNames.enumerated() {
            let name = name.lowercased()
            if word == name || word == name.prefix(3) { return index + 1 }
        }
        return nil
    }
}
