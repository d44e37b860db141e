import SyncCore
import Testing

@testable import SyncReplica

@Suite("Own changes over the server's version")
struct RecordOverlayTests {
    @Test("A field that was emptied shows empty, also where the server gave the creation the time of that edit")
    func emptiedAtCreation() throws {
        let created = Stamp(time: 1_000, device: 3)
        let id = RecordID(milliseconds: 1, random: (1, 2))
        var state: RecordState? = RecordState(
            table: 1, id: id, area: 2, created: created,
            fields: [
                FieldState(number: 1, value: .text("title"), stamp: created),
                FieldState(number: 2, value: .integer(2), stamp: created),
            ])
        let change = Change(
            table: 1, record: id,
            fields: [FieldChange(field: 1, value: .null, time: created.time, base: .own(number: 2, time: 900))])
        RecordOverlay(device: 3).apply(change, to: &state)
        #expect(state?.field(1).value == .null)
        #expect(state?.field(2).value == .integer(2))
    }
}
