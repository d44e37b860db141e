import Database
import RecordStorage
import SyncCore

/// record → change → outbox: writes what a local transaction has gathered.
extension LocalTransaction {
    /// Writes rows and outbox; inside the database's transaction.
    mutating func save() throws {
        guard !edits.isEmpty else { return }
        let size = try size()
        let group = try groupToJoin(size)
        if let (joined, joinedSize) = group {
            try replica.outbox.resizeGroup(joined, size: joinedSize)
            var entries: [Outbox.Entry] = []
            for index in edits.indices { edits[index].key = try save(edits[index], joining: joined, &entries) }
            try replica.outbox.insert(entries)
        } else {
            try replica.outbox.insertGroup(number, size: size)
            try insertNew()
            var entries: [Outbox.Entry] = []
            entries.reserveCapacity(edits.count)
            for index in edits.indices {
                edits[index].key = try save(edits[index], group: number, detail: nil, &entries)
            }
            try replica.outbox.insert(entries)
            standing.lastGroup = number
        }
        try standing.save(to: replica.database)
    }

    // MARK: Size

    private func size() throws -> Outbox.Size {
        var size = Outbox.Size(changes: edits.count, bytes: ChangeGroup.frameBytes)
        for edit in edits { size.bytes += edit.change.estimatedBytes }
        guard size.bytes > ChangeGroup.largestBytes else { return size }
        let group = ChangeGroup(number: UInt64(clamping: number), changes: edits.map(\.change))
        let bytes = group.encoded().count
        guard bytes <= ChangeGroup.largestBytes else { throw ReplicaError.groupTooLarge(bytes: bytes) }
        size.bytes = bytes
        return size
    }

    // MARK: Joining

    /// The earlier group that this work can become part of, with its size after that.
    ///
    /// Safe where only field values change, as they stood a moment ago, and in the newest group alone: the server gives no
    /// group a time before that of the one that it follows, and so would date after this work what was written between, over
    /// what others wrote meanwhile.
    private func groupToJoin(_ size: Outbox.Size) throws -> (Int64, Outbox.Size)? {
        var target: Int64?
        for edit in edits {
            guard edit.change.existence == nil, edit.change.decisions.isEmpty, !edit.isStale else { return nil }
            guard let pending = edit.pending, pending > lastSent else { continue }
            guard target == nil || target == pending else { return nil }
            target = pending
        }
        guard let target, target == standing.lastGroup, var joined = try replica.outbox.size(of: target) else {
            return nil
        }
        // What is being taken back takes nothing new with it.
        guard try !replica.heldLog.isWithdrawn(target) else { return nil }
        var shared = 0
        for edit in edits where edit.pending == target {
            guard let change = try replica.pendingChange(of: edit, in: target) else { return nil }
            guard change.existence == nil, change.decisions.isEmpty else { return nil }
            shared += 1
        }
        joined.changes += size.changes - shared
        joined.bytes += size.bytes
        let fits = joined.changes <= ChangeGroup.largestCount && joined.bytes <= ChangeGroup.largestBytes
        return fits ? (target, joined) : nil
    }

    /// The newest group that may have left the device.
    private var lastSent: Int64 {
        #if PlantedBugs
            if PlantedBug.isChosen(.sentGroupCoalesced) { return standing.receipt }
        #endif
        return standing.frozen
    }

