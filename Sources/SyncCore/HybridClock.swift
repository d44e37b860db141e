/// Gives stamps on one device: never twice the same, never going back, close to the wall clock where that is possible.
package struct HybridClock: Sendable, Equatable {
    /// The largest packed time that was used or accepted.
    package private(set) var highest: UInt64

    package init(highest: UInt64) { self.highest = highest }

    /// The next packed time, given the wall clock in milliseconds since 1970.
    ///
    /// A clock that stands still or goes back only makes the counter grow.
    package mutating func next(nowMilliseconds: Int64) -> UInt64 {
        let wall = StampTime.packed(milliseconds: nowMilliseconds)
        highest = max(wall, highest == .max ? .max : highest + 1)
        return highest
    }

    /// Takes note of a stamp that arrived, so that later edits here are greater.
    package mutating func observe(_ time: UInt64) { highest = max(highest, time) }

    /// Sets the clock back to the largest time that the server gave to this device or sent to it.
    package mutating func correct(to time: UInt64) { highest = time }
}
