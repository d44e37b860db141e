import Database
import SyncCore
import SyncReplica
import Testing

@testable import SyncHub

@Suite("Work that did not come into force, after a restore")
struct ReturnedHealingTests {
    private let clinic: Clinic
    private let priya: FieldLaptop
    private let sam: FieldLaptop
    /// A record that everybody has.
    private let id: RecordID

    init() throws {
        clinic = try Clinic()
        priya = try clinic.laptop("Priya")
        sam = try clinic.laptop("Sam")
        id = try priya.add("first")
        for laptop in [priya, sam, priya] { try laptop.sync() }
    }

    /// Sam's laptop sends what it has while the office holds everything of his.
    private func sendHeld() throws {
        clinic.now += 10
        try sam.replica.freeze()
        let request = try sam.replica.makeRequest()
        let number = try #require(try sam.replica.device)
        try setRevoked(number, true)
        let acceptance = try clinic.store.transaction { try clinic.hub.accept(request, from: number) }
        try setRevoked(number, false)
        let reply = try clinic.hub.reply(to: request, device: number, acceptance: acceptance)
        #expect(try sam.replica.apply(reply).held.map(\.number) == [1])
    }

    private func setRevoked(_ device: UInt32, _ isRevoked: Bool) throws {
        try clinic.store.transaction {
            try clinic.store.database.run(
                "UPDATE device SET revoked = ? WHERE number = ?", .integer(isRevoked ? 1 : 0), .integer(Int64(device)))
        }
    }

    private func settle() throws {
        for _ in 0..<3 { for laptop in [priya, sam] { #expect(try laptop.sync().matches) } }
        #expect(try clinic.hub.areasWithWrongDigest() == [])
        #expect(try clinic.hub.healing() == nil)
    }

    /// How the first group ends, and whether the backup is from before it arrived.
    @Test(
        "G6 G10: what the office discarded or its author took back does not come into force after a restore, and later edits had seen it",
        arguments: [HeldOutcome.Kind.discarded, .withdrawn], [true, false])
    func notOffered(kind: HeldOutcome.Kind, isBackupEarly: Bool) throws {
        var backup = try clinic.backUp()
        try sam.edit(id, "refused")
        try sendHeld()
        if !isBackupEarly { backup = try clinic.backUp() }
        // Written on top of what is held, and so on top of it in every history.
        try sam.edit(id, "on top")
        if kind == .discarded {
            let held = try #require(try clinic.hub.quarantine().first)
            _ = try clinic.store.transaction { try clinic.hub.discardHeld(held.id, why: "entered twice") }
        } else {
            _ = try sam.replica.withdraw(1)
        }
        try settle()
        #expect(try clinic.value(id) == .text("on top"))
        #expect(try clinic.hub.conflicts(openOnly: false) == [])
        try clinic.restore(backup)
        try settle()
        #expect(try clinic.value(id) == .text("on top"))
        #expect(try clinic.hub.quarantine() == [])
        #expect(try clinic.hub.conflicts(openOnly: false) == [])
        let stored = try #require(try clinic.store.record(table: Notebook.book, id: id))
        let versions = try clinic.store.versions(table: Notebook.book, key: stored.key)
        #expect(!versions.contains { $0.value == .text("refused") })
        let device = try #require(try sam.replica.device)
        let outcome = try #require(try clinic.store.heldOutcome(device: device, number: 1))
        #expect(outcome.kind == kind && outcome.why == (kind == .discarded ? "entered twice" : nil))
    }

    @Test(
        "G6: what the office had accepted before a restore and discards after it stays out of force, whoever had seen it"
    )
    func discardedAfterRestore() throws {
        try sam.edit(id, "refused")
        try sendHeld()
        let backup = try clinic.backUp()
        let held = try #require(try clinic.hub.quarantine().first).id
        _ = try clinic.store.transaction { try clinic.hub.acceptHeld(held, why: nil) }
        try priya.sync()
        #expect(try priya.title(id) == "refused")
        try clinic.restore(backup)
        _ = try clinic.store.transaction { try clinic.hub.discardHeld(held, why: nil) }
        try settle()
        #expect(try clinic.value(id) == .text("first"))
        #expect(try priya.title(id) == "first" && sam.title(id) == "first")
        #expect(try clinic.hub.conflicts(openOnly: false) == [])
    }
}
