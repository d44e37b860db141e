import SyncCore

/// What a device hands in that was shut out: all of it is held for checking, and nothing is left out.
extension Push {
    /// Holds groups, each under its own number where that is free, else under the next one.
    ///
    /// A number is taken where another copy of the device's database handed in something else under it, and where a
    /// restored server left it out because what had come under it was lost. Nobody can agree on a new identity with a device
    /// that is shut out, so its work comes in under another number, rather than not at all.
    /// A receipt says no more than the request: the device takes it for its own groups up to that number.
    func deposit(_ groups: [ChangeGroup]) throws -> Acceptance {
        // What it handed in before a restore it can't bring back: those numbers stay empty.
        if let first = groups.first?.number, first <= last + Self.largestGap { skip(to: first) }
        var notice = SyncReply.Notice.none
        var receipt = groups.first.map { $0.number - 1 } ?? last
        // The numbers of this page that stand under others.
        var moved: [UInt64: UInt64] = [:]
        for group in groups {
            guard group.number <= last + 1 else {
                notice = .gap
                break
            }
            if group.number > last {
                guard try mayDeposit(group) else { break }
                try take(group, inPlaceOf: [])
                if try hasVouched() { try settleLinks(of: group) }
            } else if try !isKnown(group) {
                guard try deposit(moving: group, &moved) else { break }
            }
            receipt = group.number
        }
        try finish()
        return try acceptance(notice, receipt: receipt)
    }

    /// Holds a group whose number is taken under the next one, once.
    ///
    /// - Returns: false where there is no room for it.
    private func deposit(moving group: ChangeGroup, _ moved: inout [UInt64: UInt64]) throws -> Bool {
        let likeness = hub.hash(group.withoutNumbers.encoded())
        if let number = try store.movedGroup(device: device.number, likeness: likeness) {
            moved[group.number] = number
            return true
        }
        guard try mayDeposit(group) else { return false }
        moved[group.number] = last + 1
        for number in group.ownBases where moved[number] == nil {
            moved[number] = try store.movedGroup(device: device.number, sent: number)
        }
        let other = group.renumbered(moved)
        try take(other, inPlaceOf: [], isMoved: true)
        try store.addMovedGroup(
            device: device.number, likeness: likeness, sent: group.number, number: other.number)
        if try hasVouched() { try settleLinks(of: other) }
        return true
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
    /// The numbers of the device's own groups that it builds on.
    fileprivate var ownBases: Set<UInt64> {
        var numbers: Set<UInt64> = []
        _ = withBases { base in
            if case .own(let number, _) = base { numbers.insert(number) }
            return base
        }
        return numbers
    }

    /// The same work under another number, with what it says of groups that were given others.
    fileprivate func renumbered(_ numbers: [UInt64: UInt64]) -> ChangeGroup {
        var group = withBases { base in
            guard case .own(let number, let time) = base, let new = numbers[number] else { return base }
            return .own(number: new, time: time)
        }
        group.number = numbers[number] ?? number
        return group
    }

    /// What it does, whatever numbers it and its bases have.
    fileprivate var withoutNumbers: ChangeGroup {
        var group = withBases { base in
            guard case .own(_, let time) = base else { return base }
            return .own(number: 0, time: time)
        }
        group.number = 0
        return group
    }

    private func withBases(_ body: (Base) -> Base) -> ChangeGroup {
        ChangeGroup(number: number, changes: changes.map { $0.withBases(body) })
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
