import SyncCore

/// What a restored server learns from a ledger that a device carries: only what this office signed, in order.
extension Hub {
    /// Whether all entries bear this office's signature, and each follows the one before it.
    func isSignedHere(_ entries: [LedgerEntry]) throws -> Bool {
        guard let signer else { return false }
        for (index, entry) in entries.enumerated() {
            // Ed25519 gives the same signature each time, so that signing again is checking.
            guard try signer.sign(entry.signedBytes) == entry.signature else { return false }
            if index > 0, !entry.follows(entries[index - 1], hash: hash) { return false }
        }
        return true
    }

    /// Whether a ledger that was kept elsewhere is this office's, signed line by line, and says what this server does not
    /// know.
    package func lacks(_ entries: [LedgerEntry]) throws -> Bool {
        guard try isSignedHere(entries) else { return false }
        let known = try store.readTransaction {
            Set(try store.ledgerEntries(after: 0, limit: .max).map(LedgerStatement.init))
        }
        return entries.contains { !known.contains(LedgerStatement($0)) }
    }

    /// Does what entries say that this server lacks, and writes them down here with their own times.
    ///
    /// - Parameter names: the directory of the device that brought them: a ledger names nobody.
    /// - Throws: `HubError.ledgerRefused` for a ledger of another office, `HubError.numberTaken` where this server has
    ///   given a number to somebody else since; nothing is changed by either.
    func learn(_ entries: [LedgerEntry], names: Directory?) throws {
        guard try isSignedHere(entries) else { throw HubError.ledgerRefused }
        let own = try store.ledgerEntries(after: 0, limit: .max)
        var known = Set(own.map(LedgerStatement.init))
        // What was decided about the same person, or person and area, later, here, stands.
        var decided: [[UInt8]: Int64] = [:]
        for entry in own {
            guard let matter = try Self.matter(of: entry) else { continue }
            decided[matter] = max(decided[matter] ?? .min, entry.time)
        }
        var hasChanged = false
        for entry in entries where known.insert(LedgerStatement(entry)).inserted {
            let isOverruled = try Self.matter(of: entry).map { (decided[$0] ?? .min) > entry.time } ?? false
            if !isOverruled { try carryOut(entry, names: names) }
            try append(kind: entry.kind, payload: entry.payload, time: entry.time)
            hasChanged = true
        }
        if let names, try fillIn(names) { hasChanged = true }
        guard hasChanged else { return }
        try store.setCounter(.directoryVersion, try store.counter(.directoryVersion) + 1)
    }

    /// What an entry decides that a later one may decide otherwise: an area for a person, or their role; nil for what
    /// stands for good.
    private static func matter(of entry: LedgerEntry) throws -> [UInt8]? {
        switch LedgerEntry.Kind(rawValue: entry.kind) {
        case .grant, .take: [0] + entry.payload
        case .role: [1] + subject(UInt64(try LedgerContent.RoleChange(decoding: entry.payload).person))
        default: nil
        }
    }

    private func carryOut(_ entry: LedgerEntry, names: Directory?) throws {
        switch LedgerEntry.Kind(rawValue: entry.kind) {
        case .enrolment: try enrol(try LedgerContent.Enrolment(decoding: entry.payload), names: names)
        case .grant, .take:
            let grant = try LedgerContent.Grant(decoding: entry.payload)
            guard let person = try store.device(grant.person)?.person,
                try store.areas().contains(where: { $0.number == grant.area })
            else { return }
            if entry.kind == LedgerEntry.Kind.grant.rawValue {
                try store.grant(grant.area, toPerson: person)
            } else {
                try store.revokeGrant(grant.area, fromPerson: person)
            }
        case .role:
            let change = try LedgerContent.RoleChange(decoding: entry.payload)
            if let person = try store.device(change.person)?.person {
                try store.set(role: change.role, ofPerson: person)
            }
        case .revocation:
            let device = try LedgerContent.Revocation(decoding: entry.payload).device
            if try store.device(device) != nil { try store.setRevoked(device: device) }
        case .area: try makeArea(try LedgerContent.MadeArea(decoding: entry.payload), names: names)
        case .erasure: try carryOut(ErasureOrder(decoding: entry.payload))
        case .deviceKey:
            let key = try LedgerContent.DeviceKey(decoding: entry.payload)
            if try store.device(key.device) != nil, try store.deviceKey(ofDevice: key.device) == nil {
                try store.setDeviceKey(key.publicKey, ofDevice: key.device)
            }
        case .wipe, .serverKey, nil: break
        }
    }

