import SyncCore
import SyncReplica
import Testing

@testable import SyncHub

@Suite("Who hands over late, wrongly, or to a wrong clock")
struct LateHealingTests {
    private let clinic: Clinic
    private let priya: FieldLaptop
    private let sam: FieldLaptop

    init() throws {
        clinic = try Clinic()
        priya = try clinic.laptop("Priya")
        sam = try clinic.laptop("Sam")
    }

    private func settle(_ laptops: FieldLaptop..., rounds: Int = 3) throws {
        for _ in 0..<rounds { for laptop in laptops { try laptop.sync() } }
        for laptop in laptops { #expect(try laptop.sync().matches) }
        #expect(try clinic.hub.areasWithWrongDigest() == [])
    }

    private func step(
        _ step: HealingRequest.Step, from laptop: FieldLaptop, behind number: UInt64 = 0
    ) throws -> SyncReply {
        var request = try laptop.replica.makeRequest()
        request.epoch = try clinic.hub.epoch
        request.groups = []
        request.set(HandoverProgress(groups: number))
        request.set(HealingRequest(receipt: 0, step: step))
        return try clinic.answer(request.encoded(), token: laptop.token)
    }

    @Test("G10: an area that was given twice in the same moment does not keep a restored server from healing")
    func sameDecisionTwice() throws {
        let clinic = try Clinic()
        let priya = try clinic.laptop("Priya")
        try clinic.hub.give(person: "Priya", area: Office.south)
        let backup = try clinic.backUp()
        try clinic.hub.give(person: "Priya", area: Office.south)
        try priya.sync()
        try clinic.restore(backup)
        #expect(try priya.sync().hasHealed)
        #expect(try priya.sync().matches)
        #expect(try clinic.hub.ledger(after: 0).last?.number == priya.replica.ledger.last()?.number)
    }

    @Test("G10: from a server that is not healed nobody gets anything in by handing over")
    func nothingToHeal() throws {
        let id = try priya.add("first")
        try settle(priya, sam)
        let number = try #require(try sam.replica.device)
        let last = try clinic.hub.knownDevice(number).lastGroup
        for wrong in [
            HealingRequest.Step.groups(through: last + 100, [], corrections: [], rows: VouchedRows()), .buckets([]),
            .rows(VouchedRows()),
        ] {
            #expect(try step(wrong, from: sam).notice == .otherHistory)
        }
        #expect(try clinic.hub.knownDevice(number).lastGroup == last)
        #expect(try clinic.hub.healing() == nil)
        try sam.edit(id, "second")
        try settle(sam, priya)
        #expect(try clinic.value(id) == .text("second"))
    }

    @Test("G10: whose step shares its commit with a sign of another loss is told to begin anew")
    func sharedCommit() throws {
        let id = try priya.add("first")
        try settle(priya, sam)
        let backup = try clinic.backUp()
        try priya.edit(id, "second")
        try settle(priya, sam)
        // Sam has seen a history that the second restore loses.
        try clinic.restore(backup)
        try sam.sync()
        try clinic.restore(backup)
        let invitation = try clinic.answer(priya.replica.makeRequest().encoded(), token: priya.token)
        #expect(invitation.notice == .otherHistory)
        var step = try priya.replica.makeRequest()
        step.epoch = invitation.epoch
        step.set(HealingRequest(receipt: 0, step: .buckets([])))
        let (number, other) = (try #require(try priya.replica.device), try #require(try sam.replica.device))
        let acceptance = try clinic.store.transaction {
            let acceptance = try clinic.hub.accept(step, from: number)
            _ = try clinic.hub.accept(try sam.replica.makeRequest(), from: other)
            return acceptance
        }
        #expect(acceptance.healing != nil)
        let reply = try clinic.hub.reply(to: step, device: number, acceptance: acceptance)
        #expect(try reply.notice == .otherHistory && reply.epoch == clinic.hub.epoch && reply.epoch != step.epoch)
        try settle(priya, sam)
        #expect(try clinic.value(id) == .text("second"))
    }

    @Test("G10: who has reported hands over nothing more")
    func reported() throws {
        try settle(priya, sam)
        let backup = try clinic.backUp()
        try priya.add("lost")
        try priya.sync()
        try clinic.restore(backup)
        try priya.sync()
        #expect(try clinic.hub.healing() != nil)
        #expect(try step(.rows(VouchedRows()), from: priya).notice == .otherHistory)
    }

    @Test("G2 G10: a step behind groups that were lost once more changes nothing, and what was lost is not passed over")
    func behindLost() throws {
        try settle(priya, sam)
        let backup = try clinic.backUp()
        let made = try (1...2).map { try priya.add("lost \($0)") }
        try priya.sync()
        try clinic.restore(backup)
        try clinic.store.transaction { try clinic.hub.beginHealing() }
        let number = try #require(try priya.replica.device)
        let last = try clinic.hub.knownDevice(number).lastGroup
        for late in [
            HealingRequest.Step.groups(through: last + 2, [], corrections: [], rows: VouchedRows()), .buckets([]),
            .rows(VouchedRows()), .done,
        ] {
            #expect(try step(late, from: priya, behind: last + 2).notice == .otherHistory)
        }
        #expect(try clinic.hub.knownDevice(number).lastGroup == last)
        #expect(try clinic.hub.isAwaited(number))
        try settle(priya, sam)
        #expect(try clinic.hub.knownDevice(number).lastGroup == last + 2)
        for (index, id) in made.enumerated() { #expect(try clinic.value(id) == .text("lost \(index + 1)")) }
        #expect(try clinic.hub.vouchedCount() == 0)
    }

    @Test("G10: a laptop that comes a year after all others reported loses nothing of what it holds")
    func late() throws {
        try settle(priya, sam)
        let backup = try clinic.backUp()
        let late = try clinic.laptop("Late")
        let gone = try clinic.laptop("Gone")
        let id = try gone.add("by somebody who is gone")
        try gone.sync()
        try late.sync()
        try clinic.restore(backup)
        // Something shows the loss, and all that the server knows report.
        let lost = try priya.replica.makeRequest()
        #expect(lost.cursors.count > 0)
        try clinic.store.transaction { try clinic.hub.beginHealing() }
        try settle(priya, sam)
        #expect(try clinic.hub.healing() == nil)
        clinic.now += 365 * 86_400_000
        try late.sync()
        #expect(try clinic.value(id) == .text("by somebody who is gone"))
        #expect(try late.title(id) == "by somebody who is gone")
        try settle(late, priya, sam)
        #expect(try priya.title(id) == "by somebody who is gone")
    }

    @Test("G10: a laptop that is waited for longer than 90 days brings back others' work too")
    func slow() throws {
        try settle(priya, sam)
        let backup = try clinic.backUp()
        let id = try priya.add("Priya's")
        try settle(priya, sam)
        try clinic.restore(backup)
        try clinic.store.transaction { try clinic.hub.beginHealing() }
        clinic.now += 120 * 86_400_000
        try sam.sync()
        #expect(try clinic.value(id) == .text("Priya's"))
        #expect(try sam.title(id) == "Priya's")
    }

    @Test("G10: a server whose clock is behind takes nothing, and nothing leaves the laptops")
    func clockBehind() throws {
        try settle(priya, sam)
        let backup = try clinic.backUp()
        clinic.now += 30 * 86_400_000
        let id = try priya.add("Priya's")
        try settle(priya, sam)
        try clinic.restore(backup)
        let right = clinic.now
        clinic.now -= 29 * 86_400_000
        #expect(throws: HubError.clockBehind) { try sam.sync() }
        #expect(throws: HubError.clockBehind) { try priya.sync() }
        #expect(try sam.title(id) == "Priya's" && priya.title(id) == "Priya's")
        clinic.now = right
        try settle(sam, priya)
        #expect(try clinic.value(id) == .text("Priya's"))
        #expect(try sam.title(id) == "Priya's" && priya.title(id) == "Priya's")
        #expect(try clinic.hub.conflicts(openOnly: false) == [])
    }

    @Test("G10: a record that lived on against a delete lives on when it comes back second-hand")
    func livesAgainstDelete() throws {
        let third = try clinic.laptop("Third")
        let id = try priya.add("first")
        try settle(priya, sam, third)
        let backup = try clinic.backUp()
        try priya.edit(id, "second")
        try sam.delete(id)
        try sam.sync()
        try settle(priya, sam, third)
        #expect(try third.title(id) == "second")
        try clinic.restore(backup)
        try third.sync()
        #expect(try clinic.hub.record(table: Notebook.book, id: id)?.isLiving == true)
        #expect(try third.title(id) == "second")
        try settle(third, priya, sam)
        #expect(try sam.title(id) == "second")
        #expect(try clinic.hub.conflicts(openOnly: false).count == 1)
    }

    @Test("G8: who was shut out hands in unsent work also after a restore")
    func shutOut() throws {
        try settle(priya, sam)
        let number = try #require(try sam.replica.device)
        let backup = try clinic.backUp()
        for _ in 0..<3 { try sam.add("sent") }
        try sam.sync()
        try clinic.hub.revoke(number)
        try priya.sync()
        try clinic.restore(backup)
        try priya.sync()
        #expect(try clinic.hub.knownDevice(number).isRevoked)
        try sam.add("unsent")
        let request = try {
            try sam.replica.freeze(); return try sam.replica.makeRequest()
        }()
        let acceptance = try clinic.store.transaction {
            try clinic.hub.accept(SyncRequest(decoding: request.encoded()), from: number)
        }
        #expect(acceptance.notice == .none && acceptance.receipt == request.groups.last?.number)
        let held = try clinic.hub.quarantine()
        #expect(held.map(\.number) == request.groups.map(\.number) && held.allSatisfy { $0.reason == .revoked })
    }

    @Test("G1 G8 G10: what a laptop that is shut out had handed in comes in again, once, where a restore lost it")
    func depositedAgain() throws {
        try settle(priya, sam)
        let number = try #require(try sam.replica.device)
        try clinic.hub.revoke(number)
        func deposit() throws {
            #expect(throws: ShutOut.self) {
                try SyncSession(replica: sam.replica, limitCount: 2).run { request in
                    let acceptance = try clinic.store.transaction {
                        try clinic.hub.accept(SyncRequest(decoding: request.encoded()), from: number)
                    }
                    throw ShutOut(receipt: acceptance.receipt)
                }
            }
        }
        try sam.add("before")
        try deposit()
        let backup = try clinic.backUp()
        for title in ["one", "two", "three"] { try sam.add(title) }
        try deposit()
        let held = try clinic.hub.quarantine().map(\.number)
        try #require(held.count == 4)
        try clinic.restore(backup)
        try #require(try clinic.hub.quarantine().count == 1)
        for _ in 0..<2 {
            try deposit()
            #expect(try clinic.hub.quarantine().map(\.number) == held && sam.replica.unsentCount == 0)
        }
    }

    @Test("G10: a ledger of more lines than one page has heals a server that went on by itself meanwhile")
    func longLedger() throws {
        try settle(priya, sam)
        let backup = try clinic.backUp()
        let lines = LedgerNews.largestCount + 50
        for line in 0..<lines {
            clinic.now += 1
            if line.isMultiple(of: 2) {
                try clinic.hub.give(person: "Priya", area: Office.south)
            } else {
                try clinic.hub.take(person: "Priya", area: Office.south)
            }
        }
        let id = try priya.add("lost")
        try settle(priya)
        try clinic.restore(backup)
        _ = try clinic.laptop("New")
        try priya.sync()
        #expect(try clinic.value(id) == .text("lost"))
        #expect(try clinic.store.ledgerEntries(after: 0, limit: .max).count > lines)
        try settle(priya, sam)
    }
}
