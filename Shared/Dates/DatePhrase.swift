/// What a typed date says, before it is laid on the calendar.
struct DatePhrase: Hashable {
    enum Day: Hashable {
        case daysFromToday(Int)
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
    }

    enum Zone: Hashable {
        case offset(minutes: Int)
        case summer
        case winter
    }

    var day: Day?
    /// The weekday that was written beside a date, 0 for Monday.
    var weekday: Int?
    var time: ClockTime?
    var zone: Zone?
    /// Minutes before now: `now`, `2 hours ago`. Stands alone.
    var minutesAgo: Int?

    mutating func set(_ day: Day) throws(DateParseError) {
        guard self.day == nil else { throw .saidTwice }
        self.day = day
    }

    mutating func confirm(weekday: Int) throws(DateParseError) {
        guard self.weekday == nil else { throw .saidTwice }
        self.weekday = weekday
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
    static let fillers: Set<String> = ["on", "at", "the", "of", "time"]
    static let relativeDays = ["today": 0, "yesterday": -1, "tomorrow": 1]
    static let times: [String: ClockTime] = ["noon": .noon, "midday": .noon, "midnight": .midnight]
    static let zones: [String: DatePhrase.Zone] = [
        "z": .offset(minutes: 0), "utc": .offset(minutes: 0), "gmt": .offset(minutes: 0), "bst": .offset(minutes: 60),
        "summer": .summer, "winter": .winter,
    ]
    static let minutesOfUnit = [
        "minute": 1, "minutes": 1, "min": 1, "mins": 1, "hour": 60, "hours": 60,
    ]
    static let daysOfUnit = ["day": 1, "days": 1, "week": 7, "weeks": 7]
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
