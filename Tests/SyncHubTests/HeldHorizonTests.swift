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
}
