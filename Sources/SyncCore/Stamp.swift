/// A hybrid logical clock reading: who wrote a value, and when, totally ordered.
///
/// The time packs 48 bits of milliseconds since 1970 above a 16-bit counter, so that a counter that runs over carries
/// into the milliseconds (Kulkarni et al., "Logical Physical Clocks", 2014). Two stamps with the same time are ordered
/// by device number.
public struct Stamp: Hashable, Comparable, Sendable {
    /// 48 bits of milliseconds since 1970-01-01T00:00:00Z, then a 16-bit counter.
    public var time: UInt64
    /// The number that the server gave to the device; 0 is the server itself.
    public var device: UInt32

    /// Makes a stamp from its packed time and its device.
    public init(time: UInt64, device: UInt32) {
        self.time = time
        self.device = device
    }

    /// Milliseconds since 1970, without the counter.
    public var milliseconds: Int64 { StampTime.milliseconds(time) }

    /// Orders by time, then by device number.
    @inlinable public static func < (left: Stamp, right: Stamp) -> Bool {
        left.time != right.time ? left.time < right.time : left.device < right.device
    }
}

/// Conversions between packed stamp times and milliseconds since 1970.
public enum StampTime {
    /// The largest number of milliseconds that a stamp can hold: 48 bits, the year 10889.
    public static let largestMilliseconds: Int64 = (1 << 48) - 1

    /// Packs milliseconds since 1970 with a counter of 0; what does not fit in 48 bits is clamped.
    public static func packed(milliseconds: Int64) -> UInt64 {
        UInt64(min(max(milliseconds, 0), largestMilliseconds)) << 16
    }

    /// The milliseconds of a packed time.
    public static func milliseconds(_ time: UInt64) -> Int64 { Int64(time >> 16) }

    /// The last packed time of the millisecond of the one that follows: no clock counts that far, so nobody has it.
    package static func endOfMillisecond(after time: UInt64) -> UInt64 { (time == .max ? time : time + 1) | 0xFFFF }

    /// Whether a packed time is the last one of its millisecond.
    package static func isEndOfMillisecond(_ time: UInt64) -> Bool { time & 0xFFFF == 0xFFFF }
}
