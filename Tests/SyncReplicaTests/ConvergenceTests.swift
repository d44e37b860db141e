import SyncCore
import Testing

@testable import SyncReplica

/// Random work on several devices, with lost requests and replies, small pages, held groups and wrong clocks.
@Suite("Convergence of replicas")
struct ConvergenceTests {
    private struct Lost: Error {}

    /// SplitMix64.
    private struct SeededGenerator: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return z ^ (z >> 31)
        }
    }

    @Test("G3: at rest all devices hold what the server holds, whatever happened on the way", arguments: 0..<60)
    func convergence(seed: Int) throws {
        var random = SeededGenerator(state: UInt64(seed))
        let server = FakeServer(directory: TestModel.directory())
        let errors: [Int64] = [0, 0, 0, 500, -90_000, 1_000_000_000, -1_000_000_000]
        let devices = try (1...3).map { number in
            let device = try TestDevice(UInt32(number), server)
            device.clockError = errors.randomElement(using: &random) ?? 0
            return device
        }
        var ids: [RecordID] = []
        var open: [UInt32: RecordSnapshot] = [:]
        for _ in 0..<80 {
            server.now += Int64.random(in: 1...50_000, using: &random)
            guard let device = devices.randomElement(using: &random) else { continue }
            if Int.random(in: 0..<10, using: &random) < 6 {
                try work(on: device, &ids, &open, &random)
            } else {
                server.holds =
                    Int.random(in: 0..<5, using: &random) == 0 ? [UInt64.random(in: 1...9, using: &random)] : []
                server.pageEntries = Int.random(in: 1...8, using: &random)
                try lossySync(device, &random)
                let kept = try device.replica.digests()
                #expect(try device.replica.recomputeDigests() == kept, "seed \(seed)")
            }
        }
        server.holds = []
        try server.releaseAll()
        for _ in 0..<3 { for device in devices { try device.sync() } }
        for device in devices {
            #expect(try device.replica.heldGroups().isEmpty && device.replica.unsentCount == 0, "seed \(seed)")
            for (id, state) in server.records {
                let own = try device.replica.record(table: 1, id: id)
                #expect(own.map(Shown.init) == Shown(state), "seed \(seed), device \(device.number)")
            }
            for area in 1...2 {
                #expect(try device.replica.digests()[area] == server.digest(of: area), "seed \(seed)")
            }
            #expect(try Set(device.replica.conflicts(openOnly: false)) == Set(server.conflicts.values), "seed \(seed)")
        }
    }

    private func work(
        on device: TestDevice, _ ids: inout [RecordID], _ open: inout [UInt32: RecordSnapshot],
        _ random: inout SeededGenerator
    ) throws {
        let choice = Int.random(in: 0..<10, using: &random)
        guard choice > 1, let id = ids.randomElement(using: &random),
            let state = try device.replica.record(table: 1, id: id)
        else {
            return ids.append(try device.add("new \(random.next() % 4)", area: Int.random(in: 1...2, using: &random)))
        }
        let other = ids.randomElement(using: &random)
        // Now and then an editor stays open over whatever happens until its next use.
        let seen = open.removeValue(forKey: device.number).flatMap { $0.state.id == id ? $0 : nil }
        if choice == 4 { open[device.number] = try device.replica.snapshot(table: 1, record: id) }
        let values: [(field: Int, value: Value)] = [
            (Int.random(in: 1...2, using: &random), .text("v\(random.next() % 4)"))
        ]
        try device.replica.write { work in
            if !state.isLiving {
                try work.restore(table: 1, record: id)
            } else if choice == 2 {
                try work.delete(table: 1, record: id)
            } else {
                try work.edit(table: 1, record: id, values: values, seen: seen)
                if choice == 3, let other, try work.record(table: 1, id: other)?.isLiving == true {
                    try work.edit(table: 1, record: other, values: [(3, .integer(Int64(random.next() % 5)))])
                }
            }
        }
    }

    private func lossySync(_ device: TestDevice, _ random: inout SeededGenerator) throws {
        do {
            _ = try SyncSession(replica: device.replica, limitCount: 3).run(overlapping: { request, meanwhile in
                let moment = Int.random(in: 0..<3, using: &random)
                if moment == 0 { meanwhile() }
                if Int.random(in: 0..<6, using: &random) == 0 { throw Lost() }
                let reply = try SyncReply(decoding: device.server.reply(to: request, from: device.number).encoded())
                if moment == 1 { meanwhile() }
                if Int.random(in: 0..<6, using: &random) == 0 { throw Lost() }
                return reply
            })
        } catch is Lost {
            // Lost on the way, as it is meant to be.
        }
    }

    /// What a user sees of a record, and the stamps under it.
    private struct Shown: Equatable {
        let created: Stamp
        let fields: [FieldState]
        let existence: Stamp?
        let isLiving: Bool

        init(_ state: RecordState) {
            created = state.created
            fields = state.fields.map { FieldState(number: $0.number, value: $0.value, stamp: $0.stamp) }
            existence = state.existence?.stamp
            isLiving = state.isLiving
        }
    }
}
