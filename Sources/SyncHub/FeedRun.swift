import SyncCore

/// Entries that follow each other in a feed and differ in their places alone, as an import makes them, or a laptop that comes
/// back with many new records: one statement adds several of them, and is told of the first.
enum FeedRun {
    /// How many entries one statement adds.
    static let count = 32

    /// Adds a run: position, table, key, mask, device, number and exact of the first, and by how much the number grows from
    /// one to the next.
    static let insertion: String = {
        let rows = (0..<count).map { "(?1 + \($0), ?2, ?3 + \($0), ?4, ?5, ?6 + \($0) * ?8, ?7)" }
        return "INSERT OR FAIL INTO feed VALUES \(rows.joined(separator: ", "))"
    }()

    /// The end of the run that begins at a place.
    static func end(of entries: [FeedEntry], from start: Int) -> Int {
        var end = start + 1
        guard end < entries.count, let step = step(from: entries[start], to: entries[end]) else { return end }
        while end < entries.count, Self.step(from: entries[end - 1], to: entries[end]) == step { end += 1 }
        return end
    }

    /// By how much the number grows from one entry to the next of a run: not at all, or by one; nil where they don't belong
    /// to one.
    static func step(from entry: FeedEntry, to next: FeedEntry) -> UInt64? {
        guard case .record(let table, let key) = entry.item, case .record(table, key + 1) = next.item,
            next.area == entry.area, next.sequence == entry.sequence + 1, next.mask == entry.mask,
            next.device == entry.device, next.isExact == entry.isExact, next.number >= entry.number
        else { return nil }
        let step = next.number - entry.number
        return step <= 1 ? step : nil
    }
}
