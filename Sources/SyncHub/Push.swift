import SyncCore

/// One push of a device: the groups that arrived together, and what they changed so far.
final class Push {
    let hub: Hub
    let store: any HubStore
    let device: DeviceRecord
    let check: GroupCheck
    let now: Int64
    var correction: StampCorrection
    var fingerprint: GroupFingerprint
    /// The fingerprints of what was taken, in runs of numbers without a gap.
    private var fingerprints: [(first: UInt64, hashes: [UInt128])] = []
    var last: UInt64
    private var isCorrected = false
    private var highestGiven: UInt64?
    let merging: GroupMerging
    /// How much of a revoked device is held, once it sends something.
    var deposited: (count: Int, bytes: Int)?
    /// What `hasVouched` found; nil before it was asked.
    var knowsVouched: Bool?
    /// Proposed times in this page that stand on somebody's word, and the latest that each may have had before a restore.
    var timesAhead: [(proposed: UInt64, told: UInt64)] = []
    /// Whether this server has had these groups before, nobody knows when.
    var isRepeated = false
    /// Where anything was ever erased: takes it out of what arrives.
    private let erased: ErasureFilter?
    /// Where this device is a copy: knows what it sends once more.
    private let copied: CopiedWords
    private let readings: GroupReadings
    /// Groups that can't be merged with the records here, and are held for these reasons.
    private let impossible: [UInt64: HoldReason]
    /// The last group that is taken; the rest is asked for again.
    private let end: UInt64?
    /// The group that is being taken, and after a failure the one that failed.
    private(set) var taking: UInt64?

    /// - Parameters:
    ///   - readings: what is known of the groups by themselves.
    ///   - takesNewForNew: throws `KnownRecord` where a group makes a record that is there.
    ///   - impossible: why groups are held that an earlier try found not to fit the records here, or too much work, by number.
    ///   - end: the last group that is taken now; nil: as many as there are.
    init(
        hub: Hub, device: DeviceRecord, deviceClock: Int64?, readings: GroupReadings = GroupReadings(),
        takesNewForNew: Bool = false, impossible: [UInt64: HoldReason] = [:], end: UInt64? = nil
    ) throws {
        self.readings = readings
        self.impossible = impossible
        self.end = end
        self.hub = hub
        self.device = device
        store = hub.store
        merging = GroupMerging(hub: hub)
        now = hub.clock()
        let now = now
        correction = StampCorrection(
            offsetMilliseconds: deviceClock.map { Self.difference($0, now) }, nowMilliseconds: now,
            highest: device.highestTime)
        fingerprint = GroupFingerprint(hash: hub.hash)
        erased = try hub.store.hasErasures() ? ErasureFilter(hub: hub) : nil
        copied = try CopiedWords(of: device.number, store: hub.store)
        last = device.lastGroup
        check = GroupCheck(
            form: hub.form, store: store, device: device,
            access: hub.access(of: device, areas: try store.areas()), takesNewForNew: takesNewForNew)
    }

    /// A difference of clocks; one that does not fit is as wrong as the largest that does.
    private static func difference(_ clock: Int64, _ now: Int64) -> Int64 {
        let (difference, overflow) = clock.subtractingReportingOverflow(now)
        return overflow ? (clock < now ? .min : .max) : difference
    }

    /// Whether some versions stand on somebody's word since a restore.
    func hasVouched() throws -> Bool {
        if let known = knowsVouched { return known }
        let has = try store.hasVouched()
        knowsVouched = has
        return has
    }

    private func isNew(_ group: ChangeGroup) -> Bool {
        #if PlantedBugs
            if PlantedBug.isChosen(.dedupeAfterMerge) { return true }
        #endif
        return group.number > last
    }

    /// - Parameters:
    ///   - withdrawals: held groups that the device takes back; not looked at for a revoked one, which can only hand in.
    ///   - previous: the fingerprint of the group that the first one follows, where they were sent ahead.
    func take(
        _ groups: [ChangeGroup], withdrawals: [HeldGroupsRequest.Withdrawal] = [], behind previous: UInt128? = nil
    ) throws -> Acceptance {
        if device.isRevoked { return try deposit(groups) }
        if let previous, try !follows(groups, previous) { return try acceptance(.gap, receipt: last) }
        var notice = SyncReply.Notice.none
        var agreed: UInt64?
        if let number = try firstDifference(groups) {
            notice = .fork
            agreed = number - 1
        } else {
            try noteTimesAhead(groups)
            try tellDecidedAgain(groups)
            for group in groups where isNew(group) {
                #if PlantedBugs
                    if PlantedBug.isChosen(.quarantineBlocks), try !hub.held(device: device.number).isEmpty { break }
                    if PlantedBug.isChosen(.dedupeAfterMerge), group.number <= last {
                        let number = last
                        try take(group, inPlaceOf: [])
                        fingerprints.removeLast()
                        last = number
                        continue
                    }
                #endif
                let isEnd = end.map { last >= $0 } ?? false
                guard group.number == last + 1, !isEnd, merging.effort.steps <= hub.largestEffort else {
                    notice = .gap
                    break
                }
                let replaced = withdrawals.filter { $0.replacement == group.number }
                merging.effort.limit = merging.effort.steps + hub.largestGroupEffort
                try take(
                    group, inPlaceOf: replaced.map(\.number), isTakenBack: isTakenBack(group.number, by: withdrawals))
                merging.effort.limit = nil
                if try hasVouched() { try settleLinks(of: group) }
            }
            // After the groups: what is taken back may have come with them.
            for withdrawal in withdrawals where try isInPlace(withdrawal.replacement) {
                try withdraw(withdrawal.number)
            }
        }
        try finish()
        var acceptance = try acceptance(notice, receipt: last)
        acceptance.identity = agreed.map { IdentityAnswer(agreed: $0) }
        acceptance.added = merging.added
        return acceptance
    }

