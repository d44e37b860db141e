import SyncCore

/// How people are told that something came to the office long after it was written.
package enum LateArrival {
    /// How much later that must be to be told, in milliseconds: most syncs follow soon, and a laptop's clock may be a
    /// little wrong.
    package static let milliseconds: Int64 = 5 * 60_000

    /// The moment as a person reads it; nil where it is not known, or follows soon.
    ///
    /// - Parameters:
    ///   - arrival: when it came, in milliseconds since 1970.
    ///   - stamp: when it was written, and where.
    package static func echo(_ arrival: Int64?, of stamp: Stamp, in local: LocalTime) -> String? {
        guard let arrival, arrival - stamp.milliseconds >= milliseconds else { return nil }
        return ParsedDate.moment(local.moment(atMilliseconds: arrival)).echo(in: local)
    }
}
