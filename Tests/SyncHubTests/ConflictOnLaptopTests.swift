import SyncCore
import Testing

@testable import SyncHub
@testable import SyncReplica

@Suite("Conflicts on a laptop that end by more than their own decision")
struct ConflictOnLaptopTests {
    private let field: HeldFixture
    private let ada: HeldFixture.Laptop
    private let ben: HeldFixture.Laptop
    private let id: RecordID

    init() throws {
        field = try HeldFixture()
        ada = try field.laptop("Ada", role: .lead)
        ben = try field.laptop("Ben")
        id = try field.create("old", on: ada)
        try field.sync(ada)
        try field.sync(ben)
    }

    @Test(
        "a lead who lets a deletion stand settles all its conflicts, on the laptop at once and everywhere after the sync"
    )
    func siblings() throws {
        try field.edit(id, .text("Ben's"), on: ben)
        try field.edit(id, Notebook.count, .integer(2), on: ben)
        try field.sync(ben)
        try ada.replica.write { try $0.delete(table: Notebook.book, record: id) }
        try field.sync(ada)
        let open = try ada.replica.conflicts()
        try #require(open.count == 2)
        let choice: ConflictChoice = open[0].a.value == nil ? .a : .b
        try ada.replica.write { try $0.decide(open[0].id, keep: choice, why: "moved away") }
        #expect(try ada.replica.conflicts().isEmpty)
        try field.sync(ada)
        try field.sync(ben)
        #expect(try field.office.hub.conflicts(openOnly: true).isEmpty && ben.replica.conflicts().isEmpty)
        #expect(try field.office.hub.conflicts(openOnly: false).allSatisfy { $0.verdict?.why == "moved away" })
        #expect(try field.title(id) == nil && field.title(id, on: ben) == nil)
    }

    @Test("G5: a decision has not seen what came in while its prompt was open: that stays, or is in a conflict with it")
    func cameMeanwhile() throws {
        let cora = try field.laptop("Cora")
        try field.sync(cora)
        try field.edit(id, .text("Ben's"), on: ben)
        try field.sync(ben)
        try field.edit(id, .text("Ada's"), on: ada)
        try field.sync(ada)
        let conflict = try #require(try ada.replica.conflicts().first)
        let shown = try #require(try ada.replica.shown(conflict: conflict.id))
        try field.sync(cora)
        try field.edit(id, .text("Cora's"), on: cora)
        try field.sync(cora)
        try field.sync(ada)
        try #require(try field.title(id, on: ada) == "Cora's")
        field.office.now += 1_000
        try ada.replica.write { try $0.decide(conflict.id, keep: .a, shown: shown) }
        try field.sync(ada)
        let open = try field.office.hub.conflicts(openOnly: true)
        #expect(open.count == 1 && open.allSatisfy { $0.a.value == .text("Cora's") || $0.b.value == .text("Cora's") })
    }

    @Test("G5: a decision for a deletion does not delete what came in while its prompt was open")
    func cameBeforeDeletion() throws {
        let cora = try field.laptop("Cora")
        try field.sync(cora)
        try field.edit(id, .text("Ben's"), on: ben)
        try field.sync(ben)
        try ada.replica.write { try $0.delete(table: Notebook.book, record: id) }
        try field.sync(ada)
        let conflict = try #require(try ada.replica.conflicts().first)
        let shown = try #require(try ada.replica.shown(conflict: conflict.id))
        try field.sync(cora)
        try field.edit(id, Notebook.count, .integer(7), on: cora)
        try field.sync(cora)
        try field.sync(ada)
        field.office.now += 1_000
        let choice: ConflictChoice = conflict.a.value == nil ? .a : .b
        try ada.replica.write { try $0.decide(conflict.id, keep: choice, shown: shown) }
        try field.sync(ada)
        #expect(try field.title(id) == "Ben's")
        let open = try field.office.hub.conflicts(openOnly: true)
        #expect(open.count == 1 && open.first?.field == Notebook.count)
    }

