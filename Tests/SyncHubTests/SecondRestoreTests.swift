import Database
import SyncCore
import Testing

@testable import SyncHub
@testable import SyncReplica

@Suite("A server that is put back again before a laptop has fetched what it had handed over")
struct SecondRestoreTests {
    private let clinic: Clinic
    private let boss: FieldLaptop
    private let priya: FieldLaptop
    private let sam: FieldLaptop
    /// A record that everybody has.
    private let id: RecordID
    /// From before anything is lost.
    private let backup: String

    init() throws {
        clinic = try Clinic()
        boss = try clinic.laptop("Boss")
        priya = try clinic.laptop("Priya")
        sam = try clinic.laptop("Sam")
        id = try priya.add("first")
        try clinic.settle(boss, priya, sam)
        backup = try clinic.backUp()
    }

    /// Priya's record and her word in a conflict with the boss; Sam alone has fetched them.
    private func workThatSamHolds() throws -> RecordID {
        try boss.edit(id, "Boss's")
        try boss.sync()
        let made = try priya.add("Priya's record")
        try priya.edit(id, "Priya's")
        for laptop in [priya, sam] { try laptop.sync() }
        #expect(try sam.title(made) == "Priya's record" && sam.replica.conflicts(openOnly: true).count == 1)
        return made
    }

    /// Puts the server back; the boss has noticed it, and handed over what the boss wrote.
    private func loseOnce() throws {
        try clinic.restore(backup)
        #expect(try boss.sync().hasHealed)
    }

