import SyncCore

/// A page of what a device hands over to a restored server, with about how much room it takes: none may outgrow what a
/// server reads.
struct HandoverPage {
    private(set) var groups: [ChangeGroup] = []
    private(set) var returned: [ReturnedGroup] = []
    private(set) var rows = VouchedRows()
    /// The last group that the page speaks of.
    var through: UInt64
    private var bytes = 0
    private var count = 0

    init(through: UInt64) { self.through = through }

    /// Whether nothing more should be added; what was added last may have passed the limits.
    func isFull(_ count: Int, _ bytes: Int) -> Bool { self.count >= count || self.bytes >= bytes }

    mutating func add(_ group: ChangeGroup) {
        groups.append(group)
        through = group.number
        count += max(1, group.changes.count)
        bytes += group.changes.reduce(ChangeGroup.frameBytes) { $0 + $1.estimatedBytes }
    }

    mutating func add(_ next: ReturnedGroup) {
        returned.append(next)
        through = max(through, next.group.number)
        count += max(1, next.group.changes.count)
        bytes += next.group.changes.reduce(ChangeGroup.frameBytes + (next.why?.utf8.count ?? 0)) {
            $0 + $1.estimatedBytes
        }
    }

    mutating func add(_ record: HandedRecord) {
        let index = place(of: record.area)
        rows.pages[index].records.append(record.update)
        rows.seen += record.seen
        count += 1
        bytes += record.estimatedBytes
    }

    mutating func add(_ conflict: Conflict) {
        let index = place(of: conflict.area)
        rows.pages[index].conflicts.append(conflict)
        count += 1
        bytes += conflict.estimatedBytes
    }

    private mutating func place(of area: Int) -> Int {
        if let index = rows.pages.lastIndex(where: { $0.area == area }) { return index }
        rows.pages.append(FeedPage(area: area, sequence: 0, mark: 0, isComplete: false, digest: nil))
        return rows.pages.endIndex - 1
    }
}

/// A record as the server had it, whole, with the versions that were seen replaced.
struct HandedRecord {
    let area: Int
    let update: RecordUpdate
    var seen: [VouchedRows.Seen]

    /// The record in pieces of about so many bytes of replaced values, usually one. Each piece names all versions, for
    /// the links go from one to the next; each value is in one of them.
    func pieces(limitBytes: Int) -> [HandedRecord] {
        var pieces: [HandedRecord] = []
        var empty = self
        for index in seen.indices { empty.seen[index].value = nil }
        var piece = empty
        var bytes = 0
        for index in seen.indices {
            guard let value = seen[index].value else { continue }
            if bytes > 0, bytes + value.byteCount > limitBytes {
                pieces.append(piece)
                (piece, bytes) = (empty, 0)
            }
            piece.seen[index].value = value
            bytes += value.byteCount
        }
        return pieces + [piece]
    }

    fileprivate var estimatedBytes: Int {
        let replaced = seen.reduce(0) { $0 + 40 + ($1.value?.byteCount ?? 0) }
        return update.fields.reduce(replaced + 64) { $0 + $1.value.byteCount + 24 }
    }
}

extension Conflict {
    fileprivate var estimatedBytes: Int {
        [a.value, b.value, before].compactMap(\.self).reduce(160 + (verdict?.why?.utf8.count ?? 0)) {
            $0 + $1.byteCount
        }
    }
}
