import SyncCore

/// Invitations that somebody can still use.
extension Hub {
    /// Those that nobody has used and that are good now, by person and end.
    package func openInvitations() throws -> [Invitation] {
        try store.readTransaction {
            try Role.allCases.flatMap { try store.unusedInvitations(role: $0) }.filter(isOpen).sorted {
                ($0.person, $0.expiresMilliseconds) < ($1.person, $1.expiresMilliseconds)
            }
        }
    }

    /// How many invitations are good that nobody has used.
    package func openInvitationCount() throws -> Int { try openInvitations().count }

    /// Makes a person's open invitations good for nothing.
    ///
    /// - Returns: how many there were.
    /// - Throws: `HubError.lastAdmin` where the office would have no admin then.
    package func cancelInvitations(ofPerson person: String) throws -> Int {
        try store.transaction {
            let open = try store.unusedInvitations(ofPerson: person).filter(isOpen)
            guard !open.isEmpty else { return 0 }
            for invitation in open {
                try store.setUse(
                    ofInvitation: invitation.secretHash, usedBy: nil, failures: Self.largestInvitationFailures)
            }
            // The first admin may have been shut out because another one was invited.
            let hadNone = try store.devices().allSatisfy { $0.role != .admin || $0.number == DeviceRecord.office }
            if try open.contains(where: { $0.role == .admin }) && !hadNone && !hasAdmin() { throw HubError.lastAdmin }
            try audit(.invitationCancelled, subject: digest(of: person), detail: UInt64(open.count))
            return open.count
        }
    }

    private func isOpen(_ invitation: Invitation) -> Bool {
        clock() < invitation.expiresMilliseconds && invitation.failures < Self.largestInvitationFailures
    }
}
