import SyncCore

/// What devices hand over to a restored server, one step after the other: the ledger, their own groups, what they hold
/// second-hand.
extension Hub {
    /// Takes one step, inside the transaction that is open.
    ///
    /// Every step can be taken again: what is known already changes nothing.
    ///
    /// - Parameters:
    ///   - returned: with the device's own groups, those of them that will not come into force.
    ///   - settled: those of them under whose numbers something else may be here.
    func heal(
        _ step: HealingRequest.Step, returned: [ReturnedGroup] = [], settled: [UInt64] = [], from device: DeviceRecord
    ) throws -> HealingAnswer {
        var answer = HealingAnswer(step: step.number)
        switch step {
        case .ledger(let entries, let directory): try learn(entries, names: directory)
        case .groups(let through, let groups, let corrections, let rows):
            try vouch(rows, for: device, onlyUnknown: true)
            let push = try Push(hub: self, device: device, deviceClock: nil)
            try push.takeAgain(
                groups, returned: returned, settled: settled, through: through, corrections: corrections)
        case .buckets(let areas): answer.differing = try differing(areas, for: device)
        case .rows(let rows): try vouch(rows, for: device, onlyUnknown: false)
        case .done: try noteReported(device.number)
        }
        return answer
    }

    /// The buckets of readable areas in which a device's records differ from those here.
    private func differing(_ asked: [AreaBuckets], for device: DeviceRecord) throws -> [(area: Int, buckets: [Int])] {
        guard Set(asked.map(\.area)).count == asked.count else { throw HubError.handoverRefused }
        let access = access(of: device, areas: try store.areas())
        let limit = StampTime.packed(milliseconds: clock() - RecordState.tombstoneMilliseconds)
        var result: [(Int, [Int])] = []
        var scratch: [UInt8] = []
        for buckets in asked where access[buckets.area]?.canRead == true {
            var own = AreaBuckets(area: buckets.area, count: buckets.sums.count)
            for table in schema.tables.map(\.number) + [0] {
                try store.forEachRecord(area: buckets.area, table: table) { state in
                    // Devices have dropped it, and so have nothing to compare with it.
                    if let existence = state.existence, !state.isLiving, existence.stamp.time < limit { return }
                    own.add(state, hash: hash, scratch: &scratch)
                }
            }
            let numbers = own.differing(from: buckets)
            if !numbers.isEmpty { result.append((buckets.area, numbers)) }
        }
        return result
    }

    /// Takes second-hand records and conflicts of areas that the device may read, if it has shown that it saw what was lost:
    /// they bear others' names.
    private func vouch(_ rows: VouchedRows, for device: DeviceRecord, onlyUnknown: Bool) throws {
        // Who has seen nothing that is not here has nothing of others' to bring back.
        guard try store.hasHealingProof(device.number) else { return }
        let access = access(of: device, areas: try store.areas())
        let vouching = Vouching(hub: self, device: device, seen: rows.seen)
        for page in rows.pages where access[page.area]?.canRead == true {
            for record in page.records { try vouching.take(record, area: page.area, onlyUnknown: onlyUnknown) }
            if onlyUnknown { continue }
            for conflict in page.conflicts { try vouching.take(conflict) }
        }
        try vouching.finish()
    }

    /// The part of the reply to a step that speaks of the ledger: from where the device's parts from this one.
    func ledgerNews(afterHandingOver entries: [LedgerEntry]) throws -> LedgerNews {
        var common = max(entries.first?.number ?? 1, 1) - 1
        for entry in entries where entry.number > 0 {
            guard try store.ledgerEntries(after: entry.number - 1, limit: 1).first == entry else { break }
            common = entry.number
        }
        return LedgerNews(publicKey: signer?.publicKey, entries: try ledgerPage(after: common))
    }

    // MARK: A device that is not known any more

    /// Lets a device in again that was let in after the backup: its own ledger shows that this office enrolled it.
    ///
    /// In a transaction of its own, which changes nothing where the device is not let in: the office's ledger is on every
    /// laptop, and a copy of one, with a token that is good no more, must not begin a history.
    /// - Parameter isProved: whether the caller has checked the signature of the device's proof.
    /// - Returns: whether the ledger bears this office's signature and names the token's hash, or the key of the proof.
    /// - Throws: `HubError.numberTaken`, and what the store throws.
    package func introduce(tokenHash: [UInt8], _ request: SyncRequest, isProved: Bool = false) throws -> Bool {
        guard case .ledger(let entries, let directory)? = try request.healing()?.step, try isSignedHere(entries) else {
            return false
        }
        do {
            try store.transaction {
                let learn = { try self.learnLost(entries, names: directory, of: request.epoch) }
                let proof = isProved ? try request.deviceProof() : nil
                guard try letIn(tokenHash: tokenHash, proof, entries, learn: learn) else { throw NotLetIn() }
            }
            return true
        } catch is NotLetIn {
            return false
        }
    }

