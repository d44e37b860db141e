import SyncCore
import Testing

@testable import SyncHub
@testable import SyncReplica

@Suite("Held work on a laptop")
struct HeldWorkTests {
    private let field: HeldFixture
    private let ada: HeldFixture.Laptop
    private let ben: HeldFixture.Laptop

    init() throws {
        field = try HeldFixture()
        ada = try field.laptop("Ada", role: .lead)
        ben = try field.laptop("Ben", areas: [Office.main, Office.south])
    }

    /// A record that everybody has.
    private func shared(_ title: String = "old") throws -> RecordID {
        let id = try field.create(title, on: ada)
        try field.sync(ada)
        try field.sync(ben)
        return id
    }

    // MARK: The office's word

    @Test("accepted work settles on its laptop, and reaches everybody", arguments: [false, true])
    func accepted(losesReply: Bool) throws {
        let id = try shared()
        let new = try field.create("new", on: ben)
        try field.edit(id, .text("held"), on: ben)
        #expect(try field.sync(ben, isHeld: true).held.map(\.number) == [1, 2])
        #expect(try ben.replica.heldItems().map(\.state) == [.held, .held])
        #expect(try ben.replica.progress(of: RecordReference(table: Notebook.book, id: new)) == .held)
        #expect(try field.title(new) == nil && field.title(new, on: ben) == "new")
        for number in 1...2 { try field.decide(.accepted, UInt64(number), of: ben) }
        if losesReply {
            #expect(throws: HeldFixture.Lost.self) { try field.sync(ben, losesReply: true) }
        }
        let summary = try field.sync(ben)
        #expect(summary.accepted == [1, 2] && summary.held.isEmpty && summary.matches)
        #expect(try ben.replica.heldItems(all: true).isEmpty)
        #expect(try field.sync(ada).matches)
        #expect(try field.title(id, on: ada) == "held" && field.title(new, on: ada) == "new")
        #expect(try field.isSound(ben))
    }

