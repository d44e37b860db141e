import SyncCore
import Testing

@testable import SyncHub
@testable import SyncReplica

/// The times that a server gave to work of a laptop whose clock was wrong go no sooner than what bears or names them.
@Suite("Final times of work that was settled long ago, or is held since then")
struct ForgottenTimeTests {
    private static let day: Int64 = 86_400_000
    private let clinic: Clinic
    private let sam: FieldLaptop
    /// From before anything was sent.
    private let backup: String

    init() throws {
        clinic = try Clinic()
        sam = try clinic.laptop("Sam")
        backup = try clinic.backUp()
    }

    private func setClock(daysFast: Int64) { sam.clockError = daysFast * Self.day }

    /// Syncs as the program does, with what follows it.
    private func syncAndForget() throws {
        try sam.sync()
        try sam.replica.forgetOld(serverMilliseconds: clinic.now)
    }

    @Test("G3 G10: held work of a clock that was ten years fast comes back to a restored server with its final time")
    func heldWork() throws {
        try sam.add("settled long ago")
        try syncAndForget()
        clinic.now += 91 * Self.day
        setClock(daysFast: 3_650)
        let id = try sam.add("held")
        let held = try clinic.sendHeld(sam)
        setClock(daysFast: 0)
        try sam.add("settled since")
        try syncAndForget()
        try #require(try sam.replica.kept.parts(after: 0).keys.sorted() == [3])
        let times = try clinic.store.corrections(device: held.device, numbers: 2...2)
        try #require(!times.isEmpty)
        try clinic.restore(backup)
        #expect(try sam.sync().hasHealed)
        #expect(try clinic.store.corrections(device: held.device, numbers: 2...2) == times)
        try clinic.settle(sam)
        // Whoever restored it does not hold it.
        #expect(try clinic.value(id) == .text("held") && sam.title(id) == "held")
    }

    @Test("G5 G10: what held work had seen of work that was settled long ago goes along under a new identity")
    func seenByHeldWork() throws {
        try sam.add("settled long ago")
        try syncAndForget()
        setClock(daysFast: 3_650)
        let id = try sam.add("first")
        try sam.replica.freeze()
        let request = try sam.replica.makeRequest()
        // Written before the laptop hears of the time that the first one was given.
        try sam.edit(id, "held")
        setClock(daysFast: 0)
        _ = try sam.replica.apply(clinic.answer(request.encoded(), token: sam.token))
        _ = try clinic.sendHeld(sam)
        try syncAndForget()
        clinic.now += 91 * Self.day
        try sam.add("settled since")
        try syncAndForget()
        try #require(try sam.replica.kept.parts(after: 0).keys.sorted() == [4])
        let twin = try sam.copy()
        try sam.add("of the first")
        try sam.sync()
        try twin.add("of the second")
        #expect(try twin.sync().hasNewIdentity)
        // Under its new number nobody holds it.
        #expect(try clinic.value(id) == .text("held"))
        #expect(try clinic.hub.quarantine().map(\.number) == [3])
        #expect(try clinic.hub.conflicts(openOnly: false) == [])
    }
}
