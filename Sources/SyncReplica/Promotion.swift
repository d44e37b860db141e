import Database
import RecordStorage
import SyncCore

/// Groups that stand as they were sent: what this device shows of them is the server's version from now on.
extension ReplyPass {
    /// What a page of one area says of a change in a group that stands as sent.
    private enum Promotion {
        /// Nothing: the record belongs to another area, whose own page tells of it.
        case elsewhere
        /// The record is new and nothing else has touched it: its row is the server's version already.
        case untouched
        /// Other own changes lie over it, or it changes a record that was there.
        case touched
    }

    /// Takes it that the area's part of some groups is in force as it was sent.
    mutating func promote(_ groups: ClosedRange<Int64>, area: Int) throws {
        guard works.isEmpty, !replica.knowsErasures, try hasNoShadows() else {
            return try promoteFromOutbox(groups, area: area)
        }
        // The short way, for groups that are known since they were read for sending.
        let (runs, rest) = replica.sent.take(groups, area: area)
        for run in runs where try !promote(run) {
            // Something lies over one of its records.
            if let first = run.entries.first?.group, let last = run.entries.last?.group {
                try promoteFromOutbox(first...last, area: area)
            }
        }
        for groups in rest { try promoteFromOutbox(groups, area: area) }
    }

    private mutating func promoteFromOutbox(_ groups: ClosedRange<Int64>, area: Int) throws {
        var run: [Outbox.Entry] = []
        for entry in try replica.outbox.entries(in: groups) {
            let promotion = try promotion(of: entry, area: area)
            if promotion == .untouched {
                run.append(entry)
                continue
            }
            try settle(run)
            run.removeAll(keepingCapacity: true)
            if promotion == .touched { try promote(entry, area: area) }
        }
        try settle(run)
    }

    /// Ends the wait of new records, if nothing lies over any of them since they were read.
    ///
    /// - Returns: false, and nothing is changed, where something does.
    private mutating func promote(_ run: SentPage.Run) throws -> Bool {
        guard try replica.outbox.removeUntouched(run.entries) else { return false }
        try keep(run.entries)
        digestChange[run.area, default: 0] &+= run.digest
        guard let newlyReceipted else { return true }
        for (entry, id) in zip(run.entries, run.ids) where newlyReceipted.contains(entry.group) {
            applied.made.append(RecordReference(table: entry.row.table, id: id))
        }
        return true
    }

    /// Ends the wait of untouched creations that follow each other in the outbox without a gap.
    private mutating func settle(_ run: [Outbox.Entry]) throws {
        guard let first = run.first, let last = run.last else { return }
        try replica.outbox.remove(from: first, through: last)
        try keep(run)
    }

    /// Notes that creations left the outbox.
    private mutating func keep(_ run: [Outbox.Entry]) throws {
        try replica.kept.add(run)
        var newest: Int64?
        for entry in run where entry.group != newest {
            dropped.insert(entry.group)
            newest = entry.group
        }
    }

    private mutating func promote(_ entry: Outbox.Entry, area: Int) throws {
        let overlay = overlay
        try withWork(entry.row) { work in
            guard work.view.area == area,
                let link = work.links.first(where: { $0.entry.group == entry.group && $0.fate == .stays })
            else { return }
            overlay.promote(link.change, to: &work.acknowledged)
            work.mark(entry.group, as: .promoted)
        }
        try confirm(entry.row, areas: area)
    }

    /// What this page says of an entry; an untouched creation is counted as acknowledged.
    private mutating func promotion(of entry: Outbox.Entry, area: Int) throws -> Promotion {
        guard entry.detail.isEmpty, works[entry.row] == nil,
            let row = try replica.records.row(table: entry.row.table, key: entry.row.key)
        else { return .touched }
        guard row.state.area == area else { return .elsewhere }
        guard row.touchedBy == entry.group, try !hasShadow(entry.row, id: row.state.id) else { return .touched }
        try count(nil, row.state)
        if newlyReceipted?.contains(entry.group) == true {
            applied.acknowledged.append(RecordReference(table: row.state.table, id: row.state.id))
        }
        return .untouched
    }

    private mutating func hasShadow(_ row: RowKey, id: RecordID) throws -> Bool {
        try !hasNoShadows() && replica.shadow.load(row, id: id) != nil
    }

    private mutating func hasNoShadows() throws -> Bool {
        // Shadows are written at the end of the pass alone.
        let hasNone = try isWithoutShadows ?? replica.shadow.isEmpty()
        isWithoutShadows = hasNone
        return hasNone
    }
}