    /// - Parameter learn: is called where the entries name the token or the key, and this server does not know it.
    private func letIn(
        tokenHash: [UInt8], _ proof: DeviceProof?, _ entries: [LedgerEntry], learn: () throws -> Void
    ) throws -> Bool {
        if try store.device(tokenHash: tokenHash) != nil { return true }
        if let proof {
            if try store.deviceKey(ofDevice: proof.device) == proof.publicKey {
                return try take(tokenHash: tokenHash, proof)
            }
            if try names(proof, in: entries) {
                try learn()
                return try take(tokenHash: tokenHash, proof)
            }
        }
        // A key that the office was not told yet proves nothing; the token of an enrolment does, until it was changed.
        guard try names(tokenHash, in: entries) else { return false }
        try learn()
        return try store.device(tokenHash: tokenHash) != nil
    }

    /// Takes back what was learnt of somebody who is not let in.
    private struct NotLetIn: Error {}

    /// Learns what this server has lost, in a new history unless it has begun one since.
    private func learnLost(_ entries: [LedgerEntry], names: Directory?, of epoch: [UInt8]) throws {
        if try epoch == store.epoch() || !store.isFormerEpoch(epoch) { try beginHealing(shown: epoch) }
        try learn(entries, names: names)
    }

    private func names(_ tokenHash: [UInt8], in entries: [LedgerEntry]) throws -> Bool {
        try entries.contains {
            try $0.kind == LedgerEntry.Kind.enrolment.rawValue
                && LedgerContent.Enrolment(decoding: $0.payload).tokenHash == tokenHash
        }
    }
}

extension Push {
    /// Takes groups once more that this server had taken before it lost them, with the final times that they were given:
    /// others point at these.
    ///
    /// - Parameters:
    ///   - returned: those that did not come into force: of them the links come back, and what became of them.
    ///   - settled: numbers of those that were settled on the device; what the server lacks of them comes in, whatever it has under
    ///     these numbers.
    ///   - through: the last number that this page speaks of; numbers that it leaves out are gone for good.
    ///   - corrections: final times that differ from the proposed ones.
    /// - Throws: `HubError.handoverRefused` for numbers that can't be.
    func takeAgain(
        _ groups: [ChangeGroup], returned: [ReturnedGroup], settled: [UInt64] = [], through: UInt64,
        corrections: [GroupCorrection]
    ) throws {
        isRepeated = true
        let known = groups.map(\.number) + returned.map(\.group.number)
        guard through <= last + Self.largestGap, known.allSatisfy({ $0 <= through }),
            returned.allSatisfy({ $0.why?.utf8.count ?? 0 <= Value.largestBytes })
        else { throw HubError.handoverRefused }
        var finals: [UInt64: [UInt64: UInt64]] = [:]
        for correction in corrections {
            finals[correction.number, default: [:]][correction.proposed] = correction.final
        }
        try takeLost(groups.filter { settled.contains($0.number) }, finals: finals)
        var rest = returned[...]
        for group in groups where group.number > last {
            while let next = rest.first, next.group.number < group.number {
                try take(next, given: finals[next.group.number] ?? [:])
                rest = rest.dropFirst()
            }
            skip(to: group.number)
            try take(group, inPlaceOf: [], given: finals[group.number] ?? [:])
            try keepFormerTimes(of: group, given: finals[group.number] ?? [:])
            try settleLinks(of: group)
        }
        for next in rest { try take(next, given: finals[next.group.number] ?? [:]) }
        skip(to: through + 1)
        try finish()
    }

    /// The most numbers that one page may leave out.
    static var largestGap: UInt64 { 1_000_000 }

    /// First-hand versions take the place of those that somebody vouched for, and their links may explain conflicts.
    ///
    /// - Parameter finals: nil for those that are kept under its number.
    func settleLinks(of group: ChangeGroup, _ finals: FinalStamps? = nil) throws {
        let finals = try finals ?? FinalStamps(of: group, device: device.number, givenIn: store)
        for change in group.changes {
            let final = try finals.apply(to: change)
            try hub.forgetVouchers(of: final)
            if try hasVouched() { try joinEarlierTold(final.fields, table: change.table, record: change.record) }
            try hub.withdrawExplained(table: change.table, record: change.record, merging: merging)
        }
    }
}

extension Hub {
    /// Notes that what a change says came from its writer: it stands on nobody else's word any more.
    func forgetVouchers(of change: FinalChange) throws {
        guard let key = try store.record(table: change.table, id: change.record)?.key else { return }
        let stamps = change.fields.map(\.stamp) + [change.creation?.stamp, change.existence?.stamp].compactMap { $0 }
        for stamp in Set(stamps) { try store.removeVouched(table: change.table, key: key, stamp: stamp) }
    }
}
