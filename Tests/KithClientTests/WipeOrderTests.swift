import Cryptography
import Foundation
import SyncCore
import Synchronization
import Terminal
import Testing

@testable import KithClient

@Suite("Orders to remove everything")
struct WipeOrderTests {
    private let key: OfficeKey
    private let laptop: FieldLaptop

    init() throws {
        key = try OfficeKey(seed: [UInt8](repeating: 5, count: 32))
        laptop = try FieldLaptop(isJoined: false)
        let publicKey = key.publicKey
        laptop.office.state.withLock { $0.officeKey = publicKey }
        try #require(laptop.run(["join", try FieldLaptop.code(), "--device", "Priya's laptop"]).code == .done)
        _ = try laptop.visit()
    }

    private func order(
        for device: UInt32 = PaperOffice.device, kind: LedgerEntry.Kind = .wipe, signedBy other: OfficeKey? = nil
    ) -> LedgerEntry {
        var entry = LedgerEntry(
            number: 9, kind: kind.rawValue, time: 1, previous: 0,
            payload: LedgerContent.Revocation(device: device).encoded())
        entry.signature = (other ?? key).sign(entry.signedBytes)
        return entry
    }

    /// - Parameter receipt: how far the office took what was handed in.
    private func sync(with order: [UInt8], receipt: UInt64 = 0) -> FieldLaptop.Run {
        laptop.office.state.withLock { $0.syncError = .shutOut(receipt: receipt, order: order) }
        return laptop.run(["sync"])
    }

    @Test("G8: an order that is unsigned, another office's, for another laptop or about something else is not followed")
    func refused() throws {
        let stranger = try OfficeKey(seed: [UInt8](repeating: 6, count: 32))
        var unsigned = order()
        unsigned.signature = [UInt8](repeating: 0, count: 64)
        var changed = order(for: 8)
        changed.payload = LedgerContent.Revocation(device: PaperOffice.device).encoded()
        let orders = [
            unsigned, order(signedBy: stranger), order(for: 8), order(kind: .revocation), changed,
        ].map { $0.encoded() }
        for bytes in orders + [[], [0xFF], Array(order().encoded().dropLast())] {
            #expect(sync(with: bytes).code == .refused)
            #expect(try laptop.json("visit", "list").values.count == 1)
        }
    }

    @Test("G8: the office's order for this laptop removes everything that kith keeps here")
    func followed() throws {
        let visit = try #require(try laptop.json("visit", "list").values.first?["id"]?.text)
        _ = laptop.run(["visit", "edit", visit, "--dry-run"], isTerminal: true, editor: "printf words >")
        try #require(FileManager.default.fileExists(atPath: laptop.folder + "/unsaved"))
        let run = sync(with: order().encoded(), receipt: 2)
        #expect(run.code == .refused && run.errors.contains("nothing of them is here any more"), "\(run.errors)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: laptop.folder).isEmpty)
        #expect(laptop.run(["visit", "list"]).code == .failed)
    }

    @Test("G8: what was saved after all was handed in stays until that is handed in, too")
    func savedMeanwhile() throws {
        let opened = try Laptop(home: HomeFolder(path: laptop.folder), creating: false, clock: { FieldLaptop.now })
        let wipe = try #require(try LaptopWipe(order: order().encoded(), laptop: opened))
        #expect(try wipe.carryOut(laptop.office, handedIn: 0) == nil, "nothing was removed")
        #expect(try laptop.json("visit", "list").values.count == 1)
    }

    @Test("G8: nothing is removed as long as the office does not take what is here alone")
    func notHandedIn() throws {
        let run = sync(with: order().encoded())
        #expect(run.code == .refused && run.errors.contains("2 changes could not be handed in"), "\(run.errors)")
        #expect(try laptop.json("visit", "list").values.count == 1)
    }
}