    @Test(
        "discarded work leaves the rows, its words stay for 90 days, and its author reads why",
        arguments: [false, true])
    func discarded(losesReply: Bool) throws {
        let id = try shared()
        let new = try field.create("new", on: ben)
        try field.edit(id, .text("held"), on: ben)
        if losesReply {
            #expect(throws: HeldFixture.Lost.self) { try field.sync(ben, isHeld: true, losesReply: true) }
        } else {
            try field.sync(ben, isHeld: true)
        }
        for number in 1...2 { try field.decide(.discarded, UInt64(number), of: ben, why: "entered twice") }
        if losesReply {
            #expect(throws: HeldFixture.Lost.self) { try field.sync(ben, losesReply: true) }
        }
        #expect(try field.sync(ben).discarded == [1, 2])
        #expect(try field.title(id, on: ben) == "old" && field.title(new, on: ben) == nil)
        #expect(try ben.replica.record(table: Notebook.book, id: new) == nil)
        let items = try ben.replica.heldItems()
        #expect(
            items.map(\.state) == [.discarded, .discarded] && items.map(\.why) == ["entered twice", "entered twice"])
        #expect(items[0].changes.first?.fields.first?.value == .text("new") && items[0].isWhole)
        let versions = try ben.replica.history(of: RecordReference(table: Notebook.book, id: id))
        #expect(versions.contains { $0.value == .text("held") && $0.kind == .inBetween })
        #expect(try field.sync(ben).discarded.isEmpty, "told once")
        #expect(try field.isSound(ben))
        try ben.replica.forgetOld(serverMilliseconds: field.office.now)
        field.office.now += 91 * 86_400_000
        try ben.replica.forgetOld(serverMilliseconds: field.office.now)
        #expect(try ben.replica.heldItems(all: true).isEmpty)
    }

    @Test("G5 an edit of what another wrote in the same millisecond as held work has seen that, not the held work")
    func sameMillisecond() throws {
        let id = try shared()
        try field.edit(id, Notebook.sealed, .integer(5), on: ben)
        field.office.now -= 1_000
        try field.edit(id, Notebook.sealed, .integer(1), on: ada)
        try field.sync(ada)
        try field.sync(ben, isHeld: true)
        try field.edit(id, Notebook.sealed, .integer(6), on: ben)
        // The restrictive value stays, and shows over the held work.
        try field.sync(ben)
        #expect(try ben.replica.record(table: Notebook.book, id: id)?.field(Notebook.sealed).value == .integer(1))
        let known = try field.office.hub.conflicts(openOnly: false).count
        try field.edit(id, Notebook.sealed, .integer(7), on: ben)
        #expect(try field.sync(ben).matches)
        #expect(try field.office.hub.record(table: Notebook.book, id: id)?.field(Notebook.sealed).value == .integer(7))
        #expect(try field.office.hub.conflicts(openOnly: false).count == known, "exactness")
    }

    @Test("G5 later work that was accepted shows over earlier work that is held, and stays when that is accepted")
    func laterWorkShows() throws {
        let id = try shared()
        try field.edit(id, .text("held"), on: ben)
        try field.sync(ben, isHeld: true)
        try field.edit(id, .text("later"), on: ben)
        try field.edit(id, Notebook.count, .integer(2), on: ben)
        try field.sync(ben)
        #expect(try field.title(id, on: ben) == "later")
        // An edit of what shows now is based on that.
        try field.edit(id, .text("last"), on: ben)
        try field.sync(ben)
        #expect(try field.title(id, on: ben) == "last")
        try field.decide(.accepted, 1, of: ben)
        #expect(try field.sync(ben).matches)
        #expect(try field.title(id, on: ben) == "last" && field.title(id) == "last")
        #expect(try field.office.hub.conflicts(openOnly: false).isEmpty, "exactness")
        #expect(try field.isSound(ben))
    }

    @Test(
        "a record that was deleted after an edit that is held stays deleted, held and accepted",
        arguments: [true, false])
    func deletedLater(isAccepted: Bool) throws {
        let id = try shared()
        try field.edit(id, .text("held"), on: ben)
        try field.sync(ben, isHeld: true)
        try ben.replica.write { try $0.delete(table: Notebook.book, record: id) }
        try field.sync(ben)
        #expect(try field.title(id, on: ben) == nil && field.title(id) == nil)
        try field.decide(isAccepted ? .accepted : .discarded, 1, of: ben)
        #expect(try field.sync(ben).matches)
        #expect(try field.title(id, on: ben) == nil && field.title(id) == nil)
        #expect(try field.office.hub.conflicts(openOnly: false).isEmpty)
        #expect(try field.isSound(ben))
    }

    @Test("a record whose making was discarded is shown no more, also where later edits of it are held or unsent")
    func makingDiscarded() throws {
        let new = try field.create("new", on: ben)
        try field.sync(ben, isHeld: true)
        try field.edit(new, .text("newer"), on: ben)
        #expect(try field.sync(ben).held.map(\.reason) == [.revoked, .areaNotGranted])
        try field.edit(new, Notebook.count, .integer(3), on: ben)
        try field.decide(.discarded, 1, of: ben)
        #expect(try field.sync(ben).discarded == [1, 2])
        #expect(try field.title(new, on: ben) == nil)
        #expect(try ben.replica.heldItems().map(\.state) == [.discarded, .discarded, .held])
        // All of it comes back together.
        let resending = try ben.replica.resend(1)
        #expect(resending.replaced == [1, 2, 3])
        #expect(try field.title(new, on: ben) == "newer")
        #expect(try ben.replica.record(table: Notebook.book, id: new)?.field(Notebook.count).value == .integer(3))
        #expect(try field.sync(ben).held.isEmpty)
        #expect(try field.title(new) == "newer")
        #expect(try field.isSound(ben))
    }

    // MARK: Sent again

    @Test(
        "G4 held work that is edited and sent again comes into force once, whatever replies are lost and whatever the office decides",
        arguments: ["nothing", "accepted", "discarded"], [false, true])
    func sentAgain(_ meanwhile: String, _ losesReply: Bool) throws {
        let new = try field.create("first", on: ben)
        try field.sync(ben, isHeld: true)
        try field.edit(new, .text("second"), on: ben)
        let resending = try ben.replica.resend(1)
        #expect(resending.replaced == [1, 2] && resending.number == 3)
        #expect(try field.title(new, on: ben) == "second")
        if meanwhile != "nothing" { try field.decide(meanwhile == "accepted" ? .accepted : .discarded, 1, of: ben) }
        if losesReply {
            #expect(throws: HeldFixture.Lost.self) { try field.sync(ben, losesReply: true) }
        }
        let held = try field.sync(ben).held
        #expect(try field.office.hub.conflicts(openOnly: false).isEmpty, "exactness")
        #expect(try field.title(new, on: ben) == "second")
        if meanwhile == "accepted" {
            #expect(held.map(\.reason) == [.replacedInForce])
            #expect(try field.title(new) == "second", "the edit of it is in force, as it was made")
            // A person says what becomes of the rest.
            try field.decide(.accepted, 3, of: ben)
        } else {
            #expect(held.isEmpty)
        }
        #expect(try field.sync(ben).matches)
        #expect(try field.title(new) == "second" && field.title(new, on: ben) == "second")
        #expect(try field.office.hub.conflicts(openOnly: false).isEmpty, "exactness")
        #expect(try field.office.hub.quarantine().isEmpty && ben.replica.heldItems().isEmpty)
        #expect(try field.sync(ada).matches && field.isSound(ben))
    }

    @Test("an edit that is held is sent again with what its author saw as its base; what was written later stays")
    func editSentAgain() throws {
        let id = try shared()
        do {
            field.office.now += 1_000
            try ben.replica.write { work in
                try work.edit(
                    table: Notebook.book, record: id,
                    values: [(Notebook.title, .text("held")), (Notebook.count, .integer(7))])
            }
            try field.sync(ben, isHeld: true)
        }
        try field.edit(id, .text("later"), on: ben)
        try field.sync(ben)
        _ = try ben.replica.resend(1)
        try field.sync(ben)
        #expect(try field.title(id) == "later")
        #expect(try field.office.value(id, Notebook.count) == .integer(7))
        #expect(try field.office.hub.conflicts(openOnly: false).isEmpty)
        #expect(try field.office.hub.quarantine().isEmpty && field.isSound(ben))
    }

    @Test("work is sent again into another area as new records, with references between them, and nothing stays behind")
    func otherArea() throws {
        let (one, two): (RecordID, RecordID) = try ben.replica.write { work in
            let one = try work.create(table: Notebook.book, area: Office.main, values: [(Notebook.title, .text("one"))])
            let two = try work.create(
                table: Notebook.page, area: Office.main, values: [(1, .text("two")), (3, .blob(one.bytes))])
            return (one, two)
        }
        try field.sync(ben, isHeld: true)
        try field.edit(one, .text("one, put right"), on: ben)
        let resending = try ben.replica.resend(1, area: Office.south)
        let books = resending.records.filter { $0.table == Notebook.book }
        let pages = resending.records.filter { $0.table == Notebook.page }
        try #require(books.count == 1 && pages.count == 1 && books[0].id != one && pages[0].id != two)
        #expect(try field.title(one, on: ben) == nil && field.title(books[0].id, on: ben) == "one, put right")
        #expect(try field.sync(ben).held.isEmpty)
        #expect(try field.title(one) == nil)
        let page = try #require(try field.office.hub.record(table: Notebook.page, id: pages[0].id))
        #expect(page.area == Office.south && page.field(3).value == .blob(books[0].id.bytes))
        #expect(try ben.replica.record(table: Notebook.book, id: one) == nil, "the old row is gone after the sync")
        #expect(throws: ReplicaError.nothingToSend(1)) { try ben.replica.resend(1) }
        #expect(throws: ReplicaError.heldNotFound(9)) { try ben.replica.resend(9) }
        #expect(try field.isSound(ben) && field.sync(ben).matches)
    }

    @Test("what the office did not take is brought back as a new edit over what is there now")
    func broughtBack() throws {
        let id = try shared()
        try field.edit(id, .text("held"), on: ben)
        try field.sync(ben, isHeld: true)
        try field.decide(.discarded, 1, of: ben)
        try field.edit(id, .text("Ada's"), on: ada)
        try field.sync(ada)
        try field.sync(ben)
        #expect(try field.title(id, on: ben) == "Ada's")
        _ = try ben.replica.resend(1)
        #expect(try field.title(id, on: ben) == "held")
        #expect(try ben.replica.heldItems().isEmpty)
        try field.sync(ben)
        #expect(try field.title(id) == "held" && field.office.hub.conflicts(openOnly: false).isEmpty)
    }

    // MARK: Taken back

    @Test(
        "held work is taken back, whatever replies are lost; the office's word that came first counts, and is told",
        arguments: ["nothing", "accepted", "discarded"], [false, true])
    func takenBack(_ meanwhile: String, _ losesReply: Bool) throws {
        let id = try shared()
        let new = try field.create("new", on: ben)
        try field.edit(id, .text("held"), on: ben)
        try field.sync(ben, isHeld: true)
        try field.edit(new, .text("newer"), on: ben)
        #expect(try ben.replica.withdraw(1) == [1, 3])
        #expect(try ben.replica.withdraw(2) == [2])
        #expect(throws: ReplicaError.heldNotFound(2)) { try ben.replica.withdraw(2) }
        #expect(try field.title(id, on: ben) == "old" && field.title(new, on: ben) == nil)
        if meanwhile != "nothing" {
            for number in 1...2 {
                try field.decide(meanwhile == "accepted" ? .accepted : .discarded, UInt64(number), of: ben)
            }
        }
        if losesReply {
            #expect(throws: HeldFixture.Lost.self) { try field.sync(ben, losesReply: true) }
        }
        let summary = try field.sync(ben)
        let isAccepted = meanwhile == "accepted"
        #expect(summary.held.isEmpty && summary.matches)
        #expect(Set(summary.takenMeanwhile).isSuperset(of: isAccepted ? [1, 2] : []))
        #expect(isAccepted || summary.takenMeanwhile.isEmpty)
        #expect(try field.title(id, on: ben) == (isAccepted ? "held" : "old"))
        #expect(try field.title(new, on: ben) == (isAccepted ? "newer" : nil))
        #expect(try field.title(new) == (isAccepted ? "newer" : nil))
        #expect(try field.office.hub.quarantine().isEmpty && field.isSound(ben))
        #expect(try ben.replica.heldLog.withdrawals().isEmpty)
    }
}