    @Test("a conflict that a late link explains is open on no laptop, whatever was decided there and not sent yet")
    func withdrawn() throws {
        try field.edit(id, .text("Ben's"), on: ben)
        try field.sync(ben)
        try field.edit(id, .text("Ada's"), on: ada)
        try field.sync(ada)
        let conflict = try #require(try ada.replica.conflicts().first)
        try ada.replica.write { try $0.decide(conflict.id, keep: .a) }
        try ada.replica.write { try $0.reopen(conflict.id) }
        try field.office.store.transaction {
            var stored = try #require(try field.office.store.conflict(conflict.id))
            stored.conflict.status = .withdrawn
            try field.office.store.update(stored.conflict, key: stored.key)
            let merging = GroupMerging(hub: field.office.hub)
            try merging.tell(stored)
            try merging.finish()
        }
        // The reply is read before what waits here is sent.
        let request = try ada.replica.makeRequest(limitCount: 0)
        var fetch = request
        fetch.groups = []
        _ = try ada.replica.apply(try field.deliver(fetch, from: ada, isHeld: false))
        #expect(try ada.replica.conflicts().isEmpty)
        #expect(try ada.replica.conflict(conflict.id)?.status == .withdrawn)
        try field.sync(ada)
        try field.sync(ben)
        #expect(try ada.replica.conflicts().isEmpty && ben.replica.conflicts().isEmpty)
    }

    @Test("a conflict whose record has not arrived yet is not listed: nobody could decide it")
    func withoutRecord() throws {
        try field.edit(id, .text("Ben's"), on: ben)
        try field.sync(ben)
        try field.edit(id, .text("Ada's"), on: ada)
        try field.sync(ada)
        let conflict = try #require(try ada.replica.conflicts().first)
        let other = Conflict(
            id: conflict.id &+ 1, table: conflict.table, record: Notebook.id(77), area: conflict.area,
            field: conflict.field, a: conflict.a, b: conflict.b, before: conflict.before, kept: conflict.kept)
        _ = try ada.replica.transaction { try ada.replica.conflictLog.save(other) }
        #expect(try ada.replica.conflicts() == [conflict])
    }

    @Test("a decision that lifted a restriction keeps having seen it after its conflict was opened again")
    func reopened() throws {
        try field.edit(id, Notebook.sealed, .integer(1), on: ben)
        try field.sync(ben)
        try field.edit(id, Notebook.sealed, .integer(0), on: ada)
        try field.sync(ada)
        let conflict = try #require(try ada.replica.conflicts().first)
        try ada.replica.write { try $0.decide(conflict.id, keep: conflict.a.value == .integer(0) ? .a : .b) }
        try field.sync(ada)
        try ada.replica.write { try $0.reopen(conflict.id) }
        try field.sync(ada)
        let stored = try #require(try field.office.store.record(table: Notebook.book, id: id))
        let history = StoredHistory(
            store: field.office.store, table: Notebook.book, key: stored.key, record: id)
        let decided = try history.decided(field: Notebook.sealed)
        #expect(decided.map(\.by) == [stored.state.field(Notebook.sealed).stamp])
        #expect(decided.first?.sides == [conflict.a.stamp, conflict.b.stamp])
        #expect(stored.state.field(Notebook.sealed).value == .integer(0))
    }

    // MARK: Taken back

    /// A conflict about the title: Ben wrote "Ben's" first, Ada's stands; both know of it.
    private func inConflict() throws -> Conflict {
        try field.edit(id, .text("Ben's"), on: ben)
        try field.sync(ben)
        try field.edit(id, .text("Ada's"), on: ada)
        try field.sync(ada)
        try field.sync(ben)
        return try #require(try ada.replica.conflicts().first)
    }

    private func run(_ words: String, _ body: (inout LocalTransaction) throws -> Void) throws {
        field.office.now += 1_000
        ada.replica.command = words
        try ada.replica.write(body)
    }

    private func undo() throws {
        field.office.now += 1_000
        _ = try #require(try ada.replica.reverse(.undo))
    }

