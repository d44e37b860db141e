import SyncCore

/// What the pages of one reply may still hold together.
struct PageBudget {
    /// The most records and conflicts in one reply.
    static let largestCount = 1_000
    /// The most feed entries that are read for one reply, those of the device's own groups included.
    static let largestScan = 20_000

    private(set) var count = 0
    private(set) var scanned = 0
    private(set) var bytes: Int

    init(bytes: Int) { self.bytes = bytes }

    /// Whether another item of this size fits; the first one always does.
    func fits(_ size: Int) -> Bool { count == 0 || (count < Self.largestCount && size <= bytes) }

    /// Whether another entry may be read; the first one always may.
    var mayScan: Bool { scanned < Self.largestScan }

    mutating func scan() { scanned += 1 }

    mutating func take(_ size: Int, isNew: Bool = true) {
        bytes -= size
        if isNew { count += 1 }
    }
}

/// Makes the page of one area's feed that follows a cursor.
final class PageBuilder {
    private struct Item {
        var state: RecordState
        var mask: FieldMask
    }

    private struct RecordKey: Hashable {
        var table: Int
        var key: Int64
    }

    private let store: any HubStore
    private var records: RecordsAhead
    private let cursor: Cursor
    private let device: UInt32
    private let lowestOwnGroup: UInt64
    /// From this many entries on that are left out it is cheaper to look for the next one anew.
    private static let shortestLeap: UInt64 = 16

    private let outlook: FeedOutlook?
    /// Whether entries may stand for groups that the device has.
    private let hasOwnGroups: Bool
    private var items: [Item] = []
    private var places: [RecordKey: Int] = [:]
    private var conflicts: [Conflict] = []
    private var conflictKeys: Set<Int64> = []
    private var ownGroups: [UInt64] = []
    /// Up to here the feed has gaps: of a group that is told there as sent, a record may have been deleted later, and collected.
    private var horizon: UInt64 = 0

    /// - Parameters:
    ///   - lowestOwnGroup: from this number on the device has its groups.
    ///   - outlook: of the stretch that the cursor is in; nil where every entry counts.
    ///   - hasOwnGroups: whether there are groups of the device from that number on.
    init(
        store: any HubStore, cursor: Cursor, device: UInt32, lowestOwnGroup: UInt64, outlook: FeedOutlook? = nil,
        hasOwnGroups: Bool = true
    ) {
        self.store = store
        records = RecordsAhead(store: store)
        self.cursor = cursor
        self.device = device
        self.lowestOwnGroup = lowestOwnGroup
        self.outlook = outlook
        self.hasOwnGroups = hasOwnGroups
    }

    /// Reads the feed for as long as the budget lasts.
    ///
    /// - Parameter groups: the device's own groups that are all there is in the feed behind the cursor, where that is known.
    func page(_ budget: inout PageBudget, groups: [UInt64]? = nil) throws -> FeedPage {
        let head = try store.head(area: cursor.area)
        var reached = cursor.sequence
        var rest = budget
        if let groups {
            // Nothing has to be read, so the budget stays.
            ownGroups = groups
            reached = head.sequence
        } else if reached < head.sequence {
            horizon = try store.horizon(area: cursor.area)
            // The last entries may have left the feed.
            if try read(&rest, &reached) { reached = head.sequence }
        }
        budget = rest
        let isComplete = reached >= head.sequence
        return FeedPage(
            area: cursor.area, sequence: reached, mark: try mark(reached), isComplete: isComplete,
            digest: isComplete ? head.digest : nil, asSent: Self.ranges(ownGroups), records: items.map(update),
            conflicts: conflicts)
    }

    /// Reads entries for as long as the budget lasts; returns whether it came to the end of the feed.
    private func read(_ budget: inout PageBudget, _ reached: inout UInt64) throws -> Bool {
        var (rest, last) = (budget, reached)
        defer { (budget, reached) = (rest, last) }
        var (isCut, isLeaping) = (false, false)
        repeat {
            isLeaping = false
            try store.forEachEntry(area: cursor.area, after: last) { entry in
                guard rest.mayScan, try take(entry, &rest) else {
                    isCut = true
                    return false
                }
                rest.scan()
                last = entry.sequence
                guard let next = leap(from: last) else { return true }
                (last, isLeaping) = (next, true)
                return false
            }
        } while isLeaping
        return !isCut
    }

    /// The sequence before the next one at which something is to be read, where that is far and nothing of the device's own
    /// is on the way.
    private func leap(from sequence: UInt64) -> UInt64? {
        guard let outlook, !hasOwnGroups else { return nil }
        let next = outlook.next(after: sequence)
        return next - sequence > Self.shortestLeap ? next - 1 : nil
    }

