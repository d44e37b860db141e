import SyncCore

/// Announcing the key that the server will show on the line.
extension Hub {
    /// Writes a line that says which key the server will show from some day on; devices hear of it with their next sync. In a
    /// transaction of its own.
    ///
    /// - Parameter pin: SHA-256 of its SubjectPublicKeyInfo: 32 bytes.
    /// - Throws: what signing and the store throw.
    package func announce(serverKey pin: [UInt8]) throws {
        try store.transaction {
            // Of two announcements the later one counts, also where this machine's clock was set back between them.
            let last = ServerKeys(try store.ledgerEntries(ofKind: LedgerEntry.Kind.serverKey.rawValue)).lastTime
            try append(
                kind: LedgerEntry.Kind.serverKey.rawValue, payload: LedgerContent.ServerKey(pin: pin).encoded(),
                time: max(clock(), last.map { $0 &+ 1 } ?? 0))
        }
    }

    /// The line that announced a key last; nil where none ever did.
    package func lastServerKeyLine() throws -> LedgerEntry? {
        try store.readTransaction {
            try store.ledgerEntries(ofKind: LedgerEntry.Kind.serverKey.rawValue).max { $0.time < $1.time }
        }
    }
}
