import Database
import SyncCore
import SyncHub
import SyncReplica

/// What the office decides, and what authors do with work that is not in force.
extension World {
    /// The longest that everybody is away at once, in days; past the 180 that deletions are kept.
    private static let longestDays = 250
    private static let dayMilliseconds: Int64 = 86_400_000

    /// Accepts or discards a held group.
    func decideHeld(accepts: Bool) throws {
        guard let group = dice.pick(try server.hub.quarantine()) else { return }
        try decideHeld(group, accepts: accepts)
    }

    func decideHeld(_ group: QuarantinedGroup, accepts: Bool) throws {
        // What it was to replace is in force already: nobody wants both.
        let accepts = accepts && group.reason != .replacedInForce
        let before = try server.hub.quarantine()
        // Who had it in force before a restore may have brought it back: then what is discarded is a second copy of it.
        if try !accepts && isHere(group) { uncertain[group.device, default: []].insert(group.number) }
        var (isDone, isRefused) = (false, false)
        try inOffice {
            do {
                let decision = try server.store.transaction {
                    accepts
                        ? try server.hub.acceptHeld(group.id, why: nil)
                        : try server.hub.discardHeld(group.id, why: nil)
                }
                narrate?(
                    "    \(decision.groups.map { "\($0.device).\($0.number)" }) \(accepts ? "accepted" : "discarded")")
                note(accepts ? .heldAccepted : .heldDiscarded)
                isDone = true
                for group in decision.groups { noteDecided(group.device, group.number, accepts: accepts) }
            } catch let error as HubError {
                switch error {
                // With an earlier one it may be in force already.
                case .heldNotAcceptable, .heldNeedsEarlier, .quarantineUnknown: isRefused = true
                default: throw error
                }
            }
        }
        if isDone { return }
        // The server may have stopped in the middle of it: what is on its disk then is what counts.
        let after = try server.hub.quarantine()
        for group in before where !after.contains(where: { $0.id == group.id }) {
            noteDecided(group.device, group.number, accepts: accepts)
        }
        if !isRefused, !accepts { attempted += after }
    }

    /// After a loss of power: a commit that the disk had refused to sync may be on it all the same, and the command said that this
    /// was not known.
    func noteAttemptedDiscards() throws {
        let held = try server.hub.quarantine()
        for group in attempted where !held.contains(where: { $0.id == group.id }) {
            noteDecided(group.device, group.number, accepts: false)
        }
        attempted = []
    }

    /// Whether a value of a held group is among the records, for somebody vouched for it.
    private func isHere(_ group: QuarantinedGroup) throws -> Bool {
        guard isRestored else { return false }
        return try server.hub.quarantineGroup(group.id).changes.contains { change in
            guard let stored = try server.store.record(table: change.table, id: change.record) else { return false }
            return try change.fields.contains { field in
                let time = try server.store.correction(
                    device: group.device, number: group.number, proposed: field.time)
                let stamp = Stamp(time: time ?? field.time, device: group.device)
                return try stored.state.field(field.field).stamp == stamp
                    || server.store.version(
                        table: change.table, key: stored.key, field: field.field, stamp: stamp) != nil
            }
        }
    }

    private func noteDecided(_ device: UInt32, _ number: UInt64, accepts: Bool) {
        attempted.removeAll { $0.device == device && $0.number == number }
        dropped[device, default: []].remove(number)
        if !accepts { dropped[device, default: []].insert(number) }
    }

