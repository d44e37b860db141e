/// How far a device has come with one order of erasure, as it says itself.
package enum ErasureState: Int, Hashable, Sendable {
    /// The order is here and good; it touches so much that the device's user is asked first.
    case waitsForUser = 1
    /// Nothing of what the order names is left in the device's files.
    case confirmed = 2
}

/// What a device says of an order.
package struct ErasureReport: Hashable, Sendable {
    package var order: RecordID
    package var state: ErasureState

    package init(order: RecordID, state: ErasureState) {
        self.order = order
        self.state = state
    }
}

/// Part 4 of a request: `[order id, state…]`, everything that the server has not acknowledged.
extension SyncRequest {
    /// The most reports in one request; the others go with the next.
    package static let largestReportCount = 1_000

    /// What the device has to say of orders of erasure; empty where the part is missing.
    ///
    /// - Throws: `CBORError` where the part is no list of reports.
    package func erasureReports() throws(CBORError) -> [ErasureReport] {
        guard let item = parts[.erasure] else { return [] }
        var reader = CBORReader(item)
        let count = try reader.readArray(0...2 * Self.largestReportCount)
        guard count.isMultiple(of: 2) else { throw reader.unexpectedItem() }
        var reports: [ErasureReport] = []
        for _ in 0..<count / 2 {
            let order = try reader.readID()
            guard let state = ErasureState(rawValue: try reader.readSmall()) else { throw reader.unexpectedItem() }
            reports.append(ErasureReport(order: order, state: state))
        }
        try reader.finish()
        return reports
    }

    /// Adds reports, or none; at most `largestReportCount`.
    package mutating func set(erasureReports reports: [ErasureReport]) {
        guard !reports.isEmpty else {
            parts[.erasure] = nil
            return
        }
        var writer = CBORWriter()
        writer.array(count: 2 * reports.count)
        for report in reports {
            writer.id(report.order)
            writer.unsigned(UInt64(report.state.rawValue))
        }
        parts[.erasure] = writer.bytes
    }
}

/// Part 4 of a reply: `[order id…]`, the orders whose confirmation by this device is on the server's disk.
extension SyncReply {
    /// The orders that this device need not confirm again; empty where the part is missing.
    ///
    /// - Throws: `CBORError` where the part is no list of ids.
    package func confirmedErasures() throws(CBORError) -> [RecordID] {
        guard let item = parts[.erasure] else { return [] }
        var reader = CBORReader(item)
        var orders: [RecordID] = []
        for _ in 0..<(try reader.readArray(0...SyncRequest.largestReportCount)) { orders.append(try reader.readID()) }
        try reader.finish()
        return orders
    }

    /// Says which confirmations have arrived.
    package mutating func set(confirmedErasures orders: [RecordID]) {
        guard !orders.isEmpty else {
            parts[.erasure] = nil
            return
        }
        var writer = CBORWriter()
        writer.array(count: orders.count)
        for order in orders { writer.id(order) }
        parts[.erasure] = writer.bytes
    }
}
