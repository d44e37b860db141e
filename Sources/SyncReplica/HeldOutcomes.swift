import RecordStorage
import SyncCore

/// What a reply says of groups that were held.
extension ReplyPass {
    /// Takes note of outcomes, and of what was taken back and is confirmed now.
    mutating func takeOutcomes(_ reply: SyncReply) throws {
        let told = try reply.heldOutcomes()
        // The server may know of groups that this device does not know to be there, for a reply was lost. They are sent
        // again first: a number that is dropped before its receipt would be waited for in vain.
        let outcomes = Array(told.prefix { $0.number <= reply.receipt })
        let former = outcomes.isEmpty ? 0 : try replica.heldLog.lastToldTime(beforeEpoch: reply.epoch)
        for outcome in outcomes {
            let number = Int64(clamping: outcome.number)
            let state = try replica.outbox.state(of: number)
            if outcome.kind == .accepted { try replica.heldLog.markAccepted(number) }
            // Work that left this device with its area is told too; what was taken back or replaced here is known.
            if try state == nil && replica.heldLog.returned().contains(where: { $0.number == number }) { continue }
            // A restored server begins from the first one again.
            if state == nil && outcome.milliseconds <= former { continue }
            switch outcome.kind {
            case .accepted: applied.accepted.append(outcome.number)
            case .discarded, .withdrawn:
                if outcome.kind == .discarded, state != .dropped { applied.discarded.append(outcome.number) }
                try giveBack(outcome)
            }
        }
        if let last = outcomes.last {
            try replica.heldLog.setLastOutcome(last.id, epoch: reply.epoch)
            try replica.heldLog.noteTold(outcomes.map(\.milliseconds).max() ?? 0, epoch: reply.epoch)
        }
        // The rest comes with the next reply; until then nothing tells a dropped group from an accepted one.
        applied.hasMoreOutcomes = outcomes.count < told.count || told.count == SyncReply.largestOutcomeCount
        try confirmWithdrawals(reply, outcomes)
    }

    private mutating func confirmWithdrawals(_ reply: SyncReply, _ outcomes: [HeldOutcome]) throws {
        if applied.hasMoreOutcomes { return }
        for withdrawal in try replica.heldLog.withdrawals() {
            let isAnswered = withdrawal.number <= reply.receipt && withdrawal.replacement ?? 0 <= reply.receipt
            guard isAnswered, !reply.held.contains(where: { $0.number == withdrawal.number }) else { continue }
            try replica.heldLog.removeWithdrawal(withdrawal.number)
            let isGone = outcomes.contains { $0.number == withdrawal.number && $0.kind != .accepted }
            if withdrawal.replacement == nil, !isGone { applied.takenMeanwhile.append(withdrawal.number) }
        }
    }

    /// Takes a group from the rows that is not to come into force, and keeps its words.
    ///
    /// - Parameter replacement: the group that was sent in its place.
    mutating func giveBack(_ outcome: HeldOutcome, replacement: Int64? = nil) throws {
        let number = Int64(clamping: outcome.number)
        let known = try replica.outbox.state(of: number) == .dropped
        let entries = try replica.outbox.entries(in: number...number)
        if !known {
            let areas = try replica.directoryTable.areasOfOwnWork()
            let withdrawn = try replica.heldLog.withdrawals().first { $0.number == outcome.number }?.replacement
            try replica.heldLog.save(
                HeldLog.Returned(
                    number: number, kind: outcome.kind, reason: outcome.reason, why: outcome.why,
                    milliseconds: outcome.milliseconds, heardMilliseconds: moment,
                    replacement: replacement ?? withdrawn.map { Int64(clamping: $0) },
                    // One that left with its area had a change, whatever is known of it here.
                    changeCount: try max(1, replica.outbox.size(of: number)?.changes ?? entries.count)))
            for entry in entries {
                let found = try replica.records.row(table: entry.row.table, key: entry.row.key)
                guard let state = found?.state,
                    areas.keep(state.area, isOwn: state.created.device == standing.device)
                else { continue }
                try replica.heldLog.save(try replica.change(in: entry, state: state), of: number, area: state.area)
            }
            try replica.outbox.markDropped(number)
            // Should it have come into force meanwhile, its rows must come whole.
            standing.lowestOwn = max(standing.lowestOwn, number + 1)
        }
        droppedGroups = nil
        for entry in entries { try withWork(entry.row) { work in work.mark(number, as: .discarded) } }
        // A group without changes here leaves no row behind.
        dropped.insert(number)
    }

    /// Ends a pass that no reply began.
    mutating func finishLocally() throws {
        for work in works.values { try flush(work) }
        try replica.operations.forget(replica.removed)
        try dropGroups()
        try standing.save(to: replica.database)
    }
}

/// A record's own changes: which of them lie over the row.
extension RecordWork {
    /// Notes which fields of earlier changes that stay were written again by later ones that leave: those of the later
    /// ones are in the server's version, and what was there before them must not hide it.
    mutating func coverEarlier() {
        for index in links.indices where links[index].fate == .stays {
            for later in links[(index + 1)...] where later.fate == .settled || later.fate == .promoted {
                links[index].covered.formUnion(later.change.mask)
            }
        }
    }
}

extension Change {
    /// The fields that it writes, and existence.
    var mask: FieldMask {
        var mask = FieldMask()
        for field in fields { mask.insert(field.field) }
        if existence != nil { mask.insert(Field.existence) }
        return mask
    }
}
