/// The server's rule for final stamps: greater than every base and than the device's earlier ones, order kept, and
/// free of the device's clock error beyond two minutes.
package struct StampCorrection: Sendable {
    /// How far a clock may be off before its stamps are shifted.
    package static let toleranceMilliseconds: Int64 = 120_000

    /// What the device's clock showed less what the server's shows, in milliseconds; nil in a bundle.
    package let offsetMilliseconds: Int64?
    package let nowMilliseconds: Int64
    /// The largest final time that the device was given so far.
    package private(set) var highest: UInt64

    package init(offsetMilliseconds: Int64?, nowMilliseconds: Int64, highest: UInt64) {
        self.offsetMilliseconds = offsetMilliseconds
        self.nowMilliseconds = nowMilliseconds
        self.highest = highest
    }

    /// The final time for one proposed time of a group. Call in ascending order of the proposals.
    ///
    /// - Parameter bases: final stamps of everything that edits with this proposed time had seen.
    package mutating func final(proposed: UInt64, bases: some Sequence<Stamp>) -> UInt64 {
        var time = proposed
        if let offset = offsetMilliseconds, offset.magnitude > Self.toleranceMilliseconds.magnitude {
            let (shifted, overflow) = StampTime.milliseconds(time).subtractingReportingOverflow(offset)
            time = StampTime.packed(milliseconds: overflow ? nowMilliseconds : shifted) | (time & 0xFFFF)
        }
        let now = StampTime.packed(milliseconds: nowMilliseconds)
        #if PlantedBugs
            let (adopts, goesBelow) = (PlantedBug.isChosen(.futureStampAdopted), PlantedBug.isChosen(.stampBelowBase))
        #else
            let (adopts, goesBelow) = (false, false)
        #endif
        let latest = StampTime.packed(milliseconds: nowMilliseconds + Self.toleranceMilliseconds)
        if time > latest, !adopts { time = now }
        time = max(time, Self.after(highest))
        if !goesBelow { for base in bases { time = max(time, Self.after(base.time)) } }
        highest = time
        return time
    }

    /// Takes note of a final time that was given before.
    package mutating func keep(_ final: UInt64) { highest = max(highest, final) }

    /// The next packed time; the last one stays itself instead of overflowing.
    private static func after(_ time: UInt64) -> UInt64 {
        #if PlantedBugs
            if PlantedBug.isChosen(.greaterOrEqual) { return time }
        #endif
        return time == .max ? .max : time + 1
    }
}
