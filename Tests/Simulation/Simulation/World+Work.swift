import SyncCore
import SyncReplica

/// What people do on their laptops, without any server.
extension World {
    /// What a record looked like before some work, or after it.
    private typealias View = [(item: Item, state: RecordState?)]

    /// Does local work, and tells the model what came of it: also where the laptop stopped in the middle of it, for
    /// then what it shows afterwards is what counts.
    ///
    /// - Parameters:
    ///   - touched: the records that may change.
    ///   - seen: what the writer had been shown, where that is not what is there now.
    ///   - tookAway: whether the work may have taken away what was never sent; asked when it has ended.
    func save(
        on device: SimulatedDevice, _ touched: [Item], seen: [NaiveModel.Place: NaiveModel.Sighting] = [:],
        tookAway: () -> Bool = { false }, _ body: (Replica) throws -> Void
    ) throws {
        let before = try touched.map { ($0, try device.replica.record(table: $0.table, id: $0.id)) }
        let conflicts = try statuses(on: device)
        var isPromised = true
        do {
            try Self.attempt(body, on: device)
        } catch ReplicaError.recordErased, ReplicaError.wordsErased {
            // The office has asked for it: the person is told, and nothing was changed.
            return
        } catch {
            // What was not synced may be lost later, though it shows now; after a loss of power it no longer can be.
            isPromised = device.disk.armed == .stop
            guard try recover(device) else { return find("G15: device \(device.number) could not save: \(error)") }
        }
        try tell(before, on: device, seen: seen, isPromised: isPromised, tookAway: tookAway())
        for (id, isOpen) in try statuses(on: device) where conflicts[id] != nil && conflicts[id] != isOpen {
            narrate?("    conflict \(Self.word(id)) \(isOpen ? "reopened" : "settled")")
            model.decide(Self.word(id), settles: !isOpen, isPromised: isPromised)
        }
    }

    /// A process of its own: nothing of it is left where it ends early.
    @inline(never)
    private static func attempt(_ body: (Replica) throws -> Void, on device: SimulatedDevice) throws {
        try body(device.replica)
    }

    static func word(_ id: UInt128) -> String { String(id, radix: 36) }

    func statuses(on device: SimulatedDevice) throws -> [UInt128: Bool] {
        guard device.role == .lead || device.role == .admin else { return [:] }
        return Dictionary(
            uniqueKeysWithValues: try device.replica.conflicts(openOnly: false).map { ($0.id, $0.status == .open) })
    }

    /// What somebody sees who looks at a record.
    func sightings(_ item: Item, _ state: RecordState) -> [NaiveModel.Place: NaiveModel.Sighting] {
        var sightings: [NaiveModel.Place: NaiveModel.Sighting] = [:]
        for number in 1...Ledger.extra {
            guard let place = place(item.id, number) else { continue }
            sightings[place] = model.sighting(place, Ledger.word(state.field(number).value))
        }
        return sightings
    }

    private func tell(
        _ before: View, on device: SimulatedDevice, seen: [NaiveModel.Place: NaiveModel.Sighting], isPromised: Bool,
        tookAway: Bool
    ) throws {
        let own = try device.replica.device
        // A clock that is far behind has given own work earlier times than others' that shows again; it writes nothing of others.
        func isEarlier(_ new: Stamp, than old: Stamp) -> Bool { new < old || old.device == own && new.device != own }
        for (item, old) in before {
            guard let new = try device.replica.record(table: item.table, id: item.id) else { continue }
            let shown = old.map { sightings(item, $0) } ?? [:]
            var withheld: [NaiveModel.Place: NaiveModel.Sighting] = [:]
            if tookAway, old?.isLiving == true, !new.isLiving, new.fields.isEmpty {
                withheld = try tellWithheld(item, on: device)
            }
            for number in 1...Ledger.extra {
                let (was, value) = (old?.field(number).value ?? .null, new.field(number).value)
                guard was != value, let place = place(item.id, number), withheld[place] == nil else { continue }
                if tookAway, let old, isEarlier(new.field(number).stamp, than: old.field(number).stamp) {
                    // An older version shows again: what stood over it never left the device, and was taken away.
                    narrate?("    \(Ledger.word(was)) at \(place) was never sent and is taken back")
                    takenBack[device.family, default: [:]][place, default: []]
                        .formUnion(model.sighting(place, Ledger.word(was)).possibly)
                    model.takeBack(
                        Ledger.word(was), at: place, by: Int(device.family),
                        below: model.sighting(place, Ledger.word(value)))
                    continue
                }
                var sighting = seen[place] ?? shown[place] ?? NaiveModel.Sighting()
                sighting.possibly.formUnion(takenBack[device.family]?[place] ?? [])
                narrate?(
                    "    \(Ledger.word(value)) at \(place), area \(item.area), over \(Ledger.word(was)), had seen \(sighting.surely.sorted())"
                )
                model.write(
                    Ledger.word(value), at: place, by: Int(device.family), seen: sighting, isPromised: isPromised)
            }
            guard let place = places[item.id], new.existence?.stamp != old?.existence?.stamp else { continue }
            if tookAway, let before = old?.existence,
                new.existence.map({ isEarlier($0.stamp, than: before.stamp) }) ?? true
            {
                narrate?("    record \(place): its being \(before.isAlive ? "restored" : "deleted") was never sent")
                if !before.isAlive { model.takeBackDelete(place, by: Int(device.family)) }
                continue
            }
            guard let existence = new.existence else { continue }
            narrate?("    record \(place) \(existence.isAlive ? "restored" : "deleted")")
            if existence.isAlive {
                model.restore(place)
            } else {
                let shown = sightings(item, new).merging(withheld) { _, words in words }
                model.delete(
                    place, by: Int(device.family), seen: shown.merging(seen) { _, shown in shown },
                    isPromised: isPromised)
            }
        }
    }

