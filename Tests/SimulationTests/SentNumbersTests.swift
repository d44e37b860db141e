import SyncCore
import SyncReplica
import Testing

@testable import Simulation

@Suite("Numbers that have left a laptop")
struct SentNumbersTests {
    private struct Cut: Error {}

    /// A sync in which every request is lost; what its groups said, by number.
    private func lostSync(of device: SimulatedDevice) -> [UInt64: [UInt8]] {
        var sent: [UInt64: [UInt8]] = [:]
        do {
            _ = try SyncSession(replica: device.replica).run { request in
                for group in request.groups { sent[group.number] = group.encoded() }
                throw Cut()
            }
        } catch {
            return sent
        }
        return sent
    }

    @Test("G4: no failing disk and no loss of power changes what a number that has left stands for", arguments: 0..<8)
    func failedSync(calls: Int) throws {
        let stage = try Stage(number: 300 + calls)
        let world = try World(Settings(seed: 1), on: stage)
        let device = world.devices[0]
        let id = RecordID(milliseconds: device.clock, random: (1, 2))
        _ = try device.replica.write {
            try $0.create(table: Ledger.book, area: Ledger.main, values: [(Ledger.title, .text("first"))], id: id)
        }
        device.disk.arm(.error, afterCalls: calls)
        _ = lostSync(of: device)
        _ = device.disk.disarm()
        try device.restart()
        let sent = lostSync(of: device)
        #expect(sent.keys.sorted() == [1])
        device.disk.losePower(Dice(UInt64(calls)))
        try device.restart()
        _ = try device.replica.write {
            try $0.edit(table: Ledger.book, record: id, values: [(Ledger.title, .text("second"))])
        }
        #expect(lostSync(of: device)[1] == sent[1])
    }
}
