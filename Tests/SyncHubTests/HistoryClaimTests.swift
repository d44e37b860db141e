import SyncCore
import Testing

@testable import SyncHub
@testable import SyncReplica

@Suite("New histories by a device's word alone")
struct HistoryClaimTests {
    private let clinic: Clinic
    private let boss: FieldLaptop
    private let priya: FieldLaptop
    private let number: UInt32

    init() throws {
        clinic = try Clinic()
        boss = try clinic.laptop("Boss", role: .admin)
        priya = try clinic.laptop("Priya", role: .worker)
        for laptop in [boss, priya] { try laptop.sync() }
        number = try #require(try priya.replica.device)
        clinic.hub.claimPauseMilliseconds = 3_600_000
    }

    /// Says that the server once gave a receipt which it does not know; anybody with the token can.
    private func claim() throws {
        var request = try SyncRequest(decoding: priya.replica.makeRequest().encoded())
        request.epoch = try clinic.hub.epoch
        request.cursors = []
        request.set(HealingRequest(receipt: 999))
        _ = try clinic.store.transaction { try clinic.hub.accept(request, from: number) }
    }

    private func lines(_ kind: AuditEntry.Kind) throws -> Int {
        try clinic.hub.auditEntries(after: 0, limit: 1_000).count { $0.kind == kind.rawValue && $0.actor == number }
    }

    @Test("A live device begins one new history an hour so, the log and doctor name it, and nothing of it is lost")
    func bounded() throws {
        let id = try priya.add("stays")
        try priya.sync()
        let first = try clinic.hub.epoch
        try claim()
        let second = try clinic.hub.epoch
        #expect(second != first)
        for _ in 1...3 {
            #expect(throws: HubError.claimedLately) { try claim() }
            #expect(try clinic.hub.epoch == second)
        }
        #expect(try lines(.restored) == 1 && lines(.historyClaimed) == 1)
        #expect(try clinic.hub.recentClaims().map(\.device) == [number])
        clinic.now += 3_600_001
        try claim()
        #expect(try clinic.hub.epoch != second)
        #expect(try clinic.hub.recentClaims().map(\.count) == [2])
        for laptop in [boss, priya, boss] { #expect(try laptop.sync().matches) }
        #expect(try clinic.value(id) == .text("stays"))
        clinic.now += 8 * 86_400_000
        #expect(try clinic.hub.recentClaims().isEmpty)
    }

    @Test(
        "G10: a device that shows what this office gave and lost is heard at once, however lately it claimed something")
    func proven() throws {
        try claim()
        for laptop in [boss, priya] { try laptop.sync() }
        let backup = try clinic.backUp()
        let id = try priya.add("lost")
        for laptop in [priya, boss] { try laptop.sync() }
        try clinic.restore(backup)
        clinic.hub.claimPauseMilliseconds = 3_600_000
        let claims = try lines(.historyClaimed)
        try priya.sync()
        #expect(try clinic.value(id) == .text("lost"))
        #expect(try lines(.historyClaimed) == claims)
    }

    @Test("Marks of a version before are believed of a device until it was heard of by this one")
    func oldMarks() throws {
        _ = try boss.add("something")
        for laptop in [boss, priya] { try laptop.sync() }
        try clinic.store.transaction { try clinic.store.setCounter(.marksKeyed, UInt64(clinic.now)) }
        var request = try SyncRequest(decoding: priya.replica.makeRequest().encoded())
        request.cursors = [Cursor(area: Office.main, sequence: 999, mark: 12_345)]
        func isProven() throws -> Bool {
            try clinic.hub.provesLoss(request, of: clinic.hub.knownDevice(number))
        }
        #expect(try isProven())
        clinic.now += 1_000
        try clinic.store.transaction { try clinic.hub.touch(number, at: clinic.now) }
        #expect(try !isProven())
    }
}
