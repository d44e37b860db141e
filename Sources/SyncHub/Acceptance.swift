import RecordStorage
import SyncCore

/// What became of the groups of one push.
package struct Acceptance: Hashable, Sendable {
    package var notice: SyncReply.Notice
    /// Every group of the device up to this number is stored, accepted or held, once the transaction is committed.
    package var receipt: UInt64
    /// All groups of the device that are held now.
    package var held: [HeldGroup]
    /// Whether a final stamp differs from the proposed one.
    package var isClockCorrected: Bool
    /// The largest packed time that the device was given.
    package var highestTime: UInt64
    /// What became of what the device handed over to heal this server.
    package var healing: HealingAnswer?
    /// What is said to a database that was copied.
    package var identity: IdentityAnswer?
    /// What the groups added to feeds.
    var added: [FeedTally] = []

    package init(
        notice: SyncReply.Notice, receipt: UInt64, held: [HeldGroup], isClockCorrected: Bool, highestTime: UInt64
    ) {
        self.notice = notice
        self.receipt = receipt
        self.held = held
        self.isClockCorrected = isClockCorrected
        self.highestTime = highestTime
    }
}

extension Hub {
    /// Takes groups from a device, in order of their numbers, inside a transaction that the caller has opened.
    ///
    /// Each is merged or held as a whole; known ones are dropped. Whatever is thrown, the store stands as before the
    /// call, so that other pushes in the same transaction are not touched.
    /// - Parameters:
    ///   - deviceClock: what the device's clock shows, in milliseconds since 1970; nil for a bundle.
    ///   - withdrawals: held groups that the device takes back, or replaces by one of these.
    ///   - previous: the fingerprint of the group that they follow, where they were sent ahead: behind any other one nothing
    ///     is taken.
    ///   - readings: what `read` said of the groups, so that it need not be worked out here.
    /// - Throws: `HubError.deviceUnknown`, and what the store throws.
    package func accept(
        _ groups: [ChangeGroup], from device: UInt32, deviceClock: Int64?,
        withdrawals: [HeldGroupsRequest.Withdrawal] = [], behind previous: UInt128? = nil,
        readings: GroupReadings? = nil
    ) throws -> Acceptance {
        // Nearly every record that a device makes is new: to look for each of them first would cost as much as to add
        // it. Where one is known, all is taken back and taken again with a look at each.
        var takesNewForNew = true
        // A group that the records here don't let in, for one of them is damaged or has its id in another table that is
        // not known, is held: else it would keep back all that its device sends after it.
        var impossible: [UInt64: HoldReason] = [:]
        // Nor does one that needs too much work; what was done for it is not done for another one at once.
        var end: UInt64?
        while true {
            var tried: Push?
            do {
                return try store.savepoint {
                    let push = try Push(
                        hub: self, device: try knownDevice(device), deviceClock: deviceClock,
                        readings: readings ?? GroupReadings(), takesNewForNew: takesNewForNew, impossible: impossible,
                        end: end)
                    tried = push
                    return try push.take(groups, withdrawals: withdrawals, behind: previous)
                }
            } catch is KnownRecord where takesNewForNew {
                takesNewForNew = false
            } catch let failure as TooMuchEffort {
                guard let number = tried?.taking, impossible[number] == nil else { throw failure }
                impossible[number] = .historyTooLong
                end = number
            } catch let failure where failure is KnownRecord || failure as? RecordStorageError == .damagedRow {
                guard impossible.count < Self.largestImpossibleCount, let number = tried?.taking,
                    impossible[number] == nil
                else { throw failure }
                impossible[number] = .malformed
            }
        }
    }

    /// How many groups of one push are held because the records here don't let them in; with more the push is refused.
    private static var largestImpossibleCount: Int { 16 }

    /// Reads all parts of a request once, so that none that can't be read comes as far as a transaction.
    ///
    /// - Throws: the `CBORError` of the first such part.
    package static func checkParts(of request: SyncRequest) throws(CBORError) {
        _ = try request.stretches()
        _ = try request.seenEnds()
        _ = try request.ledgerProgress()
        _ = try request.healing()
        _ = try request.fetchReport()
        _ = try request.erasureReports()
        _ = try request.wantedToken()
        _ = try request.deviceKey()
        _ = try request.nextToken()
        _ = try request.deviceProof()
        _ = try request.auditHead()
        _ = try request.auditSignature()
        _ = try request.standing()
        _ = try request.heldGroups()
        _ = try request.returnedGroups()
        _ = try request.previousFingerprint()
        _ = try request.openGroups()
        _ = try request.settledGroups()
        _ = try request.handoverProgress()
    }

    /// Takes the groups of a request, unless its cursors belong to another history: then nothing is taken.
    ///
    /// Inside a transaction that the caller has opened; whatever is thrown, the store stands as before the call.
    /// - Parameter readings: what `read` said of its groups, so that it need not be worked out here.
    package func accept(
        _ request: SyncRequest, from device: UInt32, readings: GroupReadings? = nil
    ) throws -> Acceptance {
        try store.savepoint { try take(request, from: try knownDevice(device), readings) }
    }

