import SyncCore

/// What a device hands in that was shut out: all of it is held for checking, and nothing is left out.
extension Push {
    /// Holds groups, each under its own number where that is free, else under the next one.
    ///
    /// A number is taken where another copy of the device's database handed in something else under it, and where a
    /// restored server left it out because what had come under it was lost. Nobody can agree on a new identity with a device
    /// that is shut out, so its work comes in under another number, rather than not at all.
    func deposit(_ groups: [ChangeGroup]) throws -> Acceptance {
        // What it handed in before a restore it can't bring back: those numbers stay empty.
        if let first = groups.first?.number, first <= last + Self.largestGap { skip(to: first) }
        var notice = SyncReply.Notice.none
        var refused: UInt64?
        // The numbers of this page that stand under others.
        var moved: [UInt64: UInt64] = [:]
        for group in groups {
            if group.number <= last, try isHere(group) { continue }
            guard group.number <= last + 1 else {
                notice = .gap
                break
            }
            guard try mayDeposit(group) else {
                refused = group.number
                break
            }
            var taken = group
            if group.number <= last {
                moved[group.number] = last + 1
                taken = group.renumbered(moved)
            }
            try take(taken, inPlaceOf: [])
            if try hasVouched() { try settleLinks(of: taken) }
        }
        try finish()
        return try acceptance(notice, receipt: refused.map { min($0 - 1, last) } ?? last)
    }

    /// Whether a group came in before: under its number, or held under another.
    private func isHere(_ group: ChangeGroup) throws -> Bool {
        if try isKnown(group) { return true }
        let likeness = group.withoutNumbers
        return try store.quarantined(device: device.number).contains {
            try hub.quarantineGroup($0.id).withoutNumbers == likeness
        }
    }

    /// Whether a revoked device's group may come in: its work is taken for checking, up to limits.
    private func mayDeposit(_ group: ChangeGroup) throws -> Bool {
        var size = try deposited ?? store.quarantinedSize(device: device.number)
        size.count += 1
        size.bytes += group.encoded().count
        guard size.count <= Hub.largestDepositCount, size.bytes <= Hub.largestDepositBytes else { return false }
        deposited = size
        return true
    }
}

extension ChangeGroup {
    /// The same work under another number, with what it says of groups that were given others.
    fileprivate func renumbered(_ numbers: [UInt64: UInt64]) -> ChangeGroup {
        let changes = changes.map { change in
            change.withBases { base in
                guard case .own(let number, let time) = base, let new = numbers[number] else { return base }
                return .own(number: new, time: time)
            }
        }
        return ChangeGroup(number: numbers[number] ?? number, changes: changes)
    }

    /// What it does, whatever numbers it and its bases have.
    fileprivate var withoutNumbers: ChangeGroup {
        let changes = changes.map { change in
            change.withBases { base in
                guard case .own(_, let time) = base else { return base }
                return .own(number: 0, time: time)
            }
        }
        return ChangeGroup(number: 0, changes: changes)
    }
}

extension Change {
    fileprivate func withBases(_ body: (Base) -> Base) -> Change {
        var change = self
        for index in change.fields.indices { change.fields[index].base = body(change.fields[index].base) }
        if var existence = change.existence {
            existence.base = body(existence.base)
            for index in existence.seen.indices { existence.seen[index].base = body(existence.seen[index].base) }
            change.existence = existence
        }
        return change
    }
}
