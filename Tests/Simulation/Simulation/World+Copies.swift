import SyncCore
import SyncHub
import SyncReplica

/// A copy of a laptop's database, as it was then, and what was known of it.
struct LaptopCopy {
    let machine: UInt32
    let schema: Schema
    let groups: [NaiveModel.GroupName: SimulatedDevice.Sent]
    /// The marks of its sealed files.
    let files: Set<[UInt8]>
    /// How many words everybody had written.
    let writeCount: Int
    /// Words that waited in it.
    let carried: [NaiveModel.Place: Set<String>]
}

/// Databases of laptops that are copied, and put back from an older copy.
extension World {
    /// The laptop that an operation is about: one of those that joined, or a copy of it.
    func pickDevice() -> SimulatedDevice? {
        guard let first = dice.pick(Array(devices.prefix(settings.deviceCount))) else { return nil }
        let copies = devices.filter { $0.family == first.family }
        // No dice are thrown for it: a run without the copy goes on in the same way.
        return copies[(operation &* 7 &+ Int(first.machine)) % copies.count]
    }

    /// Families of laptops of which a copy was used.
    var copied: Set<UInt32> { Set(copyCounts.keys) }

    func isRevoked(_ device: SimulatedDevice) -> Bool { revoked.contains(device.number) }

    /// Which family a laptop belongs to, by the number that its words bear.
    func family(of machine: Int) -> UInt32? { devices.first { $0.machine == machine }?.family }

    /// Somebody copies a laptop's folder, and now and then uses it at once.
    func copyLaptop(_ device: SimulatedDevice) throws {
        _ = try recover(device)
        stage.laptopBackup.copy(device.disk)
        var carried: [NaiveModel.Place: Set<String>] = [:]
        for item in items {
            let reference = RecordReference(table: item.table, id: item.id)
            guard device.schema.table(item.table) != nil, try device.replica.progress(of: reference) != .sent
            else { continue }
            for number in 1...Ledger.extra {
                guard let place = place(item.id, number) else { continue }
                carried[place] = model.words(of: Int(device.family), at: place)
            }
        }
        laptopCopy = LaptopCopy(
            machine: device.machine, schema: device.schema, groups: device.groups, files: device.files,
            writeCount: model.count, carried: carried)
        if dice.below(3) == 0 { try useLaptopCopy() }
    }

    /// The copy goes to another laptop, and both are used; or it takes the place of what is on the laptop.
    func useLaptopCopy() throws {
        guard let copy = laptopCopy, let device = devices.first(where: { $0.machine == copy.machine }) else { return }
        // Of more the office wants to hear first, and a run may be over within a day.
        guard copyCounts[device.family, default: 0] < Hub.largestDailyCopyCount else { return }
        copyCounts[device.family, default: 0] += 1
        model.carried.merge(copy.carried) { $0.union($1) }
        let canCopy = devices.count < settings.deviceCount + Settings.largestCopyCount
        if canCopy, dice.below(2) == 0 { try startCopy(copy, of: device) } else { try putBack(device, to: copy) }
    }

    private func startCopy(_ copy: LaptopCopy, of device: SimulatedDevice) throws {
        note(.deviceCopied)
        let machine = UInt32(devices.count + 1)
        let twin = try makeDevice(machine, family: device.family, role: device.role, schema: copy.schema)
        try twin.restart(with: stage.laptopBackup, schema: copy.schema)
        twin.groups = copy.groups
        twin.files = copy.files
        givenUp[machine] = givenUp[device.machine]
        devices.append(twin)
        narrate?("    laptop \(machine) has the copy")
    }

    private func putBack(_ device: SimulatedDevice, to copy: LaptopCopy) throws {
        note(.devicePutBack)
        _ = try recover(device)
        let before = try known(on: device)
        try device.restart(with: stage.laptopBackup, schema: copy.schema)
        device.shown = nil
        let after = try known(on: device)
        // What was decided, deleted and restored since then may be lost, and may have reached the office.
        for (id, isOpen) in before.conflicts where after.conflicts[id] != isOpen {
            model.decide(Self.word(id), settles: isOpen, isPromised: false)
        }
        for index in before.living.symmetricDifference(after.living) { model.restore(index) }
        var safe = NaiveModel.Safe()
        for sent in device.groups.values where sent.isReceipted {
            for item in sent.told.words { safe.words[item.place, default: []].insert(item.word) }
            safe.deleted.formUnion(sent.told.deleted)
        }
        model.forget(Int(device.family), after: copy.writeCount, except: safe)
        for (name, sent) in device.groups.sorted(by: { $0.key < $1.key }) where copy.groups[name] == nil {
            var told = sent.told
            // Nobody knows whether it arrived, and its number may be given once more.
            if !sent.isReceipted { told.fate = .uncertain }
            groupsBefore.append(told)
        }
        device.groups = copy.groups
        device.files = copy.files
        putBack.insert(Int(device.family))
    }

    private func known(on device: SimulatedDevice) throws -> (conflicts: [UInt128: Bool], living: Set<Int>) {
        var living: Set<Int> = []
        for (index, item) in items.enumerated() where device.schema.table(item.table) != nil {
            if try device.replica.record(table: item.table, id: item.id)?.isLiving == true { living.insert(index) }
        }
        return (try statuses(on: device), living)
    }
}
