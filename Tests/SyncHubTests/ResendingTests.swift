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
}
