import Database
import SyncCore
import Testing

@testable import SyncHub
@testable import SyncReplica

/// A server is put back, another copy of the laptop uses the number of a group that was lost, and nothing in the feeds shows it.
@Suite("What a receipt was for")
struct ReceiptedGroupTests {
    private let clinic: Clinic
    private let priya: FieldLaptop
    private let sam: FieldLaptop
    /// A record that everybody has.
    private let shared: RecordID

    init() throws {
        clinic = try Clinic()
        priya = try clinic.laptop("Priya")
        sam = try clinic.laptop("Sam")
        shared = try priya.add("shared")
        try clinic.settle(priya, sam)
    }

    private func number(_ laptop: FieldLaptop) throws -> UInt32 { try #require(try laptop.replica.device) }

    /// What the first request of a sync says of open groups.
    private func named(by laptop: FieldLaptop) throws -> [UInt64] {
        var named: [UInt64] = []
        var isFirst = true
        _ = try SyncSession(replica: laptop.replica).run { request in
            #expect(try isFirst || request.openGroups().isEmpty)
            if isFirst { named = try request.openGroups().map(\.number) }
            isFirst = false
            return try clinic.answer(request.encoded(), token: laptop.token)
        }
        return named
    }

    // MARK: Lost

    /// What the office does with the other copy's work, before this one syncs.
    enum Decision: CaseIterable { case none, accepts, discards }

    @Test("G1 G10: held work is not taken for what another copy sent under its number", arguments: Decision.allCases)
    func held(decision: Decision) throws {
        let backup = try clinic.backUp()
        let twin = try sam.copy()
        let own = try twin.add("of the second")
        _ = try clinic.sendHeld(twin)
        try clinic.restore(backup)
        try sam.add("of the first")
        let other = try clinic.sendHeld(sam)
        switch decision {
        case .none: break
        case .accepts: _ = try clinic.store.transaction { try clinic.hub.acceptHeld(other.id, why: nil) }
        case .discards: _ = try clinic.store.transaction { try clinic.hub.discardHeld(other.id, why: nil) }
        }
        #expect(try twin.sync().hasHealed)
        #expect(try twin.replica.unsentCount == 0)
        try clinic.settle(twin, sam, priya)
        #expect(try clinic.value(own) == .text("of the second"))
        #expect(try twin.title(own) == "of the second" && priya.title(own) == "of the second")
    }

    @Test("G1 G10: of two held groups the earlier one comes again too, where both copies sent the later one alike")
    func earlier() throws {
        let other = try priya.add("other")
        try clinic.settle(priya, sam)
        let backup = try clinic.backUp()
        try sam.edit(shared, "of the first")
        let twin = try sam.copy()
        // Joins the edit that waits.
        try twin.edit(shared, "of the second")
        for laptop in [sam, twin] { try laptop.edit(other, "alike") }
        _ = try clinic.sendHeld(twin)
        try #require(try clinic.hub.quarantine().map(\.number) == [1, 2])
        try clinic.restore(backup)
        #expect(try clinic.sendHeld(sam).number == 2)
        #expect(try twin.sync().hasHealed)
        try clinic.settle(twin, sam, priya)
        #expect(try clinic.value(shared) == .text("of the second") && priya.title(shared) == "of the second")
    }

    @Test("G1 G10: nor is work whose rows have not come back")
    func receipted() throws {
        let backup = try clinic.backUp()
        let twin = try sam.copy()
        let own = try twin.add("of the second")
        try twin.replica.freeze()
        let request = try twin.replica.makeRequest()
        var reply = try clinic.answer(request.encoded(), token: twin.token)
        // The line is slow: the pages come with later replies.
        reply.pages = []
        _ = try twin.replica.apply(reply, to: request.groups)
        try clinic.restore(backup)
        let first = try sam.add("of the first")
        try sam.sync()
        #expect(try twin.sync().hasHealed)
        try clinic.settle(twin, sam, priya)
        #expect(try clinic.value(own) == .text("of the second") && priya.title(own) == "of the second")
        #expect(try clinic.value(first) == .text("of the first") && twin.title(first) == "of the first")
    }

    @Test("G5 G10: what follows lost work is not taken behind what another copy sent in its place")
    func follower() throws {
        let backup = try clinic.backUp()
        let twin = try sam.copy()
        try twin.edit(shared, "of the second")
        _ = try clinic.sendHeld(twin)
        try clinic.restore(backup)
        try sam.edit(shared, "of the first")
        _ = try clinic.sendHeld(sam)
        try twin.edit(shared, "of the second, later")
        try twin.replica.freeze()
        let request = try twin.replica.makeRequest(
            limitCount: 1_000, limitBytes: 1_000, pageBytes: 1_000, beginningWith: nil, ahead: nil, isFirst: true)
        try #require(request.groups.map(\.number) == [2])
        let reply = try clinic.answer(request.encoded(), token: twin.token)
        #expect(try reply.notice == .gap && reply.doubtedGroups() == [1])
        #expect(reply.pages == [] && reply.receipt == 1)
        #expect(try clinic.store.device(number(twin))?.lastGroup == 1)
        #expect(try twin.sync().hasHealed)
        try clinic.settle(twin, sam, priya)
        for laptop in [twin, priya] { #expect(try laptop.title(shared) == "of the second, later") }
        #expect(try words().contains(.text("of the second")))
        #expect(try clinic.hub.conflicts(openOnly: false) == [])
        // The other copy's is held still.
        try expectHeld("of the first")
    }

    /// Two words of a second copy are held and lost in a restore, and the first one's work is held under their numbers.
    ///
    /// - Returns: the copy.
    private func loseWords() throws -> FieldLaptop {
        let backup = try clinic.backUp()
        let twin = try sam.copy()
        for word in ["earlier", "later"] {
            try twin.edit(shared, word)
            _ = try clinic.sendHeld(twin)
        }
        try clinic.restore(backup)
        try useNumbers()
        return twin
    }

    /// The first copy's work is held under the first two numbers.
    private func useNumbers() throws {
        for title in ["of the first", "of the first too"] {
            try sam.add(title)
            _ = try clinic.sendHeld(sam)
        }
    }

    /// All that was ever written in the title of the record that everybody has.
    private func words() throws -> [Value] {
        let history = try #require(
            try clinic.hub.history(table: Notebook.book, record: shared, for: number(priya)))
        return history.versions.filter { $0.field == Notebook.title }.map(\.value)
    }

    @Test("G2 G10: lost work that others have written over since, without having seen it, comes again as a conflict")
    func writtenOverByOthers() throws {
        let backup = try clinic.backUp()
        let twin = try sam.copy()
        try twin.edit(shared, "of the second")
        _ = try clinic.sendHeld(twin)
        clinic.now += 60_000
        try priya.edit(shared, "Priya's")
        for laptop in [priya, twin] { try laptop.sync() }
        try clinic.restore(backup)
        try priya.sync()
        try sam.add("of the first")
        try sam.sync()
        let summary = try twin.sync()
        #expect(summary.hasHealed && summary.hasNewIdentity)
        try clinic.settle(twin, sam, priya)
        let sides = try clinic.hub.conflicts(openOnly: true).map { Set([$0.a.value, $0.b.value]) }
        #expect(sides == [[.text("Priya's"), .text("of the second")]])
        #expect(try priya.title(shared) == "Priya's", "the later one stands")
    }

    @Test("G5 G10: several lost words on one field come again in their order")
    func severalWords() throws {
        let twin = try loseWords()
        #expect(try twin.sync().hasHealed)
        try clinic.settle(twin, sam, priya)
        #expect(try priya.title(shared) == "later")
        #expect(try words().contains(.text("earlier")))
        #expect(try clinic.hub.conflicts(openOnly: false) == [])
    }

    @Test("G1 G10: what is not to come into force does not with lost work", arguments: [true, false])
    func notTaken(isDiscarded: Bool) throws {
        let backup = try clinic.backUp()
        let twin = try sam.copy()
        try twin.edit(shared, "of the second")
        _ = try clinic.sendHeld(twin)
        let refused = try twin.add("refused")
        let held = try clinic.sendHeld(twin)
        // Lives by it, so that it stays in the outbox.
        try twin.edit(refused, "more")
        if isDiscarded {
            _ = try clinic.store.transaction { try clinic.hub.discardHeld(held.id, why: nil) }
        } else {
            _ = try twin.replica.withdraw(held.number)
        }
        try twin.sync()
        try clinic.restore(backup)
        try useNumbers()
        #expect(try twin.sync().hasHealed)
        try clinic.settle(twin, sam, priya)
        #expect(try clinic.value(refused) == nil)
        #expect(try priya.title(shared) == "of the second")
    }

    @Test("G3 G10: lost work of a clock that was wrong comes again at the time that it was given")
    func wrongClock() throws {
        try priya.edit(shared, "Priya's")
        try priya.sync()
        let backup = try clinic.backUp()
        let twin = try sam.copy()
        twin.clockError = -86_400_000
        clinic.now += 60_000
        try twin.edit(shared, "of the second")
        _ = try clinic.sendHeld(twin)
        // From here on it knows how wrong its clock is.
        try twin.sync()
        try clinic.restore(backup)
        try sam.add("of the first")
        _ = try clinic.sendHeld(sam)
        #expect(try twin.sync().hasHealed)
        try clinic.settle(twin, sam, priya)
        #expect(try priya.title(shared) == "of the second", "the later one stands")
        let sides = try clinic.hub.conflicts(openOnly: true).map { Set([$0.a.value, $0.b.value]) }
        #expect(sides == [[.text("Priya's"), .text("of the second")]])
    }

    @Test("G5 G10: a lost delete that its author took back since comes to nothing")
    func deleteTakenBack() throws {
        let backup = try clinic.backUp()
        let twin = try sam.copy()
        try twin.delete(shared)
        _ = try clinic.sendHeld(twin)
        try clinic.restore(backup)
        try sam.add("of the first")
        _ = try clinic.sendHeld(sam)
        try twin.replica.write { try $0.restore(table: Notebook.book, record: shared) }
        try twin.replica.freeze()
        try twin.edit(shared, "of the second")
        #expect(try twin.sync().hasHealed)
        try clinic.settle(twin, sam, priya)
        for laptop in [twin, priya] { #expect(try laptop.title(shared) == "of the second") }
        #expect(try clinic.hub.conflicts(openOnly: false) == [])
    }

    @Test("G5 G10: what was written since in a record of which the making was lost stands")
    func madeAgain() throws {
        let (twin, _, own) = try loseHeld()
        try twin.edit(own, "of the second, later")
        #expect(try twin.sync().hasHealed)
        try clinic.settle(twin, sam, priya)
        for laptop in [twin, priya] { #expect(try laptop.title(own) == "of the second, later") }
    }

    @Test("G5 G10: what was written over settled work has seen it, whatever another copy sent under that number")
    func settled() throws {
        let other = try priya.add("other")
        try clinic.settle(priya, sam)
        let backup = try clinic.backUp()
        for id in [shared, other] { try sam.edit(id, "of both") }
        let twin = try sam.copy()
        // It is later, so that the word of both is not in force any more where it is settled.
        try priya.edit(shared, "Priya's")
        try priya.sync()
        try twin.replica.freeze()
        let request = try twin.replica.makeRequest()
        // While the groups are on their way: it names them by their numbers.
        try twin.edit(shared, "of the second")
        try twin.edit(other, "of the second")
        _ = try twin.replica.apply(try clinic.answer(request.encoded(), token: twin.token))
        try clinic.restore(backup)
        // Joins the edit that waits, so that its number says something else.
        clinic.now += 60_000
        try sam.edit(shared, "of the first")
        try sam.sync()
        try clinic.settle(twin, sam, priya)
        try clinic.settle(twin, sam, priya)
        let conflicts = try clinic.hub.conflicts(openOnly: true)
        // Who wrote over the word of both has seen it and what it was written over.
        #expect(conflicts.count > 0)
        for conflict in conflicts {
            let sides = [conflict.a.value, conflict.b.value]
            #expect(sides.contains(.text("of the first")) || sides.contains(.text("Priya's")))
        }
        let history = try #require(try clinic.hub.history(table: Notebook.book, record: shared, for: number(priya)))
        #expect(history.versions.contains { $0.value == .text("of both") })
        for laptop in [twin, sam, priya] { #expect(try laptop.title(other) == "of the second") }
    }

    @Test("A damaged row of settled work is not taken for work that the server lacks")
    func damagedSettledRow() throws {
        let kept = try sam.add("kept")
        try clinic.settle(sam, priya)
        let backup = try clinic.backUp()
        try sam.add("lost")
        try clinic.settle(sam, priya)
        try clinic.restore(backup)
        let table = sam.replica.sqlName(of: Notebook.book)
        try sam.replica.database.execute("UPDATE \(table) SET title = 'damaged' WHERE title = 'kept'")
        #expect(try sam.sync().hasHealed)
        #expect(try clinic.value(kept) == .text("kept"))
        for _ in 0..<3 { for laptop in [sam, priya] { try laptop.sync() } }
        #expect(try sam.title(kept) == "kept" && priya.title(kept) == "kept")
        #expect(try clinic.hub.conflicts(openOnly: false) == [])
    }

    @Test("A damaged row is no other work: nothing is shown, and nothing is lost")
    func damagedRow() throws {
        let held = try sam.add("held")
        let group = try clinic.sendHeld(sam)
        let table = sam.replica.sqlName(of: Notebook.book)
        try sam.replica.database.execute("UPDATE \(table) SET title = 'damaged' WHERE title = 'held'")
        let summary = try sam.sync()
        #expect(!summary.hasHealed && summary.held.map(\.number) == [group.number])
        #expect(try named(by: sam) == [group.number])
        _ = try clinic.store.transaction { try clinic.hub.acceptHeld(group.id, why: nil) }
        try clinic.settle(sam, priya)
        #expect(try priya.title(held) == "held")
        #expect(try clinic.hub.recentClaims() == [])
    }

    @Test(
        "G10: a damaged row of held work does not make its laptop a copy of itself at a restore",
        arguments: [true, false])
    func damagedHeldRow(isAccepted: Bool) throws {
        let held = try sam.add("held")
        let group = try clinic.sendHeld(sam)
        let backup = try clinic.backUp()
        let lost = try sam.add("lost")
        try clinic.settle(sam, priya)
        try clinic.restore(backup)
        let table = sam.replica.sqlName(of: Notebook.book)
        try sam.replica.database.execute("UPDATE \(table) SET title = 'damaged' WHERE title = 'held'")
        let summary = try sam.sync()
        #expect(summary.hasHealed && !summary.hasNewIdentity && summary.held.map(\.number) == [group.number])
        #expect(try clinic.hub.quarantine().map(\.number) == [group.number])
        try clinic.settle(sam, priya)
        #expect(try clinic.value(lost) == .text("lost"))
        guard isAccepted else { return }
        _ = try clinic.store.transaction { try clinic.hub.acceptHeld(group.id, why: nil) }
        try clinic.settle(sam, priya)
        #expect(try sam.title(held) == "held" && priya.title(held) == "held")
    }

    @Test(
        "G1 G10: what a disk has left of held work comes again where the office holds another copy's under its number"
    )
    func damagedRowOfCopy() throws {
        let backup = try clinic.backUp()
        let twin = try sam.copy()
        let ids = try twin.replica.write { work in
            try ["whole", "torn"].map {
                try work.create(table: Notebook.book, area: Office.main, values: [(Notebook.title, .text($0))])
            }
        }
        _ = try clinic.sendHeld(twin)
        try clinic.restore(backup)
        try sam.add("of the first")
        let other = try clinic.sendHeld(sam)
        let table = twin.replica.sqlName(of: Notebook.book)
        try twin.replica.database.execute("UPDATE \(table) SET title = 'damaged' WHERE title = 'torn'")
        try clinic.store.transaction { try clinic.hub.beginHealing() }
        #expect(try twin.sync().hasNewIdentity)
        _ = try clinic.store.transaction { try clinic.hub.discardHeld(other.id, why: nil) }
        try clinic.settle(twin, sam, priya)
        #expect(try twin.title(ids[0]) == "whole" && priya.title(ids[0]) == "whole")
    }

    @Test("G2 G10: words on a record that their author deleted since are in its history, and it stays deleted")
    func deletedSince() throws {
        let twin = try loseWords()
        try twin.delete(shared)
        #expect(try twin.sync().hasHealed)
        try clinic.settle(twin, sam, priya)
        let words = try words()
        #expect(words.contains(.text("earlier")) && words.contains(.text("later")))
        #expect(try [twin, sam, priya].map { try $0.title(shared) } == [nil, nil, nil])
        #expect(try clinic.hub.conflicts(openOnly: true) == [])
        #expect(try twin.replica.heldItems().isEmpty)
    }

    /// A second copy's work is held and lost in a restore, and the first one's is held under its number.
    ///
    /// - Returns: the copy, the lost group, and the record that it made.
    private func loseHeld() throws -> (twin: FieldLaptop, number: UInt64, record: RecordID) {
        let backup = try clinic.backUp()
        let twin = try sam.copy()
        let record = try twin.add("of the second")
        let number = try clinic.sendHeld(twin).number
        try clinic.restore(backup)
        try sam.add("of the first")
        _ = try clinic.sendHeld(sam)
        return (twin, number, record)
    }

    private func expectHeld(_ word: String) throws {
        let held = try clinic.hub.quarantine()
        let fields = try held.flatMap { try clinic.hub.quarantineGroup($0.id).changes }.flatMap(\.fields)
        #expect(fields.map(\.value) == [.text(word)])
    }

    @Test("G1: who takes back what the office had held ends nothing of another copy's")
    func takenBack() throws {
        let (twin, number, _) = try loseHeld()
        #expect(try twin.replica.withdraw(number) == [number])
        try clinic.settle(twin, priya)
        try expectHeld("of the first")
    }

    @Test("G1: what came of a group before a restore ends nothing of another copy's")
    func endedBefore() throws {
        let backup = try clinic.backUp()
        let twin = try sam.copy()
        try twin.add("of the second")
        let lost = try clinic.sendHeld(twin)
        _ = try clinic.store.transaction { try clinic.hub.discardHeld(lost.id, why: nil) }
        try twin.sync()
        try priya.add("seen by Priya")
        try priya.sync()
        try clinic.restore(backup)
        try sam.add("of the first")
        _ = try clinic.sendHeld(sam)
        try clinic.settle(priya, twin)
        try expectHeld("of the first")
    }

    @Test("G1 G10: what is lost comes again after a cut at any moment", arguments: 1...14)
    func cut(after replies: Int) throws {
        let (twin, _, own) = try loseHeld()
        var count = 0
        do {
            _ = try twin.sync { send in
                let reply = try send()
                count += 1
                if count == replies { throw Clinic.Lost() }
                return reply
            }
        } catch is Clinic.Lost {}
        try clinic.settle(twin, sam, priya)
        #expect(try priya.title(own) == "of the second")
        let history = try #require(try clinic.hub.history(table: Notebook.book, record: own, for: number(priya)))
        #expect(history.versions.filter { $0.field == Notebook.title }.map(\.value) == [.text("of the second")])
    }

    // MARK: Nothing lost

    @Test("Only what is held, or has not come back, is named, and that once in a sync")
    func named() throws {
        try sam.add("settled")
        #expect(try named(by: sam) == [])
        #expect(try named(by: sam) == [])
        try sam.add("held")
        let held = try clinic.sendHeld(sam)
        try sam.add("waits")
        #expect(try named(by: sam) == [held.number])
        #expect(try named(by: sam) == [held.number])
        _ = try clinic.store.transaction { try clinic.hub.acceptHeld(held.id, why: nil) }
        #expect(try named(by: sam) == [held.number])
        #expect(try named(by: sam) == [])
        #expect(try clinic.hub.recentClaims() == [])
    }

    private func erase(_ targets: ErasureTarget...) throws {
        let order = ErasureOrder(
            id: Notebook.id(7), time: StampTime.packed(milliseconds: clinic.now), targets: targets)
        try clinic.store.transaction {
            try clinic.hub.carryOut(order)
            try clinic.hub.order(.erasure, payload: order.encoded())
        }
    }

    @Test("G9: held work of which the office erased a part shows no loss", arguments: [true, false])
    func erasedInPart(isErasedBefore: Bool) throws {
        let kept = try sam.replica.write {
            try $0.edit(table: Notebook.book, record: shared, values: [(Notebook.title, .text("erased"))])
            return try $0.create(table: Notebook.book, area: Office.main, values: [(Notebook.title, .text("kept"))])
        }
        if isErasedBefore { try erase(ErasureTarget(table: Notebook.book, record: shared)) }
        _ = try clinic.sendHeld(sam)
        if !isErasedBefore { try erase(ErasureTarget(table: Notebook.book, record: shared)) }
        for _ in 0..<3 {
            let summary = try sam.sync()
            #expect(summary.matches && !summary.hasHealed && summary.held.map(\.number) == [1])
        }
        // A hash of what is gone would tell of it.
        #expect(try sam.replica.database.integer("SELECT count(*) FROM receipt_check") == 0)
        #expect(try clinic.hub.recentClaims() == [])
        let held = try #require(try clinic.hub.quarantine().first)
        _ = try clinic.store.transaction { try clinic.hub.acceptHeld(held.id, why: nil) }
        try clinic.settle(sam, priya)
        #expect(try priya.title(kept) == "kept")
    }

    @Test("G1 G9: work that is sent again is held where the office has accepted what an erasure left of it")
    func acceptedAfterErasure() throws {
        let kept = try sam.replica.write {
            try $0.edit(table: Notebook.book, record: shared, values: [(Notebook.title, .text("erased"))])
            return try $0.create(table: Notebook.book, area: Office.main, values: [(Notebook.title, .text("kept"))])
        }
        let held = try clinic.sendHeld(sam)
        try erase(ErasureTarget(table: Notebook.book, record: shared))
        _ = try clinic.store.transaction { try clinic.hub.acceptHeld(held.id, why: nil) }
        _ = try sam.replica.resend(held.number)
        let summary = try sam.sync()
        #expect(summary.held.map(\.reason) == [.replacedInForce] && !summary.hasHealed)
        #expect(try clinic.value(kept) == .text("kept"))
        #expect(try clinic.hub.recentClaims() == [])
    }
}
