import Database
import SyncCore
import SyncReplica
import Testing

@testable import SyncHub

@Suite("A laptop's database that was copied, and work of it that the office held")
struct CopiedHeldTests {
    private let clinic: Clinic
    private let priya: FieldLaptop
    private let sam: FieldLaptop

    init() throws {
        clinic = try Clinic()
        priya = try clinic.laptop("Priya")
        sam = try clinic.laptop("Sam")
        try priya.add("first")
        for laptop in [priya, sam] { try laptop.sync() }
    }

    @Test("G1 G9 G10: held work that was accepted and then erased in part lets no other work of a copy pass for known")
    func erasedInPart() throws {
        let twin = try sam.copy()
        clinic.now += 10
        let ids = try sam.replica.write { work in
            try ["erased", "stays"].map {
                try work.create(table: Notebook.book, area: Office.main, values: [(Notebook.title, .text($0))])
            }
        }
        let held = try clinic.sendHeld(sam)
        _ = try clinic.store.transaction { try clinic.hub.acceptHeld(held.id, why: nil) }
        let order = ErasureOrder(
            id: Notebook.id(7), time: StampTime.packed(milliseconds: clinic.now),
            targets: [ErasureTarget(table: Notebook.book, record: ids[0])])
        try clinic.store.transaction {
            try clinic.hub.carryOut(order)
            try clinic.hub.order(.erasure, payload: order.encoded())
        }
        let own = try twin.add("of the second")
        #expect(try twin.sync().hasNewIdentity)
        #expect(try clinic.value(own) == .text("of the second"))
        #expect(try clinic.value(ids[1]) == .text("stays"))
    }

    @Test("G10: a copy of a copy keeps what came back to it under each of its numbers")
    func renumberedTwice() throws {
        var laptop = sam
        for round in 1...3 {
            try laptop.add("in force \(round)")
            try laptop.sync()
            try laptop.add("refused \(round)")
            let held = try clinic.sendHeld(laptop)
            _ = try clinic.store.transaction { try clinic.hub.discardHeld(held.id, why: nil) }
            try laptop.sync()
            #expect(try laptop.replica.heldItems(all: true).count == round)
            let twin = try laptop.copy(seed: UInt64(100 + round))
            try laptop.add("of the first \(round)")
            try laptop.sync()
            try twin.add("of the second \(round)")
            #expect(try twin.sync().hasNewIdentity)
            laptop = twin
        }
        #expect(try laptop.replica.heldItems(all: true).count == 3)
    }

    @Test("G1 G10: a copy is told what the office did not take of the work that it was copied with")
    func discardedUnheard() throws {
        _ = try sam.add("refused")
        let held = try clinic.sendHeld(sam)
        let twin = try sam.copy()
        try sam.add("of the first")
        try sam.sync()
        _ = try clinic.store.transaction { try clinic.hub.discardHeld(held.id, why: "entered twice") }
        #expect(try twin.sync().hasNewIdentity)
        let items = try twin.replica.heldItems()
        #expect(items.map(\.state) == [.discarded])
        #expect(try twin.replica.untoldNews().discarded == items.map(\.number), "told by the number that it has now")
    }

    @Test(
        "G10: what the office did not take does not come into force under the new identity of a copy",
        arguments: [true, false])
    func discardedWithLaterWork(isWithdrawn: Bool) throws {
        let refused = try sam.add("refused")
        let held = try clinic.sendHeld(sam)
        clinic.now += 10
        try sam.edit(refused, "more")
        if isWithdrawn {
            _ = try sam.replica.withdraw(1)
        } else {
            _ = try clinic.store.transaction { try clinic.hub.discardHeld(held.id, why: nil) }
        }
        try sam.sync()
        let twin = try sam.copy()
        try sam.add("of the first")
        try sam.sync()
        try twin.add("of the second")
        #expect(try twin.sync().hasNewIdentity)
        try twin.sync()
        #expect(try clinic.value(refused) == nil)
        try clinic.settle(priya, sam, twin)
    }

