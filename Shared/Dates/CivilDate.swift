/// A day of the Gregorian calendar, without a time or a zone.
package struct CivilDate: Hashable, Comparable, Sendable {
    /// The years that can be written with four digits.
    package static let years = 1...9_999

    /// 1 to 9999.
    package let year: Int
    /// 1 to 12.
    package let month: Int
    /// 1 to 31.
    package let day: Int

    /// Makes a date, or nil where the calendar has no such day.
    package init?(year: Int, month: Int, day: Int) {
        guard Self.years.contains(year), (1...12).contains(month) else { return nil }
        guard day >= 1, day <= Self.daysIn(month: month, year: year) else { return nil }
        self.init(unchecked: (year, month, day))
    }

    private init(unchecked date: (year: Int, month: Int, day: Int)) {
        (year, month, day) = date
    }

    /// Makes the date that lies so many days after 1970-01-01; clamped to the years 1 to 9999.
    ///
    /// The arithmetic is that of H. Hinnant, "chrono-Compatible Low-Level Date Algorithms", `civil_from_days`.
    package init(daysSince1970 days: Int) {
        let shifted = min(max(days, -719_162), 2_932_896) + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        self.init(unchecked: (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day))
    }

    /// Days since 1970-01-01; negative before. Hinnant's `days_from_civil`.
    package var daysSince1970: Int {
        let shiftedYear = month <= 2 ? year - 1 : year
        let era = shiftedYear / 400
        let yearOfEra = shiftedYear % 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    /// The day of the week, 0 for Monday to 6 for Sunday.
    package var weekday: Int { ((daysSince1970 + 3) % 7 + 7) % 7 }

    /// The date so many days later, or earlier where negative; clamped to the years 1 to 9999.
    package func adding(days: Int) -> CivilDate { CivilDate(daysSince1970: daysSince1970 + days) }

    /// The same day so many months later, or earlier where negative; the last of the month where that has fewer days, clamped to
    /// the years 1 to 9999.
    package func adding(months: Int) -> CivilDate {
        let count = min(
            max(year * 12 + month - 1 + months, Self.years.lowerBound * 12), Self.years.upperBound * 12 + 11)
        let (year, month) = (count / 12, count % 12 + 1)
        return CivilDate(unchecked: (year, month, min(day, Self.daysIn(month: month, year: year))))
    }

    /// How many days a month has.
    package static func daysIn(month: Int, year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Orders by the calendar.
    package static func < (left: CivilDate, right: CivilDate) -> Bool {
        (left.year, left.month, left.day) < (right.year, right.month, right.day)
    }
}

extension CivilDate: CustomStringConvertible {
    /// The days of the week in English, Monday first.
    package static let weekdayNames = [
        "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday",
    ]
    /// The months in English.
    package static let monthNames = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ]

    /// The stored form, `2026-11-22` (RFC 3339, full-date).
    package var description: String {
        "\(Digits.padded(year, to: 4))-\(Digits.padded(month, to: 2))-\(Digits.padded(day, to: 2))"
    }

    /// Reads the stored form; nil where it is anything else.
    package init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count == 10, bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-"),
            let year = Digits.value(bytes[0..<4]), let month = Digits.value(bytes[5..<7]),
            let day = Digits.value(bytes[8..<10])
        else { return nil }
        self.init(year: year, month: month, day: day)
    }

    /// The date as a person reads it, `Sunday 22 November 2026`.
    package var inWords: String {
        "\(Self.weekdayNames[weekday]) \(day) \(Self.monthNames[month - 1]) \(year)"
    }
}
