import RecordStorage
import SyncCore

/// Erasing older versions of some fields of a record that stays.
extension Replica {
    /// Removes every version of the named fields that is older than the order: in the history, in conflicts, in the log
    /// of operations, and in own changes whose writer had not seen the value that the office left.
    ///
    /// - Returns: whether the record is here.
    func trim(_ target: ErasureTarget, before stamp: Stamp) throws -> Bool {
        let reference = RecordReference(table: target.table, id: target.record)
        try heldLog.forget(target.fields, of: reference, unlessSeen: stamp)
        guard let found = try records.row(table: target.table, id: target.record) else { return false }
        let row = RowKey(table: target.table, key: found.key)
        try localHistory.remove(row, fields: target.fields, before: stamp)
        try kept.forget(target.fields, of: row, unlessSeen: stamp)
        for conflict in try conflictLog.about(reference) where target.fields.contains(conflict.field) {
            if conflict.a.stamp < stamp || conflict.b.stamp < stamp { try conflictLog.remove(conflict.id) }
        }
        try operations.forget(target.fields, of: row)
        try ImportedRows.forget(target.record, in: database)
        if try pending(found) != nil { try trimOwnChanges(row, target.fields, before: stamp) }
        return true
    }

    private func trimOwnChanges(_ row: RowKey, _ fields: FieldMask, before stamp: Stamp) throws {
        let work = try work(on: row)
        let overlay = RecordOverlay(device: try standing().device)
        var view = work.acknowledged
        var kept: Set<OwnVersion> = []
        var newest: Int64?
        for link in work.links {
            let change = try trimmed(link, fields, before: stamp, &kept)
            guard let change else {
                try outbox.take(link.entry)
                try heldLog.removeCover(of: link.entry.group, row)
                continue
            }
            if link.fate == .stays { overlay.apply(change, except: link.covered, to: &view) }
            var entry = link.entry
            entry.previous = newest
            if change != link.change {
                entry.detail = outboxDetail(change, group: entry.group)
                try receiptChecks.remove([UInt64(clamping: entry.group)])
            }
            try outbox.insert(entry)
            newest = entry.group
        }
        if let view { try replaceRow(row, work.view, by: view) }
        if newest != work.pending { try records.setPending(newest, table: row.table, key: row.key) }
        if newest == nil { try shadow.remove(row) }
    }

    /// What is left of an own change; nil where that is nothing.
    private func trimmed(
        _ link: RecordWork.Link, _ fields: FieldMask, before stamp: Stamp, _ kept: inout Set<OwnVersion>
    ) throws -> Change? {
        let number = UInt64(clamping: link.entry.group)
        var change = link.change
        change.fields.removeAll { fields.contains($0.field) && !saw($0, stamp, kept) }
        for field in change.fields {
            kept.insert(OwnVersion(field: field.field, group: number, time: field.time))
        }
        change.decisions = try change.decisions.filter { try conflictLog.find($0.conflict) != nil }
        let isEmpty =
            change.creation == nil && change.fields.isEmpty && change.existence == nil && change.decisions.isEmpty
        return isEmpty ? nil : change
    }

    /// Whether the writer of an own value had seen the field as the office left it, as the server finds it too.
    private func saw(_ field: FieldChange, _ stamp: Stamp, _ kept: Set<OwnVersion>) -> Bool {
        switch field.base {
        case .none: false
        case .stamp(let base): base >= stamp
        case .own(let group, let time): kept.contains(OwnVersion(field: field.field, group: group, time: time))
        }
    }
}

extension Change {
    /// Removes the values of some fields, unless they were written after seeing a stamp; whether there were any.
    mutating func forget(_ fields: FieldMask, unlessSeen stamp: Stamp) -> Bool {
        let count = self.fields.count
        self.fields.removeAll { field in
            guard fields.contains(field.field) else { return false }
            if case .stamp(let base) = field.base { return base < stamp }
            return true
        }
        return self.fields.count < count
    }
}

/// One value that this device wrote.
private struct OwnVersion: Hashable {
    let field: Int
    let group: UInt64
    let time: UInt64
}
