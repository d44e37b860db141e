import SyncCore

/// A part of an area's feed: the items whose key leaves the remainder `index` when it is divided by `count`, so that
/// what must be kept in mind has a bound.
struct FeedPart {
    let area: Int
    /// Entries up to this sequence are older than deletions are kept.
    let old: UInt64
    let index: Int64
    let count: Int64

    func contains(_ key: Int64) -> Bool { key % count == index }
}

/// What can leave a part of a feed. Pure.
struct FeedPlan {
    /// Entries that leave together.
    struct Removal {
        enum Reason {
            /// The entry `last` takes over their fields.
            case merged(into: UInt64, mask: FieldMask)
            /// The record was deleted long ago.
            case deleted(table: Int, key: Int64)
            /// A conflict about a record that was deleted.
            case settled
        }

        let area: Int
        let why: Reason
        let sequences: [UInt64]
    }

    private struct Item {
        var last: UInt64
        var mask: FieldMask
        var earlier: [UInt64] = []
        var isDead = false
    }

    private let part: FeedPart
    private var items: [FeedEntry.Item: Item] = [:]

    init(_ part: FeedPart) { self.part = part }

    /// Takes note of an entry; in the order of the feed.
    mutating func add(_ entry: FeedEntry) {
        guard part.contains(entry.item.key) else { return }
        guard var item = items.removeValue(forKey: entry.item) else {
            items[entry.item] = Item(last: entry.sequence, mask: entry.mask)
            return
        }
        item.earlier.append(item.last)
        item.last = entry.sequence
        item.mask.formUnion(entry.mask)
        items[entry.item] = item
    }

    /// Takes note that a record does not live.
    mutating func noteDead(table: Int, key: Int64) { items[.record(table: table, key: key)]?.isDead = true }

    /// What can leave, in the order of the feed.
    ///
    /// - Parameter isSettled: whether the conflict with this key is about a record that does not live.
    func removals(isSettled: (Int64) throws -> Bool) rethrows -> [Removal] {
        var removals: [Removal] = []
        for (entry, item) in items {
            if item.last <= part.old {
                if case .record(let table, let key) = entry, item.isDead {
                    removals.append(
                        Removal(
                            area: part.area, why: .deleted(table: table, key: key),
                            sequences: item.earlier + [item.last]))
                    continue
                }
                if case .conflict(let key) = entry, try isSettled(key) {
                    removals.append(Removal(area: part.area, why: .settled, sequences: item.earlier + [item.last]))
                    continue
                }
            }
            guard !item.earlier.isEmpty else { continue }
            removals.append(
                Removal(area: part.area, why: .merged(into: item.last, mask: item.mask), sequences: item.earlier))
        }
        return removals.sorted { ($0.sequences.first ?? 0) < ($1.sequences.first ?? 0) }
    }

    /// Takes removals of at most so many entries off a plan, at least one.
    static func take(_ count: Int, from plan: inout [Removal]) -> [Removal] {
        var total = 0
        let end = plan.firstIndex { removal in
            total += removal.sequences.count
            return total > count
        }
        let taken = plan.prefix(max(1, end ?? plan.count))
        plan.removeFirst(taken.count)
        return Array(taken)
    }
}

extension FeedEntry.Item {
    fileprivate var key: Int64 {
        switch self {
        case .record(_, let key), .conflict(let key): key
        }
    }
}
