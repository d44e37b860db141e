import SyncCore
import Testing

@testable import SyncHub
@testable import SyncReplica

@Suite("Held work that is sent again")
struct ResendingTests {
    @Test("what is sent again with edits of a record that waits to be sent takes nothing from that record's making")
    func sentAgainWithNewRecord() throws {
        let field = try HeldFixture()
        let ben = try field.laptop("Ben")
        let id = try field.create("held", on: ben)
        try field.sync(ben, isHeld: true)
        let new = try field.create("first", on: ben)
        try field.edit(id, .text("more"), on: ben)
        field.office.now += 1_000
        try ben.replica.write { work in
            try work.edit(table: Notebook.book, record: id, values: [(Notebook.title, .text("most"))])
            try work.edit(table: Notebook.book, record: new, values: [(Notebook.title, .text("second"))])
        }
        #expect(try ben.replica.resend(1).replaced == [1, 3, 4])
        #expect(try field.sync(ben).matches)
        #expect(try field.title(new) == "second" && field.title(id) == "most")
        #expect(try field.office.hub.conflicts(openOnly: false).isEmpty, "exactness")
        #expect(try field.isSound(ben))
    }

    @Test("what edits a record and deletes it comes into force when it is sent again")
    func editedAndDeleted() throws {
        let field = try HeldFixture()
        let (ann, ben) = (try field.laptop("Ann"), try field.laptop("Ben"))
        let id = try field.create("first", on: ann)
        for laptop in [ann, ben] { try field.sync(laptop) }
        field.office.now += 1_000
        try ben.replica.write { work in
            try work.edit(table: Notebook.book, record: id, values: [(Notebook.title, .text("last words"))])
            try work.delete(table: Notebook.book, record: id)
        }
        try field.sync(ben, isHeld: true)
        #expect(try ben.replica.resend(1).replaced == [1])
        #expect(try field.sync(ben).held.isEmpty)
        let state = try #require(try field.office.hub.record(table: Notebook.book, id: id))
        #expect(!state.isLiving && state.field(Notebook.title).value == .text("last words"))
        #expect(try field.isSound(ben))
    }

    @Test(
        "work whose id another team has is sent again under a new id, with what was made beside it and what names it",
        arguments: [true, false])
    func takenElsewhere(isSent: Bool) throws {
        let field = try HeldFixture()
        let (lee, priya) = (try field.laptop("Lee", areas: [Office.south]), try field.laptop("Priya"))
        let taken = try field.create("Lee's", on: lee, area: Office.south)
        let (beside, page): (RecordID, RecordID) = try priya.replica.write { work in
            let beside = try work.create(
                table: Notebook.book, area: Office.main, values: [(Notebook.title, .text("b"))])
            _ = try work.create(
                table: Notebook.book, area: Office.main, values: [(Notebook.title, .text("Priya's"))], id: taken,
                wasLookedFor: true)
            let page = try work.create(
                table: Notebook.page, area: Office.main, values: [(1, .text("p")), (3, .blob(taken.bytes))])
            return (beside, page)
        }
        try field.sync(lee)
        let summary = try field.sync(priya)
        try #require(summary.held.map(\.reason) == [.areaChanged])
        // The office takes what only names the record: it does not know what its fields mean.
        let late = try priya.replica.write { work in
            try work.create(table: Notebook.page, area: Office.main, values: [(3, .blob(taken.bytes))])
        }
        if isSent { try field.sync(priya) }
        try field.edit(taken, .text("Priya's, put right"), on: priya)
        if isSent { try field.sync(priya) }
        #expect(try priya.replica.heldItems().map(\.number) == (isSent ? [1, 3] : [1]))
        let resending = try priya.replica.resend(1)
        let books = resending.records.filter { $0.table == Notebook.book }.map(\.id)
        let pages = resending.records.filter { $0.table == Notebook.page }.map(\.id)
        #expect(books.count == 2 && pages.count == 2 && !books.contains(taken) && !books.contains(beside))
        #expect(pages.contains(late) && !pages.contains(page))
        #expect(try field.sync(priya).held.isEmpty)
        #expect(try priya.replica.heldItems().isEmpty && field.office.hub.quarantine().isEmpty)
        #expect(try field.title(taken) == "Lee's" && field.title(taken, on: priya) == nil)
        let new = try #require(books.first { try field.title($0) == "Priya's, put right" })
        for page in pages {
            let state = try #require(try field.office.hub.record(table: Notebook.page, id: page))
            #expect(state.area == Office.main && state.field(3).value == .blob(new.bytes))
        }
        #expect(try field.isSound(priya) && field.sync(priya).matches)
    }

    @Test("where the office has the record in this area already, sending again changes it and makes no second one")
    func takenAndGiven() throws {
        let field = try HeldFixture()
        let (lee, priya) = (try field.laptop("Lee", areas: [Office.south]), try field.laptop("Priya"))
        let taken = try field.create("Lee's", on: lee, area: Office.south)
        _ = try priya.replica.write { work in
            try work.create(
                table: Notebook.book, area: Office.main, values: [(Notebook.title, .text("Priya's"))], id: taken,
                wasLookedFor: true)
        }
        try field.sync(lee)
        try #require(try field.sync(priya).held.map(\.reason) == [.areaChanged])
        try field.office.hub.give(person: "Priya", area: Office.south)
        try field.sync(priya)
        #expect(try priya.replica.resend(1).records.map(\.id) == [taken])
        #expect(try field.sync(priya).held.isEmpty)
        #expect(try field.title(taken) == "Priya's" && field.office.hub.quarantine().isEmpty)
        #expect(try field.isSound(priya) && field.sync(priya).matches)
    }