    private func take(
        _ request: SyncRequest, from record: DeviceRecord, _ readings: GroupReadings?
    ) throws -> Acceptance {
        if let key = try request.deviceKey(), !record.isRevoked { try note(deviceKey: key, of: record.number) }
        if let token = try request.nextToken(), !record.isRevoked {
            try note(nextToken: tokenHash(token), of: record.number)
        }
        if !record.isRevoked, try showsLostHistory(request, of: record) {
            // Looked at before the present history is a former one.
            let isProven = try provesLoss(request, of: record)
            if !isProven { try admitClaim(of: record.number) }
            try beginHealing(shown: request.epoch, by: record.number)
            if !isProven { try audit(.historyClaimed, by: record.number) }
        }
        if !record.isRevoked, try request.epoch == epoch, let step = try request.healing()?.step {
            return try isTaken(step, from: record, behind: request.handoverProgress())
                ? acceptance(
                    of: step, returned: request.returnedGroups(), settled: request.settledGroups(), from: record)
                : otherHistory(record)
        }
        if try bringsOlderHistory(request, of: record) { try wait(for: record.number, of: request.epoch) }
        // Who is shut out can only deposit, and that in any history.
        if try !record.isRevoked && isOtherHistory(request, of: record) {
            if try bringsProof(request, of: record) {
                try store.addHealingProof(record.number)
                try store.addHandoverStep(record.number)
            }
            return try otherHistory(record)
        }
        // Nobody gives an identity to who is shut out; what else they bring is taken as always.
        if !record.isRevoked, let token = try request.wantedToken() {
            return try acceptance(ofCopy: record, token: token)
        }
        // What follows work that is not here would come in behind something else.
        if try !record.isRevoked && !doubted(request, of: record).isEmpty { return try acceptance(.gap, record) }
        let reports = try request.erasureReports()
        if !reports.isEmpty { try take(reports, from: record.number) }
        try take(try request.fetchReport().repairs, from: record)
        let withdrawals = try request.heldGroups()?.withdrawals ?? []
        return try accept(
            request.groups, from: record.number, deviceClock: request.clockMilliseconds, withdrawals: withdrawals,
            behind: request.previousFingerprint(), readings: readings)
    }

    private func otherHistory(_ record: DeviceRecord) throws -> Acceptance { try acceptance(.otherHistory, record) }

    /// What is said where nothing was taken.
    private func acceptance(_ notice: SyncReply.Notice, _ record: DeviceRecord) throws -> Acceptance {
        Acceptance(
            notice: notice, receipt: record.lastGroup, held: try held(device: record.number), isClockCorrected: false,
            highestTime: record.highestTime)
    }

    /// Records and old times are taken from a device that is waited for alone; any other has to begin anew. A ledger is
    /// signed, and that all was handed over may be said twice. Nor is anything taken behind what went before it, and was lost again.
    private func isTaken(
        _ step: HealingRequest.Step, from record: DeviceRecord, behind progress: HandoverProgress
    ) throws -> Bool {
        guard try progress.groups <= record.lastGroup && progress.steps <= store.handoverSteps(record.number) else {
            return false
        }
        return switch step {
        case .ledger, .done: true
        case .groups, .buckets, .rows: try isAwaited(record.number)
        }
    }

    private func acceptance(ofCopy record: DeviceRecord, token: [UInt8]) throws -> Acceptance {
        let number = try identity(of: record, tokenHash: tokenHash(token))
        var acceptance = try acceptance(.none, record)
        acceptance.identity = IdentityAnswer(agreed: record.lastGroup, device: number)
        return acceptance
    }

    private func acceptance(
        of step: HealingRequest.Step, returned: [ReturnedGroup], settled: [UInt64], from record: DeviceRecord
    ) throws -> Acceptance {
        var agreed: UInt64?
        if case .groups(_, let groups, _, _) = step {
            // Held ones that the device takes for known are among them: another copy of its database may have used their numbers.
            let push = try Push(hub: self, device: record, deviceClock: nil)
            agreed = try push.firstDifference(groups).map { $0 - 1 }
        }
        let answer = try heal(step, returned: returned, settled: settled, from: record)
        try store.addHandoverStep(record.number)
        var acceptance = try acceptance(.none, knownDevice(record.number))
        acceptance.healing = answer
        acceptance.identity = agreed.map { IdentityAnswer(agreed: $0) }
        return acceptance
    }

    /// What a device is told of its held groups.
    func held(device: UInt32) throws -> [HeldGroup] {
        try store.quarantined(device: device).map { HeldGroup(number: $0.number, reason: $0.reason.told) }
    }

    /// Whether a request brings nothing that has to be written: no groups, no withdrawals, no word on repairs, no news of
    /// erasures, and no sign of a history that this server has lost.
    package func onlyReads(_ request: SyncRequest, from device: DeviceRecord) throws -> Bool {
        guard request.groups.isEmpty, !device.isRevoked, !request.isHandingOver else { return false }
        if try request.heldGroups()?.withdrawals.isEmpty == false { return false }
        if try request.wantedToken() != nil { return false }
        if try request.deviceKey() != nil, try store.deviceKey(ofDevice: device.number) == nil { return false }
        if let token = try request.nextToken(), try store.changedToken(tokenHash(token))?.device != device.number {
            return false
        }
        guard try request.fetchReport().repairs.isEmpty, try !bringsProof(request, of: device) else {
            return false
        }
        if try areNews(request.erasureReports(), from: device.number) { return false }
        return try !showsLostHistory(request, from: device.number)
    }
}

extension HoldReason {
    /// The reason as a device hears it: the same for what is absent and for what is in an area that is not its own, so
    /// that nobody can ask which records other areas have. The office reads the reason itself.
    var told: HoldReason { self == .recordUnknown ? .areaNotGranted : self }
}
