import Database
import SyncCore
import SyncReplica
import Testing

@testable import SyncHub

@Suite("What a restored server believes")
struct RestoredTrustTests {
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

    // MARK: People

    @Test("G10: a directory that a device brings along makes nobody an admin", arguments: ["Boss", "server", "office"])
    func directory(claimed: String) throws {
        let backup = try clinic.backUp()
        let late = try clinic.laptop("Late", role: .worker)
        try late.sync()
        try clinic.restore(backup)
        var request = try #require(try late.replica.introduction())
        guard case .ledger(let entries, var directory?)? = try request.healing()?.step else {
            Issue.record("no ledger")
            return
        }
        let number = try #require(try late.replica.device)
        for index in directory.devices.indices where directory.devices[index].number == number {
            directory.devices[index].person = claimed
        }
        request.set(HealingRequest(receipt: 0, step: .ledger(entries, directory: directory)))
        #expect(try clinic.hub.introduce(tokenHash: late.token, request))
        let device = try record(of: late)
        #expect(device.role == .worker && device.areas == [Office.main])
        #expect(device.person != "Boss" && device.person != Hub.officePerson)
        #expect(try record(of: boss).role == .admin)
    }

    @Test("G10: a second laptop of a person is theirs again, whatever the directory calls them")
    func secondLaptop() throws {
        let backup = try clinic.backUp()
        // Opened anew, so that the second invitation has another secret.
        try clinic.restore(backup)
        let second = try clinic.laptop("Priya", role: .worker)
        try second.sync()
        try clinic.restore(backup)
        try second.sync()
        #expect(try record(of: second).person == "Priya")
        #expect(try record(of: second).role == .worker)
    }

    @Test("G10: a revoked device begins no new history")
    func revoked() throws {
        let number = try #require(try priya.replica.device)
        try clinic.hub.revoke(number)
        let epoch = try clinic.hub.epoch
        var request = try SyncRequest(decoding: priya.replica.makeRequest().encoded())
        request.set(HealingRequest(receipt: 1_000))
        request.set(LedgerProgress(count: 1_000, hash: 7, hasKey: true))
        _ = try clinic.store.transaction { try clinic.hub.accept(request, from: number) }
        #expect(try clinic.hub.epoch == epoch)
        #expect(try clinic.hub.healing() == nil)
    }

    @Test(
        "G8: a token that was changed begins no new history with the office's ledger, whatever history it claims",
        arguments: [false, true])
    func outdatedToken(isRevoked: Bool) throws {
        let number = try #require(try priya.replica.device)
        try clinic.store.transaction { try clinic.store.setToken([UInt8](repeating: 7, count: 32), ofDevice: number) }
        if isRevoked { try clinic.hub.revoke(number) }
        try boss.sync()
        let (epoch, ledger) = (try clinic.hub.epoch, try clinic.hub.ledger(after: 0))
        var request = try #require(try priya.replica.introduction())
        for claimed in [epoch, [UInt8](repeating: 1, count: 16), [UInt8](repeating: 2, count: 16)] {
            request.epoch = claimed
            #expect(try !clinic.hub.introduce(tokenHash: priya.token, request))
        }
        #expect(try clinic.hub.epoch == epoch && clinic.hub.healing() == nil)
        #expect(try clinic.hub.ledger(after: 0) == ledger)
    }

    @Test("G10: a device that joins while the server is healed is not waited for")
    func newcomer() throws {
        let backup = try clinic.backUp()
        let id = try priya.add("lost")
        try priya.sync()
        try clinic.restore(backup)
        try priya.sync()
        #expect(try clinic.hub.healing() != nil)
        _ = try clinic.laptop("New")
        try boss.sync()
        #expect(try clinic.hub.healing() == nil)
        #expect(try clinic.value(id) == .text("lost"))
    }

    @Test("G10: a ledger that is begun anew on an old copy overrules nothing that was decided since")
    func ledgerBegunAnew() throws {
        try clinic.hub.give(person: "Priya", area: Office.south)
        let backup = try clinic.backUp()
        clinic.now += 1_000
        try clinic.hub.take(person: "Priya", area: Office.south)
        try boss.sync()
        clinic.now += 1_000
        // The copy of a version that kept no ledger yet.
        let copy = try Notebook.database(path: backup)
        try copy.execute("DELETE FROM ledger")
        try copy.checkpoint(.truncate)
        try clinic.restore(backup)
        #expect(try clinic.store.lastLedgerEntry() == nil)
        try clinic.hub.beginLedger()
        #expect(try record(of: priya).areas == [Office.main, Office.south])
        try boss.sync()
        #expect(try record(of: priya).areas == [Office.main])
    }

