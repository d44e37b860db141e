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
    /// Copies of it have the same order: all of them have its files.
    /// - Parameters: as those of `revoke`.
    /// - Returns: the devices with an order, the device itself first.
    /// - Throws: `HubError.deviceUnknown`, `HubError.officeStays`, `HubError.lastAdmin`.
    @discardableResult
    package func orderWipe(
        of device: UInt32, isAlone: Bool = false, keepsInvitations: Bool = false
    ) throws -> [UInt32] {
        if device == DeviceRecord.office { throw HubError.officeStays }
        let copies = isAlone ? [] : try copies(of: device)
        let isLive = try store.readTransaction { try ([device] + copies).contains { try !knownDevice($0).isRevoked } }
        if isLive { try revoke(device, isAlone: isAlone, keepsInvitations: keepsInvitations) }
        try store.transaction {
            for number in [device] + copies where try wipeOrder(for: number) == nil {
                try order(.wipe, payload: LedgerContent.Revocation(device: number).encoded())
            }
        }
        return [device] + copies
    }

    /// The signed order for a device; nil where there is none. Reads the lines of that kind alone.
    package func wipeOrder(for device: UInt32) throws -> LedgerEntry? {
        try store.ledgerEntries(ofKind: LedgerEntry.Kind.wipe.rawValue).first { entry in
            // A line that can't be read orders nothing.
            (try? LedgerContent.Revocation(decoding: entry.payload))?.device == device
        }
    }

    /// Notes what a device says of itself; inside a transaction.
    ///
    /// That it has removed everything counts from one that was ordered to, and no longer once it is heard of otherwise. What is
    /// known of its disk stays where it does not know any more: after a loss that is what was asked.
    package func note(_ told: DeviceStanding, of device: UInt32) throws {
        var standing = told
        if standing.isWiped, try wipeOrder(for: device) == nil { standing.isWiped = false }
        let known = try store.standing(ofDevice: device)
        if standing.disk == 0, let disk = known?.standing.disk { standing.disk = disk }
        if known?.standing == standing { return }
        try store.setStanding(ReportedStanding(standing: standing, milliseconds: clock()), ofDevice: device)
    }

    /// What a device said last of itself; nil for one that has said nothing.
    package func standing(of device: UInt32) throws -> ReportedStanding? {
        try store.readTransaction { try store.standing(ofDevice: device) }
    }
}
