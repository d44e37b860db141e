import SyncCore

/// What is known of a page since it was read for sending: should the server say that its groups stand as they were sent,
/// none of their records need be read again.
///
/// It is a short cut and nothing to rely on: before it is used, the file is asked whether the rows still wait for these
/// groups alone. Of a page that holds anything but new records nothing is kept.
struct SentPage {
    /// New records of one table and area, which follow each other in the outbox by ascending keys.
    struct Run {
        let area: Int
        var entries: [Outbox.Entry]
        /// Their ids, in the same order.
        var ids: [RecordID]
        /// What they add to the digest of the area, modulo 2^128.
        var digest: UInt128

        /// Whether the entry that is next in the outbox belongs to the run.
        func takes(_ entry: Outbox.Entry, area: Int) -> Bool {
            guard let last = entries.last?.row else { return false }
            return self.area == area && last.table == entry.row.table && last.key < entry.row.key
        }
    }

    let groups: ClosedRange<Int64>
    var runs: [Run]
}

/// The pages that were read last.
struct SentPages {
    /// How many are remembered: the one whose reply is applied, the two on their way, the one that follows, and those behind.
    private static let largestCount = 4 + SyncRounds.largestLaterCount

    private var pages: [SentPage] = []

    mutating func note(_ page: SentPage) {
        pages.removeAll { $0.groups.overlaps(page.groups) }
        if pages.count == Self.largestCount { pages.removeFirst() }
        pages.append(page)
        pages.sort { $0.groups.lowerBound < $1.groups.lowerBound }
    }

    mutating func removeAll() { pages.removeAll() }

    /// Takes out what is known of an area's records in some groups, for it is of use once.
    ///
    /// - Returns: the runs, and the groups of which nothing is known.
    mutating func take(_ groups: ClosedRange<Int64>, area: Int) -> (runs: [SentPage.Run], rest: [ClosedRange<Int64>]) {
        var runs: [SentPage.Run] = []
        var rest: [ClosedRange<Int64>] = []
        var next = groups.lowerBound
        for index in pages.indices {
            let page = pages[index].groups
            guard page.lowerBound >= next, page.upperBound <= groups.upperBound else { continue }
            if page.lowerBound > next { rest.append(next...(page.lowerBound - 1)) }
            runs += pages[index].runs.filter { $0.area == area }
            pages[index].runs.removeAll { $0.area == area }
            next = page.upperBound + 1
        }
        if next <= groups.upperBound { rest.append(next...groups.upperBound) }
        return (runs, rest)
    }
}
