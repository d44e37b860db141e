import RecordStorage
import SyncCore

/// Reads the records that entries of a feed speak of, one after the other.
///
/// New records stand in their table in the order in which they came into the feed: several rows are read at once, for a
/// statement for each of them would cost more than the row.
struct RecordsAhead {
    /// How many rows are read at once.
    private static let count: Int64 = 16

    private let store: any HubStore
    /// The table and the keys of the rows that were read at once.
    private var table = 0
    private var keys: ClosedRange<Int64> = 0...0
    private var rows: [(key: Int64, state: RecordState)] = []
    /// The first of the rows that was not asked for yet.
    private var next = 0
    /// What was asked for last.
    private var last: (table: Int, key: Int64)?
    /// No more rows are read at once where one can't be read that nobody may have asked for.
    private var isDamaged = false

    init(store: any HubStore) { self.store = store }

    /// The record of a row; nil where there is none.
    mutating func record(table: Int, key: Int64) throws -> RecordState? {
        defer { last = (table, key) }
        if let state = taken(table: table, key: key) { return state }
        if let last, !isDamaged, last == (table, key - 1), try read(table: table, from: key) {
            if let state = taken(table: table, key: key) { return state }
        }
        return try store.record(table: table, key: key)
    }

    private mutating func taken(table: Int, key: Int64) -> RecordState? {
        guard table == self.table, keys.contains(key) else { return nil }
        while next < rows.count, rows[next].key < key { next += 1 }
        guard next < rows.count, rows[next].key == key else { return nil }
        next += 1
        return rows[next - 1].state
    }

    /// Reads a row and those behind it; false where one of them can't be read.
    private mutating func read(table: Int, from key: Int64) throws -> Bool {
        let (end, overflow) = key.addingReportingOverflow(Self.count - 1)
        if overflow { return false }
        rows.removeAll(keepingCapacity: true)
        next = 0
        do {
            try store.forEachRecord(table: table, keys: key...end) { rows.append(($0, $1)) }
        } catch RecordStorageError.damagedRow {
            isDamaged = true
            return false
        }
        (self.table, keys) = (table, key...end)
        return true
    }
}
