import SyncCore
import Testing

@testable import SyncReplica

/// What a delete says that it saw.
@Suite("What was shown of a record")
struct RecordSnapshotTests {
    private let creation = Stamp(time: 1_000, device: 3)
    private let id = RecordID(high: 1, low: 2)

    @Test("G5: a delete has seen an edit that waits, also at the time that the server gave to the creation")
    func editAtTimeOfCreation() {
        let edit = Change(
            table: 1, record: id,
            fields: [
                FieldChange(field: 1, value: .text("Tea."), time: 1_000, base: .own(number: 4, time: 900)),
                FieldChange(field: 2, value: .null, time: 1_000, base: .own(number: 4, time: 900)),
            ])
        let state = RecordState(
            table: 1, id: id, area: 2, created: creation,
            fields: [
                FieldState(number: 1, value: .text("Tea."), stamp: creation),
                FieldState(number: 3, value: .text("As it was made."), stamp: creation),
            ])
        let shown = RecordSnapshot(state, device: 3, chain: [(group: 5, change: edit)])
        let base = Base.own(number: 5, time: 1_000)
        #expect(shown.seenFields == [.init(field: 1, base: base), .init(field: 2, base: base)])
    }

    @Test("A delete names no field that is as a creation that waits left it")
    func creationThatWaits() {
        let making = Change(
            table: 1, record: id, creation: Creation(area: 2, time: 1_000),
            fields: [FieldChange(field: 1, value: .text("Tea."), time: 1_000, base: .none)])
        let state = RecordState(
            table: 1, id: id, area: 2, created: creation,
            fields: [FieldState(number: 1, value: .text("Tea."), stamp: creation)])
        let shown = RecordSnapshot(state, device: 3, chain: [(group: 5, change: making)])
        #expect(shown.seenFields == [])
        #expect(shown.base(of: 1) == .own(number: 5, time: 1_000))
    }
}
