import Database
import RecordStorage
import SyncCore

/// outbox → page: what a request sends.
extension Replica {
    /// The next groups to send, in order, none of them split; empty where nothing is left.
    ///
    /// - Parameters:
    ///   - number: the group before the first one wanted.
    ///   - limitCount: the most changes; a single larger group still makes a page.
    ///   - limitBytes: the largest size, encoded.
    ///   - firstCount: the most changes where more groups wait than fit; nil for no such limit.
    package func nextPage(
        after number: UInt64, limitCount: Int = SyncRequest.largestPageCount,
        limitBytes: Int = SyncRequest.largestPageBytes, beginningWith firstCount: Int? = nil
    ) throws -> [ChangeGroup] {
        try reading {
            let after = Int64(clamping: number)
            let frozen = try standing().frozen
            guard
                var last = try outbox.lastOfPage(
                    after: after, frozen: frozen, limitCount: limitCount, limitBytes: limitBytes)
            else { return [] }
            if let firstCount, firstCount < limitCount, last < frozen {
                last =
                    try outbox.lastOfPage(after: after, frozen: last, limitCount: firstCount, limitBytes: limitBytes)
                    ?? last
            }
            var reader = PageReader(self)
            try reader.read(outbox.entries(in: (after + 1)...last))
            // Numbers have no gaps: a group of which an erasure or an undo left nothing is sent empty.
            let emptied = try outbox.emptied(in: (after + 1)...last)
            guard emptied.isEmpty else {
                let groups = reader.groups + emptied.map { ChangeGroup(number: UInt64(clamping: $0), changes: []) }
                return groups.sorted { $0.number < $1.number }
            }
            if reader.isPlain { sent.note(SentPage(groups: (after + 1)...last, runs: reader.runs)) }
            return reader.groups
        }
    }
}

/// Reads the changes of one page from the outbox, and the rows of new records many at a time: a statement for each of
/// them would cost more than the row.
struct PageReader {
    /// The most rows of other groups that are read and left out between two that are wanted.
    private static let largestGap: Int64 = 4

    private(set) var groups: [ChangeGroup] = []
    /// Whether there is nothing in the page but new records that nothing else has touched.
    private(set) var isPlain = true
    /// All that the page holds, where it is plain.
    private(set) var runs: [SentPage.Run] = []
    private let replica: Replica

    init(_ replica: Replica) { self.replica = replica }

    /// Reads all changes of some groups; in the order of groups, tables, keys.
    mutating func read(_ entries: [Outbox.Entry]) throws {
        var index = 0
        while index < entries.count {
            var end = index + 1
            if entries[index].detail.isEmpty {
                while end < entries.count, Self.follows(entries[end], entries[end - 1]) { end += 1 }
                try readCreations(entries[index..<end])
            } else {
                guard let change = try ChangeGroup(decoding: entries[index].detail).changes.first else {
                    throw ReplicaError.damaged("a change in the outbox")
                }
                append(change, to: entries[index].group)
                isPlain = false
            }
            index = end
        }
    }

    /// Whether the row of a creation stands soon behind that of another.
    private static func follows(_ entry: Outbox.Entry, _ last: Outbox.Entry) -> Bool {
        entry.detail.isEmpty && entry.row.table == last.row.table && entry.row.key > last.row.key
            && entry.row.key - last.row.key <= largestGap
    }

    /// Reads creations whose values stand in their rows, by ascending keys.
    private mutating func readCreations(_ entries: ArraySlice<Outbox.Entry>) throws {
        guard let first = entries.first?.row, let last = entries.last?.row.key else { return }
        var rest = entries
        try replica.records.forEachRow(table: first.table, keys: first.key...last) { row in
            guard let entry = rest.first, entry.row.key == row.key else { return }
            rest.removeFirst()
            append(replica.creation(of: row.state), to: entry.group)
            note(entry, row)
        }
        guard rest.isEmpty else { throw ReplicaError.damaged("a change without its record") }
    }

    private mutating func append(_ change: Change, to group: Int64) {
        let number = UInt64(clamping: group)
        if groups.last?.number != number { groups.append(ChangeGroup(number: number, changes: [])) }
        groups[groups.count - 1].changes.append(change)
    }

    private mutating func note(_ entry: Outbox.Entry, _ row: RecordTables.Row) {
        guard isPlain else { return }
        guard row.touchedBy == entry.group else {
            isPlain = false
            return
        }
        let state = row.state
        let digest = RecordDigest.hash(of: state, hash: replica.hash, scratch: &replica.scratch)
        if runs.last?.takes(entry, area: state.area) != true {
            runs.append(SentPage.Run(area: state.area, entries: [], ids: [], digest: 0))
        }
        runs[runs.count - 1].entries.append(entry)
        runs[runs.count - 1].ids.append(state.id)
        runs[runs.count - 1].digest &+= digest
    }
}
