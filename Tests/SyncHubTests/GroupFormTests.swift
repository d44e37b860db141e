import SyncCore
import Testing

@testable import SyncHub

@Suite("The form of groups")
struct GroupFormTests {
    private let form = GroupForm(Schema(version: 1, tables: []))

    private func group(_ changes: [(table: Int, id: RecordID)]) -> ChangeGroup {
        ChangeGroup(
            number: 1,
            changes: changes.map {
                Change(table: $0.table, record: $0.id, creation: Creation(area: 1, time: 5), fields: [])
            })
    }

    @Test(
        "A group changes each record once, however alike the ids are",
        arguments: [
            { (index: UInt64) in RecordID(high: 1, low: index) }, { RecordID(high: $0, low: 7) },
            { RecordID(high: $0, low: 0) }, { RecordID(high: 2, low: $0 << 12) },
            { RecordID(high: $0 / 2, low: $0 % 2) },
        ] as [@Sendable (UInt64) -> RecordID])
    func once(id: @Sendable (UInt64) -> RecordID) {
        var changes = (0..<900).map { (table: 1, id: id($0)) }
        #expect(form.isWellFormed(group(changes)))
        changes[600].table = 2
        changes[700].id = changes[600].id
        #expect(form.isWellFormed(group(changes)))
        changes[600].table = 1
        #expect(!form.isWellFormed(group(changes)))
    }
}
