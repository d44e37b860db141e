/// When the versions of a record came to the server, as an answer to a `HistoryRequest`: those alone of which it knows.
package struct ArrivalReply: Hashable, Sendable {
    private static let largestCount = 1_000_000

    /// By the versions' final stamps, in milliseconds since 1970 by the server's clock.
    package var arrivals: [Stamp: Int64]

    package init(arrivals: [Stamp: Int64]) { self.arrivals = arrivals }

    /// `[[time, device, milliseconds]…]`, by ascending stamp; times without an origin.
    package func encoded() -> [UInt8] {
        var writer = CBORWriter()
        writer.array(count: arrivals.count)
        for (stamp, milliseconds) in arrivals.sorted(by: { $0.key < $1.key }) {
            writer.array(count: 3)
            writer.stamp(stamp, origin: 0)
            writer.integer(milliseconds)
        }
        return writer.bytes
    }

    /// Reads what `encoded` made.
    package init(decoding bytes: [UInt8]) throws(CBORError) {
        var reader = CBORReader(bytes)
        arrivals = [:]
        for _ in 0..<(try reader.readArray(0...Self.largestCount)) {
            _ = try reader.readArray(3...3)
            let stamp = try reader.readStamp(origin: 0)
            arrivals[stamp] = try reader.readInteger()
        }
        try reader.finish()
    }
}
