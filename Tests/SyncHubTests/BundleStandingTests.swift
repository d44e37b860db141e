import SyncCore
import Testing

@testable import SyncHub

@Suite("Where a device stood when it made a sealed file")
struct BundleStandingTests {
    private let office: Office
    private let device: UInt32

    init() throws {
        office = try Office()
        try office.hub.invite(person: "Ada", role: .worker, areas: [2], expires: .max, secretHash: [1])
        device = try office.hub.join(secretHash: [1], deviceName: "laptop", tokenHash: [9])
    }

    /// Takes a file that was made then, and returns the areas that an answer would begin with.
    private func take(made: Int64, areas: [Int]) throws -> [Int] {
        let request = SyncRequest(
            schemaVersion: 1, epoch: try office.hub.epoch, clockMilliseconds: 0, lowestOwnGroup: .max,
            directoryVersion: 0, cursors: areas.map { Cursor(area: $0, sequence: 0, mark: 0) }, groups: [])
        _ = try office.hub.takingBundles { try office.hub.accept(bundle: request, made: made, from: device) }
        return try office.hub.bundleReplies(for: device, limitBytes: 1)?.cursors.map(\.area) ?? []
    }

    @Test("A file that comes late tells nothing new; the next one does")
    func late() throws {
        #expect(try take(made: office.now, areas: [1, 2]) == [1, 2])
        #expect(try take(made: office.now - 1, areas: [1]) == [1, 2])
        office.now += 1_000
        #expect(try take(made: office.now, areas: [1]) == [1])
    }

    @Test("A file made while the laptop's clock was a year fast does not outdo all that come later")
    func fastClock() throws {
        #expect(try take(made: office.now + 366 * 86_400_000, areas: [1]) == [1])
        office.now += 60_000
        #expect(try take(made: office.now - 1_000, areas: [1, 2]) == [1, 2])
        #expect(try take(made: office.now - 2_000, areas: [1]) == [1, 2])
    }

    @Test("What an earlier version kept with a time to come is replaced by what comes next")
    func keptBefore() throws {
        _ = try take(made: office.now, areas: [1])
        let standing = try #require(try office.store.bundleStanding(ofDevice: device))
        try office.store.transaction {
            try office.store.setBundleStanding(
                BundleStanding(made: office.now + 1_000_000, request: standing.request), ofDevice: device)
        }
        #expect(try take(made: office.now - 5, areas: [1, 2]) == [1, 2])
    }
}