    @Test(
        "G5: a decision that is taken back before it was sent is as if it had never been, whatever others wrote meanwhile",
        arguments: [ConflictChoice.a, .b, .value(.text("both"))], [1, 2])
    func takenBackUnsent(choice: ConflictChoice, times: Int) throws {
        let conflict = try inConflict()
        field.office.now += 1_000
        try field.edit(id, .text("Ben's next"), on: ben)
        try field.sync(ben)
        for _ in 0..<times {
            try run("resolve") { try $0.decide(conflict.id, keep: choice, why: "agreed") }
            #expect(try ada.replica.conflicts().isEmpty)
            try undo()
        }
        #expect(try ada.replica.conflicts() == [conflict] && ada.replica.unsentCount == 0)
        #expect(try field.title(id, on: ada) == "Ada's")
        try field.sync(ada)
        try field.sync(ben)
        for laptop in [ada, ben] { #expect(try field.title(id, on: laptop) == "Ben's next") }
        #expect(try field.office.hub.conflicts(openOnly: false) == [conflict])
    }

    @Test("G5: so it is with a decision for a deletion")
    func takenBackDeletion() throws {
        try field.edit(id, .text("Ben's"), on: ben)
        try field.sync(ben)
        try ada.replica.write { try $0.delete(table: Notebook.book, record: id) }
        try field.sync(ada)
        try field.sync(ben)
        let conflict = try #require(try ada.replica.conflicts().first)
        let choice: ConflictChoice = conflict.a.value == nil ? .a : .b
        field.office.now += 1_000
        try field.edit(id, .text("Ben's next"), on: ben)
        try field.sync(ben)
        try run("resolve") { try $0.decide(conflict.id, keep: choice) }
        #expect(try field.title(id, on: ada) == nil)
        try undo()
        #expect(try field.title(id, on: ada) == "Ben's" && ada.replica.unsentCount == 0)
        for laptop in [ada, ben] { try field.sync(laptop) }
        for laptop in [ada, ben] { #expect(try field.title(id, on: laptop) == "Ben's next") }
        #expect(try field.office.hub.conflicts(openOnly: false) == [conflict])
    }

    @Test("A decision that is taken back gives the one before it its reason again", arguments: [true, false])
    func takenBackSecond(isSent: Bool) throws {
        let conflict = try inConflict()
        try run("first") { try $0.decide(conflict.id, keep: .a, why: "first") }
        try field.sync(ada)
        try run("second") { try $0.decide(conflict.id, keep: .b, why: "second") }
        if isSent { try field.sync(ada) }
        try undo()
        try field.sync(ada)
        try field.sync(ben)
        let stored = try #require(try field.office.hub.conflicts(openOnly: false).first)
        #expect(stored.status == .resolved && stored.verdict?.why == "first")
        for laptop in [ada, ben] { #expect(try field.title(id, on: laptop) == "Ben's") }
        _ = try ada.replica.reverse(.redo)
        try field.sync(ada)
        let again = try #require(try field.office.hub.conflicts(openOnly: false).first)
        #expect(again.status == .resolved && again.verdict?.why == "second")
    }

    @Test("A conflict that is opened again by mistake is settled as before", arguments: [true, false])
    func takenBackOpening(isSent: Bool) throws {
        let conflict = try inConflict()
        try run("first") { try $0.decide(conflict.id, keep: .a, why: "first") }
        try field.sync(ada)
        for _ in 0..<2 { try run("reopen") { try $0.reopen(conflict.id) } }
        if isSent { try field.sync(ada) }
        try undo()
        #expect(try ada.replica.conflicts().map(\.id) == [conflict.id], "it was open before the second time too")
        try undo()
        #expect(try ada.replica.conflicts().isEmpty)
        try field.sync(ada)
        let stored = try #require(try field.office.hub.conflicts(openOnly: false).first)
        #expect(stored.status == .resolved && stored.verdict?.why == "first")
    }
}
