import SyncCore

/// Backups, as far as the hub has to do with them.
extension Hub {
    /// When the last backup was finished, in milliseconds since 1970; nil where there never was one.
    package func lastBackup() throws -> Int64? {
        let time = try store.readTransaction { try store.counter(.lastBackup) }
        return time == 0 ? nil : Int64(clamping: time)
    }

    /// Notes that a backup was finished.
    ///
    /// - Parameter milliseconds: since 1970.
    package func noteBackup(at milliseconds: Int64) throws {
        try store.transaction {
            try store.setCounter(.lastBackup, UInt64(clamping: milliseconds))
            try audit(.backup)
        }
    }

    /// Takes note of the backup that this store was put back from: it was made after what the store itself knows of backups.
    ///
    /// - Parameter milliseconds: when it was made, since 1970.
    package func noteRestored(from milliseconds: Int64) throws {
        try store.transaction {
            let known = try store.counter(.lastBackup)
            try store.setCounter(.lastBackup, max(known, UInt64(clamping: milliseconds)))
        }
    }

    /// Begins a new history, for this store was put back from a backup: every device will be told, and hands over what
    /// it holds. First everything is done again that the ledger says: who was shut out since stays out, what was erased
    /// since is erased.
    ///
    /// - Parameters:
    ///   - ledger: what was kept of it outside the backup; entries that are known here too do no harm.
    ///   - names: the names of the people and devices that it speaks of, where they are known.
    /// - Throws: `HubError.ledgerRefused` for a ledger of another office; then nothing is changed.
    package func beginRestored(ledger: [LedgerEntry], names: Directory?) throws {
        try store.transaction {
            try beginHealing()
            if !ledger.isEmpty { try learn(ledger, names: names) }
        }
    }
}
