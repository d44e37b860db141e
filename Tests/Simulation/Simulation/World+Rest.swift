import SyncCore
import SyncHub
import SyncReplica

/// The end of a run: no more faults, everybody syncs until nothing moves, and what is there is looked at.
extension World {
    /// The most rounds in which everybody syncs once.
    private static let largestRoundCount = 8
    /// The most bytes between a mark in a file and the number of its writer.
    private static let markTail = 6

    func comeToRest() throws {
        // What was given later times is taken again once the server's clock has come to them.
        now = max(now, time.latestOfServer)
        time.serverError = 0
        _ = try recoverServer()
        try inOffice { try server.cleanAfterErasure() }
        for device in devices {
            _ = try recover(device)
            device.partitionLeft = 0
        }
        // The office looks through what is held, and takes what it can.
        if dice.below(2) == 0 {
            for group in try server.hub.quarantine() { try decideHeld(group, accepts: true) }
        }
        var before: UInt64?
        for _ in 0..<Self.largestRoundCount {
            now += 1_000
            for device in devices { try sync(device, isWhole: true, isQuiet: true) }
            if !findings.isEmpty { return }
            let after = try devices.map { try $0.replica.digests().hashed } + [try heads(), try ledgerLength()]
            let hash = after.reduce(0) { Dice.mix($0 ^ $1) }
            if hash == before { break }
            before = hash
        }
        try look()
    }

    private func heads() throws -> UInt64 {
        try Ledger.areas.reduce(0) { Dice.mix($0 ^ (try server.hub.head(area: $1).sequence)) }
    }

    private func ledgerLength() throws -> UInt64 { try server.store.lastLedgerEntry()?.number ?? 0 }

    private func look() throws {
        var rest = NaiveModel.Rest()
        for device in devices where isRevoked(device) { rest.shutOut.insert(Int(device.family)) }
        rest.excused = rest.shutOut.subtracting(obedient())
        try lookAtRecords(&rest)
        try lookAtConflicts(&rest)
        try lookAtGroups(&rest)
        for device in devices where !isRevoked(device) { try look(at: device, &rest) }
        try lookForErased(&rest)
        try lookAtStandings()
        if isRestored { try allowForRestore(&rest) }
        for copy in rest.copies { trace.add(Array(copy.text.utf8)) }
        findings += model.problems(rest)
        if let narrate { for conflict in rest.conflicts { narrate("\(conflict)") } }
        if !findings.isEmpty, let narrate {
            for copy in rest.copies where !copy.text.isEmpty {
                narrate("\(copy.name), area \(copy.area):\n\(copy.text)")
            }
        }
        let wrong = try server.hub.areasWithWrongDigest()
        if !wrong.isEmpty { find("G3: the server's digest of \(wrong) is not that of its records") }
    }

    private func lookAtRecords(_ rest: inout NaiveModel.Rest) throws {
        var lines: [Int: String] = [:]
        rest.latest = StampTime.packed(milliseconds: now + StampCorrection.toleranceMilliseconds)
        for (index, item) in items.enumerated() {
            guard let stored = try server.store.record(table: item.table, id: item.id), !unclear.contains(index) else {
                continue
            }
            lines[item.area, default: ""] += Self.line(index, stored.state)
            rest.living[index] = stored.state.isLiving
            for field in stored.state.fields {
                let place = NaiveModel.Place(record: index, field: field.number)
                rest.current[place] = Ledger.word(field.value)
                rest.versions[place, default: []].append(
                    (Ledger.word(field.value), field.stamp.time, field.stamp.device))
                rest.kept[place, default: []].insert(Ledger.word(field.value))
            }
            for version in try server.store.versions(table: item.table, key: stored.key) {
                let place = NaiveModel.Place(record: index, field: version.number)
                rest.versions[place, default: []].append(
                    (Ledger.word(version.value), version.stamp.time, version.stamp.device))
                rest.kept[place, default: []].insert(Ledger.word(version.value))
            }
        }
        for area in Ledger.areas { rest.copies.append(("the server", area, lines[area] ?? "")) }
    }

    /// A living record as it is compared: all that a replica knows of it but for bases. Of deleted ones replicas keep
    /// more or less.
    private static func line(_ index: Int, _ state: RecordState) -> String {
        guard state.isLiving else { return "" }
        var line = "\(index) \(state.created.time)"
        for field in state.fields {
            line += " \(field.number)=\(Ledger.word(field.value))@\(field.stamp.time).\(field.stamp.device)"
        }
        if let existence = state.existence {
            line += " \(existence.isAlive)@\(existence.stamp.time).\(existence.stamp.device)"
        }
        return line + "\n"
    }