    @Test("G10: who was let in after the backup, and whose name no other laptop is told, has it again once they sync")
    func nameless() throws {
        let backup = try clinic.backUp()
        let max = try clinic.laptop("Max", role: .member, areas: [Office.south])
        for laptop in [max, priya] { try laptop.sync() }
        try clinic.restore(backup)
        try priya.sync()
        let number = try #require(try max.replica.device)
        let unnamed = try clinic.hub.knownDevice(number)
        #expect([unnamed.name, unnamed.person] == ["device \(number)", "person \(number)"])
        try max.sync()
        let named = try clinic.hub.knownDevice(number)
        #expect([named.name, named.person] == ["laptop of Max", "Max"])
        #expect(named.role == .member && named.areas == [Office.south])
    }

    // MARK: Second-hand rows

    /// Hands rows over as a device does while the server is healed; whether they are refused loudly or passed over is
    /// another test's matter.
    private func handOver(_ rows: VouchedRows, from laptop: FieldLaptop) throws {
        let device = try record(of: laptop)
        do {
            try clinic.store.transaction {
                if try clinic.store.healing() == nil { try clinic.hub.beginHealing() }
                try clinic.store.addHealingProof(device.number)
                _ = try clinic.hub.heal(.rows(rows), from: device)
            }
        } catch let error as HubError where error == .handoverRefused || error == .clockBehind {}
    }

    private func rows(_ records: [RecordUpdate] = [], _ conflicts: [Conflict] = []) -> VouchedRows {
        VouchedRows(pages: [
            FeedPage(
                area: Office.main, sequence: 0, mark: 0, isComplete: true, digest: nil, records: records,
                conflicts: conflicts)
        ])
    }

    private var future: Stamp { Stamp(time: at(1 << 40), device: 1) }

    /// What somebody with a laptop's token can say to be believed.
    enum Claim: CaseIterable { case receipt, madeUpHistory, ownMarkElsewhere }

