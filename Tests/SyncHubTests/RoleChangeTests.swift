import SyncCore
import SyncReplica
import Testing

@testable import SyncHub

@Suite("Another role for somebody who is known")
struct RoleChangeTests {
    private let clinic: Clinic
    private let boss: FieldLaptop
    private let priya: FieldLaptop

    init() throws {
        clinic = try Clinic()
        boss = try clinic.laptop("Boss", role: .admin)
        priya = try clinic.laptop("Priya", role: .worker)
        try boss.sync()
        try priya.sync()
    }

    private func record(of laptop: FieldLaptop) throws -> DeviceRecord {
        try clinic.hub.knownDevice(try #require(try laptop.replica.device))
    }

    @Test("It counts for all devices, leaves a signed line, and voids invitations for the role before")
    func change() throws {
        try clinic.hub.invite(
            person: "Priya", role: .worker, areas: [], expires: clinic.now + 1_000, secretHash: [9])
        let before = try #require(try clinic.store.lastLedgerEntry()).number
        try clinic.hub.change(role: .lead, ofPerson: "Priya")
        let lines = try clinic.hub.ledger(after: before)
        #expect(lines.map(\.kind) == [LedgerEntry.Kind.role.rawValue])
        let change = try LedgerContent.RoleChange(decoding: try #require(lines.first).payload)
        #expect(change == LedgerContent.RoleChange(person: try record(of: priya).number, role: .lead))
        #expect(throws: HubError.invitationRefused) {
            try clinic.hub.join(secretHash: [9], deviceName: "x", tokenHash: [8])
        }
        try priya.sync()
        #expect(try priya.replica.directory()?.role == .lead)
        #expect(try record(of: priya).areas == [Office.main])
        #expect(throws: HubError.lastAdmin) { try clinic.hub.change(role: .worker, ofPerson: "Boss", areas: []) }
        #expect(throws: HubError.personUnknown) { try clinic.hub.change(role: .worker, ofPerson: "Nobody") }
        #expect(throws: HubError.personUnknown) { try clinic.hub.change(role: .worker, ofPerson: Hub.officePerson) }
        #expect(try record(of: boss).role == .admin, "what was refused left nothing")
    }

    @Test(
        "G10: a restored server learns from the ledger who has another role, and whose the devices are that joined since"
    )
    func restored() throws {
        let backup = try clinic.backUp()
        clinic.now += 1_000
        try clinic.hub.change(role: .lead, ofPerson: "Priya")
        // Opened anew, so that the second invitation has another secret.
        try clinic.restore(try clinic.backUp())
        let second = try clinic.laptop("Priya", role: .lead)
        clinic.now += 1_000
        try clinic.hub.change(role: .worker, ofPerson: "Priya", areas: [Office.south])
        try second.sync()
        try clinic.restore(backup)
        try second.sync()
        #expect(try record(of: priya).role == .worker)
        #expect(try record(of: second).person == "Priya" && record(of: second).role == .worker)
        #expect(try record(of: priya).areas == [Office.south])
    }

    @Test("G10: what was decided of a role on the restored server since stands against an older line of the ledger")
    func decidedSince() throws {
        let backup = try clinic.backUp()
        clinic.now += 1_000
        try clinic.hub.change(role: .lead, ofPerson: "Priya")
        try priya.sync()
        try clinic.restore(backup)
        clinic.now += 1_000
        try clinic.hub.change(role: .auditor, ofPerson: "Priya", areas: [])
        try boss.sync()
        try priya.sync()
        #expect(try record(of: priya).role == .auditor)
    }
}
