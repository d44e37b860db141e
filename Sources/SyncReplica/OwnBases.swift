import Database
import SyncCore

/// What own work was written over, where that was own work too and the server may have another copy's under its number: the
/// number where it still counts, else the final stamp.
struct OwnBases {
    let replica: Replica
    /// The device whose work it was.
    let device: UInt32
    /// The number that a group has now; nil for one that is named by its final stamp.
    let number: (Int64) -> Int64?

    /// A value of a group whose number counts keeps its place; of another one it is named by its final stamp.
    func rebased(_ base: Base) throws -> Base {
        guard case .own(let old, let time) = base else { return base }
        if let new = number(Int64(clamping: old)) { return .own(number: UInt64(clamping: new), time: time) }
        let final = try replica.kept.correction(group: Int64(clamping: old), proposed: time) ?? time
        return .stamp(Stamp(time: final, device: device))
    }

    func rebased(_ change: Change) throws -> Change {
        var change = change
        for index in change.fields.indices { change.fields[index].base = try rebased(change.fields[index].base) }
        if var existence = change.existence {
            existence.base = try rebased(existence.base)
            for index in existence.seen.indices { existence.seen[index].base = try rebased(existence.seen[index].base) }
            change.existence = existence
        }
        return change
    }

    func rebased(_ group: ChangeGroup) throws -> ChangeGroup {
        ChangeGroup(number: group.number, changes: try group.changes.map { try rebased($0) })
    }

    /// In-between values too name what they were written over.
    func renumberHistory() throws {
        let database = replica.database
        let statement = try database.statement(
            "SELECT DISTINCT base_group FROM history WHERE base_group NOT NULL ORDER BY 1")
        defer { statement.reset() }
        var groups: [Int64] = []
        while try statement.step() { groups.append(statement.integer(0)) }
        for old in groups {
            if let new = number(old) {
                if new == old { continue }
                try database.run(
                    "UPDATE history SET base_group = ? WHERE base_group = ?", .integer(new), .integer(old))
            } else {
                try database.run(
                    "UPDATE history SET base_group = NULL, base_device = ? WHERE base_group = ?",
                    .integer(Int64(device)), .integer(old))
            }
        }
    }
}

extension Replica {
    /// Bases where a restored server has another copy's work under some numbers.
    func bases(without lost: Set<Int64>) throws -> OwnBases {
        OwnBases(replica: self, device: try standing().device) { lost.contains($0) ? nil : $0 }
    }

    /// Lets what waits here name the final stamps of what it was written over, where the server has something else under the
    /// number of that.
    func rebaseOutbox(without lost: Set<Int64>) throws {
        let bases = try bases(without: lost)
        for entry in try outbox.entries(in: 1...Int64.max) where !entry.detail.isEmpty {
            let group = try ChangeGroup(decoding: entry.detail)
            let rebased = try bases.rebased(group)
            if rebased == group { continue }
            var entry = entry
            entry.detail = rebased.encoded()
            try outbox.insert(entry)
        }
        try bases.renumberHistory()
    }
}
