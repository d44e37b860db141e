import Database
import OutreachModel
import SyncCore

/// Puts records in the order of what they are called, and keeps no more of them than are asked for.
struct TitleOrder {
    /// One record: its title as it is compared, with its first bytes as a number, which decide most comparisons.
    private struct Entry: Comparable {
        let start: UInt64
        let title: String
        let id: RecordID
        /// What its row is looked up by.
        let row: SQLValue

        init(_ title: String, start: UInt64, _ id: RecordID, _ row: SQLValue) {
            self.start = start
            self.title = TextMatch.key(title)
            self.id = id
            self.row = row
        }

        static func < (left: Entry, right: Entry) -> Bool {
            if left.start != right.start { return left.start < right.start }
            return left.title == right.title ? left.id < right.id : left.title < right.title
        }

        static func == (left: Entry, right: Entry) -> Bool { left.id == right.id }
    }

    /// Up to so many more than are asked for wait before they are sorted and the last ones let go.
    private static let waitingCount = 1_000

    private let limit: Int
    private var entries: [Entry] = []
    /// The last of those that are asked for, once there are as many.
    private var last: Entry?
    /// How many were added.
    private(set) var count = 0

    init(limit: Int) { self.limit = limit }

    /// Adds a record.
    mutating func add(_ title: String, _ id: RecordID, _ row: SQLValue) {
        count += 1
        let start = TextMatch.keyStart(title)
        // Of most records of a short list no more than this is looked at.
        if let last, last.start < start { return }
        let entry = Entry(title, start: start, id, row)
        if let last, last < entry { return }
        entries.append(entry)
        if entries.count - Self.waitingCount > limit { cut() }
    }

    /// What the rows are looked up by, in order.
    mutating func rows() -> [SQLValue] {
        cut()
        return entries.map(\.row)
    }

    private mutating func cut() {
        entries.sort()
        guard entries.count >= limit, limit > 0 else { return }
        entries.removeLast(entries.count - limit)
        last = entries.last
    }
}
