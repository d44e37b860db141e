/// The horizon of an area: no earlier cursor can follow the feed any more, because deletions before it were collected.
package struct AreaHorizon: Hashable, Sendable {
    package var area: Int
    /// The sequence of the last entry that was collected; 0 where nothing was.
    package var sequence: UInt64

    package init(area: Int, sequence: UInt64) {
        self.area = area
        self.sequence = sequence
    }
}

/// What came of comparing an area's digests.
package struct AreaRepair: Hashable, Sendable {
    package enum Outcome: Int, Sendable {
        /// The digests differed; the device fetches the area again.
        case begun = 1
        /// The area was fetched again, and the digests match.
        case mended = 2
        /// The area was fetched again, and the digests still differ.
        case differs = 3
    }

    package var area: Int
    package var outcome: Outcome

    package init(area: Int, outcome: Outcome) {
        self.area = area
        self.outcome = outcome
    }
}

/// What a device says of the areas that it fetches, or fetched, from the start of their feeds.
package struct FetchReport: Hashable, Sendable {
    /// The horizons under which the cursors began, where not 0.
    package var horizons: [AreaHorizon]
    /// What came of comparing digests, where the server has not heard of it yet.
    package var repairs: [AreaRepair]

    package init(horizons: [AreaHorizon] = [], repairs: [AreaRepair] = []) {
        self.horizons = horizons
        self.repairs = repairs
    }
}

/// `refetch = [[area, horizon, area, horizon…], [area, outcome, area, outcome…]]`, part 3 of a request.
extension SyncRequest {
    /// What the device says of areas that it fetches from the start; empty where it says nothing.
    package func fetchReport() throws(CBORError) -> FetchReport {
        guard let item = parts[.refetch] else { return FetchReport() }
        var report = FetchReport()
        var reader = CBORReader(item)
        _ = try reader.readArray(2...2)
        report.horizons = try AreaHorizon.list(from: &reader)
        for _ in 0..<(try reader.readPairs()) {
            let area = try reader.readSmall()
            guard let outcome = AreaRepair.Outcome(rawValue: try reader.readSmall()) else {
                throw reader.unexpectedItem()
            }
            report.repairs.append(AreaRepair(area: area, outcome: outcome))
        }
        try reader.finish()
        return report
    }

    /// Whether the device knows that a page may begin at the start of the feed.
    package var knowsHorizons: Bool { parts[.refetch] != nil }

    /// Says it; an empty report says that the device knows of horizons.
    package mutating func setFetchReport(_ report: FetchReport) {
        var writer = CBORWriter()
        writer.array(count: 2)
        AreaHorizon.encode(report.horizons, to: &writer)
        writer.array(count: 2 * report.repairs.count)
        for repair in report.repairs {
            writer.unsigned(UInt64(repair.area))
            writer.unsigned(UInt64(repair.outcome.rawValue))
        }
        parts[.refetch] = writer.bytes
    }
}

/// `refetch = [area, horizon, area, horizon…]`, part 3 of a reply.
extension SyncReply {
    /// The areas whose page begins at the start of the feed, whatever the cursor was, with their horizons.
    package func fetchStarts() throws(CBORError) -> [AreaHorizon] {
        guard let item = parts[.refetch] else { return [] }
        var reader = CBORReader(item)
        let starts = try AreaHorizon.list(from: &reader)
        try reader.finish()
        return starts
    }

    /// Says it; an empty list takes no place.
    package mutating func setFetchStarts(_ starts: [AreaHorizon]) {
        var writer = CBORWriter()
        AreaHorizon.encode(starts, to: &writer)
        parts[.refetch] = starts.isEmpty ? nil : writer.bytes
    }
}

extension AreaHorizon {
    fileprivate static func list(from reader: inout CBORReader) throws(CBORError) -> [AreaHorizon] {
        var list: [AreaHorizon] = []
        for _ in 0..<(try reader.readPairs()) {
            let area = try reader.readSmall()
            list.append(AreaHorizon(area: area, sequence: try reader.readNumber()))
        }
        return list
    }

    fileprivate static func encode(_ list: [AreaHorizon], to writer: inout CBORWriter) {
        writer.array(count: 2 * list.count)
        for horizon in list {
            writer.unsigned(UInt64(horizon.area))
            writer.unsigned(horizon.sequence)
        }
    }
}

extension CBORReader {
    /// Reads the head of an array of pairs; at most one pair for each cursor that a request may have.
    fileprivate mutating func readPairs() throws(CBORError) -> Int {
        let count = try readArray(0...2 * SyncRequest.largestCursorCount)
        guard count.isMultiple(of: 2) else { throw unexpectedItem() }
        return count / 2
    }
}
