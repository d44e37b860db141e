import SyncCore

extension Hub {
    /// Answers a request: receipts, the directory where the device's is behind, and a page for each readable area.
    ///
    /// A request whose cursors belong to another history, and a revoked device, get no pages. Nothing is written.
    /// - Parameter acceptance: what became of the groups of this request, once they are committed; nil where the
    ///   request was not taken to a transaction because it had none.
    /// - Throws: `HubError.deviceUnknown`, and what the store throws.
    package func reply(
        to request: SyncRequest, device number: UInt32, acceptance: Acceptance?
    ) throws -> SyncReply {
        try store.readTransaction {
            let device = try knownDevice(number)
            var reply = SyncReply(
                notice: acceptance?.notice ?? .none, epoch: try epoch, clockMilliseconds: clock(),
                receipt: device.lastGroup, highestTime: device.highestTime,
                isClockCorrected: acceptance?.isClockCorrected ?? false, held: try held(device: number))
            reply.set(confirmedErasures: try confirmed(request.erasureReports(), by: number))
            if let key = try request.deviceKey(), try store.deviceKey(ofDevice: number) == key {
                reply.set(knownDeviceKey: key)
            }
            if let token = try request.nextToken(), try store.changedToken(tokenHash(token))?.device == number {
                reply.setNextTokenTaken()
            }
            // What was taken was taken in the history of then: another request of the same commit may have begun a new one.
            if acceptance != nil, !device.isRevoked, !request.epoch.isEmpty, request.epoch != reply.epoch {
                reply.notice = .otherHistory
                try askForHandover(request, &reply, of: number)
                return reply
            }
            if let answer = acceptance?.identity, acceptance?.healing == nil {
                reply.set(answer)
                // Those of the other copy's groups too: it may have sent what this one has edited since.
                let first = (try request.healing()?.receipt ?? 0) + 1
                if first <= device.lastGroup {
                    reply.set(try store.corrections(device: number, numbers: first...device.lastGroup))
                }
                // With the line that enrols it the new device can show a restored server who it is.
                if answer.device != nil, let news = try ledgerNews(for: request) { reply.set(news) }
                return reply
            }
            if device.isRevoked || reply.notice == .fork { return reply }
            try tellAuditHead(request, &reply)
            if let answer = acceptance?.healing {
                reply.set(answer)
                reply.set(handoverSteps: try store.handoverSteps(number))
                if let identity = acceptance?.identity { reply.set(identity) }
                reply.set(doubtedGroups: try doubted(request, of: device))
                if case .ledger(let entries, _)? = try request.healing()?.step {
                    reply.set(try ledgerNews(afterHandingOver: entries))
                }
                return reply
            }
            if try isOtherHistory(request, of: device) {
                reply.notice = .otherHistory
                try askForHandover(request, &reply, of: number)
                return reply
            }
            if reply.notice == .otherHistory { return reply }
            let doubted = try doubted(request, of: device)
            if !doubted.isEmpty {
                // No word on what is held, and no rows: they may be about something else.
                reply.notice = .gap
                reply.set(doubtedGroups: doubted)
                return reply
            }
            if try store.counter(.directoryVersion) != request.directoryVersion {
                reply.directory = try makeDirectory(for: device)
            }
            if let first = request.groups.first?.number, let last = request.groups.last?.number, first <= last {
                reply.set(try store.corrections(device: number, numbers: first...last))
            }
            if let news = try ledgerNews(for: request) { reply.set(news) }
            let horizons = try request.fetchReport().horizons
            let starts = try cursors(of: request, begunUnder: horizons, device: device)
            reply.setFetchStarts(starts.restarted)
            try addPages(to: &reply, for: request, from: starts, device: device, added: acceptance?.added ?? [])
            if let asked = try request.heldGroups() {
                reply.set(
                    heldOutcomes: try store.heldOutcomes(
                        device: number, after: asked.lastOutcome, limit: SyncReply.largestOutcomeCount
                    ).map { outcome in
                        var outcome = outcome
                        outcome.reason = outcome.reason.told
                        return outcome
                    })
            }
            return reply
        }
    }

