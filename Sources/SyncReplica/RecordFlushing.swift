import Database
import RecordStorage
import SyncCore

/// Writes what a reply made of a record with own groups: view = acknowledged + remaining own changes, in order.
extension ReplyPass {
    mutating func flush(_ work: RecordWork) throws {
        var work = work
        let isKept = keepWhatNothingReplaces(&work)
        work.coverEarlier()
        var remaining: [RecordWork.Link] = []
        for link in work.links {
            if link.fate == .stays || isKept { remaining.append(link) } else { try drop(link, of: work) }
        }
        try count(work.acknowledgedBefore, work.acknowledged)
        if let before = work.acknowledgedBefore, let next = work.acknowledged {
            try replica.noteReplaced(before, by: next, work.row)
        }
        guard !remaining.isEmpty else { return try showAcknowledged(work) }
        try relink(remaining, of: work)
        var view = work.acknowledged
        for link in remaining where link.fate == .stays {
            overlay.apply(link.change, except: link.covered, to: &view)
            if !link.covered.isEmpty { try replica.heldLog.save(link.covered, of: link.entry.group, work.row) }
        }
        if let view = view ?? hidden(work) { try replica.replaceRow(work.row, work.view, by: view) }
        let newest = remaining.last?.entry.group
        if newest != work.pending {
            try replica.records.setPending(newest, table: work.row.table, key: work.row.key)
        }
        if let acknowledged = work.acknowledged { try replica.shadow.save(acknowledged, work.row) }
    }

    /// A record that the server does not show to this device stands on its own changes: they leave together.
    ///
    /// - Returns: whether they all stay for that reason, also those that will not come into force.
    private func keepWhatNothingReplaces(_ work: inout RecordWork) -> Bool {
        guard work.acknowledged == nil, work.links.contains(where: { $0.fate == .stays }) else { return false }
        for index in work.links.indices where work.links[index].fate != .discarded {
            work.links[index].fate = .stays
        }
        return true
    }

    /// A record whose making will not come into force is shown no more; its row waits for the work that needs it.
    private func hidden(_ work: RecordWork) -> RecordState? {
        guard work.links.contains(where: { $0.fate == .discarded && $0.change.creation != nil }) else { return nil }
        var view = work.view
        view.isLiving = false
        return view
    }

    private mutating func drop(_ link: RecordWork.Link, of work: RecordWork) throws {
        let group = link.entry.group
        try replica.outbox.remove(group, work.row)
        if link.fate != .discarded { try replica.kept.add(link.entry) }
        if !link.covered.isEmpty { try replica.heldLog.removeCover(of: group, work.row) }
        if link.fate == .discarded, work.acknowledged != nil { try keepInBetween(link.change, work.row) }
        dropped.insert(group)
        for decision in link.change.decisions {
            let stamp = Stamp(time: decision.time, device: standing.device)
            let isAsSent = link.fate == .promoted && !toldConflicts.contains(decision.conflict)
            try replica.conflictLog.settle(decision, group: group, acceptedAs: isAsSent ? stamp : nil)
        }
    }

    /// Keeps the values of a change that will not come into force beside the record's other versions.
    private func keepInBetween(_ change: Change, _ row: RowKey) throws {
        for field in change.fields {
            let stamp = Stamp(time: field.time, device: standing.device)
            try replica.localHistory.addInBetween(
                row, FieldState(number: field.field, value: field.value, stamp: stamp), base: field.base)
        }
    }

    /// Nothing of the device's own is left: the row is what the server says.
    private func showAcknowledged(_ work: RecordWork) throws {
        try replica.shadow.remove(work.row)
        guard let acknowledged = work.acknowledged else {
            return try replica.removeRecord(work.row, work.view)
        }
        // The row goes on naming the group that touched it: that it has left the outbox says that nothing waits.
        try replica.replaceRow(work.row, work.view, by: acknowledged)
    }

    /// Closes the gaps that dropped changes left, and keeps values that the row may lose now.
    private func relink(_ remaining: [RecordWork.Link], of work: RecordWork) throws {
        var previous: Int64?
        for link in remaining {
            var entry = link.entry
            let detail =
                entry.detail.isEmpty && work.acknowledged != nil
                ? replica.outboxDetail(link.change, group: entry.group) : entry.detail
            if entry.previous != previous || detail.count != entry.detail.count {
                entry.previous = previous
                entry.detail = detail
                try replica.outbox.insert(entry)
            }
            previous = entry.group
        }
    }
}

extension Replica {
    /// Writes the columns in which one version of a record differs from another.
    func replaceRow(_ row: RowKey, _ old: RecordState, by new: RecordState) throws {
        var changed = FieldMask()
        for field in new.fields where !field.isSameVersion(as: old.field(field.number)) { changed.insert(field.number) }
        for field in old.fields where !field.isSameVersion(as: new.field(field.number)) { changed.insert(field.number) }
        let existence = old.existence?.stamp != new.existence?.stamp || old.isLiving != new.isLiving
        let isMoved = old.created != new.created || old.area != new.area
        guard !changed.isEmpty || existence || isMoved else { return }
        try records.update(new, key: row.key, changed: changed)
        guard isMoved else { return }
        // The server gave the creation another stamp than the device had proposed, or the row was damaged.
        let statement = try database.statement(
            "UPDATE \(sqlName(of: row.table)) SET area = ?, created_time = ?, created_device = ? WHERE record_key = ?")
        try statement.bind(1, Int64(new.area))
        try statement.bind(2, time: new.created.time)
        try statement.bind(3, Int64(new.created.device))
        try statement.bind(4, row.key)
        try statement.run()
    }

    /// Removes a record and all that is kept about it, but for the outbox.
    ///
    /// - Parameter leavesGaps: as for `noteRemoval`.
    func removeRecord(_ row: RowKey, _ state: RecordState, leavesGaps: Bool = true) throws {
        try noteRemoval(leavesGaps: leavesGaps)
        try shadow.remove(row)
        try localHistory.remove(row)
        try kept.remove(row)
        try conflictLog.remove(record: RecordReference(table: row.table, id: state.id))
        try ImportedRows.forget(state.id, in: database)
        try records.delete(table: row.table, key: row.key)
        // Its key is given to another record, which nobody has to confirm.
        try fetches.confirm(row, area: state.area)
        removed.insert(row)
    }

    /// Forgets an area that this device may not read any more; unsent work stays until it is sent.
    func removeArea(_ area: Int) throws {
        try noteRemoval()
        try onAreaLost?()
        for table in schema.tables.map(\.number) + [0] {
            var rows: [(RowKey, RecordState)] = []
            try records.forEach(table: table, where: "area = ?1", integers: [Int64(area)]) { key, state in
                rows.append((RowKey(table: state.table, key: key), state))
                return true
            }
            for (row, state) in rows {
                if try pending(row) == nil {
                    try removeRecord(row, state)
                } else {
                    try shadow.remove(row)
                    try localHistory.remove(row)
                    try kept.remove(row)
                    removed.insert(row)
                }
            }
        }
        try conflictLog.remove(area: area)
        try fetches.remove(area)
        try database.run("DELETE FROM cursor WHERE area = ?", .integer(Int64(area)))
    }

    /// The SQL table of a kind of record, quoted.
    func sqlName(of table: Int) -> String { "\"\(schema.table(table)?.name ?? RecordTables.unknownTable)\"" }
}

extension FieldState {
    fileprivate func isSameVersion(as other: FieldState) -> Bool { value == other.value && stamp == other.stamp }
}
