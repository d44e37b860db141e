import SyncCore

/// Shutting devices out.
extension Hub {
    /// Revokes a device: from its next request on it gets no pages and its groups are held.
    ///
    /// Invitations of the same person that nobody has used are void then: whoever is dismissed would come in again with
    /// one. Identities that were given to copies of the device are revoked with it: whoever has its files may have asked
    /// for one.
    /// - Parameters:
    ///   - isAlone: leaves copies as they are.
    ///   - keepsInvitations: for a stolen laptop, whose owner was invited with another one already.
    /// - Returns: what was revoked, the device itself first.
    /// - Throws: `HubError.deviceUnknown`, `HubError.officeStays`, `HubError.lastAdmin`.
    @discardableResult
    package func revoke(
        _ device: UInt32, isAlone: Bool = false, keepsInvitations: Bool = false
    ) throws -> [UInt32] {
        if device == DeviceRecord.office { throw HubError.officeStays }
        return try changeDirectory {
            let person = try knownDevice(device).person
            let copies = isAlone ? [] : try copies(of: device)
            var revoked: [UInt32] = []
            for number in [device] + copies where try number == device || !knownDevice(number).isRevoked {
                try store.setRevoked(device: number)
                try recordRevocation(number)
                revoked.append(number)
            }
            if !keepsInvitations {
                for invitation in try store.unusedInvitations(ofPerson: person) {
                    try store.setUse(
                        ofInvitation: invitation.secretHash, usedBy: nil, failures: Self.largestInvitationFailures)
                }
            }
            if try store.device(device)?.role == .admin, try !hasAdmin() { throw HubError.lastAdmin }
            return revoked
        }
    }

    /// The devices that have the identity of a copy of this one, or of a copy of a copy; by number.
    package func copies(of device: UInt32) throws -> [UInt32] {
        let originals = try store.originals()
        var family: Set<UInt32> = [device]
        // A copy has a greater number than what it was copied from.
        for (copy, original) in originals.sorted(by: { $0.key < $1.key }) where family.contains(original) {
            family.insert(copy)
        }
        return family.subtracting([device]).sorted()
    }

    /// Whether there is an admin, on a device or with an invitation that is still good: an invitation is enough, so that
    /// a stolen laptop of the only admin can be shut out without waiting for anybody.
    func hasAdmin() throws -> Bool {
        let isThere = try store.devices().contains { device in
            device.number != DeviceRecord.office && device.role == .admin && !device.isRevoked
        }
        return try isThere
            || store.unusedInvitations(role: .admin).contains { invitation in
                clock() < invitation.expiresMilliseconds && invitation.failures < Self.largestInvitationFailures
            }
    }
}