    /// Tells where the audit log ends, with the office's word for it, to a device that holds something else.
    private func tellAuditHead(_ request: SyncRequest, _ reply: inout SyncReply) throws {
        guard let held = try request.auditHead(), let signer, let head = try auditHead(),
            try head != held || request.wantsAuditSignature()
        else { return }
        reply.set(auditHead: head)
        reply.set(auditSignature: try signer.sign(AuditSignature.signedBytes(of: head, in: reply.epoch)))
    }

    /// Tells a device of this office that it may bring back what it holds.
    private func askForHandover(_ request: SyncRequest, _ reply: inout SyncReply, of device: UInt32) throws {
        guard let signer, try request.ledgerProgress() != nil, try store.healing() != nil || request.epoch != epoch
        else {
            return
        }
        reply.set(LedgerNews(publicKey: signer.publicKey))
        reply.set(HealingAnswer(step: 0))
        reply.set(handoverSteps: try store.handoverSteps(device))
        // Which device it takes this one for: a token that a copied database asked for may have another number now.
        reply.set(IdentityAnswer(agreed: reply.receipt, device: device))
        reply.set(
            handoverSignature: try signer.sign(
                HandoverInvitation.signedBytes(epoch: reply.epoch, device: device, clock: request.clockMilliseconds)))
    }

    /// Where pages begin, and which of these places are the start of a feed that has a horizon.
    private typealias Starts = (cursors: [Cursor], restarted: [AreaHorizon])

    /// Where the page of each readable area begins: at the cursor, or at the start of the feed where the cursor stands
    /// before the horizon and did not begin under it.
    private func cursors(
        of request: SyncRequest, begunUnder horizons: [AreaHorizon], device: DeviceRecord
    ) throws -> Starts {
        var cursors: [Cursor] = []
        var restarted: [AreaHorizon] = []
        let access = access(of: device, areas: try store.areas())
        for area in access.keys.sorted() where access[area]?.canRead == true {
            var cursor = request.cursors.first { $0.area == area } ?? Cursor(area: area, sequence: 0, mark: 0)
            let horizon = AreaHorizon(area: area, sequence: try store.horizon(area: area))
            // An older client would begin again for ever: it is served on, and may keep what was deleted long ago.
            if request.knowsHorizons, cursor.sequence < horizon.sequence,
                cursor.sequence == 0 || !horizons.contains(horizon)
            {
                cursor = Cursor(area: area, sequence: 0, mark: 0)
                restarted.append(horizon)
            }
            cursors.append(cursor)
        }
        return (cursors, restarted)
    }

    /// Adds the page of each area, and the stretches that the device is in the middle of with them.
    private func addPages(
        to reply: inout SyncReply, for request: SyncRequest, from starts: Starts, device: DeviceRecord,
        added: [FeedTally]
    ) throws {
        var budget = PageBudget(bytes: min(max(request.pageBytes, 0), SyncRequest.largestPageBytes))
        let told = try request.stretches()
        var stretches: [FeedStretch] = []
        var ends: [Cursor] = []
        for cursor in starts.cursors {
            let isRestarted = starts.restarted.contains { $0.area == cursor.area }
            let open = isRestarted ? nil : told.first { $0.area == cursor.area && $0.isOpen(at: cursor.sequence) }
            // Whoever sends many pages is as far behind as they are long, and needs no look at what lies ahead.
            let groups = try open == nil ? known(added, behind: cursor, for: request, from: device.number) : nil
            let outlook =
                groups == nil ? try outlook(for: cursor, in: open, knowsStretches: request.knowsStretches) : nil
            let builder = PageBuilder(
                store: store, cursor: cursor, device: device.number, lowestOwnGroup: request.lowestOwnGroup,
                outlook: outlook, hasOwnGroups: request.lowestOwnGroup <= device.lastGroup)
            let page = try builder.page(&budget, groups: groups)
            reply.pages.append(page)
            if !page.isComplete { ends.append(try end(of: cursor.area)) }
            if let stretch = outlook?.stretch, page.sequence < stretch.through { stretches.append(stretch) }
        }
        reply.set(stretches: stretches)
        reply.set(seenEnds: ends)
    }

