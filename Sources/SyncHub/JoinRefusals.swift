import SyncCore

/// Attempts to join that no invitation can be blamed for.
extension Hub {
    /// Whether an attempt with this secret is to be counted against an invitation: one has it, and is not void yet.
    ///
    /// Whatever else is tried needs no transaction of its own: `noteWrongInvitations` takes many at once.
    package func countsAttempts(secretHash: [UInt8]) throws -> Bool {
        try store.readTransaction {
            guard let invitation = try store.invitation(secretHash: secretHash) else { return false }
            return invitation.failures < Self.largestInvitationFailures
        }
    }

    /// Writes down how often somebody tried to join without an invitation that could still be taken; inside the caller's
    /// transaction.
    package func noteWrongInvitations(_ count: Int) throws {
        try store.setCounter(.joinFailures, try store.counter(.joinFailures) + UInt64(count))
        try audit(.invitationRefused, detail: UInt64(count))
    }
}