    private func lookAtConflicts(_ rest: inout NaiveModel.Rest) throws {
        for conflict in try server.hub.conflicts(openOnly: false) {
            guard let place = place(conflict.record, conflict.field) else { continue }
            rest.conflicts.append(
                NaiveModel.Conflict(
                    id: Self.word(conflict.id), place: place, a: conflict.a.value.map(Ledger.word),
                    b: conflict.b.value.map(Ledger.word), isOpen: conflict.status == .open,
                    isWithdrawn: conflict.status == .withdrawn))
        }
    }

    private func lookAtGroups(_ rest: inout NaiveModel.Rest) throws {
        var held: [UInt32: Set<UInt64>] = [:]
        for group in try server.hub.quarantine() {
            held[group.device, default: []].insert(group.number)
            for change in try server.hub.quarantineGroup(group.id).changes {
                for field in change.fields {
                    guard let place = place(change.record, field.field) else { continue }
                    rest.held[place, default: []].insert(Ledger.word(field.value))
                }
            }
        }
        for device in devices {
            rest.groups += device.groups.values.map(\.told).sorted { $0.name < $1.name }
        }
        rest.groups += groupsBefore
        let firstMoved = firstMoved(rest.groups)
        for (index, group) in rest.groups.enumerated() {
            let (device, number) = (group.name.device, group.name.number)
            if dropped[device]?.contains(number) == true { rest.groups[index].fate = .dropped }
            if uncertain[device]?.contains(number) == true { rest.groups[index].fate = .uncertain }
            if held[device]?.contains(number) == true { rest.groups[index].fate = .held }
            // Of two works under one number the later comes in under another one from a device that was shut out, and so does
            // what follows it.
            if rest.shutOut.contains(group.device), let first = firstMoved[device], number >= first {
                rest.groups[index].fate = .uncertain
            }
            let fate = rest.groups[index].fate
            // What a person gave up may be lost; its words stay on the device for a while.
            for item in group.words where fate == .dropped || fate == .uncertain {
                rest.held[item.place, default: []].insert(item.word)
            }
        }
    }

    /// The lowest number of each device that its copies gave to two works.
    private func firstMoved(_ groups: [NaiveModel.Group]) -> [UInt32: UInt64] {
        var first: [UInt32: UInt64] = [:]
        for group in groups where groups.contains(where: { $0.name == group.name && !$0.isSame(as: group) }) {
            first[group.name.device] = min(first[group.name.device] ?? .max, group.name.number)
        }
        return first
    }

    private func look(at device: SimulatedDevice, _ rest: inout NaiveModel.Rest) throws {
        let number = Int(device.machine)
        if try device.replica.unsentCount > 0 { rest.stuck.append(number) }
        if try device.replica.recomputeDigests() != device.replica.digests() {
            find("G3: a digest that device \(number) keeps is not that of its records")
        }
        let readable = Set(try device.replica.directory()?.areas.filter(\.canRead).map(\.number) ?? [])
        let granted = Set(try server.hub.directory(for: device.number).areas.filter(\.canRead).map(\.number))
        if readable != granted { find("device \(number) does not know which areas it may read") }
        rest.mayRead[number] = granted
        var lines: [Int: String] = [:]
        for (index, item) in items.enumerated()
        where readable.contains(item.area) && !erased.contains(index) && !unclear.contains(index) {
            let reference = RecordReference(table: item.table, id: item.id)
            let progress = try device.replica.progress(of: reference)
            // What is held lies over the server's record here; the digests say that it is below.
            let state =
                progress == .held || progress == .waiting
                ? try server.store.record(table: item.table, id: item.id)?.state
                : try device.replica.record(table: item.table, id: item.id)
            if let state { lines[item.area, default: ""] += Self.line(index, state) }
        }
        for area in readable.sorted() { rest.copies.append(("device \(number)", area, lines[area] ?? "")) }
        try compareConflicts(device, readable, rest)
        for area in Ledger.areas where !granted.contains(area) {
            for tail in device.disk.bytes(behind: Array(Ledger.mark(area: area).utf8), count: Self.markTail) {
                let writer = Int(String(decoding: tail.dropFirst().prefix { $0 != 0xC2 }, as: UTF8.self)) ?? 0
                // A person's own words in an area that they may not read are theirs.
                if family(of: writer) != device.family {
                    rest.traces.append((device: number, area: area, writer: writer))
                }
            }
        }
    }