    private func mark(_ sequence: UInt64) throws -> UInt64 {
        if sequence == cursor.sequence { return cursor.mark }
        return try store.mark(area: cursor.area, atOrAfter: sequence) ?? 0
    }

    /// Adds what an entry speaks of; false where the budget does not allow it.
    private func take(_ entry: FeedEntry, _ budget: inout PageBudget) throws -> Bool {
        let isCovered = outlook?.isCovered(entry.sequence) ?? false
        switch entry.item {
        case .conflict(let key):
            if isCovered || conflictKeys.contains(key) { return true }
            guard let conflict = try store.conflict(key: key) else { return true }
            let size = MessageSize.of(conflict)
            guard budget.fits(size) else { return false }
            budget.take(size)
            conflictKeys.insert(key)
            conflicts.append(conflict)
            return true
        case .record(let table, let key):
            if entry.isExact, entry.device == device, entry.number >= lowestOwnGroup, entry.sequence > horizon {
                if ownGroups.last != entry.number { ownGroups.append(entry.number) }
                // What others wrote before is not in the device's own group.
                guard let others = outlook?.mask(coveredBy: entry.sequence), others.bits != 0 else { return true }
                return try takeRecord(RecordKey(table: table, key: key), mask: others, &budget)
            }
            if isCovered { return true }
            let covered = outlook?.mask(coveredBy: entry.sequence).bits ?? 0
            return try takeRecord(
                RecordKey(table: table, key: key), mask: FieldMask(bits: entry.mask.bits | covered), &budget)
        }
    }

    private func takeRecord(_ key: RecordKey, mask: FieldMask, _ budget: inout PageBudget) throws -> Bool {
        if let place = places[key] {
            let added = FieldMask(bits: mask.bits & ~items[place].mask.bits)
            let size = MessageSize.of(items[place].state, mask: added)
            guard budget.fits(size) else { return false }
            budget.take(size, isNew: false)
            items[place].mask.formUnion(mask)
            return true
        }
        guard let state = try records.record(table: key.table, key: key.key) else { return true }
        var mask = mask
        // A device that has dropped the record long after its deletion must see that it is still deleted.
        if !state.isLiving { mask.insert(Field.existence) }
        let size = MessageSize.ofRecord + MessageSize.of(state, mask: mask)
        guard budget.fits(size) else { return false }
        budget.take(size)
        places[key] = items.count
        items.append(Item(state: state, mask: mask))
        return true
    }

    /// A record with the fields of the mask as they are now; bases stay on the server.
    private func update(_ item: Item) -> RecordUpdate {
        let (state, mask) = (item.state, item.mask)
        let isWhole = mask == .all
        var fields: [FieldState] = []
        if isWhole {
            fields = state.fields
        } else {
            for number in 1...Field.largestNumber where mask.contains(number) { fields.append(state.field(number)) }
        }
        // To change one copies all of them.
        if fields.contains(where: { $0.base != nil }) {
            for index in fields.indices { fields[index].base = nil }
        }
        var existence = isWhole || mask.contains(Field.existence) ? state.existence : nil
        existence?.base = nil
        return RecordUpdate(
            table: state.table, record: state.id, created: state.created, isWhole: isWhole, fields: fields,
            existence: existence, isLiving: state.isLiving)
    }

    /// Numbers as ranges, ascending.
    static func ranges(_ numbers: [UInt64]) -> [ClosedRange<UInt64>] {
        var ranges: [ClosedRange<UInt64>] = []
        for number in numbers.sorted() {
            guard let last = ranges.last, number <= last.upperBound + 1 else {
                ranges.append(number...number)
                continue
            }
            ranges[ranges.count - 1] = last.lowerBound...max(last.upperBound, number)
        }
        return ranges
    }
}

/// Estimates of encoded sizes in bytes; a little too large, never much too small.
enum MessageSize {
    /// Table, id, creation, flags.
    static let ofRecord = 40
    /// Number, head of the value, and a stamp of its own.
    private static let ofField = 24
    /// Number and head of the value.
    private static let ofPlainField = 8
    private static let ofConflict = 96

    static func of(_ state: RecordState, mask: FieldMask) -> Int {
        var size = 0
        for index in state.fields.indices where mask.contains(state.fields[index].number) {
            let isPlain = state.fields[index].stamp == state.created
            size += (isPlain ? ofPlainField : ofField) + state.fields[index].value.byteCount
        }
        if mask.contains(Field.existence), let existence = state.existence {
            size += ofField * (1 + existence.seen.count)
        }
        return size
    }

    static func of(_ conflict: Conflict) -> Int {
        ofConflict + (conflict.a.value?.byteCount ?? 0) + (conflict.b.value?.byteCount ?? 0)
            + conflict.before.byteCount + (conflict.verdict?.why?.utf8.count ?? 0)
    }
}
