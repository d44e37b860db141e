import SyncCore

/// What lies ahead in a stretch of an area's feed: which entries a later one covers, and what that one must say for them.
///
/// Made in one pass from the end of the stretch; kept between the pages of a device, and for others that begin where it did.
struct FeedOutlook {
    /// Keys up to this one are looked up in a list by key, as they are given in turn; rarer ones in a dictionary.
    private static let largestListedKey: Int64 = 1 << 24

    /// What an entry says for the earlier ones that it covers.
    private struct Cover {
        let sequence: UInt64
        var mask: FieldMask
    }

    let stretch: FeedStretch
    /// The mark of the end of the stretch, which another history has not.
    private let mark: UInt64
    /// One bit for each sequence of the stretch: whether something is to be read there.
    private var kept: [UInt64]
    /// By descending sequence.
    private var covers: [Cover] = []

    /// - Parameters:
    ///   - mark: that of `stretch.through`.
    ///   - forEachItem: calls its body with the sequence, the table (0 for conflicts), the key and the mask of each entry
    ///     behind `stretch.after` and up to `stretch.through`, the last one first.
    init(
        _ stretch: FeedStretch, mark: UInt64,
        forEachItem: ((UInt64, Int, Int64, FieldMask) throws -> Void) throws -> Void
    ) rethrows {
        self.stretch = stretch
        self.mark = mark
        kept = Array(repeating: 0, count: Int((stretch.through - stretch.after) / 64 + 1))
        var places = Places()
        try forEachItem { sequence, table, key, mask in
            if let place = places.place(table: table, key: key, orAdd: covers.count) {
                covers[place].mask.formUnion(mask)
            } else {
                covers.append(Cover(sequence: sequence, mask: FieldMask(bits: 0)))
                let (word, bit) = position(sequence)
                kept[word] |= bit
            }
        }
        covers.removeAll { $0.mask.bits == 0 }
    }

    /// Whether an entry can be left out, because a later one of the stretch says it.
    func isCovered(_ sequence: UInt64) -> Bool {
        guard sequence > stretch.after, sequence <= stretch.through else { return false }
        let (word, bit) = position(sequence)
        return kept[word] & bit == 0
    }

    /// The fields of the earlier entries of the stretch that this one covers; none where there are none.
    func mask(coveredBy sequence: UInt64) -> FieldMask {
        var (low, high) = (0, covers.count)
        while low < high {
            let middle = (low + high) / 2
            if covers[middle].sequence > sequence { low = middle + 1 } else { high = middle }
        }
        return low < covers.count && covers[low].sequence == sequence ? covers[low].mask : FieldMask(bits: 0)
    }

    /// The next sequence behind one at which something is to be read; the one behind the stretch where there is none.
    func next(after sequence: UInt64) -> UInt64 {
        guard sequence >= stretch.after else { return sequence + 1 }
        guard sequence < stretch.through else { return max(sequence, stretch.through) + 1 }
        var (word, bit) = position(sequence + 1)
        var bits = kept[word] & ~(bit - 1)
        while bits == 0 {
            word += 1
            if word == kept.count { return stretch.through + 1 }
            bits = kept[word]
        }
        bit = UInt64(bits.trailingZeroBitCount)
        return stretch.after + 1 + UInt64(word) * 64 + bit
    }

    private func position(_ sequence: UInt64) -> (word: Int, bit: UInt64) {
        let offset = sequence - stretch.after - 1
        return (Int(offset / 64), 1 << (offset % 64))
    }

    /// Where the items stand that were met: their keys are given in turn, so a list by key is the cheapest.
    private struct Places {
        private var lists: [[Int32]] = []
        private var listOfTable: [Int: Int] = [:]
        private var rare: [FeedEntry.Item: Int] = [:]
        private var last: (table: Int, list: Int)?

        /// The place of an item; nil where it is new, and is given the place from now on.
        mutating func place(table: Int, key: Int64, orAdd place: Int) -> Int? {
            guard key >= 0, key < FeedOutlook.largestListedKey, place < Int32.max else {
                let item = FeedEntry.Item.record(table: table, key: key)
                if let known = rare[item] { return known }
                rare[item] = place
                return nil
            }
            let list = list(of: table)
            let index = Int(key)
            if index >= lists[list].count {
                let count = max(index + 1, lists[list].count * 2, 1_024)
                lists[list].append(contentsOf: repeatElement(-1, count: count - lists[list].count))
            }
            let known = lists[list][index]
            if known >= 0 { return Int(known) }
            lists[list][index] = Int32(place)
            return nil
        }

        private mutating func list(of table: Int) -> Int {
            if let last, last.table == table { return last.list }
            let list = listOfTable[table] ?? lists.count
            if list == lists.count {
                lists.append([])
                listOfTable[table] = list
            }
            last = (table, list)
            return list
        }
    }
}

extension Hub {
    /// How far a device must be behind the end of a feed, in entries, to be brought there as through a stretch.
    package static let defaultStretchCount: UInt64 = 1_000
    /// How many outlooks are kept.
    private static let largestOutlookCount = 4

    /// What lies ahead of a cursor, where its device is to be brought through a stretch; nil where every entry counts.
    ///
    /// - Parameter open: the stretch that the device is in the middle of.
    func outlook(for cursor: Cursor, in open: FeedStretch?, knowsStretches: Bool) throws -> FeedOutlook? {
        guard knowsStretches else { return nil }
        let head = try store.head(area: cursor.area).sequence
        guard open != nil || head > cursor.sequence && head - cursor.sequence > stretchCount else { return nil }
        let after = open?.after ?? cursor.sequence
        // Whoever has left something out because of an entry must go on knowing of it.
        let least = open?.through ?? cursor.sequence
        if let known = try knownOutlook(area: cursor.area, after: after, through: max(least, cursor.sequence + 1)),
            // One that is old leaves in much that came twice since.
            open != nil || head - known.stretch.through <= stretchCount
        {
            return known
        }
        let stretch = FeedStretch(area: cursor.area, after: after, through: head)
        let mark = try store.mark(area: cursor.area, atOrAfter: head) ?? 0
        let outlook = try FeedOutlook(stretch, mark: mark) {
            try store.forEachItem(area: cursor.area, after: after, through: head, $0)
        }
        outlooks.append(outlook)
        if outlooks.count > Self.largestOutlookCount { outlooks.removeFirst() }
        return outlook
    }

    /// An outlook that was made before, and reaches at least this far, unless the feed is another one since.
    private func knownOutlook(area: Int, after: UInt64, through: UInt64) throws -> FeedOutlook? {
        guard
            let index = outlooks.firstIndex(where: {
                $0.stretch.area == area && $0.stretch.after == after && $0.stretch.through >= through
            })
        else { return nil }
        let known = outlooks.remove(at: index)
        guard try known.isOf(store) else { return nil }
        outlooks.append(known)
        return known
    }
}

extension FeedStretch {
    /// Whether a device that has come to this place is in the middle of it: at its start nothing was left out yet.
    func isOpen(at sequence: UInt64) -> Bool { sequence > after && sequence < through }
}

extension FeedOutlook {
    /// Whether the feed is still the one that was looked at: what was taken back, or restored, has other marks.
    fileprivate func isOf(_ store: any HubStore) throws -> Bool {
        try store.mark(area: stretch.area, atOrAfter: stretch.through) == mark
    }
}
