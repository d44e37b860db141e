import Database
import SyncCore
import Testing

@testable import SyncHub
@testable import SyncReplica

@Suite("A laptop's database that was copied, or put back from an older copy")
struct CopiedDatabaseTests {
    let clinic: Clinic
    let priya: FieldLaptop
    let sam: FieldLaptop

    init() throws {
        clinic = try Clinic()
        priya = try clinic.laptop("Priya")
        sam = try clinic.laptop("Sam")
    }

    func settle(_ laptops: FieldLaptop...) throws {
        for _ in 0..<3 { for laptop in laptops { try laptop.sync() } }
        for laptop in laptops {
            let summary = try laptop.sync()
            #expect(summary.matches)
            #expect(try laptop.replica.recomputeDigests() == laptop.replica.digests())
            #expect(try laptop.replica.unsentCount == 0)
        }
        #expect(try clinic.hub.areasWithWrongDigest() == [])
    }

    func titles() throws -> [String] {
        var titles: [String] = []
        try clinic.store.forEachRecord(area: Office.main, table: Notebook.book) {
            if case .text(let title) = $0.field(Notebook.title).value, $0.isLiving { titles.append(title) }
        }
        return titles.sorted()
    }

    @Test("G2 G10: who writes the same words anew on a laptop that was put back has not seen what it had sent")
    func sameWordsAnew() throws {
        let id = try sam.add("first")
        let old = try sam.copy()
        try sam.sync()
        try sam.edit(id, "second")
        try sam.sync()
        // In the group that waits: it says what it said, at another time.
        clinic.now += 60_000
        try old.edit(id, "third")
        try old.edit(id, "first")
        var count = 0
        #expect(throws: Clinic.Lost.self) {
            try old.sync { send in
                count += 1
                if count == 2 { throw Clinic.Lost() }
                return try send()
            }
        }
        try #require(try old.title(id) == "first")
        try old.edit(id, "fourth")
        try settle(old, priya)
        #expect(try priya.title(id) == "fourth")
        let conflicts = try clinic.hub.conflicts(openOnly: true)
        #expect(conflicts.contains { [$0.a.value, $0.b.value].contains(.text("second")) })
    }

    @Test("G10: a copy that wants an identity goes on where a server that was put back has taken its work")
    func takenMeanwhile() throws {
        try settle(priya, sam)
        let backup = try clinic.backUp()
        let twin = try sam.copy()
        try sam.add("of the first")
        try sam.sync()
        let id = try twin.add("of the second")
        var count = 0
        #expect(throws: Clinic.Lost.self) {
            try twin.sync { send in
                count += 1
                if count == 2 { throw Clinic.Lost() }
                return try send()
            }
        }
        try #require(try twin.replica.identityWish() != nil)
        try clinic.restore(backup)
        // As a sealed file and its answer.
        let request = try twin.replica.makeRequest()
        let reply = try clinic.answer(request.encoded(), token: twin.token)
        try #require(reply.receipt == 1 && reply.notice == .none)
        _ = try twin.replica.apply(reply, to: request.groups)
        try settle(twin, priya)
        try settle(sam, twin, priya)
        #expect(try titles() == ["of the first", "of the second"] && priya.title(id) == "of the second")
    }

    @Test("G10: both copies work on, nothing is dropped or doubled, and no conflict is made up")
    func copied() throws {
        let id = try priya.add("shared")
        try settle(priya, sam)
        try priya.edit(id, "edited before the copy")
        let twin = try priya.copy()
        let first = try priya.add("of the first")
        try priya.sync()
        let second = try twin.add("of the second")
        try twin.edit(second, "of the second, edited")
        try twin.edit(id, "edited by the second")
        #expect(try twin.sync().hasNewIdentity)
        #expect(try twin.replica.device != priya.replica.device)
        try settle(priya, twin, sam)
        #expect(try titles() == ["edited by the second", "of the first", "of the second, edited"])
        #expect(try clinic.hub.conflicts(openOnly: false) == [])
        #expect(try sam.title(first) == "of the first" && priya.title(second) == "of the second, edited")
        let devices = try clinic.hub.devices()
        #expect(devices.map(\.name).contains("laptop of Priya (2)"))
        let number = try #require(try twin.replica.device)
        #expect(try clinic.hub.original(of: number) == priya.replica.device)
        // Both go on as before.
        try priya.edit(first, "again")
        try twin.edit(second, "again too")
        #expect(try !priya.sync().hasNewIdentity)
        #expect(try !twin.sync().hasNewIdentity)
        try settle(priya, twin, sam)
        #expect(try titles() == ["again", "again too", "edited by the second"])
        #expect(try clinic.hub.conflicts(openOnly: false) == [])
    }

    @Test("G10: a settled record whose row names a number that is given anew is not taken for unsent")
    func numberGivenAnew() throws {
        let settled = try priya.add("settled")
        try settle(priya, sam)
        let twin = try priya.copy()
        try priya.add("of the first")
        try priya.sync()
        let waits = try twin.add("of the second")
        var seen: [RecordProgress?] = []
        _ = try? twin.sync(deliver: { send in
            // The last request, under the new identity, gets lost: the group waits under its new number.
            seen = try [settled, waits].map {
                try twin.replica.progress(of: RecordReference(table: Notebook.book, id: $0))
            }
            if try twin.replica.device != priya.replica.device { throw Clinic.Lost() }
            return try send()
        })
        #expect(seen == [.sent, .waiting])
        #expect(try twin.replica.database.integer("SELECT number FROM outbox_group") == 1)
        #expect(try twin.replica.database.integer("SELECT count(*) FROM book WHERE pending = 1") == 2)
        try twin.edit(settled, "edited")
        try settle(priya, twin, sam)
        #expect(try titles() == ["edited", "of the first", "of the second"])
        #expect(try clinic.hub.conflicts(openOnly: false) == [])
    }

    @Test("G10: a receipt for numbers of the other copy is believed for nothing that was not compared")
    func receipts() throws {
        try settle(priya, sam)
        try priya.add("waits in both")
        let twin = try priya.copy()
        try priya.add("of the first")
        try priya.sync()
        try twin.add("of the second")
        #expect(try twin.sync(limitCount: 1).hasNewIdentity)
        try settle(priya, twin, sam)
        #expect(try titles() == ["of the first", "of the second", "waits in both"])
    }

    @Test("G10: two copies under one number, and a restore before either knows: nothing is lost")
    func restoredBeforeNoticed() throws {
        let id = try priya.add("shared")
        try settle(priya, sam)
        let backup = try clinic.backUp()
        let twin = try priya.copy()
        let second = try twin.add("of the second")
        try twin.edit(id, "by the second")
        try twin.sync()
        try clinic.restore(backup)
        let first = try priya.add("of the first")
        try priya.add("more of the first")
        try priya.sync()
        try settle(sam, priya, twin)
        try settle(priya, twin, sam)
        #expect(try titles() == ["by the second", "more of the first", "of the first", "of the second"])
        #expect(try sam.title(first) == "of the first" && priya.title(second) == "of the second")
    }

    @Test("G10: what both copies changed without seeing each other is a conflict, once")
    func realConflict() throws {
        let id = try priya.add("shared")
        try settle(priya, sam)
        let twin = try priya.copy()
        try priya.edit(id, "by the first")
        try twin.edit(id, "by the second")
        try settle(priya, twin, sam)
        let conflict = try #require(try clinic.hub.conflicts(openOnly: false).first)
        #expect(try clinic.hub.conflicts(openOnly: false).count == 1)
        #expect([conflict.a.value, conflict.b.value] == [.text("by the first"), .text("by the second")])
        #expect(conflict.before == .text("shared"))
    }

    @Test("G10: a database that was put back from an older copy goes on as a laptop of its own")
    func putBack() throws {
        let id = try priya.add("shared")
        try settle(priya, sam)
        let old = try priya.copy()
        try priya.edit(id, "later")
        let late = try priya.add("late")
        try settle(priya, sam)
        // Nothing is waiting in it: the receipt alone shows it.
        #expect(try old.sync().hasNewIdentity)
        #expect(try old.title(id) == "later" && old.title(late) == "late")
        let more = try old.add("more")
        try settle(old, sam)
        #expect(try sam.title(more) == "more")
        #expect(try clinic.hub.conflicts(openOnly: false) == [])
    }

    @Test("G10: work that was sent just before the copy is the same work in both, and is not doubled")
    func sameWork() throws {
        let id = try priya.add("shared")
        try settle(priya, sam)
        priya.clockError = 10_000_000
        try priya.edit(id, "with a wrong clock")
        let twin = try priya.copy()
        twin.clockError = 10_000_000
        try priya.sync()
        try twin.edit(id, "and on top of it")
        let own = try twin.add("own")
        try twin.edit(own, "own, edited")
        try settle(twin, priya, sam)
        #expect(try titles() == ["and on top of it", "own, edited"])
        #expect(try clinic.hub.conflicts(openOnly: false) == [])
        #expect(try clinic.hub.devices().count == 4)
    }

    @Test("G10: a cut at any request leads to the same identity, and loses nothing")
    func cuts() throws {
        let id = try priya.add("shared")
        try settle(priya, sam)
        for cut in 1...10 {
            // So many copies in one day would be given no identities.
            clinic.now += 86_400_000
            for isReplyLost in [false, true] {
                let twin = try priya.copy(seed: UInt64(100 + 2 * cut + (isReplyLost ? 1 : 0)))
                try priya.edit(id, "first \(cut) \(isReplyLost)")
                try priya.sync()
                let before = try clinic.hub.devices().count
                let made = try twin.add("made \(cut) \(isReplyLost)")
                var count = 0
                do {
                    try twin.sync { send in
                        count += 1
                        if count == cut, !isReplyLost { throw Clinic.Lost() }
                        let reply = try send()
                        if count == cut { throw Clinic.Lost() }
                        return reply
                    }
                } catch is Clinic.Lost {}
                try settle(twin, priya, sam)
                #expect(try clinic.hub.devices().count == before + 1, "cut \(cut)")
                #expect(try sam.title(made) == "made \(cut) \(isReplyLost)")
                #expect(try twin.title(id) == "first \(cut) \(isReplyLost)")
            }
        }
        #expect(try clinic.hub.conflicts(openOnly: false) == [])
    }

    @Test(
        "G9 G10: work under a number of which something was erased is told from what came under it",
        arguments: [false, true])
    func erased(afterwards: Bool) throws {
        let id = try priya.add("shared")
        try settle(priya, sam)
        let twin = try priya.copy()
        try priya.edit(id, "by the first")
        if afterwards { try priya.sync() }
        let order = ErasureOrder(
            id: Notebook.id(9), time: StampTime.packed(milliseconds: clinic.now),
            targets: [ErasureTarget(table: Notebook.book, record: id)])
        try clinic.store.transaction {
            try clinic.hub.carryOut(order)
            try clinic.hub.order(.erasure, payload: order.encoded())
        }
        // The number and nothing else of the group is left.
        try priya.sync()
        let own = try twin.add("of the second")
        try settle(twin, priya, sam)
        #expect(try sam.title(own) == "of the second")
        #expect(try titles() == ["of the second"])
    }

    @Test(
        "G10: a laptop that was just given a number of its own is let in by a server that was put back to before that")
    func restoredAfterIdentity() throws {
        try settle(priya, sam)
        let backup = try clinic.backUp()
        let twin = try priya.copy()
        try priya.add("of the first")
        try priya.sync()
        let own = try twin.add("of the second")
        let shared = try #require(try twin.replica.device)
        // Cut in the moment in which it has the number.
        #expect(throws: Clinic.Lost.self) {
            try twin.sync { send in
                if try twin.replica.device != shared { throw Clinic.Lost() }
                return try send()
            }
        }
        let number = try #require(try twin.replica.device)
        #expect(number != shared)
        try clinic.restore(backup)
        try settle(twin, priya, sam)
        #expect(try twin.replica.device == number)
        #expect(try sam.title(own) == "of the second")
        #expect(try titles() == ["of the first", "of the second"])
    }

    @Test("G10: a copied laptop and a restored server together")
    func both() throws {
        let id = try priya.add("shared")
        try settle(priya, sam)
        let backup = try clinic.backUp()
        let twin = try priya.copy()
        try priya.edit(id, "by the first")
        let made = try twin.add("by the second")
        try settle(priya, twin, sam)
        try clinic.restore(backup)
        try settle(twin, priya, sam)
        #expect(try titles() == ["by the first", "by the second"])
        #expect(try sam.title(made) == "by the second")
        #expect(try clinic.hub.conflicts(openOnly: false) == [])
    }
}
