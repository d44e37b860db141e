import SyncCore

/// What a receipt was for: a server that was put back may have something else under its number, from another copy of the
/// device's database.
extension Hub {
    /// Of the groups that a device still holds and was given a receipt for, those that it has to show: this
    /// server's fingerprint under such a number is another one, or there is none.
    ///
    /// That alone shows no loss, for an order of erasure changes fingerprints too.
    func doubted(_ request: SyncRequest, of device: DeviceRecord) throws -> [UInt64] {
        try request.openGroups().filter { group in
            let known = try store.fingerprint(device: device.number, number: group.number)
            // An erasure took something out of a group that is held, or was.
            let wasHeld =
                try known == Push.notCompared
                && (store.quarantined(device: device.number, number: group.number) != nil
                    || store.heldOutcome(device: device.number, number: group.number) != nil)
            return !wasHeld && known.map { OpenGroup(number: group.number, fingerprint: $0) } != group
        }.map(\.number)
    }

    /// Whether a device shows a group that it was given a receipt for, and that this server does not have.
    ///
    /// No device sends such a group but to show it.
    func lacksReceipted(_ request: SyncRequest, _ receipt: UInt64, of device: DeviceRecord) throws -> Bool {
        let groups = request.groups.prefix { $0.number <= receipt }
        if groups.isEmpty { return false }
        return try Push(hub: self, device: device, deviceClock: nil).firstDifference(Array(groups)) != nil
    }
}