    func acceptance(_ notice: SyncReply.Notice, receipt: UInt64) throws -> Acceptance {
        Acceptance(
            notice: notice, receipt: receipt, held: try hub.held(device: device.number), isClockCorrected: isCorrected,
            highestTime: correction.highest)
    }

    /// Whether what came in under the number before the first of these groups is what the device means.
    ///
    /// Of a group that did not come in as a whole this is not known: then the device sends them once more when it has the
    /// reply to that one, and they come in.
    private func follows(_ groups: [ChangeGroup], _ fingerprint: UInt128) throws -> Bool {
        guard let first = groups.first?.number, first > 1, first - 1 <= last else { return true }
        return try store.fingerprint(device: device.number, number: first - 1) == fingerprint
    }

    /// The first known number that came with other content: looked at before anything is taken.
    func firstDifference(_ groups: [ChangeGroup]) throws -> UInt64? {
        try groups.first { try $0.number <= last && !isKnown($0) }?.number
    }

    /// Whether a group came in under its number before, or what of it may come in.
    func isKnown(_ group: ChangeGroup) throws -> Bool {
        let known = try store.fingerprint(device: device.number, number: group.number)
        if known == fingerprint(of: group) { return true }
        guard let left = try erased?.rest(of: copied.withKnownBases(group), from: device.number) else { return false }
        if known == fingerprint.of(left) { return true }
        let rest = try copied.rest(of: left).group
        // An erasure left nothing of it; which fingerprint that was is not known where its place has left the feed.
        if rest.changes.isEmpty { return true }
        if known == Self.notCompared {
            if let held = try heldGroup(group.number) {
                return try fingerprint.of(hub.quarantineGroup(held.id)) == fingerprint.of(rest)
            }
            // Of what the office did not take no words are kept; what it took is among the records.
            let outcome = try store.heldOutcome(device: device.number, number: group.number)
            if let outcome, outcome.kind != .accepted {
                return try outcome.reason == .malformed || hub.isLinked(rest, from: device.number)
            }
        }
        return try hub.isKnown(rest, from: device.number)
    }

    /// What orders of erasure leave of a group.
    func withoutErased(_ group: ChangeGroup) throws -> ChangeGroup {
        try erased?.rest(of: group, from: device.number) ?? group
    }

    private func fingerprint(of group: ChangeGroup) -> UInt128 {
        readings[group.number]?.fingerprint ?? fingerprint.of(group)
    }

    /// The fingerprint of a group of which something was erased: a hash of what is gone would tell of it.
    static let notCompared: UInt128 = 0

    /// - Parameters:
    ///   - isTakenBack: whether it is taken back in the same request.
    ///   - given: final times that this device was given before, by the proposed ones; nil for a new group.
    ///   - isMoved: whether it stands under another number than its own, so that nothing is known of it by its number.
    func take(
        _ sent: ChangeGroup, inPlaceOf replaced: [UInt64], isTakenBack: Bool = false, given: [UInt64: UInt64]? = nil,
        isMoved: Bool = false
    ) throws {
        taking = sent.number
        // What heals a server writes versions by other ways.
        if try given != nil || hasVouched() { merging.links.forget() }
        // What is held for a damaged row must not be kept from that by it.
        let isReadable = impossible[sent.number] == nil
        let named = isReadable ? try copied.withKnownBases(sent) : sent
        let rest = try withoutErased(named)
        let isWhole = rest == named
        let new = isReadable ? try copied.rest(of: rest) : CopiedWords.Rest(group: rest)
        try merging.tell(new.known, to: device.number, number: sent.number)
        let group = isReadable ? try withBasesOfToday(new.group, given: given) : rest
        let reading = rest == sent && new.known.isEmpty && !isMoved ? readings[group.number] : nil
        let finals = try finalStamps(of: group, given: given)
        if let reason = impossible[sent.number] {
            try hold(group, reason: reason, finals: finals, looksAtRecords: false)
        } else if finals.hasImpossibleBase {
            try hold(group, reason: .malformed, finals: finals)
        } else if isTakenBack {
            // It comes for its number alone, and is taken back at the end of this push or with what replaces it.
            try hold(group, reason: .recordUnknown, finals: finals)
        } else if !replaced.isEmpty, try !makeRoom(replaced) {
            try hold(group, reason: .replacedInForce, finals: finals)
        } else {
            switch try check.verdict(on: group, isWellFormed: reading?.isWellFormed) {
            case .hold(let reason): try hold(group, reason: reason, finals: finals)
            case .accept(let stored):
                if given != nil, try contradicts(group, stored, finals) {
                    try hold(group, reason: .malformed, finals: finals)
                } else {
                    try merging.merge(
                        group, of: device.number, into: stored, finals: finals, digests: reading?.digests,
                        isWhole: new.known.isEmpty)
                }
            }
        }
        // Of a group that named something erased, what is left: a device sends it again with all in it, or with less.
        note(isWhole && !isMoved ? fingerprint(of: rest) : fingerprint.of(rest), number: group.number)
        last = group.number
        taking = nil
    }

