import SyncCore

/// That a server lost a part of its history, and who has brought back what they held.
package struct HealingState: Hashable, Sendable {
    /// When it was noticed, in milliseconds since 1970.
    package var begunMilliseconds: Int64
    /// The identity of the history that was lost in part.
    package var formerEpoch: [UInt8]
    /// The devices that have handed over everything, and when.
    package var reported: [UInt32: Int64]

    package init(begunMilliseconds: Int64, formerEpoch: [UInt8], reported: [UInt32: Int64] = [:]) {
        self.begunMilliseconds = begunMilliseconds
        self.formerEpoch = formerEpoch
        self.reported = reported
    }
}

/// Noticing a restore, and beginning a new history.
extension Hub {
    /// Who has brought back what, while the server is healed; nil where all is well.
    package func healing() throws -> HealingState? { try store.readTransaction { try store.healing() } }

    /// How many versions stand on the word of a device that did not write them.
    package func vouchedCount() throws -> Int { try store.readTransaction { try store.vouchedCount() } }

    /// Whether a request shows that this server has forgotten something: it has to be taken to a transaction, though it
    /// may bring no groups.
    package func showsLostHistory(_ request: SyncRequest, from number: UInt32) throws -> Bool {
        try store.readTransaction {
            guard let device = try store.device(number), !device.isRevoked else { return false }
            return try showsLostHistory(request, of: device) || bringsOlderHistory(request, of: device)
        }
    }

    /// A device of this office, in this history, that has seen what is not here: cursors behind the ends of the feeds or
    /// with other marks, an epoch that this one does not follow, a ledger that goes on where this one ends, receipts that were not given here,
    /// a handover that is not here.
    func showsLostHistory(_ request: SyncRequest, of device: DeviceRecord) throws -> Bool {
        guard signer != nil, !request.isHandingOver, let progress = try request.ledgerProgress(), progress.hasKey,
            let healing = try request.healing()
        else { return false }
        guard try request.epoch == store.epoch() else {
            // A history that this one does not follow came after it: a restore was noticed once, and this is older.
            return try !request.epoch.isEmpty && !store.isFormerEpoch(request.epoch)
        }
        if try healing.receipt > device.lastGroup || lacksReceipted(request, healing.receipt, of: device) {
            return true
        }
        // Who is of this history and was there before it has handed over what it held; here it has not.
        if try isAwaited(device.number) { return true }
        if try !isOurs(progress) { return true }
        return try isOtherHistory(request, of: device)
    }

    /// Begins a new history, in the transaction that is open: every device will be told, and will hand over what it
    /// holds.
    ///
    /// - Parameters:
    ///   - shown: the history of the device that showed the loss, if it is another one: the new history follows that one
    ///     too, so that the next device of it begins no further one.
    ///   - device: the one that showed it; the office where it is the office's own doing.
    func beginHealing(shown: [UInt8]? = nil, by device: UInt32 = DeviceRecord.office) throws {
        guard let former = try store.epoch() else { throw HubError.notCreated }
        try store.addFormerEpoch(former, isLost: false)
        if let shown, !shown.isEmpty, shown != former { try store.addFormerEpoch(shown, isLost: true) }
        try store.setEpoch(newEpoch())
        try store.removeHealingProofs()
        try store.removeHandoverSteps()
        try audit(.restored, by: device)
        try store.setHealing(HealingState(begunMilliseconds: clock(), formerEpoch: former))
        // Versions of the directory that were given once must not come to mean something else.
        let version = try store.counter(.directoryVersion)
        try store.setCounter(.directoryVersion, version + 1 + random() % Self.directoryLeap)
    }

    /// Whether a device may hand over what it holds: the server is healed, and waits for it.
    func isAwaited(_ device: UInt32) throws -> Bool {
        guard let state = try store.healing() else { return false }
        return state.reported[device] == nil
    }

    /// Whether a device that is not waited for comes from before a restore: one that nobody knew any more until it showed
    /// its ledger, or another database under the number of one that has reported.
    func bringsOlderHistory(_ request: SyncRequest, of device: DeviceRecord) throws -> Bool {
        guard signer != nil, !device.isRevoked, try request.ledgerProgress()?.hasKey == true,
            try request.healing() != nil, try request.epoch != epoch, try store.isFormerEpoch(request.epoch)
        else { return false }
        return try !isAwaited(device.number)
    }

    /// Waits for one more device, in the transaction that is open, however long ago all others reported.
    func wait(for device: UInt32, of formerEpoch: [UInt8]) throws {
        var state = try store.healing()
        if state == nil {
            let others = try store.devices().map { ($0.number, clock()) }
            state = HealingState(
                begunMilliseconds: clock(), formerEpoch: formerEpoch,
                reported: Dictionary(others) { first, _ in first })
        }
        state?.reported[device] = nil
        try store.setHealing(state)
    }

    private static var directoryLeap: UInt64 { 1 << 30 }

    private func newEpoch() -> [UInt8] {
        var epoch: [UInt8] = []
        while epoch.count < Self.epochLength { Self.append(random(), to: &epoch) }
        return historyKey?.epoch(random: epoch.prefix(8).reversed().reduce(0) { $0 << 8 | UInt64($1) }) ?? epoch
    }

    /// Notes that a device has handed over everything; once all have, the server is healed.
    func noteReported(_ device: UInt32) throws {
        guard var state = try store.healing() else { return }
        state.reported[device] = clock()
        try store.removeHealingProof(device)
        let missing = try store.devices().contains {
            $0.number != DeviceRecord.office && !$0.isRevoked && state.reported[$0.number] == nil
        }
        try store.setHealing(missing ? state : nil)
    }
}
