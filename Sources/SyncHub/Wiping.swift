import SyncCore

/// What a device said last of itself.
package struct ReportedStanding: Hashable, Sendable {
    package var standing: DeviceStanding
    /// When, in milliseconds since 1970.
    package var milliseconds: Int64

    package init(standing: DeviceStanding, milliseconds: Int64) {
        self.standing = standing
        self.milliseconds = milliseconds
    }
}

/// Orders to a device that was shut out to remove everything that it holds.
extension Hub {
    /// Shuts a device out and orders it to remove everything, once what it had not sent is handed in.
    ///
    /// - Throws: `HubError.deviceUnknown`, `HubError.officeStays`.
    package func orderWipe(of device: UInt32) throws {
        if device == DeviceRecord.office { throw HubError.officeStays }
        if try !store.readTransaction({ try knownDevice(device) }).isRevoked { try revoke(device) }
        try store.transaction {
            guard try wipeOrder(for: device) == nil else { return }
            try order(.wipe, payload: LedgerContent.Revocation(device: device).encoded())
        }
    }

    /// The signed order for a device; nil where there is none. Reads the lines of that kind alone.
    package func wipeOrder(for device: UInt32) throws -> LedgerEntry? {
        try store.ledgerEntries(kind: LedgerEntry.Kind.wipe.rawValue).first { entry in
            // A line that can't be read orders nothing.
            (try? LedgerContent.Revocation(decoding: entry.payload))?.device == device
        }
    }

    /// Notes what a device says of itself; inside a transaction.
    package func note(_ standing: DeviceStanding, of device: UInt32) throws {
        let known = try store.standing(ofDevice: device)
        if known?.standing == standing { return }
        // Whoever is wiped stays so; it can't say anything else.
        if known?.standing.isWiped == true { return }
        try store.setStanding(ReportedStanding(standing: standing, milliseconds: clock()), ofDevice: device)
    }

    /// What a device said last of itself; nil for one that has said nothing.
    package func standing(of device: UInt32) throws -> ReportedStanding? {
        try store.readTransaction { try store.standing(ofDevice: device) }
    }
}
