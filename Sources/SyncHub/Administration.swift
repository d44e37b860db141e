import SyncCore

/// What the office does with areas, people and devices. Each opens a transaction of its own, and each change raises
/// the version of the directory.
extension Hub {
    // MARK: Areas

    /// All areas with their restricted twins, by number.
    package func areas() throws -> [Area] { try store.areas() }

    /// Adds an area and its restricted twin; returns the number of the area.
    ///
    /// - Throws: `HubError.areaExists`.
    @discardableResult
    package func addArea(_ name: String) throws -> Int {
        try changeDirectory {
            let number = try Self.addArea(name, to: store, skipping: Int(try numbersToSkip(upTo: 2_048)))
            for area in try store.areas() where area.number == number || area.twinOf == number {
                try recordArea(area)
            }
            return number
        }
    }

    /// Gives an area to a person who was invited; its restricted twin comes with it, as the role allows.
    ///
    /// - Throws: `HubError.personUnknown`, `HubError.areaUnknown`, `HubError.areaIsTwin`.
    package func give(person: String, area: Int) throws {
        try changeDirectory {
            try checkGrant(person: person, areas: [area])
            try store.grant(area, toPerson: person)
            try recordGrant(.grant, person: person, area: area)
        }
    }

    /// Takes an area from a person.
    ///
    /// - Throws: `HubError.personUnknown`, `HubError.areaUnknown`, `HubError.areaIsTwin`, `HubError.adminKeepsAreas`.
    package func take(person: String, area: Int) throws {
        try changeDirectory {
            try checkGrant(person: person, areas: [area])
            if try store.role(ofPerson: person) == .admin { throw HubError.adminKeepsAreas }
            try store.revokeGrant(area, fromPerson: person)
            // Or it would come back with the person's next laptop.
            for invitation in try store.unusedInvitations(ofPerson: person) where invitation.areas.contains(area) {
                try store.setAreas(invitation.areas.subtracting([area]), ofInvitation: invitation.secretHash)
            }
            try recordGrant(.take, person: person, area: area)
        }
    }

    func checkGrant(person: String?, areas numbers: Set<Int>) throws {
        if let person, try store.role(ofPerson: person) == nil { throw HubError.personUnknown }
        let areas = try store.areas()
        for number in numbers.sorted() {
            guard let area = areas.first(where: { $0.number == number }) else { throw HubError.areaUnknown(number) }
            if area.twinOf != nil { throw HubError.areaIsTwin(number) }
        }
    }

    // MARK: Joining

    /// Invites a person, or another device of a person.
    ///
    /// - Parameters:
    ///   - expires: in milliseconds since 1970.
    ///   - secretHash: a hash of the secret that the person is given.
    /// - Throws: `HubError.areaUnknown`, `areaIsTwin`, `personHasOtherRole`, `invitationExists`.
    package func invite(
        person: String, role: Role, areas: Set<Int>, expires: Int64, secretHash: [UInt8]
    ) throws {
        try changeDirectory {
            try checkGrant(person: nil, areas: areas)
            if let known = try store.role(ofPerson: person), known != role { throw HubError.personHasOtherRole }
            guard try store.invitation(secretHash: secretHash) == nil else { throw HubError.invitationExists }
            try store.addInvitation(
                Invitation(
                    secretHash: secretHash, person: person, role: role, areas: areas, expiresMilliseconds: expires))
            try audit(.invitation, subject: try digest(of: person), detail: UInt64(role.rawValue))
        }
    }

    /// Whether somebody of this name has joined.
    package func isKnown(person name: String) throws -> Bool {
        try store.readTransaction { try store.role(ofPerson: name) != nil }
    }

    /// How many failed attempts make an invitation void.
    package static let largestInvitationFailures = 5

