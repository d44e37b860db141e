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
}