    /// Takes held work back, or sends it again.
    func takeBack(on device: SimulatedDevice, resends: Bool) throws {
        let shown = try device.replica.heldItems()
        guard let item = dice.pick(shown) else { return }
        let before = try takenBack(on: device)
        let states = try items.map { try device.replica.record(table: $0.table, id: $0.id) }
        var isTold = false
        func tell() throws {
            let numbers = try takenBack(on: device).subtracting(before)
            if isTold || numbers.isEmpty { return }
            isTold = true
            if resends { try tellAgain(since: states, on: device) }
            try noteBack(numbers, on: device, resends: resends)
        }
        try save(on: device, items) { replica in
            replica.command = nil
            do {
                _ = resends ? try replica.resend(item.number).replaced : try replica.withdraw(item.number)
            } catch let error as ReplicaError {
                switch error {
                case .heldNotFound, .heldNotHere, .nothingToSend, .areaNotWritable: return
                default: throw error
                }
            }
            try tell()
        }
        // The laptop may have stopped in the middle of it: what is on its disk then is what counts.
        try tell()
    }

    /// The numbers of all that was taken back or sent again, what had not been sent among it.
    private func takenBack(on device: SimulatedDevice) throws -> Set<UInt64> {
        let back = try device.replica.heldItems(all: true).filter { ![.held, .discarded].contains($0.state) }
        let untold = try device.replica.makeRequest().heldGroups()?.withdrawals ?? []
        return Set(back.map(\.number) + untold.map(\.number))
    }

    private func noteBack(_ numbers: Set<UInt64>, on device: SimulatedDevice, resends: Bool) throws {
        // Should the office have accepted them meanwhile, they stay in force.
        uncertain[device.number, default: []].formUnion(numbers)
        if !resends {
            // What is at the office, and what goes up only to be taken back.
            let held = try device.replica.heldItems(all: true).map { ($0.number, $0.changes) }
            let unsent = try device.replica.makeRequest().groups.map { ($0.number, $0.changes) }
            for (_, changes) in (held + unsent).filter({ numbers.contains($0.0) }) {
                for (place, word) in words(in: changes) {
                    givenUp[device.machine, default: [:]][place, default: []].insert(word)
                }
            }
        }
        note(resends ? .heldResent : .heldWithdrawn)
        narrate?("    groups \(numbers.sorted()) \(resends ? "sent again" : "taken back")")
    }

    /// What a person took back goes up and is taken back in the same request, under the number that it has now.
    func noteGivenUp(
        _ number: UInt64, _ words: [(place: NaiveModel.Place, word: String)], _ request: SyncRequest,
        _ device: SimulatedDevice
    ) {
        let back = (try? request.heldGroups()?.withdrawals) ?? []
        let isBack = back.contains { $0.number == number && $0.replacement == nil }
        let known = givenUp[device.machine] ?? [:]
        guard isBack, !words.isEmpty, words.allSatisfy({ known[$0.place]?.contains($0.word) == true }) else { return }
        uncertain[device.number, default: []].insert(number)
    }

    func words(in changes: [Change]) -> [(place: NaiveModel.Place, word: String)] {
        changes.flatMap { change in
            change.fields.compactMap { field in
                place(change.record, field.field).map { ($0, Ledger.word(field.value)) }
            }
        }
    }

    /// Words that are sent again are written again, after seeing themselves, those too that had not left yet and go along; an
    /// editor that showed the old ones is closed.
    ///
    /// - Parameter before: what was shown of all records before; what shows under another time since was written again.
    private func tellAgain(since before: [RecordState?], on device: SimulatedDevice) throws {
        device.shown = nil
        for (item, old) in zip(items, before) {
            guard let old, let new = try device.replica.record(table: item.table, id: item.id) else { continue }
            for field in new.fields
            where field.stamp != old.field(field.number).stamp && field.value == old.field(field.number).value {
                guard let place = place(item.id, field.number) else { continue }
                let word = Ledger.word(field.value)
                model.write(
                    word, at: place, by: Int(device.family), seen: model.sighting(place, word), isPromised: false)
            }
        }
    }

    /// Old deletions are collected, everybody is away for a long time, and they are collected again.
    func collect() throws {
        hasBeenAway = true
        for isLater in [false, true] {
            if isLater { now += Int64(dice.roll(1...Self.longestDays)) * Self.dayMilliseconds }
            try inOffice {
                let report = try FeedCollection(hub: server.hub).run()
                if report.deleted > 0 { note(.tombstoneCollected) }
            }
        }
    }

