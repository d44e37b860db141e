import SyncCore
import Testing

@testable import SyncHub
@testable import SyncReplica

@Suite("Held work about records that were deleted long ago")
struct HeldHorizonTests {
    @Test("G3: a held edit that is accepted when laptops have dropped the deleted record brings nothing of it back")
    func acceptedLate() throws {
        let field = try HeldFixture()
        let (ada, ben) = (try field.laptop("Ada"), try field.laptop("Ben"))
        let id = try field.create("old", on: ada)
        try field.sync(ada)
        try field.sync(ben)
        try field.edit(id, .text("edited"), on: ben)
        try field.sync(ben, isHeld: true)
        field.office.now += 1_000
        try ben.replica.write { try $0.delete(table: Notebook.book, record: id) }
        try field.sync(ben)
        field.office.now += RecordState.tombstoneMilliseconds + 86_400_000
        try field.sync(ada)
        #expect(try ada.replica.record(table: Notebook.book, id: id) == nil)
        try field.decide(.accepted, 1, of: ben)
        for laptop in [ada, ben] {
            let summary = try field.sync(laptop)
            #expect(summary.matches && summary.repairs.isEmpty)
            #expect(try laptop.replica.record(table: Notebook.book, id: id)?.isLiving != true)
        }
        #expect(try field.office.hub.areasWithWrongDigest() == [])
    }

    @Test(
        "G3: of a held group the record whose deletion was collected does not come back with the others",
        arguments: [false, true])
    func collectedFromItsGroup(hasCursor: Bool) throws {
        let field = try HeldFixture()
        let (ada, ben) = (try field.laptop("Ada"), try field.laptop("Ben"))
        if hasCursor {
            _ = try field.create("first", on: ada)
            try field.sync(ada)
            try field.sync(ben)
        }
        field.office.now += 1_000
        let (kept, gone) = try ben.replica.write { work in
            func make(_ title: String) throws -> RecordID {
                try work.create(table: Notebook.book, area: Office.main, values: [(Notebook.title, .text(title))])
            }
            return (try make("kept"), try make("gone"))
        }
        try field.sync(ben, isHeld: true)
        field.office.now += 1_000
        try ben.replica.write { try $0.delete(table: Notebook.book, record: gone) }
        try field.sync(ben, isHeld: true)
        #expect(try field.decide(.accepted, 1, of: ben).groups.count == 2, "the deletion with it")
        _ = try FeedCollection(hub: field.office.hub).run()
        field.office.now += RecordState.tombstoneMilliseconds + 86_400_000
        #expect(try FeedCollection(hub: field.office.hub).run().deleted == 1)
        for laptop in [ben, ada] {
            let summary = try field.sync(laptop)
            #expect(summary.matches && summary.repairs.isEmpty)
            #expect(try laptop.replica.record(table: Notebook.book, id: gone)?.isLiving != true)
            #expect(try field.title(kept, on: laptop) == "kept")
        }
        #expect(try field.isSound(ben))
    }
}
