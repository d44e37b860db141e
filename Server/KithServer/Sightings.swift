import SyncCore

/// What was seen of devices since it was last written down.
struct Sightings: Sendable {
    /// What a device holds of the audit log.
    struct Head: Sendable {
        let head: AuditHead
        /// The office's word that it was told so.
        let signature: [UInt8]?
        /// The history in which it was told.
        let history: [UInt8]
    }

    /// When each was last heard of.
    var seen: [UInt32: Int64] = [:]
    /// What each holds of the audit log.
    var heads: [UInt32: Head] = [:]
    /// What each said of itself.
    var standings: [UInt32: DeviceStanding] = [:]
    /// How far each has the ledger.
    var ledgers: [UInt32: LedgerProgress] = [:]
    /// How often the tokens of devices that are shut out were refused.
    var refusals: [UInt32: Int] = [:]
    var strangers = Strangers()

    var isEmpty: Bool { seen.isEmpty && refusals.isEmpty && strangers.isEmpty }

    /// Both, where what these say is newer; of the audit log the older word stays, for the newer one follows from what
    /// the device was told since.
    func laid(over older: Sightings) -> Sightings {
        Sightings(
            seen: older.seen.merging(seen) { $1 }, heads: heads.merging(older.heads) { $1 },
            standings: older.standings.merging(standings) { $1 }, ledgers: older.ledgers.merging(ledgers) { $1 },
            refusals: older.refusals.merging(refusals, uniquingKeysWith: +),
            strangers: older.strangers.adding(strangers))
    }
}

/// How often somebody whom nobody knows was refused.
struct Strangers: Sendable {
    var tokens = 0
    var invitations = 0

    var isEmpty: Bool { tokens == 0 && invitations == 0 }

    func adding(_ other: Strangers) -> Strangers {
        Strangers(tokens: tokens + other.tokens, invitations: invitations + other.invitations)
    }
}