    @Test("G1 G10: own work of a copy does not pass for what the other took back under its number before an erasure")
    func takenBackAndErased() throws {
        let erased = try sam.add("erased")
        try sam.sync()
        let twin = try sam.copy()
        _ = try sam.add("taken back")
        let held = try clinic.sendHeld(sam)
        _ = try sam.replica.withdraw(held.number)
        try sam.sync()
        let order = ErasureOrder(
            id: Notebook.id(7), time: StampTime.packed(milliseconds: clinic.now),
            targets: [ErasureTarget(table: Notebook.book, record: erased)])
        try clinic.store.transaction {
            try clinic.hub.carryOut(order)
            try clinic.hub.order(.erasure, payload: order.encoded())
            // As in a file of a version that kept them too long.
            try clinic.store.clearFingerprint(GroupName(device: held.device, number: held.number))
        }
        let own = try twin.add("of the second")
        #expect(try twin.sync().hasNewIdentity)
        #expect(try clinic.value(own) == .text("of the second"))
    }

    @Test("G1 G10: held work of a copy comes again where a restored server gave its number to the other copy's work")
    func heldBeforeRestore() throws {
        let backup = try clinic.backUp()
        let twin = try sam.copy()
        let own = try twin.add("of the second")
        _ = try clinic.sendHeld(twin)
        // What shows that the server has lost something.
        try priya.add("later")
        try priya.sync()
        try twin.sync()
        #expect(try twin.replica.heldItems().count == 1)
        try expectBoth(own, of: twin, after: backup)
    }

    @Test("G1 G10: what came back to a copy is sent again under its new identity, and comes into force")
    func sentAgainUnderNewIdentity() throws {
        let refused = try sam.add("refused")
        let held = try clinic.sendHeld(sam)
        _ = try clinic.store.transaction { try clinic.hub.discardHeld(held.id, why: nil) }
        try sam.sync()
        let twin = try sam.copy()
        try sam.add("of the first")
        try sam.sync()
        try twin.add("of the second")
        #expect(try twin.sync().hasNewIdentity)
        let item = try #require(try twin.replica.heldItems().first)
        _ = try twin.replica.resend(item.number)
        try twin.sync()
        #expect(try clinic.hub.quarantine() == [])
        #expect(try clinic.value(refused) == .text("refused"))
    }

    @Test(
        "G1 G10: work of a copy whose rows had not come yet is not taken for what the other copy sent since a restore")
    func receiptedBeforeRestore() throws {
        let backup = try clinic.backUp()
        let twin = try sam.copy()
        // What shows that the server has lost something.
        try priya.add("later")
        try priya.sync()
        try twin.sync()
        let own = try twin.add("of the second")
        clinic.now += 10
        try twin.replica.freeze()
        let request = try twin.replica.makeRequest()
        let number = try #require(try twin.replica.device)
        let acceptance = try clinic.store.transaction { try clinic.hub.accept(request, from: number) }
        var reply = try clinic.hub.reply(to: request, device: number, acceptance: acceptance)
        // The line is slow: the pages come with later replies.
        reply.pages = []
        _ = try twin.replica.apply(reply)
        try expectBoth(own, of: twin, after: backup)
    }

    /// Puts the server back, lets the first laptop send under the number that the copy used, and looks for the work of both.
    private func expectBoth(_ own: RecordID, of twin: FieldLaptop, after backup: String) throws {
        try clinic.restore(backup)
        let first = try sam.add("of the first")
        try sam.sync()
        for laptop in [twin, sam, priya, twin, sam] { try laptop.sync() }
        #expect(try clinic.value(own) == .text("of the second"))
        #expect(try clinic.value(first) == .text("of the first"))
        #expect(try [sam, priya, twin].map { try $0.title(own) } == Array(repeating: "of the second", count: 3))
    }

    @Test(
        "G1: held work that its author takes back, or sends again, does not stay at the office where the laptop proves to be a copy",
        arguments: [true, false])
    func takenBackByCopy(isReplaced: Bool) throws {
        let id = try sam.add("held")
        let held = try clinic.sendHeld(sam)
        let twin = try sam.copy()
        try twin.add("of the second")
        try twin.sync()
        if isReplaced {
            _ = try sam.replica.resend(held.number)
        } else {
            _ = try sam.replica.withdraw(held.number)
            try sam.add("of the first")
        }
        #expect(try sam.sync().hasNewIdentity)
        for laptop in [sam, priya, twin, sam] { try laptop.sync() }
        #expect(try clinic.hub.quarantine() == [])
        #expect(try priya.title(id) == (isReplaced ? "held" : nil))
    }
}
