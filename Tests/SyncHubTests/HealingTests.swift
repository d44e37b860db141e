import Database
import SyncCore
import Testing

@testable import SyncHub
@testable import SyncReplica

@Suite("A server that was restored from an old copy")
struct HealingTests {
    private let clinic: Clinic
    private let priya: FieldLaptop
    private let sam: FieldLaptop

    init() throws {
        clinic = try Clinic()
        priya = try clinic.laptop("Priya")
        sam = try clinic.laptop("Sam")
    }

    /// Everybody syncs until nothing moves, and all hold the same.
    private func settle(_ laptops: FieldLaptop..., rounds: Int = 3) throws {
        for _ in 0..<rounds { for laptop in laptops { try laptop.sync() } }
        for laptop in laptops {
            let summary = try laptop.sync()
            #expect(summary.matches)
            #expect(try laptop.replica.recomputeDigests() == laptop.replica.digests())
        }
        #expect(try clinic.hub.areasWithWrongDigest() == [])
    }

    @Test("Records that were deleted so long ago that laptops have dropped them are not handed over again and again")
    func oldDeletions() throws {
        let ids = try (0..<20).map { try priya.add("book \($0)") }
        try clinic.settle(priya, sam)
        for id in ids.prefix(5) { try priya.delete(id) }
        try clinic.settle(priya, sam)
        func differing() throws -> [Int] {
            let number = try #require(try sam.replica.device)
            let device = try #require(try clinic.hub.devices().first { $0.number == number })
            let buckets = try sam.replica.buckets()
            let answer = try clinic.store.transaction { try clinic.hub.heal(.buckets(buckets), from: device) }
            return answer.differing.flatMap { $0.buckets }
        }
        #expect(try differing() == [])
        _ = try FeedCollection(hub: clinic.hub).run()
        clinic.now += RecordState.tombstoneMilliseconds + 86_400_000
        _ = try FeedCollection(hub: clinic.hub).run()
        try clinic.settle(priya, sam)
        #expect(try sam.replica.record(table: Notebook.book, id: ids[0]) == nil)
        #expect(try differing() == [])
        try priya.edit(ids[10], "later")
        try priya.sync()
        #expect(try differing().count == 1, "what differs is seen")
    }

    @Test("G10: own work that was lost comes back with its stamps and links, and no conflict is made up")
    func ownGroups() throws {
        let id = try priya.add("first")
        try settle(priya, sam)
        let backup = try clinic.backUp()
        try priya.edit(id, "second")
        try priya.sync()
        try priya.edit(id, "third")
        let other = try priya.add("new")
        try priya.sync()
        let before = try #require(try clinic.hub.record(table: Notebook.book, id: id))
        try clinic.restore(backup)
        #expect(try clinic.value(id) == .text("first"))
        #expect(try priya.sync().hasHealed)
        let after = try #require(try clinic.hub.record(table: Notebook.book, id: id))
        #expect(after == before)
        #expect(try clinic.value(other) == .text("new"))
        try settle(priya, sam)
        #expect(try sam.title(id) == "third")
        #expect(try clinic.hub.conflicts(openOnly: false) == [])
        #expect(try clinic.hub.healing() == nil)
        #expect(try clinic.hub.vouchedCount() == 0)
    }

    @Test("G10: what the office itself wrote waits for no device, once a laptop has brought it back")
    func officeEdit() throws {
        let id = try priya.add("first")
        try settle(priya, sam)
        let backup = try clinic.backUp()
        let state = try #require(try clinic.hub.record(table: Notebook.book, id: id))
        let change = try OfficeWriter(clinic.hub).edit(
            state, values: [(Notebook.title, .text("the office's"))], restores: false)
        try clinic.store.transaction {
            let group = try clinic.hub.officeGroup([change])
            _ = try clinic.hub.accept([group], from: DeviceRecord.office, deviceClock: nil)
        }
        try settle(priya, sam)
        try clinic.restore(backup)
        try settle(priya, sam)
        #expect(try clinic.value(id) == .text("the office's"))
        #expect(try clinic.hub.vouchedCount() == 0)
    }