    @Test("Nobody writes in another's name by claiming that the server lost something", arguments: Claim.allCases)
    func forged(kind: Claim) throws {
        let id = try boss.add("all is well")
        for laptop in [boss, priya] { try laptop.sync() }
        let created = try #require(try clinic.hub.record(table: Notebook.book, id: id)).created
        let library = Notebook.id(77)
        let number = try #require(try priya.replica.device)
        // What a tool of one's own says with a laptop's token.
        var claim = try SyncRequest(decoding: priya.replica.makeRequest().encoded())
        claim.set(HealingRequest(receipt: 999))
        try #require(claim.cursors.contains { $0.mark != 0 })
        switch kind {
        case .receipt: break
        case .madeUpHistory:
            claim.epoch = [UInt8](repeating: 3, count: 16)
            claim.cursors = claim.cursors.map { Cursor(area: $0.area, sequence: 999, mark: $0.mark ^ 1) }
        case .ownMarkElsewhere:
            claim.cursors = claim.cursors.map { Cursor(area: $0.area, sequence: 999, mark: $0.mark) }
        }
        func accept(_ request: SyncRequest) throws {
            _ = try clinic.store.transaction { try clinic.hub.accept(request, from: number) }
        }
        try accept(claim)
        var rows = claim
        rows.epoch = try clinic.hub.epoch
        rows.cursors = []
        let now = Stamp(time: at(clinic.now - Office.start), device: created.device)
        let words = FieldState(number: Notebook.title, value: .text("forged"), stamp: now, base: nil)
        let updates = [
            RecordUpdate(
                table: Notebook.book, record: id, created: created, isWhole: false, fields: [words], existence: nil,
                isLiving: true),
            RecordUpdate(
                table: Notebook.book, record: library, created: now, isWhole: true, fields: [words], existence: nil,
                isLiving: true),
        ]
        rows.set(HealingRequest(receipt: 999, step: .rows(self.rows(updates))))
        try accept(rows)
        #expect(try clinic.value(id) == .text("all is well"))
        #expect(try clinic.hub.record(table: Notebook.book, id: library) == nil)
        let lines = try clinic.hub.auditEntries(after: 0, limit: 1_000)
        #expect(lines.contains { $0.kind == AuditEntry.Kind.restored.rawValue && $0.actor == number })
        // Nobody is the worse for it.
        for laptop in [boss, priya, boss] { #expect(try laptop.sync().matches) }
        #expect(try priya.title(id) == "all is well")
    }

    @Test("G10: a deletion of the far future is not believed")
    func futureDeletion() throws {
        let id = try priya.add("stays")
        try priya.sync()
        let created = try #require(try clinic.hub.record(table: Notebook.book, id: id)).created
        let existence = ExistenceState(isAlive: false, stamp: future, base: nil, seen: [])
        let update = RecordUpdate(
            table: Notebook.book, record: id, created: created, isWhole: true, fields: [], existence: existence,
            isLiving: false)
        try handOver(rows([update]), from: boss)
        #expect(try clinic.hub.record(table: Notebook.book, id: id)?.isLiving == true)
    }

    @Test("G10: what is not a number is not taken second-hand")
    func notANumber() throws {
        let created = Stamp(time: at(5), device: try #require(try priya.replica.device))
        let update = RecordUpdate(
            table: Notebook.page, record: Notebook.id(9), created: created, isWhole: true,
            fields: [FieldState(number: 2, value: .real(.nan), stamp: created, base: nil)], existence: nil,
            isLiving: true)
        try handOver(rows([update]), from: boss)
        #expect(try clinic.hub.record(table: Notebook.page, id: Notebook.id(9)) == nil)
        #expect(try clinic.hub.areasWithWrongDigest() == [])
    }

    private func conflict(
        _ id: RecordID, _ a: Stamp, _ b: Stamp, value: Value = .text("a"), verdict: Conflict.Verdict? = nil,
        status: Conflict.Status = .open
    ) -> Conflict {
        Conflict(
            id: Conflict.id(record: id, field: Notebook.title, stamps: (a, b), hash: Notebook.hash),
            table: Notebook.book, record: id, area: Office.main, field: Notebook.title,
            a: .init(value: value, stamp: a), b: .init(value: .text("b"), stamp: b), before: .null, kept: .b,
            status: status, verdict: verdict)
    }

    @Test("G10: a conflict with a side or a decision of the far future, or with what is no number, is not taken")
    func impossibleConflicts() throws {
        let id = try priya.add("stays")
        try priya.sync()
        let (a, b) = (Stamp(time: at(1), device: 1), Stamp(time: at(2), device: 2))
        let verdict = Conflict.Verdict(stamp: future, action: .resolve, why: nil)
        for wrong in [
            conflict(id, a, future), conflict(id, a, b, value: .real(.nan)),
            conflict(id, a, b, verdict: verdict, status: .resolved),
        ] {
            try handOver(rows([], [wrong]), from: boss)
            #expect(try clinic.hub.conflicts(openOnly: false) == [])
        }
        try handOver(rows([], [conflict(id, a, b)]), from: boss)
        #expect(try clinic.hub.conflicts(openOnly: true).count == 1)
    }

    @Test("G10: a conflict comes back from anybody, that it is settled from a lead or an admin alone")
    func verdicts() throws {
        let id = try priya.add("stays")
        try priya.sync()
        let (a, b) = (Stamp(time: at(1), device: 1), Stamp(time: at(2), device: 2))
        let verdict = Conflict.Verdict(stamp: Stamp(time: at(3), device: 1), action: .resolve, why: "so")
        let settled = conflict(id, a, b, verdict: verdict, status: .resolved)
        let withdrawn = conflict(id, a, b, status: .withdrawn)
        for told in [settled, withdrawn, settled] {
            try handOver(rows([], [told]), from: priya)
            let found = try #require(try clinic.hub.conflicts(openOnly: false).first)
            #expect(found.status == .open && found.verdict == nil)
        }
        try handOver(rows([], [settled]), from: boss)
        #expect(try clinic.hub.conflicts(openOnly: false) == [settled])
    }
}