    /// Tells the model that a new record was undone before it was sent: of all that its maker has said in it not a word is sent.
    ///
    /// - Returns: what the maker has seen of it.
    private func tellWithheld(
        _ item: Item, on device: SimulatedDevice
    ) throws -> [NaiveModel.Place: NaiveModel.Sighting] {
        var seen: [NaiveModel.Place: NaiveModel.Sighting] = [:]
        let record = RecordReference(table: item.table, id: item.id)
        for version in try device.replica.history(of: record) where version.kind == .inBetween {
            guard version.field != Field.existence, let place = place(item.id, version.field) else { continue }
            let word = Ledger.word(version.value)
            narrate?("    \(word) at \(place) was never sent and is withheld")
            let numbers = model.sighting(place, word).possibly
            takenBack[device.family, default: [:]][place, default: []].formUnion(numbers)
            seen[place, default: NaiveModel.Sighting()].possibly.formUnion(numbers)
            model.takeBack(word, at: place, by: Int(device.family), below: NaiveModel.Sighting())
        }
        return seen
    }

    // MARK: Records

    /// A record that the device holds and may write; nil where there is none.
    func pickItem(on device: SimulatedDevice, living: Bool = true) throws -> (Item, RecordState)? {
        let writable = try writableAreas(of: device)
        let offset = dice.below(max(items.count, 1))
        for index in items.indices {
            let item = items[(index + offset) % items.count]
            guard writable.contains(item.area), device.schema.table(item.table) != nil,
                let state = try device.replica.record(table: item.table, id: item.id), state.isLiving == living
            else { continue }
            return (item, state)
        }
        return nil
    }

    func writableAreas(of device: SimulatedDevice) throws -> Set<Int> {
        Set(try device.replica.directory()?.areas.filter(\.canWrite).map(\.number) ?? [])
    }

    func create(on device: SimulatedDevice) throws {
        guard let made = try newRecord(on: device) else { return try edit(on: device, fieldCount: 1) }
        try save(on: device, [made.item]) { replica in
            replica.command = "create"
            _ = try replica.write { work in
                try work.create(table: made.item.table, area: made.item.area, values: made.values, id: made.item.id)
            }
        }
    }

    /// A record that is to be made; nil where there are enough.
    private func newRecord(on device: SimulatedDevice) throws -> (item: Item, values: [(Int, Value)])? {
        let areas = try writableAreas(of: device).sorted()
        guard let area = dice.pick(areas), let table = dice.pick(device.schema.tables) else { return nil }
        guard items.filter({ $0.area == area }).count < settings.recordCount else { return nil }
        let id = RecordID(milliseconds: device.clock, random: (dice.next(), dice.next()))
        let item = Item(table: table.number, id: id, area: area)
        places[id] = items.count
        items.append(item)
        var values: [(Int, Value)] = []
        for field in table.fields where dice.below(3) > 0 {
            values.append((field.number, newValue(of: field, in: item, by: device)))
        }
        return (item, values)
    }