    /// Somebody copies the server's folder.
    func backUpServer() {
        stage.backup.copy(server.disk)
        erasedBeforeBackup = erased
        hasBackup = true
    }

    /// Puts the copy in the place of the server's folder, without a word to anybody.
    ///
    /// - Parameter device: brings its work in a file at once, where work travels so; somebody else does after it, and an older file comes.
    func restoreServer(besides device: SimulatedDevice) throws {
        guard hasBackup else { return }
        note(.serverRestored)
        isRestored = true
        // An order that no device has heard of is lost with the rest.
        unclear.formUnion(erased.subtracting(erasedBeforeBackup))
        erased = erasedBeforeBackup
        _ = try recoverServer()
        server.disk.copy(stage.backup)
        if server.schema.version > Ledger.old.version { try server.upgrade() } else { try server.restart() }
        guard settings.hasBundles else { return }
        for bringer in [device] + [crowd.pick(devices.filter { $0 !== device && !$0.isWiped })].compactMap(\.self) {
            if let bundle = try writeBundle(on: bringer) { try handIn(bundle) }
        }
        if let older = crowd.pick(post.toOffice) { try handIn(older) }
    }

    /// A bit of a device's file goes wrong where a value stands; its user has the file checked.
    func damage(_ device: SimulatedDevice) throws {
        guard device.disk.armed == nil, let (item, state) = try pickItem(on: device),
            try device.replica.progress(of: RecordReference(table: item.table, id: item.id)) == .sent,
            case .text? = device.schema.table(item.table)?.field(1)?.type, state.field(1).value != .null,
            let table = device.schema.table(item.table), let column = table.field(1)?.name
        else { return }
        note(.rowDamaged)
        isDamaged = true
        narrate?("    record \(places[item.id] ?? -1) damaged")
        try device.database.transaction {
            try device.database.run(
                "UPDATE \"\(table.name)\" SET \"\(column)\" = 'damaged' WHERE id = ?", .blob(item.id.bytes))
        }
        // Before anybody looks at it: whoever is shown what is damaged has seen nothing that was written.
        let areas = try device.replica.damagedAreas()
        for area in areas { try device.replica.beginRefetch(area: area, purpose: .repair) }
        device.partitionLeft = 0
        let isRepaired = try sync(device, isWhole: true, isQuiet: true)
        // Where the repair has to wait somebody may go by what is damaged.
        let isDamaged = try device.replica.record(table: item.table, id: item.id)?.field(1).value == .text("damaged")
        if isDamaged, !areas.isEmpty || !isRepaired, let index = places[item.id] { unclear.insert(index) }
    }

    /// Erases a record everywhere, as `kith-server erase` does; where work travels in files, one about it is on its way.
    func erase(on device: SimulatedDevice) throws {
        guard server.schema.version == Ledger.new.version, let item = dice.pick(items),
            let index = places[item.id]
        else { return }
        let late = settings.hasBundles ? try writeBundle(about: item, notBefore: device) : nil
        let milliseconds = time.serverNow()
        let order = ErasureOrder(
            id: RecordID(milliseconds: milliseconds, random: (dice.next(), dice.next())),
            time: StampTime.packed(milliseconds: milliseconds),
            targets: [ErasureTarget(table: item.table, record: item.id)])
        try inOffice {
            guard try server.hub.record(table: item.table, id: item.id) != nil else { return }
            try server.store.transaction {
                try server.hub.carryOut(order)
                try server.hub.order(.erasure, payload: order.encoded())
            }
        }
        // The server may have stopped in the middle of it: what is on its disk then is what counts.
        guard try server.store.erasure(order.id) != nil else { return }
        note(.erased)
        narrate?("    record \(index) erased")
        erased.insert(index)
        try inOffice { try server.cleanAfterErasure() }
        if let late { try handIn(late) }
    }
}
