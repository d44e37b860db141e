import SyncCore
import Testing

@testable import SyncHub

/// The rules of the merge under lost and repeated messages, wrong clocks and held groups, with devices that keep only
/// what a device must keep. The order of events follows from the seed alone.
@Suite("Devices and the hub, by chance")
struct HubConvergenceTests {
    /// A device in its simplest form: rows as sent, an outbox, one cursor.
    private final class Device {
        let number: UInt32
        var error: Int64
        var clock = HybridClock(highest: 0)
        var rows: [RecordID: [Int: FieldState]] = [:]
        var created: [RecordID: Stamp] = [:]
        var outbox: [ChangeGroup] = []
        var next: UInt64 = 1
        var cursor = Cursor(area: Office.main, sequence: 0, mark: 0)

        init(number: UInt32, error: Int64) {
            self.number = number
            self.error = error
        }

        /// What the device shows, and what an edit of it has seen.
        func view(_ id: RecordID, _ field: Int) -> (value: Value, base: Base) {
            for group in outbox.reversed() {
                for change in group.changes where change.record == id {
                    if let found = change.fields.first(where: { $0.field == field }) {
                        return (found.value, .own(number: group.number, time: found.time))
                    }
                }
            }
            guard let row = rows[id]?[field] else { return (.null, created[id].map { .stamp($0) } ?? .none) }
            return (row.value, .stamp(row.stamp))
        }

        func apply(_ reply: SyncReply) {
            outbox.removeAll { $0.number <= reply.receipt }
            if reply.isClockCorrected { clock.correct(to: reply.highestTime) }
            for page in reply.pages where page.area == Office.main {
                for record in page.records {
                    created[record.record] = record.created
                    if record.isWhole { rows[record.record] = [:] }
                    for field in record.fields {
                        rows[record.record, default: [:]][field.number] = field
                        clock.observe(field.stamp.time)
                    }
                }
                cursor = Cursor(area: page.area, sequence: page.sequence, mark: page.mark)
            }
        }
    }

    @Test(
        "G3 G4 G5 all devices end with the server's rows, and no value loses to one that its writer had seen",
        arguments: 1...60)
    func converge(_ seed: Int) throws {
        var dice = Dice(seed: UInt64(seed))
        let office = try Office(seed: UInt64(seed))
        let boss = try office.join("Boss", role: .admin, areas: [])
        let ids = (1...3).map { Notebook.id($0) }
        try office.push([ChangeGroup(number: 1, changes: ids.map { make($0, [:], at: at(0)) })], from: boss)
        var devices: [Device] = []
        for index in 0..<Int.random(in: 2...5, using: &dice) {
            let error = [0, 0, 500, -500, 90_000, 10_000_000, -10_000_000].randomElement(using: &dice) ?? 0
            devices.append(Device(number: try office.join("P\(index)"), error: Int64(error)))
        }
        for device in devices { try sync(device, office, isLossy: false, &dice) }
        var hadSeen: [Value: Set<Value>] = [.null: []]
        for step in 1...Int.random(in: 20...120, using: &dice) {
            guard let device = devices.randomElement(using: &dice) else { continue }
            office.now += Int64.random(in: 1...50_000, using: &dice)
            guard Int.random(in: 0..<10, using: &dice) < 6 else {
                try sync(device, office, isLossy: true, &dice)
                continue
            }
            guard let id = ids.randomElement(using: &dice) else { continue }
            let (old, base) = device.view(id, Notebook.title)
            let value = Value.text("\(step)")
            hadSeen[value] = (hadSeen[old] ?? []).union([old])
            let time = device.clock.next(nowMilliseconds: office.now + device.error)
            // Now and then a group that the server must hold: it makes a record where the device may not write.
            let isHeld = Int.random(in: 0..<10, using: &dice) == 0
            let extra = isHeld ? [make(Notebook.id(UInt64(1_000 + step)), area: Office.south, [:], at: time)] : []
            device.outbox.append(
                ChangeGroup(number: device.next, changes: [edit(id, value, at: time, base: base)] + extra))
            device.next += 1
        }
        for _ in 0..<3 { for device in devices { try sync(device, office, isLossy: false, &dice) } }
        for device in devices { #expect(device.outbox.isEmpty, "seed \(seed)") }
        try check(office, devices, ids, hadSeen, seed: seed)
    }

    private func sync(_ device: Device, _ office: Office, isLossy: Bool, _ dice: inout Dice) throws {
        office.now += Int64.random(in: 0...2_000, using: &dice)
        func isLost(_ dice: inout Dice) -> Bool { isLossy && Int.random(in: 0..<5, using: &dice) == 0 }
        if isLost(&dice) { return }
        let request = SyncRequest(
            schemaVersion: 1, epoch: try office.hub.epoch, clockMilliseconds: office.now + device.error,
            lowestOwnGroup: .max, directoryVersion: 0, cursors: device.cursor.sequence == 0 ? [] : [device.cursor],
            groups: device.outbox)
        let acceptance = try office.store.transaction { try office.hub.accept(request, from: device.number) }
        #expect(acceptance.notice == .none)
        if isLost(&dice) { return }
        device.apply(try office.hub.reply(to: request, device: device.number, acceptance: acceptance))
    }

    private func check(
        _ office: Office, _ devices: [Device], _ ids: [RecordID], _ hadSeen: [Value: Set<Value>], seed: Int
    ) throws {
        let held = Set(
            try office.hub.quarantine().flatMap { try office.hub.quarantineGroup($0.id).changes }
                .flatMap(\.fields).map(\.value))
        let conflicts = try office.hub.conflicts(openOnly: false)
        for conflict in conflicts {
            guard let a = conflict.a.value, let b = conflict.b.value else { continue }
            #expect(hadSeen[a]?.contains(b) != true && hadSeen[b]?.contains(a) != true, "false conflict, seed \(seed)")
        }
        let logged = Set(conflicts.flatMap { [$0.a.value, $0.b.value] })
        for id in ids {
            let record = try #require(try office.hub.record(table: Notebook.book, id: id))
            let current = record.field(Notebook.title)
            for device in devices {
                let shown = device.rows[id]?[Notebook.title]
                #expect(shown?.value ?? .null == current.value, "seed \(seed)")
                #expect(shown?.stamp ?? current.stamp == current.stamp, "seed \(seed)")
            }
            let history = try #require(try office.hub.history(table: Notebook.book, record: id, for: 1))
            for version in history.versions where version.value != current.value {
                #expect(hadSeen[version.value]?.contains(current.value) != true, "G5, seed \(seed)")
                let isSeen = hadSeen.contains { $0.value.contains(version.value) && !held.contains($0.key) }
                #expect(isSeen || logged.contains(version.value), "G2, seed \(seed)")
            }
        }
        #expect(try office.hub.head(area: Office.main).digest == office.recomputedDigest(area: Office.main))
    }
}