    /// Makes an edit part of a group that has not left the device: first base, last value.
    private func save(
        _ edit: RecordEdit, joining group: Int64, _ entries: inout [Outbox.Entry]
    ) throws -> Int64 {
        guard edit.pending == group, let key = edit.key, let before = edit.before,
            var change = try replica.pendingChange(of: edit, in: group)
        else { return try save(edit, group: group, detail: nil, &entries) }
        let row = RowKey(table: edit.state.table, key: key)
        for field in edit.change.fields {
            if let index = change.fields.firstIndex(where: { $0.field == field.field }) {
                let earlier = change.fields[index]
                let base = change.creation.map { Base.own(number: UInt64(clamping: group), time: $0.time) }
                try replica.localHistory.addInBetween(
                    row, before.field(field.field), base: base == nil ? earlier.base : base)
                change.fields[index].value = field.value
                change.fields[index].time = field.time
            } else {
                var added = field
                // Nobody else can have seen the creation, so nothing was written before.
                if change.creation != nil { added.base = .none }
                let index = change.fields.firstIndex { $0.field > field.field } ?? change.fields.endIndex
                change.fields.insert(added, at: index)
            }
        }
        return try save(edit, group: group, detail: replica.outboxDetail(change, group: group), &entries)
    }

    // MARK: Rows

    /// Writes the records that this work makes, those of each table together.
    private mutating func insertNew() throws {
        var places: [Int: [Int]] = [:]
        for index in edits.indices where edits[index].before == nil {
            places[edits[index].state.table, default: []].append(index)
        }
        for (_, places) in places.sorted(by: { $0.key < $1.key }) {
            let first = try replica.records.insert(places.map { edits[$0].state }, pending: number)
            for (offset, place) in places.enumerated() { edits[place].key = first + Int64(offset) }
        }
    }

    /// Writes an edit, and returns the key of its row.
    ///
    /// - Parameter entries: takes what goes to the outbox; each record is in a group once.
    private func save(
        _ edit: RecordEdit, group: Int64, detail joined: [UInt8]?, _ entries: inout [Outbox.Entry]
    ) throws -> Int64 {
        let table = edit.state.table
        let key: Int64
        if let existing = edit.key, let before = edit.before {
            key = existing
            let row = RowKey(table: table, key: key)
            if edit.pending == nil {
                try replica.shadow.save(before, row)
            } else if let pending = edit.pending, pending != group {
                try replica.keepValues(of: pending, row: row, state: before)
            }
            try replica.records.update(edit.state, key: key, changed: edit.changed)
            if edit.pending != group { try replica.records.setPending(group, table: table, key: key) }
        } else {
            key = try edit.key ?? replica.records.insert(edit.state, pending: group)
        }
        let row = RowKey(table: table, key: key)
        // A joined change keeps its own link; a new one leads to what waited before.
        let previous = edit.pending == group ? try replica.outbox.entry(group, row)?.previous : edit.pending
        let detail = joined ?? (edit.change.isPlainCreation ? [] : replica.outboxDetail(edit.change, group: group))
        entries.append(Outbox.Entry(group: group, row: row, previous: previous, detail: detail))
        for decision in edit.change.decisions { try replica.conflictLog.decide(decision, group: group) }
        return key
    }
}

extension Change {
    /// Whether the row of the record says it all: everything was written at the creation.
    var isPlainCreation: Bool {
        guard let creation, existence == nil, decisions.isEmpty else { return false }
        return fields.allSatisfy { $0.base == .none && $0.time == creation.time && $0.value != .null }
    }

    /// At least as many bytes as the encoded change takes in its group.
    var estimatedBytes: Int {
        // Its head with the id, table, area and time; beside each value its number and head, and what it is based on.
        var bytes = 48
        for field in fields {
            bytes += field.value.byteCount + (field.time == creation?.time ? 2 + field.value.headBytes : 56)
        }
        if let existence { bytes += 40 + 32 * existence.seen.count }
        for decision in decisions { bytes += 48 + (decision.why?.utf8.count ?? 0) }
        return bytes
    }
}

extension Value {
    /// At least as many bytes as stand before the content in the encoded value: type and length.
    fileprivate var headBytes: Int {
        switch byteCount {
        case ..<256: 2
        case ..<65_536: 3
        default: 5
        }
    }
}

extension ChangeGroup {
    /// At least as many bytes as an encoded group takes beside its changes.
    static let frameBytes = 24
}