    /// A value that, but for a few words, nobody else writes.
    func newValue(of field: Field, in item: Item, by device: SimulatedDevice) -> Value {
        valueCount += 1
        let number = operation * 32 + valueCount
        if dice.below(16) == 0 { return .null }
        if case .needsDecision = field.policy { return .text(dice.pick(Ledger.fewWords) ?? "") }
        if case .mostRestrictive = field.policy {
            let isFree = dice.below(2) == 0
            return .integer(isFree ? Ledger.freeFrom + Int64(number) : Int64(number * 5) % Ledger.freeFrom)
        }
        switch field.type {
        case .integer: return .integer(Int64(number))
        case .real: return .real(Double(number) + 0.5)
        case .text, .blob: return Ledger.text(area: item.area, device: Int(device.machine), number: number)
        }
    }

    private func newValues(_ count: Int, _ item: Item, on device: SimulatedDevice) -> [(Int, Value)] {
        var fields = device.schema.table(item.table)?.fields ?? []
        var values: [(Int, Value)] = []
        while values.count < count, !fields.isEmpty {
            let field = fields.remove(at: dice.below(fields.count))
            values.append((field.number, newValue(of: field, in: item, by: device)))
        }
        return values
    }

    func edit(on device: SimulatedDevice, fieldCount: Int) throws {
        guard let (item, _) = try pickItem(on: device) else { return }
        let values = newValues(fieldCount, item, on: device)
        try save(on: device, [item]) { replica in
            replica.command = "edit"
            try replica.write { try $0.edit(table: item.table, record: item.id, values: values) }
        }
    }

    func delete(on device: SimulatedDevice) throws {
        guard let (item, state) = try pickItem(on: device) else { return }
        try save(on: device, [item], seen: sightings(item, state)) { replica in
            replica.command = "delete"
            try replica.write { try $0.delete(table: item.table, record: item.id) }
        }
    }

    func restore(on device: SimulatedDevice) throws {
        guard let (item, _) = try pickItem(on: device, living: false) else { return }
        try save(on: device, [item]) { replica in
            replica.command = "restore"
            try replica.write { try $0.restore(table: item.table, record: item.id) }
        }
    }

    /// Several records in one group, one of them new where there is room.
    func saveGroup(on device: SimulatedDevice) throws {
        var touched: [(Item, [(Int, Value)])] = []
        for _ in 0..<dice.roll(2...3) {
            guard let (item, _) = try pickItem(on: device), !touched.contains(where: { $0.0 == item }) else { continue }
            touched.append((item, newValues(dice.roll(1...2), item, on: device)))
        }
        let made = dice.below(2) == 0 ? try newRecord(on: device) : nil
        guard made != nil || !touched.isEmpty else { return }
        try save(on: device, touched.map(\.0) + (made.map { [$0.item] } ?? [])) { replica in
            replica.command = "group"
            try replica.write { work in
                if let made {
                    try work.create(
                        table: made.item.table, area: made.item.area, values: made.values, id: made.item.id)
                }
                for (item, values) in touched {
                    try work.edit(table: item.table, record: item.id, values: values)
                }
            }
        }
    }

    // MARK: Prompts

    /// Opens an editor, which goes on showing what is there now.
    func look(on device: SimulatedDevice) throws {
        guard let (item, state) = try pickItem(on: device),
            let snapshot = try device.replica.snapshot(table: item.table, record: item.id)
        else { return }
        device.shown = SimulatedDevice.Shown(
            table: item.table, record: item.id, snapshot: snapshot, sightings: sightings(item, state))
    }

    /// Saves what is in the editor, or deletes what a prompt showed, whatever has come since.
    func saveWhatWasShown(on device: SimulatedDevice) throws {
        guard let shown = device.shown, let index = places[shown.record] else { return }
        device.shown = nil
        let item = items[index]
        guard try writableAreas(of: device).contains(item.area),
            let state = try device.replica.record(table: item.table, id: item.id), state.isLiving
        else { return }
        // A word that stands there already would be a write that nobody can see.
        let values = newValues(dice.roll(1...2), item, on: device).filter { $0.1 != state.field($0.0).value }
        let deletes = dice.below(5) == 0
        try save(on: device, [item], seen: shown.sightings) { replica in
            replica.command = "edit"
            try replica.write { work in
                if deletes {
                    try work.delete(table: item.table, record: item.id, seen: shown.snapshot)
                } else {
                    try work.edit(table: item.table, record: item.id, values: values, seen: shown.snapshot)
                }
            }
        }
    }
}
