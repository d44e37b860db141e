import SyncCore
import Testing

@testable import SyncHub
@testable import SyncReplica

@Suite("Work that was taken back after the office had accepted it")
struct TakenBackTests {
    private let field: HeldFixture
    private let ada: HeldFixture.Laptop
    private let ben: HeldFixture.Laptop

    init() throws {
        field = try HeldFixture()
        ada = try field.laptop("Ada", role: .lead)
        ben = try field.laptop("Ben")
    }

    @Test("G5: an editor that showed it has seen it")
    func editor() throws {
        let id = try field.create("new", on: ben)
        try field.sync(ben, isHeld: true)
        let shown = try #require(try ben.replica.snapshot(table: Notebook.book, record: id))
        // What has not left keeps the record here meanwhile.
        try field.edit(id, Notebook.count, .integer(1), on: ben)
        #expect(try ben.replica.withdraw(1) == [1, 2])
        try field.decide(.accepted, 1, of: ben)
        try field.sync(ben)
        field.office.now += 1_000
        try ben.replica.write {
            try $0.edit(table: Notebook.book, record: id, values: [(Notebook.title, .text("typed"))], seen: shown)
        }
        try field.sync(ben)
        try field.sync(ada)
        #expect(try field.office.hub.conflicts(openOnly: false) == [])
        #expect(try field.title(id, on: ada) == "typed" && field.isSound(ben))
    }

    @Test("G1: what is written after held work was taken back does not go with it")
    func writtenAfter() throws {
        let shared = try field.create("shared", on: ada)
        try field.sync(ada)
        try field.sync(ben)
        let id = try field.create("new", on: ben)
        try field.sync(ben, isHeld: true)
        field.office.now += 1_000
        try ben.replica.write { work in
            for id in [id, shared] {
                try work.edit(table: Notebook.book, record: id, values: [(Notebook.title, .text("both"))])
            }
        }
        #expect(try ben.replica.withdraw(1) == [1, 2])
        try field.edit(shared, Notebook.count, .integer(7), on: ben)
        try field.sync(ben)
        #expect(try field.office.value(shared, Notebook.count) == .integer(7))
        #expect(try field.title(shared) == "shared" && field.isSound(ben))
    }

    @Test("G3: an answer to a sealed file does not leave out its rows, and says all the rest")
    func answer() throws {
        let id = try field.create("new", on: ben)
        try field.sync(ben, isHeld: true)
        try field.decide(.accepted, 1, of: ben)
        let later = try field.create("in the file", on: ben)
        let request = try ben.replica.bundleRequest(limitBytes: 1 << 20)
        _ = try field.office.hub.takingBundles {
            try field.office.hub.accept(bundle: request, made: field.office.now, from: ben.number)
        }
        #expect(try ben.replica.resend(1).replaced == [1])
        let answer = try #require(try field.office.hub.bundleReplies(for: ben.number, limitBytes: 1 << 20))
        guard case .applied(let summary) = try ben.replica.apply(bundle: answer.replies, from: answer.cursors) else {
            Issue.record("nothing new")
            return
        }
        #expect(summary.matches && summary.sentCount == 1)
        #expect(try field.isSound(ben))
        let next = try field.sync(ben)
        #expect(next.matches && next.repairs.isEmpty)
        #expect(try field.title(id, on: ben) == "new" && field.title(later, on: ben) == "in the file")
        #expect(try field.isSound(ben))
    }
}