    /// The final times of a group, which are written down where they are not the proposed ones.
    private func finalStamps(of group: ChangeGroup, given: [UInt64: UInt64]?) throws -> FinalStamps {
        let finals = try FinalStamps(
            of: group, device: device.number, correction: &correction, given: given,
            earlier: given == nil ? timesBeforeRestore(of: group) : [:],
            told: given == nil ? toldTimes(in: group) : [], ahead: timesAhead, store: store, latestBase: latestBase)
        if finals.isCorrected {
            isCorrected = true
            for time in finals.times where time.final != time.proposed {
                try store.addCorrection(
                    device: device.number, number: group.number, proposed: time.proposed, final: time.final)
            }
        }
        // A creation comes again with its final time; later groups still name the one that was proposed.
        for (proposed, final) in given ?? [:] where proposed != final {
            guard finals.times.contains(where: { $0.proposed == final && $0.final == final }),
                !finals.times.contains(where: { $0.proposed == proposed })
            else { continue }
            try store.addCorrection(device: device.number, number: group.number, proposed: proposed, final: final)
        }
        return finals
    }

    /// Takes the number of a group that did not come into force before a restore, and what it had seen; nothing else of
    /// it. Where this server still holds it, it is held no more.
    func take(_ returned: ReturnedGroup, given: [UInt64: UInt64]) throws {
        let number = returned.group.number
        let group = try withoutErased(returned.group)
        if number > last {
            skip(to: number)
            try hold(group, reason: returned.reason, finals: finalStamps(of: group, given: given))
            skip(to: number + 1)
        }
        guard let held = try heldGroup(number), try isSame(hub.quarantineGroup(held.id), asReturned: group) else {
            return
        }
        // The office's words about what was erased since go with it.
        let why = group == returned.group ? returned.why : nil
        try hub.end(held, as: returned.kind, why: why, milliseconds: returned.milliseconds)
    }

    /// Whether a held group is the one that a device tells without its values: another copy of its database may have used
    /// the number.
    private func isSame(_ held: ChangeGroup, asReturned told: ChangeGroup) -> Bool {
        // By fields, without an order: what an erasure or a lost area took out is missing there.
        func outline(_ group: ChangeGroup) -> Set<[UInt64]> {
            var outline: Set<[UInt64]> = []
            for change in group.changes {
                let record = [UInt64(change.table), change.record.high, change.record.low]
                for field in change.fields { outline.insert(record + [UInt64(field.field), field.time]) }
                if let existence = change.existence { outline.insert(record + [0, existence.time]) }
                if let creation = change.creation { outline.insert(record + [.max, creation.time]) }
            }
            return outline
        }
        let told = outline(told)
        return told.isEmpty ? held.changes.isEmpty : told.isSubset(of: outline(held))
    }

    private func note(_ hash: UInt128, number: UInt64) {
        if let run = fingerprints.last, run.first + UInt64(run.hashes.count) == number {
            fingerprints[fingerprints.endIndex - 1].hashes.append(hash)
        } else {
            fingerprints.append((number, [hash]))
        }
    }

    /// Leaves out numbers whose groups are gone: without a fingerprint nothing that comes under them later can pass for
    /// them.
    func skip(to number: UInt64) { last = max(last, number - 1) }

    /// No honest base is later than what some device was given, or than a clock may be wrong.
    func latestBase() throws -> UInt64 {
        let tolerated = StampTime.packed(milliseconds: now + StampCorrection.toleranceMilliseconds)
        if highestGiven == nil { highestGiven = try store.highestTime() }
        return max(tolerated, highestGiven ?? 0)
    }

    // MARK: End

    /// Writes what was kept in memory during the push: feeds, numbers, fingerprints.
    func finish() throws {
        try merging.finish()
        guard last > device.lastGroup || correction.highest > device.highestTime else { return }
        try store.setProgress(ofDevice: device.number, lastGroup: last, highestTime: correction.highest)
        let arrival = Arrival(highestTime: correction.highest, milliseconds: isRepeated ? nil : now)
        for run in fingerprints {
            try store.addFingerprints(device: device.number, first: run.first, run.hashes, arrival: arrival)
        }
    }
}
