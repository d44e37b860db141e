/// How far from today a day may lie that somebody gives: what lies further was mistyped, or stands for no day at all.
package enum LikelyYears {
    /// How many years before this one.
    package static let mostBack = 150
    /// How many years after it.
    package static let mostAhead = 100

    /// The years around this one that a day may be in.
    package static func around(_ year: Int) -> ClosedRange<Int> { year - mostBack...year + mostAhead }
}