    private func enrol(_ enrolment: LedgerContent.Enrolment, names: Directory?) throws {
        if try store.device(enrolment.device) != nil {
            guard try store.tokenHash(ofDevice: enrolment.device) ?? [] == enrolment.tokenHash else {
                throw HubError.numberTaken
            }
            return
        }
        let named = names?.devices.first { $0.number == enrolment.device }
        let person = try person(of: enrolment, calledHere: named?.person)
        try store.addDevice(
            DeviceRecord(
                number: enrolment.device, name: named?.name ?? Self.unnamed(device: enrolment.device), person: person,
                role: enrolment.role),
            tokenHash: try isFree(enrolment.tokenHash) ? enrolment.tokenHash : nil)
    }

    /// A token that a copied database asked for twice, before and after the loss, belongs to the number that it got last.
    private func isFree(_ tokenHash: [UInt8]) throws -> Bool {
        try !tokenHash.isEmpty && !store.isKnown(tokenHash: tokenHash)
    }

    /// Whose a device is: the ledger says so, by the number of the person's first device. The directory, which nobody
    /// signed, only gives a name to somebody who is not known yet.
    private func person(of enrolment: LedgerContent.Enrolment, calledHere name: String?) throws -> String {
        if let first = try store.device(enrolment.person),
            try first.role == enrolment.role || hasChangedRole(enrolment.person)
        {
            return first.person
        }
        let wish = name ?? Self.unnamed(person: enrolment.person)
        var person = wish
        while try store.role(ofPerson: person) != nil { person = "\(person) (device \(enrolment.device))" }
        try store.addPerson(person, role: enrolment.role)
        return person
    }

    /// What devices and people are called here that no directory has named yet: not every device knows every name.
    private static func unnamed(device: UInt32) -> String { "device \(device)" }
    private static func unnamed(person: UInt32) -> String { "person \(person)" }

    /// Gives names to those that have none here; a name that somebody has stays theirs.
    private func fillIn(_ names: Directory) throws -> Bool {
        var hasChanged = false
        for named in names.devices {
            guard let device = try store.device(named.number) else { continue }
            if device.name == Self.unnamed(device: device.number), named.name != device.name {
                try store.rename(device: device.number, to: named.name)
                hasChanged = true
            }
            if device.person == Self.unnamed(person: device.number), try store.role(ofPerson: named.person) == nil {
                try store.rename(person: device.person, to: named.person)
                hasChanged = true
            }
        }
        return hasChanged
    }

    /// Whether the ledger gave the person of a first device another role at some time: what they are now need not be what
    /// they were when a device was let in.
    private func hasChangedRole(_ first: UInt32) throws -> Bool {
        try store.ledgerEntries(ofKind: LedgerEntry.Kind.role.rawValue).contains {
            try LedgerContent.RoleChange(decoding: $0.payload).person == first
        }
    }

    private func makeArea(_ made: LedgerContent.MadeArea, names: Directory?) throws {
        let areas = try store.areas()
        let named = names?.areas.first { $0.number == made.number }?.name
        if let area = areas.first(where: { $0.number == made.number }) {
            guard area.twinOf == made.twinOf, named == nil || named == area.name else { throw HubError.numberTaken }
            return
        }
        var name = named ?? areas.first { $0.number == made.twinOf }.map { $0.name + Area.twinSuffix }
        name = name ?? "area \(made.number)"
        if let taken = name, areas.contains(where: { $0.name == taken }) { name = "\(taken), area \(made.number)" }
        try store.addArea(Area(number: made.number, name: name ?? "area \(made.number)", twinOf: made.twinOf))
    }
}

/// What an entry says, wherever in a ledger it stands.
struct LedgerStatement: Hashable {
    let kind: Int
    let time: Int64
    let payload: [UInt8]

    init(_ entry: LedgerEntry) {
        kind = entry.kind
        time = entry.time
        payload = entry.payload
    }
}
