/// What a clock on the wall shows, to the second.
package struct ClockTime: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// 00:00.
    package static let midnight = ClockTime(secondsOfDay: 0)
    /// 12:00.
    package static let noon = ClockTime(secondsOfDay: 43_200)

    /// Seconds since 00:00, from 0 to 86,399.
    package let secondsOfDay: Int

    private init(secondsOfDay: Int) { self.secondsOfDay = secondsOfDay }

    /// Makes a time, or nil outside 00:00:00 to 23:59:59.
    package init?(hour: Int, minute: Int, second: Int = 0) {
        guard (0...23).contains(hour), (0...59).contains(minute), (0...59).contains(second) else { return nil }
        secondsOfDay = hour * 3_600 + minute * 60 + second
    }

    /// Splits seconds since 1970, as a wall clock counts them, into day and time.
    static func split(seconds: Int) -> (date: CivilDate, time: ClockTime) {
        let ofDay = (seconds % 86_400 + 86_400) % 86_400
        return (CivilDate(daysSince1970: (seconds - ofDay) / 86_400), ClockTime(secondsOfDay: ofDay))
    }

    /// 0 to 23.
    package var hour: Int { secondsOfDay / 3_600 }
    /// 0 to 59.
    package var minute: Int { secondsOfDay / 60 % 60 }
    /// 0 to 59.
    package var second: Int { secondsOfDay % 60 }

    /// Hours and minutes, `14:30`.
    package var description: String { "\(Digits.padded(hour, to: 2)):\(Digits.padded(minute, to: 2))" }

    /// Orders from midnight to midnight.
    package static func < (left: ClockTime, right: ClockTime) -> Bool { left.secondsOfDay < right.secondsOfDay }
}