    @Test("G10: others' work comes back second-hand, and gives way to its writer's own")
    func secondHand() throws {
        let id = try priya.add("first")
        try settle(priya, sam)
        let backup = try clinic.backUp()
        try sam.edit(id, "Sam's")
        let made = try sam.add("made by Sam")
        try sam.sync()
        try priya.sync()
        let before = try #require(try clinic.hub.record(table: Notebook.book, id: id))
        try clinic.restore(backup)
        try priya.sync()
        #expect(try clinic.value(id) == .text("Sam's"))
        #expect(try clinic.value(made) == .text("made by Sam"))
        #expect(try clinic.hub.vouchedCount() == 2)
        #expect(try clinic.hub.healing()?.reported.keys.sorted() == [try #require(try priya.replica.device)])
        try sam.sync()
        #expect(try clinic.hub.record(table: Notebook.book, id: id) == before)
        #expect(try clinic.hub.vouchedCount() == 0)
        try settle(priya, sam)
        #expect(try clinic.hub.conflicts(openOnly: false) == [])
    }

    @Test("G10: what the restored server took before it noticed stays, and merges")
    func takenMeanwhile() throws {
        let id = try priya.add("first")
        try settle(priya, sam)
        let backup = try clinic.backUp()
        try priya.edit(id, "Priya's")
        try priya.sync()
        try clinic.restore(backup)
        try sam.edit(id, "Sam's")
        #expect(try !sam.sync().hasHealed)
        #expect(try clinic.value(id) == .text("Sam's"))
        try settle(priya, sam)
        #expect(try clinic.value(id) == .text("Sam's"))
        let conflict = try #require(try clinic.hub.conflicts(openOnly: true).first)
        #expect([conflict.a.value, conflict.b.value] == [.text("Priya's"), .text("Sam's")])
        #expect(conflict.before == .text("first"))
    }

    @Test("G10: conflicts and their decisions come back")
    func conflicts() throws {
        let id = try priya.add("first")
        try settle(priya, sam)
        let backup = try clinic.backUp()
        try priya.edit(id, "Priya's")
        try sam.edit(id, "Sam's")
        try settle(priya, sam)
        let conflict = try #require(try priya.replica.conflicts(openOnly: true).first)
        try priya.replica.write { try $0.decide(conflict.id, keep: .a, why: "because") }
        try settle(priya, sam)
        let before = try clinic.hub.conflicts(openOnly: false)
        try clinic.restore(backup)
        try sam.sync()
        #expect(try clinic.hub.conflicts(openOnly: false) == before)
        try settle(priya, sam)
        #expect(try clinic.hub.conflicts(openOnly: false) == before)
        #expect(try clinic.value(id) == .text("Priya's"))
    }

    @Test("G10: laptops of one lost history begin one new history between them, and report once")
    func oneHistory() throws {
        let id = try priya.add("first")
        let kim = try clinic.laptop("Kim")
        try settle(priya, sam, kim)
        let backup = try clinic.backUp()
        try priya.edit(id, "second")
        try settle(priya, sam, kim)
        try clinic.restore(backup)
        try settle(priya, sam, kim)
        try clinic.restore(backup)
        #expect(try priya.sync().hasHealed)
        let epoch = try clinic.hub.epoch
        #expect(try sam.sync().hasHealed)
        #expect(try kim.sync().hasHealed)
        #expect(try clinic.hub.epoch == epoch)
        try settle(priya, sam, kim)
        #expect(try clinic.hub.epoch == epoch && clinic.hub.healing() == nil)
        #expect(try clinic.value(id) == .text("second"))
    }

    @Test("G10: a server that was healed once, and then put back to before that, is healed again")
    func twice() throws {
        let id = try priya.add("first")
        try settle(priya, sam)
        let backup = try clinic.backUp()
        try priya.edit(id, "second")
        try settle(priya, sam)
        try clinic.restore(backup)
        try settle(priya, sam)
        try sam.edit(id, "third")
        try settle(sam, priya)
        try clinic.restore(backup)
        #expect(try priya.sync().hasHealed)
        #expect(try clinic.value(id) == .text("third"), "second-hand, by Priya's word")
        #expect(try clinic.hub.healing() != nil)
        try settle(sam, priya)
        #expect(try clinic.hub.healing() == nil && clinic.hub.vouchedCount() == 0)
        #expect(try clinic.hub.conflicts(openOnly: false) == [])
    }

