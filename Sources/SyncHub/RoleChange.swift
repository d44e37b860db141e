import SyncCore

/// Another role for somebody who is known.
extension Hub {
    /// Gives a person another role, on all their devices, from their next request on: with their next sync they get or
    /// lose what the role may read, restricted twins included.
    ///
    /// Invitations of the person that nobody has used are void then: they are for the role before.
    ///
    /// - Parameters:
    ///   - areas: the areas that the person has from now on; nil leaves them as they are.
    /// - Throws: `HubError.personUnknown`, `areaUnknown`, `areaIsTwin`, `lastAdmin`.
    package func change(role: Role, ofPerson person: String, areas: Set<Int>? = nil) throws {
        try changeDirectory {
            try checkGrant(person: person, areas: areas ?? [])
            guard person != Self.officePerson, let former = try store.role(ofPerson: person) else {
                throw HubError.personUnknown
            }
            try store.set(role: role, ofPerson: person)
            for invitation in try store.unusedInvitations(ofPerson: person) {
                try store.setUse(
                    ofInvitation: invitation.secretHash, usedBy: nil, failures: Self.largestInvitationFailures)
            }
            if let areas { try set(areas: areas, ofPerson: person) }
            try recordRole(role, ofPerson: person)
            if former == .admin, try !hasAdmin() { throw HubError.lastAdmin }
        }
    }

    private func set(areas: Set<Int>, ofPerson person: String) throws {
        let known = try store.devices().first { $0.person == person }?.areas ?? []
        for area in known.subtracting(areas).sorted() {
            try store.revokeGrant(area, fromPerson: person)
            try recordGrant(.take, person: person, area: area)
        }
        for area in areas.subtracting(known).sorted() {
            try store.grant(area, toPerson: person)
            try recordGrant(.grant, person: person, area: area)
        }
    }
}