    /// Adds a device by an invitation, which is used up.
    ///
    /// - Parameters:
    ///   - tokenHash: a hash of the secret that the device shows from now on.
    ///   - deviceKey: what it signs with; nil for one that has no key.
    /// - Returns: the number of the device.
    /// - Throws: `HubError.invitationRefused`; the failure is counted.
    package func join(
        secretHash: [UInt8], deviceName: String, tokenHash: [UInt8], deviceKey: [UInt8]? = nil
    ) throws -> UInt32 {
        let number: UInt32? = try store.transaction {
            guard let invitation = try store.invitation(secretHash: secretHash) else {
                try store.setCounter(.joinFailures, try store.counter(.joinFailures) + 1)
                try audit(.invitationRefused)
                return nil
            }
            let role = try store.role(ofPerson: invitation.person)
            guard invitation.usedBy == nil, clock() < invitation.expiresMilliseconds,
                invitation.failures < Self.largestInvitationFailures, role ?? invitation.role == invitation.role
            else {
                try audit(.invitationRefused, detail: UInt64(invitation.failures + 1))
                try store.setUse(
                    ofInvitation: secretHash, usedBy: invitation.usedBy, failures: invitation.failures + 1)
                return nil
            }
            let number = try admit(invitation, deviceName: deviceName, tokenHash: tokenHash)
            if let deviceKey { try note(deviceKey: deviceKey, of: number) }
            return number
        }
        guard let number else { throw HubError.invitationRefused }
        return number
    }

    private func admit(_ invitation: Invitation, deviceName: String, tokenHash: [UInt8]) throws -> UInt32 {
        if try store.role(ofPerson: invitation.person) == nil {
            try store.addPerson(invitation.person, role: invitation.role)
        }
        for area in invitation.areas.sorted() { try store.grant(area, toPerson: invitation.person) }
        let number = try nextDeviceNumber()
        let device = DeviceRecord(number: number, name: deviceName, person: invitation.person, role: invitation.role)
        try store.addDevice(device, tokenHash: tokenHash)
        try recordEnrolment(device)
        // Who joins now has nothing to bring back.
        try noteReported(number)
        for area in invitation.areas.sorted() {
            try recordGrant(.grant, person: invitation.person, area: area)
        }
        try store.setUse(ofInvitation: invitation.secretHash, usedBy: number, failures: invitation.failures)
        try raiseDirectoryVersion()
        return number
    }

    /// The number of a device that is let in now.
    func nextDeviceNumber() throws -> UInt32 {
        let last = try store.devices().map(\.number).max() ?? DeviceRecord.office
        return last + 1 + UInt32(try numbersToSkip(upTo: 32_768))
    }

    /// How many numbers to leave out before the next one.
    ///
    /// A server that was restored from a copy has forgotten which numbers it gave since, and must not give them again:
    /// what is opened anew therefore leaves out a random count first. One opening gives numbers without gaps.
    private func numbersToSkip(upTo limit: UInt64) throws -> UInt64 {
        let giver = try store.counter(.numberGiver)
        if giver == incarnation { return 0 }
        try store.setCounter(.numberGiver, incarnation)
        let isFirst = try store.devices().count == 1
        return isFirst ? 0 : 1 + random() % limit
    }

    // MARK: Devices

    /// The device that shows this secret, revoked ones included; nil for an unknown one.
    package func authenticate(tokenHash: [UInt8]) throws -> DeviceRecord? {
        try store.readTransaction { try store.device(tokenHash: tokenHash) }
    }

    /// All devices by number, the server itself first.
    package func devices() throws -> [DeviceRecord] { try store.readTransaction { try store.devices() } }

    /// After how long a silence a device is said to sign in: 15 minutes.
    package static let signInGapMilliseconds: Int64 = 900_000

    /// Takes note of when a device was heard of; inside the caller's transaction.
    ///
    /// One that was silent for `signInGapMilliseconds` signs in.
    package func touch(_ device: UInt32, at milliseconds: Int64) throws {
        if let known = try store.device(device), !known.isRevoked,
            milliseconds - (known.seenMilliseconds ?? 0) >= Self.signInGapMilliseconds
        {
            try audit(.signIn, by: device)
        }
        try store.setSeen(ofDevice: device, milliseconds: milliseconds)
    }

    func changeDirectory<T>(_ body: () throws -> T) throws -> T {
        try store.transaction {
            let result = try body()
            try raiseDirectoryVersion()
            return result
        }
    }

    private func raiseDirectoryVersion() throws {
        try store.setCounter(.directoryVersion, try store.counter(.directoryVersion) + 1)
    }
}
