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
        // The numbers under which the groups of this page stand.
        var places: [UInt64: UInt64] = [:]
        for group in groups {
            guard group.number <= last + 1 else {
                notice = .gap
                break
            }
            if group.number > last {
                guard try deposit(new: group, places) else { break }
                places[group.number] = group.number
            } else if try isKnown(group) {
                places[group.number] = group.number
            } else {
                guard let number = try deposit(moving: group, places) else { break }
                places[group.number] = number
            }
            receipt = group.number
        }
        try finish()
        return try acceptance(notice, receipt: receipt)
    }

    /// Holds a group whose number is free.
    ///
    /// - Returns: false where there is no room for it.
    private func deposit(new group: ChangeGroup, _ places: [UInt64: UInt64]) throws -> Bool {
        guard try mayDeposit(group) else { return false }
        var places = places
        places[group.number] = group.number
        let other = try group.withBases { try base($0, places) }
        guard other != group else {
            try take(group, inPlaceOf: [])
            if try hasVouched() { try settleLinks(of: group) }
            return true
        }
        // What it builds on stands under another number: so it is not known by its own when it is sent again.
        try hold(other, sent: group, likeness: likeness(of: group))
        return true
    }

    /// Holds a group whose number is taken under the next one, once.
    ///
    /// - Returns: the number that it stands under; nil where there is no room for it.
    private func deposit(moving group: ChangeGroup, _ places: [UInt64: UInt64]) throws -> UInt64? {
        let likeness = likeness(of: group)
        if let number = try store.movedGroup(device: device.number, likeness: likeness) { return number }
        guard try mayDeposit(group) else { return nil }
        let number = last + 1
        var places = places
        places[group.number] = number
        var other = try group.withBases { try base($0, places) }
        other.number = number
        try hold(other, sent: group, likeness: likeness)
        return number
    }

    private func hold(_ group: ChangeGroup, sent: ChangeGroup, likeness: UInt128) throws {
        try take(group, inPlaceOf: [], isMoved: true)
        try store.addMovedGroup(
            device: device.number, likeness: likeness, sent: sent.number, number: group.number)
        if try hasVouched() { try settleLinks(of: group) }
    }

    private func likeness(of group: ChangeGroup) -> UInt128 { hub.hash(group.withoutNumbers.encoded()) }

    /// A base under the number that its group stands under here.
    ///
    /// Of a group that came in an earlier page nobody says which copy sent it: two may have sent different work under that
    /// number. A time that one of them has, and that was corrected there, tells which is meant; where none was corrected,
    /// the final stamp is the same under each of the numbers.
    private func base(_ base: Base, _ places: [UInt64: UInt64]) throws -> Base {
        guard case .own(let number, let time) = base else { return base }
        if let place = places[number] { return .own(number: place, time: time) }
        let others = try store.movedGroups(device: device.number, sent: number)
        guard !others.isEmpty else { return base }
        let place = try (others + [number]).first {
            try store.correction(device: device.number, number: $0, proposed: time) != nil
        }
        return .own(number: place ?? number, time: time)
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
    /// What it does, whatever numbers it and its bases have.
    fileprivate var withoutNumbers: ChangeGroup {
        var group = withBases { base in
            guard case .own(_, let time) = base else { return base }
            return .own(number: 0, time: time)
        }
        group.number = 0
        return group
    }

    fileprivate func withBases(_ body: (Base) throws -> Base) rethrows -> ChangeGroup {
        ChangeGroup(number: number, changes: try changes.map { try $0.withBases(body) })
    }
}

extension Change {
    fileprivate func withBases(_ body: (Base) throws -> Base) rethrows -> Change {
        var change = self
        for index in change.fields.indices { change.fields[index].base = try body(change.fields[index].base) }
        if var existence = change.existence {
            existence.base = try body(existence.base)
            for index in existence.seen.indices {
                existence.seen[index].base = try body(existence.seen[index].base)
            }
            change.existence = existence
        }
        return change
    }
}