    /// The groups that are all there is in a feed behind a cursor, where what was added last tells.
    private func known(
        _ added: [FeedTally], behind cursor: Cursor, for request: SyncRequest, from device: UInt32
    ) throws -> [UInt64]? {
        guard let tally = added.first(where: { $0.head.area == cursor.area }) else { return nil }
        return tally.groups(
            of: device, after: cursor.sequence, lowestOwnGroup: request.lowestOwnGroup,
            head: try store.head(area: cursor.area))
    }

    private func end(of area: Int) throws -> Cursor {
        let sequence = try store.head(area: area).sequence
        return Cursor(area: area, sequence: sequence, mark: try store.mark(area: area, atOrAfter: sequence) ?? 0)
    }

    /// Whether a device's cursors, or the ends of feeds that it has seen, belong to a history that this server does not have:
    /// another server's, or what came after the backup that this one was restored from.
    ///
    /// Only areas that the device may read are looked at.
    func isOtherHistory(_ request: SyncRequest, of device: DeviceRecord) throws -> Bool {
        if try !request.epoch.isEmpty && request.epoch != epoch { return true }
        let access = access(of: device, areas: try store.areas())
        let places = try request.cursors + request.seenEnds()
        for cursor in places where cursor.sequence > 0 && access[cursor.area]?.canRead == true {
            if try store.head(area: cursor.area).sequence < cursor.sequence { return true }
            #if PlantedBugs
                if PlantedBug.isChosen(.markIgnored) { continue }
            #endif
            if try store.mark(area: cursor.area, atOrAfter: cursor.sequence) != cursor.mark { return true }
        }
        return false
    }

    /// All versions of a record that were accepted, oldest first; nil where it is absent or not readable.
    package func history(table: Int, record: RecordID, for number: UInt32) throws -> HistoryReply? {
        try store.readTransaction {
            guard let device = try store.device(number), let stored = try store.record(table: table, id: record),
                access(of: device, areas: try store.areas())[stored.state.area]?.canRead == true
            else { return nil }
            var versions = try store.versions(table: table, key: stored.key).map { version($0, isCurrent: false) }
            versions += stored.state.fields.map { version($0, isCurrent: true) }
            if let existence = stored.state.existence {
                versions.append(
                    HistoryReply.Version(
                        field: Field.existence, value: .integer(existence.isAlive ? 1 : 0), stamp: existence.stamp,
                        isCurrent: true))
            }
            versions.sort { ($0.stamp, $0.field) < ($1.stamp, $1.field) }
            return HistoryReply(versions: versions)
        }
    }

    private func version(_ state: FieldState, isCurrent: Bool) -> HistoryReply.Version {
        HistoryReply.Version(field: state.number, value: state.value, stamp: state.stamp, isCurrent: isCurrent)
    }

    // MARK: Directory

    /// People, devices and areas as a device may see them.
    package func directory(for number: UInt32) throws -> Directory {
        try store.readTransaction { try makeDirectory(for: try knownDevice(number)) }
    }

    private func makeDirectory(for device: DeviceRecord) throws -> Directory {
        let areas = try store.areas()
        let access = access(of: device, areas: areas)
        let ofMembers = try areasOfMembers()
        var visible: [Directory.Area] = []
        for area in areas {
            guard let access = access[area.number], access.canRead || access.canWrite else { continue }
            visible.append(
                Directory.Area(
                    number: area.number, name: area.name, canRead: access.canRead, canWrite: access.canWrite,
                    twinOf: area.twinOf, isOfMember: ofMembers.contains(area.number)))
        }
        return Directory(
            version: try store.counter(.directoryVersion), role: device.role, person: device.person,
            devices: try devices(toldTo: device).map {
                Directory.Device(number: $0.number, name: $0.name, person: $0.person)
            },
            areas: visible)
    }
}
