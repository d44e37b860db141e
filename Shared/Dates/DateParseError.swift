/// Why a date could not be read. Nothing has been saved when this is thrown.
package enum DateParseError: Error, Hashable, Sendable {
    /// The words are none that dates are written with.
    case notUnderstood
    /// A part was given twice: a second day, time or zone.
    case saidTwice
    /// The month has fewer days; the year is nil where none was given.
    case noSuchDay(month: Int, year: Int?)
    /// Months go from 1 to 12.
    case noSuchMonth
    /// Times go from 00:00 to 23:59, with am or pm from 1 to 12.
    case noSuchTime
    /// Years go from 1 to 9999.
    case noSuchYear
    /// The clocks go forward over this time.
    case skippedByClocks(date: CivilDate, time: ClockTime, from: ClockTime, to: ClockTime)
    /// The weekday that was written is not that of the date.
    case otherWeekday(CivilDate)
    /// Summer or winter time was named for a time that the clocks show once, in the other one.
    case notInThatTime
}

extension DateParseError: CustomStringConvertible {
    /// One or two plain sentences: what is wrong, and what to write instead.
    package var description: String {
        switch self {
        case .notUnderstood:
            "This is not a date that can be read. Write for example: today 14:30, mon 9am, in 2 weeks, 22 nov, 2026-11-22 14:30."
        case .saidTwice:
            "This names two dates or two times. Write one of each, for example: yesterday 14:30."
        case .noSuchDay(let month, let year?):
            "\(CivilDate.monthNames[month - 1]) \(year) has \(CivilDate.daysIn(month: month, year: year)) days."
        case .noSuchDay(let month, nil):
            "\(CivilDate.monthNames[month - 1]) never has more than "
                + "\(CivilDate.daysIn(month: month, year: 2_000)) days."
        case .noSuchMonth:
            "Months go from 1 to 12. Dates are written day first, 22/11/2026, or year first, 2026-11-22."
        case .noSuchTime:
            "This is not a time of day. Write for example: 14:30, 9am, 2.30pm."
        case .noSuchYear:
            "Years go from 1 to 9999."
        case .skippedByClocks(let date, let time, let from, let to):
            "\(time) does not exist on \(date.inWords): on that day the clocks go from \(from) straight to \(to)."
        case .otherWeekday(let date):
            "\(date.day) \(CivilDate.monthNames[date.month - 1]) \(date.year) is a "
                + "\(CivilDate.weekdayNames[date.weekday]). Leave out the weekday, or write another date."
        case .notInThatTime:
            "The clocks do not show that time twice on that day. Leave out summer or winter."
        }
    }
}