    /// Nothing of an erased record is left, in no table and in no file.
    private func lookForErased(_ rest: inout NaiveModel.Rest) throws {
        rest.erased = erased.union(unclear)
        for index in erased.sorted() {
            let item = items[index]
            if try server.store.record(table: item.table, id: item.id) != nil { find("G9: record \(index) is back") }
            let words = model.writes.filter { $0.key.record == index }.flatMap { $0.value.values.map(\.word) }
            for word in Set(words).sorted() where word.hasPrefix("t§") {
                let pattern = Array(word.dropFirst().utf8)
                let disks =
                    [("the server", server.disk)]
                    + devices.filter { !isRevoked($0) }.map { ("device \($0.number)", $0.disk) }
                for (name, disk) in disks
                where disk.bytes(behind: pattern, count: 1).contains(where: { !Self.isDigit($0) }) {
                    find("G9: \(name) still holds \(word) of record \(index), which was erased")
                }
            }
        }
    }

    private static func isDigit(_ bytes: [UInt8]) -> Bool { bytes.first.map { (0x30...0x39).contains($0) } ?? false }

    /// What a restored server can't be given again: what a worker may write and not read, of which nothing stays on the
    /// laptop; deleted records whose deletion was collected; and all that devices keep for 90 days, after a longer time.
    private func allowForRestore(_ rest: inout NaiveModel.Rest) throws {
        for (index, item) in items.enumerated() {
            let isTwin = item.area == Ledger.main + 1 || item.area == Ledger.south + 1
            if isTwin || hasBeenAway || rest.living[index] != true { rest.erased.insert(index) }
        }
        // Held work of an area that was lost is at the office alone.
        rest.excused.formUnion(bereft)
        rest.forgetful = rest.shutOut.union(bereft).union(putBack)
        rest.isRestored = true
        // What lost is in the conflict log; there it comes back from whoever heard of the conflict.
        for conflict in rest.conflicts {
            rest.held[conflict.place, default: []].formUnion([conflict.a, conflict.b].compactMap(\.self))
        }
        // Laptops may not remember any more what the office has forgotten.
        rest.excused.formUnion(putBack)
        var discarded: [UInt32: Set<UInt64>] = [:]
        for device in devices {
            discarded[device.number, default: []].formUnion(
                try device.replica.heldItems(all: true).filter { $0.state == .discarded }.map(\.number))
        }
        rest.groups = rest.groups.map { group in
            var group = group
            // What its author knows to be discarded stays out of force; of other decisions the restore may have lost some.
            let isKnown = discarded[group.name.device]?.contains(group.name.number) == true
            if group.fate == .dropped, !isKnown { group.fate = .uncertain }
            // Of a laptop that was put back, or shut out, others hold only the last of what its groups had said.
            let isIncomplete = bereft.union(putBack).union(rest.shutOut).contains(group.device)
            if group.fate == .accepted, isIncomplete { group.fate = .uncertain }
            return group
        }
    }

    private func compareConflicts(
        _ device: SimulatedDevice, _ readable: Set<Int>, _ rest: NaiveModel.Rest
    ) throws {
        // A decision that is held shows on its device alone.
        let held = Set(
            rest.groups.filter { $0.fate != .accepted && $0.device == Int(device.family) }.flatMap(\.decided))
        // With a record that was deleted long ago its conflicts leave devices.
        let lives = { (conflict: Conflict) in
            self.places[conflict.record].map { rest.living[$0] == true } ?? false
        }
        let all = try server.hub.conflicts(openOnly: false).filter { readable.contains($0.area) && lives($0) }
        let own = try device.replica.conflicts(openOnly: false).filter(lives)
        let isSame = { (one: [Conflict], other: [Conflict]) in
            one.filter { !held.contains(Self.word($0.id)) }.sorted { $0.id < $1.id }
                == other.filter { !held.contains(Self.word($0.id)) }.sorted { $0.id < $1.id }
        }
        if !isSame(all, own), let narrate {
            for conflict in all where !own.contains(conflict) { narrate("the server: \(conflict)") }
            for conflict in own where !all.contains(conflict) { narrate("device \(device.number): \(conflict)") }
        }
        if !isSame(all, own) { find("G3: conflicts on device \(device.number) differ from the server's") }
    }
}

extension [Int: UInt128] {
    /// A hash over all of it, in the order of the keys.
    fileprivate var hashed: UInt64 {
        keys.sorted().reduce(0) { hash, key in
            let value = self[key] ?? 0
            return Dice.mix(hash ^ UInt64(truncatingIfNeeded: value) ^ UInt64(truncatingIfNeeded: value >> 64))
        }
    }
}
