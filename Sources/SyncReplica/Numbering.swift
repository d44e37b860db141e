import Database
import RecordStorage
import SyncCore

/// The new numbers of the groups that are left in the outbox.
struct Numbering {
    let replica: Replica
    let former: UInt32
    /// By the old ones.
    let numbers: [Int64: Int64]
    private let bases: OwnBases
    var last: Int64 { Int64(numbers.count) }

    init(_ replica: Replica, former: UInt32) throws {
        self.replica = replica
        self.former = former
        var numbers: [Int64: Int64] = [:]
        for number in try replica.outbox.numbers().sorted() { numbers[number] = Int64(numbers.count) + 1 }
        self.numbers = numbers
        bases = OwnBases(replica: replica, device: former) { numbers[$0] }
    }

    func renumberOutbox() throws {
        let outbox = replica.outbox
        // A new number is never greater than its old one, so in this order none is in use.
        for (old, new) in numbers.sorted(by: { $0.key < $1.key }) {
            for var entry in try outbox.entries(in: old...old) {
                // While it is there under its old number: what the server has of the record is found by it.
                let isTaken = try isTaken(old)
                if isTaken || !entry.detail.isEmpty, let change = try content(of: entry) {
                    let rebased =
                        try isTaken && change.creation != nil
                        ? seenItself(change, old, of: entry.row) : rebased(change, of: entry.row)
                    entry.detail = ChangeGroup(number: UInt64(clamping: new), changes: [rebased]).encoded()
                }
                try outbox.remove(old, entry.row)
                entry.group = new
                entry.previous = entry.previous.flatMap { numbers[$0] }
                try outbox.insert(entry)
                if try replica.records.touchedBy(table: entry.row.table, key: entry.row.key) == old {
                    try replica.records.setPending(new, table: entry.row.table, key: entry.row.key)
                }
            }
            try replica.database.run(
                "UPDATE outbox_group SET number = ?, state = 0, reason = NULL WHERE number = ?", .integer(new),
                .integer(old))
        }
    }

    private func content(of entry: Outbox.Entry) throws -> Change? {
        if !entry.detail.isEmpty { return try ChangeGroup(decoding: entry.detail).changes.first }
        let state = try replica.records.load(table: entry.row.table, key: entry.row.key)
        return try state.map { try replica.change(in: entry, state: $0) }
    }

    /// Whether the office has taken a group under its former number, and it only waits for its rows here, or for later work on a
    /// record that who made it may not read.
    private func isTaken(_ number: Int64) throws -> Bool {
        let state = try replica.outbox.state(of: number)
        return state == .receipted || state == .partly
    }

    /// The making of a record that the office has: it comes once more, and has seen itself.
    private func seenItself(_ making: Change, _ number: Int64, of row: RowKey) throws -> Change {
        var making = try settled(making, of: row)
        for index in making.fields.indices {
            let proposed = making.fields[index].time
            let time = try replica.kept.correction(group: number, proposed: proposed) ?? proposed
            making.fields[index].base = .stamp(Stamp(time: time, device: former))
        }
        return making
    }

    /// What else names groups: decisions, in-between values, held work.
    func renumberOthers() throws {
        let database = replica.database
        for (old, new) in numbers.sorted(by: { $0.key < $1.key }) {
            try database.run("UPDATE conflict SET decided_in = ? WHERE decided_in = ?", .integer(new), .integer(old))
            try database.run(
                "UPDATE OR REPLACE held_cover SET group_number = ? WHERE group_number = ?", .integer(new),
                .integer(old))
        }
        try bases.renumberHistory()
        try database.run("DELETE FROM withdrawal")
        try database.run("DELETE FROM held_standing")
        try replica.moveUntold(by: replica.heldLog.move())
        try database.run("UPDATE returned_group SET replacement = NULL")
    }

    // MARK: Bases

    private func rebased(_ change: Change, of row: RowKey) throws -> Change {
        var change = try settled(change, of: row)
        for index in change.fields.indices {
            let field = change.fields[index]
            let base = field.base
            // What was written over a value that is still here, or over a later one, has seen the shared one through it.
            if case .own = base { continue }
            guard let shared = try sharedVersion(before: field, of: row) else { continue }
            if case .stamp(let seen) = base, seen > shared { continue }
            change.fields[index].base = .stamp(shared)
        }
        return change
    }

    /// A change with its bases as the server knows them: what was settled under a number, and did not come as it was sent, is named
    /// by the creation.
    ///
    /// The other copy has sent it under other times, where this one has written the same words anew. A time that the server never
    /// gave would pass for all that this device had written before it.
    private func settled(_ change: Change, of row: RowKey) throws -> Change {
        let versions = try replica.localHistory.versions(row).filter { $0.kind == .acknowledged }.map(\.version)
        let acknowledged = try replica.work(on: row).acknowledged
        func settled(_ base: Base, _ field: Int) throws -> Base {
            let named = try bases.rebased(base)
            guard case .own = base, case .stamp(let stamp) = named, let acknowledged else { return named }
            let current = field == Field.existence ? acknowledged.existence?.stamp : acknowledged.field(field).stamp
            if stamp == current || stamp == acknowledged.created { return named }
            if versions.contains(where: { $0.number == field && $0.stamp == stamp }) { return named }
            return field != Field.existence && stamp > acknowledged.created ? .stamp(acknowledged.created) : .none
        }
        var change = change
        for index in change.fields.indices {
            change.fields[index].base = try settled(change.fields[index].base, change.fields[index].field)
        }
        guard var existence = change.existence else { return change }
        existence.base = try settled(existence.base, Field.existence)
        for index in existence.seen.indices {
            existence.seen[index].base = try settled(existence.seen[index].base, existence.seen[index].field)
        }
        change.existence = existence
        return change
    }

    /// A value that waited when the copy was made, and that was edited again here before it was sent: the other copy may
    /// have sent it. Then whoever wrote the later one has seen it.
    private func sharedVersion(before field: FieldChange, of row: RowKey) throws -> Stamp? {
        let versions = try replica.localHistory.versions(row).filter { $0.version.number == field.field }
        let replaced = versions.filter {
            $0.kind != .acknowledged && $0.version.stamp.device == former && $0.version.stamp.time < field.time
        }
        if replaced.isEmpty { return nil }
        var acknowledged = versions.filter { $0.kind == .acknowledged }.map(\.version)
        if let state = try replica.work(on: row).acknowledged { acknowledged.append(state.field(field.field)) }
        for (version, _) in replaced.sorted(by: { $0.version.stamp > $1.version.stamp }) {
            let times = try replica.kept.finals(proposed: version.stamp.time) + [version.stamp.time]
            let found = acknowledged.first {
                $0.value == version.value && $0.stamp.device == former && times.contains($0.stamp.time)
            }
            if let found { return found.stamp }
        }
        return nil
    }
}
