/// When the versions of a record came to the server, as an answer to a `HistoryRequest`: those alone of which it knows.
package struct ArrivalReply: Hashable, Sendable {
    private static let largestCount = 1_000_000

    /// By the versions' final stamps, in milliseconds since 1970 by the server's clock.
    package var arrivals: [Stamp: Int64]
    /// The devices on whose word versions stand that they did not write, by the stamps of those; told where it was asked for.
    package var vouchers: [Stamp: UInt32]

    package init(arrivals: [Stamp: Int64], vouchers: [Stamp: UInt32] = [:]) {
        self.arrivals = arrivals
        self.vouchers = vouchers
    }

    /// `[[time, device, milliseconds|null, voucher]…]`, by ascending stamp; times without an origin; without `voucher` where
    /// there is none.
    package func encoded() -> [UInt8] {
        var writer = CBORWriter()
        let stamps = Set(arrivals.keys).union(vouchers.keys).sorted()
        writer.array(count: stamps.count)
        for stamp in stamps {
            let voucher = vouchers[stamp]
            writer.array(count: voucher == nil ? 3 : 4)
            writer.stamp(stamp, origin: 0)
            if let milliseconds = arrivals[stamp] { writer.integer(milliseconds) } else { writer.null() }
            if let voucher { writer.unsigned(UInt64(voucher)) }
        }
        return writer.bytes
    }

    /// Reads what `encoded` made.
    package init(decoding bytes: [UInt8]) throws(CBORError) {
        var reader = CBORReader(bytes)
        arrivals = [:]
        vouchers = [:]
        for _ in 0..<(try reader.readArray(0...Self.largestCount)) {
            let count = try reader.readArray(3...4)
            let stamp = try reader.readStamp(origin: 0)
            arrivals[stamp] = try reader.readOptional { (reader) throws(CBORError) in try reader.readInteger() }
            if count == 4 { vouchers[stamp] = try reader.readUInt32() }
        }
        try reader.finish()
    }
}
