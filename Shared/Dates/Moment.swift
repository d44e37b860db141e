/// A point in time as it was entered: what the clock showed, and how far that clock was from UTC.
package struct Moment: Hashable, Sendable {
    /// The largest distance of a clock from UTC in minutes, as RFC 3339 can write it.
    package static let largestOffsetMinutes = 23 * 60 + 59

    /// The day on that clock's calendar.
    package let date: CivilDate
    /// What that clock showed.
    package let time: ClockTime
    /// Minutes ahead of UTC; negative to the west.
    package let offsetMinutes: Int

    /// Makes a moment; the offset is clamped to what RFC 3339 can write.
    package init(date: CivilDate, time: ClockTime, offsetMinutes: Int) {
        self.date = date
        self.time = time
        self.offsetMinutes = min(max(offsetMinutes, -Self.largestOffsetMinutes), Self.largestOffsetMinutes)
    }

    /// Milliseconds since 1970-01-01T00:00:00Z.
    package var milliseconds: Int64 {
        Int64(date.daysSince1970 * 86_400 + time.secondsOfDay - offsetMinutes * 60) * 1_000
    }

    /// The moment on the full minute, as times are stored.
    package var onTheMinute: Moment {
        Moment(
            date: date, time: ClockTime(hour: time.hour, minute: time.minute) ?? time, offsetMinutes: offsetMinutes)
    }
}

extension Moment: CustomStringConvertible {
    /// The stored form, `2026-11-22T14:30:00+00:00` (RFC 3339, date-time).
    package var description: String { "\(date)T\(time):\(Digits.padded(time.second, to: 2))\(offsetText)" }

    /// The offset alone, `+01:00`.
    package var offsetText: String {
        let minutes = abs(offsetMinutes)
        let sign = offsetMinutes < 0 ? "-" : "+"
        return "\(sign)\(Digits.padded(minutes / 60, to: 2)):\(Digits.padded(minutes % 60, to: 2))"
    }

    /// Reads RFC 3339; nil where it is anything else.
    ///
    /// `Z` stands for `+00:00`; fractions of a second are dropped; a leap second is refused.
    package init?(_ text: String) {
        guard text.utf8.count <= 40 else { return nil }
        let bytes = Array(text.utf8)
        guard bytes.count >= 20, bytes[10] | 0x20 == UInt8(ascii: "t"), bytes[13] == UInt8(ascii: ":"),
            bytes[16] == UInt8(ascii: ":"), let date = CivilDate(String(decoding: bytes[0..<10], as: UTF8.self)),
            let hour = Digits.value(bytes[11..<13]), let minute = Digits.value(bytes[14..<16]),
            let second = Digits.value(bytes[17..<19]),
            let time = ClockTime(hour: hour, minute: minute, second: second),
            let offset = Self.offset(Self.droppingFraction(bytes[19...]))
        else { return nil }
        self.init(date: date, time: time, offsetMinutes: offset)
    }

    private static func droppingFraction(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        guard bytes.first == UInt8(ascii: ".") else { return bytes }
        let rest = bytes.dropFirst().drop { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        return rest.startIndex > bytes.startIndex + 1 ? rest : []
    }

    private static func offset(_ bytes: ArraySlice<UInt8>) -> Int? {
        let bytes = Array(bytes)
        if bytes.count == 1, bytes[0] | 0x20 == UInt8(ascii: "z") { return 0 }
        guard bytes.count == 6, bytes[3] == UInt8(ascii: ":"), let hours = Digits.value(bytes[1..<3]),
            let minutes = Digits.value(bytes[4..<6]), hours <= 23, minutes <= 59
        else { return nil }
        switch bytes[0] {
        case UInt8(ascii: "+"): return hours * 60 + minutes
        case UInt8(ascii: "-"): return -(hours * 60 + minutes)
        default: return nil
        }
    }
}