    @Test("G10: who was let in, given areas and shut out comes back from any device, ledger first")
    func access() throws {
        try settle(priya, sam)
        let backup = try clinic.backUp()
        let area = try clinic.hub.addArea("north")
        let late = try clinic.laptop("Late", areas: [Office.main, area])
        let note = try late.add("in the north", area: area)
        try clinic.hub.give(person: "Priya", area: area)
        try clinic.hub.revoke(try #require(try sam.replica.device))
        try settle(priya, late)
        #expect(try priya.title(note) == "in the north")
        try clinic.restore(backup)
        try priya.sync()
        let devices = try clinic.hub.devices()
        #expect(devices.first { $0.person == "Sam" }?.isRevoked == true)
        #expect(devices.first { $0.person == "Late" }?.name == "laptop of Late")
        #expect(try clinic.hub.areas().contains { $0.number == area && $0.name == "north" })
        #expect(devices.first { $0.person == "Priya" }?.areas == [Office.main, area])
        #expect(try priya.title(note) == "in the north")
        try settle(late, priya)
        #expect(try clinic.value(note) == .text("in the north"))
        #expect(try clinic.hub.healing() == nil)
    }

    @Test("G10: a laptop that joined after the backup introduces itself by its own ledger")
    func introduction() throws {
        try settle(priya, sam)
        let backup = try clinic.backUp()
        let late = try clinic.laptop("Late")
        let id = try late.add("late")
        try late.sync()
        try clinic.restore(backup)
        let request = try #require(try late.replica.introduction())
        // Nobody else gets in by a ledger.
        #expect(throws: Clinic.Unknown.self) { try clinic.answer(request.encoded(), token: [1, 2, 3]) }
        try settle(late, priya, sam)
        #expect(try clinic.value(id) == .text("late"))
    }

    @Test("G10: another office's server, or an empty one, takes nothing and wipes nothing")
    func wrongServer() throws {
        let id = try priya.add("first")
        try settle(priya, sam)
        let cursors = try priya.replica.makeRequest().cursors
        let other = try Office(signer: try Office.signer(seed: 2))
        _ = try other.join("Somebody")
        let number = try #require(try priya.replica.device)
        #expect(throws: ReplicaError.anotherOffice) {
            try SyncSession(replica: priya.replica).run { request in
                let acceptance = try other.store.transaction { try other.hub.accept(request, from: number) }
                return try other.hub.reply(to: request, device: number, acceptance: acceptance)
            }
        }
        #expect(try priya.title(id) == "first")
        #expect(try priya.replica.makeRequest().cursors == cursors)
        #expect(try other.hub.record(table: Notebook.book, id: id) == nil)
    }

    @Test("G10: a second restore is healed like the first, and a cut at any request loses nothing")
    func cuts() throws {
        let id = try priya.add("first")
        try settle(priya, sam)
        let backup = try clinic.backUp()
        try priya.edit(id, "second")
        let made = try sam.add("made")
        try settle(priya, sam)
        for cut in 1...12 {
            try clinic.restore(backup)
            var count = 0
            func sync(_ laptop: FieldLaptop) throws {
                do {
                    try laptop.sync { send in
                        count += 1
                        if count == cut { throw Clinic.Lost() }
                        let reply = try send()
                        if count == cut + 1 { throw Clinic.Lost() }
                        return reply
                    }
                } catch is Clinic.Lost {}
            }
            for laptop in [priya, sam, priya, sam] { try sync(laptop) }
            try settle(priya, sam)
            #expect(try clinic.value(id) == .text("second"), "cut \(cut)")
            #expect(try clinic.value(made) == .text("made"), "cut \(cut)")
            #expect(try sam.title(id) == "second" && priya.title(made) == "made", "cut \(cut)")
            #expect(try clinic.hub.conflicts(openOnly: false) == [], "cut \(cut)")
        }
    }
}