    @Test("G4: what is sent again says the same each time it leaves, also of a record without values")
    func saysTheSame() throws {
        let field = try HeldFixture()
        let ben = try field.laptop("Ben")
        let id = try field.create("held", on: ben)
        try field.sync(ben, isHeld: true)
        field.office.now += 1_000
        try ben.replica.write { work in
            try work.edit(table: Notebook.book, record: id, values: [(Notebook.title, .text("more"))])
            _ = try work.create(table: Notebook.book, area: Office.main, values: [])
        }
        field.office.now += 1_000
        #expect(try ben.replica.resend(1).replaced == [1, 2])
        var sent: [ChangeGroup] = []
        #expect(throws: HeldFixture.Lost.self) {
            try SyncSession(replica: ben.replica, limitCount: 1).run { request in
                let reply = try field.deliver(request, from: ben, isHeld: false)
                sent += request.groups
                if sent.last?.number == 3 { throw HeldFixture.Lost() }
                return reply
            }
        }
        let summary = try SyncSession(replica: ben.replica).run { request in
            if let again = request.groups.first(where: { $0.number == 3 }) { #expect(again == sent.last) }
            return try field.deliver(request, from: ben, isHeld: false)
        }
        #expect(summary.matches && summary.repairs.isEmpty && summary.held.isEmpty)
        #expect(try field.title(id) == "more")
        #expect(try field.isSound(ben))
    }

    @Test(
        "exactness: what is written after held work was taken back has seen it, whatever the office decided meanwhile",
        arguments: ["nothing", "accepted", "discarded"])
    func writtenAfterTakingBack(_ meanwhile: String) throws {
        let field = try HeldFixture()
        let (ada, ben) = (try field.laptop("Ada", role: .lead), try field.laptop("Ben"))
        let id = try field.create("old", on: ada)
        for laptop in [ada, ben] { try field.sync(laptop) }
        try field.edit(id, .text("held"), on: ben)
        try field.sync(ben, isHeld: true)
        #expect(try ben.replica.withdraw(1) == [1])
        if meanwhile != "nothing" { try field.decide(meanwhile == "accepted" ? .accepted : .discarded, 1, of: ben) }
        try field.edit(id, .text("new"), on: ben)
        try field.edit(id, .text("newer"), on: ben)
        #expect(try field.sync(ben).matches)
        #expect(try field.title(id) == "newer" && field.title(id, on: ben) == "newer")
        #expect(try field.office.hub.conflicts(openOnly: false).isEmpty)
        try field.edit(id, .text("newest"), on: ben)
        #expect(try field.sync(ben).matches && field.isSound(ben))
        #expect(try field.office.hub.conflicts(openOnly: false).isEmpty)
    }

    @Test("G4: work that the office decided on before its receipt arrived is sent again, and its author is told")
    func decidedBeforeReceipt() throws {
        let field = try HeldFixture()
        let ben = try field.laptop("Ben")
        let id = try field.create("held", on: ben)
        // The request is lost, so that the edit is a group of its own.
        #expect(throws: HeldFixture.Lost.self) {
            try SyncSession(replica: ben.replica).run { _ in throw HeldFixture.Lost() }
        }
        try field.edit(id, .text("more"), on: ben)
        #expect(throws: HeldFixture.Lost.self) { try field.sync(ben, isHeld: true, losesReply: true) }
        #expect(try field.decide(.discarded, 1, of: ben).groups.map(\.number) == [1, 2])
        // There is more to say, so the next page is read after the reply was applied.
        _ = try field.laptop("Ada")
        let summary = try SyncSession(replica: ben.replica, limitCount: 1).run(overlapping: { request, _ in
            try field.deliver(request, from: ben, isHeld: false)
        })
        #expect(summary.matches && summary.discarded == [1, 2])
        #expect(try ben.replica.unsentCount == 0 && field.title(id, on: ben) == nil)
    }

    @Test(
        "exactness: who takes held work back and deletes the record has seen that work, though the office accepted it",
        arguments: [true, false])
    func deletedAfterTakingBack(wasEmpty: Bool) throws {
        let field = try HeldFixture()
        let (ada, ben) = (try field.laptop("Ada", role: .lead), try field.laptop("Ben"))
        let id = try field.create("old", on: ada)
        for laptop in [ada, ben] { try field.sync(laptop) }
        try field.edit(id, wasEmpty ? Notebook.count : Notebook.title, wasEmpty ? .integer(7) : .text("held"), on: ben)
        try field.sync(ben, isHeld: true)
        #expect(try ben.replica.withdraw(1) == [1])
        try field.decide(.accepted, 1, of: ben)
        field.office.now += 1_000
        try ben.replica.write { try $0.delete(table: Notebook.book, record: id) }
        #expect(try field.sync(ben).matches && field.sync(ada).matches)
        #expect(try field.title(id) == nil && field.title(id, on: ada) == nil)
        #expect(try field.office.hub.conflicts(openOnly: false).isEmpty)
    }
}
