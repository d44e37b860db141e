/// What a person meant by a date: a point in time, or a whole day.
package enum ParsedDate: Hashable, Sendable {
    case moment(Moment)
    case day(CivilDate)

    /// Reads the stored form: RFC 3339 with offset, or a date alone; nil where it is anything else.
    package init?(stored text: String) {
        if let moment = Moment(text) {
            self = .moment(moment)
        } else if let day = CivilDate(text) {
            self = .day(day)
        } else {
            return nil
        }
    }

    /// The stored form: `2026-11-22T14:30:00+00:00`, or `2026-11-22`.
    package var stored: String {
        switch self {
        case .moment(let moment): moment.description
        case .day(let day): day.description
        }
    }

    /// The day that the writer's calendar showed.
    package var date: CivilDate {
        switch self {
        case .moment(let moment): moment.date
        case .day(let day): day
        }
    }

    /// Whether this lies before the other; of a whole day and a moment, only their days are compared.
    package func isBefore(_ other: ParsedDate) -> Bool {
        if case .moment(let left) = self, case .moment(let right) = other {
            return left.milliseconds < right.milliseconds
        }
        return date < other.date
    }

    /// The date as a person reads it, always with its weekday: `Sunday 22 November 2026, 14:30`.
    ///
    /// An hour that the clocks show twice is followed by `(summer time)` or `(winter time)`, an offset that is not that
    /// of the local zone by the offset, `(UTC+02:00)`.
    package func echo(in local: LocalTime) -> String {
        guard case .moment(let moment) = self else { return date.inWords }
        let text = "\(moment.date.inWords), \(moment.time)"
        switch local.occurrence(moment.date, moment.time) {
        case .once(let here) where here.offsetMinutes == moment.offsetMinutes: return text
        case .twice(let summer, _) where summer.offsetMinutes == moment.offsetMinutes: return "\(text) (summer time)"
        case .twice(_, let winter) where winter.offsetMinutes == moment.offsetMinutes: return "\(text) (winter time)"
        default: return "\(text) (UTC\(moment.offsetText))"
        }
    }
}
