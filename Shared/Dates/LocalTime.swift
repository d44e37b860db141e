#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// Wall-clock time in a time zone: that of the process as libc knows it (`tzset(3)`, `localtime_r(3)`), or a given one.
package struct LocalTime: Sendable {
    /// How often a wall clock shows one date and time.
    package enum Occurrence: Hashable, Sendable {
        case once(Moment)
        /// Twice, because the clocks went back: in summer time first, then in winter time.
        case twice(summer: Moment, winter: Moment)
        /// Never, because the clocks went forward from one time straight to the other.
        case never(from: ClockTime, to: ClockTime)
    }

    private let offsetSeconds: @Sendable (_ seconds: Int) -> Int

    /// The zone of the process: from `TZ`, or from the system where that is not set.
    package init() {
        tzset()
        offsetSeconds = Self.processOffsetSeconds
    }

    /// A zone by its rule.
    ///
    /// - Parameter offsetSeconds: seconds ahead of UTC, in whole minutes, at an instant in seconds since 1970.
    package init(offsetSeconds: @escaping @Sendable (_ seconds: Int) -> Int) {
        self.offsetSeconds = offsetSeconds
    }

    /// The local date and time at an instant in milliseconds since 1970, to the second.
    package func moment(atMilliseconds milliseconds: Int64) -> Moment {
        let seconds = Int(milliseconds / 1_000)
        return moment(atSeconds: milliseconds % 1_000 < 0 ? seconds - 1 : seconds)
    }

    /// Finds when the wall clock shows this date and time.
    ///
    /// The offsets of the day before and the day after are tried, so at most one clock change in 48 hours is expected.
    package func occurrence(_ date: CivilDate, _ time: ClockTime) -> Occurrence {
        let wall = date.daysSince1970 * 86_400 + time.secondsOfDay
        let before = offsetSeconds(wall - 86_400)
        let after = offsetSeconds(wall + 86_400)
        let offsets = before == after ? [before] : [before, after]
        let found = offsets.filter { offsetSeconds(wall - $0) == $0 }
        switch found.count {
        case 1: return .once(moment(atSeconds: wall - found[0]))
        case 2: return .twice(summer: moment(atSeconds: wall - found[0]), winter: moment(atSeconds: wall - found[1]))
        default:
            let change = change(between: wall - 86_400, and: wall + 86_400, before: before)
            return .never(
                from: ClockTime.split(seconds: change + before).time, to: ClockTime.split(seconds: change + after).time)
        }
    }

    /// Minutes ahead of UTC, where they are the same from the day before a date until the day after; nil where the clocks
    /// change in between.
    package func offsetMinutes(throughout date: CivilDate) -> Int? {
        let start = date.daysSince1970 * 86_400
        let offset = offsetSeconds(start)
        let isSame = [-86_400, 86_400, 2 * 86_400].allSatisfy { offsetSeconds(start + $0) == offset }
        return isSame ? offset / 60 : nil
    }

    private func moment(atSeconds seconds: Int) -> Moment {
        let offset = offsetSeconds(seconds)
        let (date, time) = ClockTime.split(seconds: seconds + offset)
        return Moment(date: date, time: time, offsetMinutes: offset / 60)
    }

    /// The first second with another offset than before; the two ends lie on the two sides of it.
    private func change(between start: Int, and end: Int, before: Int) -> Int {
        var low = start
        var high = end
        while high - low > 1 {
            let middle = low + (high - low) / 2
            if offsetSeconds(middle) == before { low = middle } else { high = middle }
        }
        return high
    }

    /// Seconds ahead of UTC at an instant, in whole minutes as RFC 3339 needs them.
    ///
    /// `localtime_r` fails only for years that an `int` cannot hold; dates here end with 9999, so UTC is never met.
    @Sendable private static func processOffsetSeconds(_ seconds: Int) -> Int {
        var instant = time_t(seconds)
        var parts = unsafe tm()
        guard unsafe localtime_r(&instant, &parts) != nil else { return 0 }
        return unsafe parts.tm_gmtoff / 60 * 60
    }
}
