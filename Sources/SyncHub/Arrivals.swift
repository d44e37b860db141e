import SyncCore

/// When a push came, and which final times it was given: they are greater than all that its device was given before.
package struct Arrival: Hashable, Sendable {
    /// The greatest packed time that the device was given with this push, or before it.
    package var highestTime: UInt64
    /// By the server's clock, in milliseconds since 1970; nil where that is not known any more, after a restore.
    package var milliseconds: Int64?

    package init(highestTime: UInt64, milliseconds: Int64?) {
        self.highestTime = highestTime
        self.milliseconds = milliseconds
    }
}

/// When work came to this server, whenever it was written: a disputed record is dated by the office, not by a laptop's
/// clock.
extension Hub {
    /// When the versions of a record came.
    ///
    /// - Parameter tellsVouchers: also on whose word those stand whose writer has not brought them since a restore.
    /// - Returns: nil where the record is absent or not readable for the device.
    package func arrivals(
        table: Int, record: RecordID, for number: UInt32, tellsVouchers: Bool = false
    ) throws -> ArrivalReply? {
        try store.readTransaction {
            guard let history = try history(table: table, record: record, for: number),
                let key = try store.record(table: table, id: record)?.key
            else { return nil }
            let stamps = history.versions.map(\.stamp)
            var reply = ArrivalReply(arrivals: try arrivals(of: stamps, table: table, key: key))
            guard tellsVouchers, try store.hasVouched() else { return reply }
            for stamp in Set(stamps) {
                reply.vouchers[stamp] = try store.voucher(table: table, key: key, stamp: stamp)
            }
            return reply
        }
    }

    /// When the two sides of a conflict came, where that is known.
    package func arrivals(of conflict: Conflict) throws -> (a: Int64?, b: Int64?) {
        try store.readTransaction {
            guard let key = try store.record(table: conflict.table, id: conflict.record)?.key else { return (nil, nil) }
            let stamps = [conflict.a.stamp, conflict.b.stamp]
            let known = try arrivals(of: stamps, table: conflict.table, key: key)
            return (known[stamps[0]], known[stamps[1]])
        }
    }

    /// - Returns: by stamp; without those of which it is not known.
    private func arrivals(of stamps: [Stamp], table: Int, key: Int64) throws -> [Stamp: Int64] {
        var result: [Stamp: Int64] = [:]
        for (device, own) in Dictionary(grouping: Set(stamps), by: \.device) {
            // What somebody else vouches for since a restore came before it, nobody knows when.
            let vouched = Set(try store.vouchedStamps(table: table, key: key, writer: device))
            var rest = own.sorted()[...]
            guard let first = rest.first else { continue }
            for arrival in try store.arrivals(device: device, from: first.time) {
                while let stamp = rest.first, stamp.time <= arrival.highestTime {
                    if let milliseconds = arrival.milliseconds, !vouched.contains(stamp) {
                        result[stamp] = milliseconds
                    }
                    rest = rest.dropFirst()
                }
            }
        }
        return result
    }
}