    /// The laptop hands everything over, and is cut before it fetches anything again.
    private func handOverAlone(_ laptop: FieldLaptop) throws {
        var isDone = false
        #expect(throws: Clinic.Lost.self) {
            try laptop.sync { send in
                if isDone { throw Clinic.Lost() }
                let reply = try send()
                isDone = try reply.healing()?.step == HealingRequest.Step.done.number
                return reply
            }
        }
        #expect(isDone)
    }

    private func expectAllThere(_ made: RecordID) throws {
        #expect(try clinic.value(made) == .text("Priya's record"))
        #expect(try clinic.value(id) == .text("Priya's"))
        let conflict = try #require(try clinic.hub.conflicts(openOnly: true).first)
        #expect([conflict.a.value, conflict.b.value] == [.text("Boss's"), .text("Priya's")])
        #expect(try sam.title(made) == "Priya's record" && sam.title(id) == "Priya's")
        #expect(try sam.replica.conflicts(openOnly: true) == [conflict])
    }

    private func formerEndCount(_ laptop: FieldLaptop) throws -> Int64? {
        try laptop.replica.database.integer("SELECT count(*) FROM former_end")
    }

    /// Whether the laptop has work of its own that the second restore loses, and before which of its messages the server
    /// is put back a third time.
    @Test(
        "G3 G10: what a laptop alone holds of others' work and conflicts comes back again",
        arguments: [true, false], [Int?.none, 1, 2, 3, 4, 5])
    func comesBack(hasOwnWork: Bool, third: Int?) throws {
        let made = try workThatSamHolds()
        if hasOwnWork {
            try sam.add("Sam's")
            try sam.sync()
        }
        try loseOnce()
        let second = try clinic.backUp()
        try handOverAlone(sam)
        try #require(try clinic.value(made) == .text("Priya's record"))
        try clinic.restore(second)
        try #require(try clinic.value(made) == nil)
        var count = 0
        let summary = try sam.sync { send in
            count += 1
            if count == third { try clinic.restore(second) }
            return try send()
        }
        #expect(summary.hasHealed && summary.matches)
        try expectAllThere(made)
        try clinic.settle(priya, boss, sam)
        try expectAllThere(made)
        #expect(try clinic.hub.conflicts(openOnly: false).count == 1)
    }

    @Test(
        "G3 G10: nor is it lost where the server is put back in the middle of the first handover",
        arguments: 1...12, [true, false])
    func inTheMiddle(cut: Int, hasOwnEdit: Bool) throws {
        let made = try workThatSamHolds()
        let other = try priya.add("Priya's other")
        try priya.sync()
        try sam.sync()
        if hasOwnEdit {
            try sam.edit(other, "Sam's")
            try sam.sync()
        }
        try loseOnce()
        let second = try clinic.backUp()
        var count = 0
        let summary = try sam.sync(limitCount: 1) { send in
            count += 1
            if count == cut { try clinic.restore(second) }
            return try send()
        }
        #expect(summary.hasHealed && summary.matches && summary.held.isEmpty)
        #expect(try clinic.value(other) == .text(hasOwnEdit ? "Sam's" : "Priya's other"))
        try expectAllThere(made)
        try clinic.settle(priya, boss, sam)
        try expectAllThere(made)
    }

    @Test("G10: a copy of the last step that comes late does not end a handover that was lost")
    func lateEnd() throws {
        let made = try workThatSamHolds()
        try loseOnce()
        let second = try clinic.backUp()
        var late: SyncRequest?
        _ = try SyncSession(replica: sam.replica).run { request in
            if case .done? = try request.healing()?.step { late = request }
            return try clinic.answer(request.encoded(), token: sam.token)
        }
        try clinic.restore(second)
        let step = try #require(late)
        let reply = try clinic.answer(step.encoded(), token: sam.token)
        #expect(reply.notice == .otherHistory)
        let number = try #require(try sam.replica.device)
        #expect(try clinic.hub.isAwaited(number))
        try clinic.settle(sam, priya, boss)
        try expectAllThere(made)
    }

    @Test("G10: it comes back however often that happens")
    func threeTimes() throws {
        let made = try workThatSamHolds()
        try loseOnce()
        for _ in 0..<3 {
            let next = try clinic.backUp()
            try handOverAlone(sam)
            try clinic.restore(next)
            try #require(try clinic.value(made) == nil)
            // Somebody else shows this loss.
            try clinic.store.transaction { try clinic.hub.beginHealing() }
        }
        #expect(try sam.sync().hasHealed)
        try expectAllThere(made)
    }

    /// In which of its messages the second restore meets a laptop that hands over one group a page.
    @Test(
        "G2 G10: pages of its own groups that a laptop handed over before the second restore are handed over again",
        arguments: 1...9)
    func ownPages(cut: Int) throws {
        let made = try (1...3).map { try priya.add("Priya's \($0)") }
        try clinic.settle(priya, boss)
        let device = try #require(try priya.replica.device)
        try loseOnce()
        let second = try clinic.backUp()
        var count = 0
        let summary = try priya.sync(limitCount: 1) { send in
            count += 1
            if count == cut { try clinic.restore(second) }
            return try send()
        }
        #expect(summary.hasHealed && !summary.hasNewIdentity)
        for (index, id) in made.enumerated() {
            #expect(try clinic.value(id) == .text("Priya's \(index + 1)"))
            #expect(try clinic.store.fingerprint(device: device, number: UInt64(index + 2)) != nil)
        }
        #expect(try priya.replica.device == device)
        try clinic.settle(boss, priya, sam)
    }

    @Test("What a laptop had seen of former histories is kept until it has fetched the area, or may read it no more")
    func forgotten() throws {
        _ = try workThatSamHolds()
        try loseOnce()
        #expect(try formerEndCount(boss) == 0)
        try handOverAlone(sam)
        try #require(try formerEndCount(sam) == 1)
        try sam.sync()
        #expect(try formerEndCount(sam) == 0)
        try clinic.restore(backup)
        try handOverAlone(sam)
        try #require(try formerEndCount(sam) == 1)
        try clinic.hub.take(person: "Sam", area: Office.main)
        try sam.sync()
        #expect(try formerEndCount(sam) == 0)
    }

    @Test("Who only claims to have handed over begins a new history once an hour, and brings in nothing of others'")
    func claimed() throws {
        clinic.hub.claimPauseMilliseconds = 3_600_000
        try clinic.store.transaction { try clinic.hub.beginHealing() }
        let number = try #require(try sam.replica.device)
        func accept(_ step: HealingRequest.Step?) throws {
            var request = try SyncRequest(decoding: sam.replica.makeRequest().encoded())
            request.epoch = try clinic.hub.epoch
            request.cursors = []
            request.set(HealingRequest(receipt: 0, step: step))
            _ = try clinic.store.transaction { try clinic.hub.accept(request, from: number) }
        }
        let epoch = try clinic.hub.epoch
        try accept(nil)
        #expect(try clinic.hub.epoch != epoch)
        #expect(throws: HubError.claimedLately) { try accept(nil) }
        let state = try #require(try clinic.store.record(table: Notebook.book, id: id)?.state)
        let time = Stamp(time: at(clinic.now - Office.start), device: state.created.device)
        let update = RecordUpdate(
            table: Notebook.book, record: id, created: state.created, isWhole: false,
            fields: [FieldState(number: Notebook.title, value: .text("forged"), stamp: time, base: nil)],
            existence: nil, isLiving: true)
        let page = FeedPage(
            area: Office.main, sequence: 0, mark: 0, isComplete: true, digest: nil, records: [update])
        try accept(.rows(VouchedRows(pages: [page])))
        #expect(try clinic.value(id) == .text("first"))
        try clinic.settle(boss, priya, sam)
        #expect(try sam.title(id) == "first")
    }
}
