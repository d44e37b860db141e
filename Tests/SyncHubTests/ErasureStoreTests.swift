import SyncCore
import Testing

@testable import SyncHub

@Suite("What every hub store must do to erase")
struct ErasureStoreConformance {
    private let book = Notebook.book

    private func state(_ number: UInt64, _ title: String) -> RecordState {
        RecordState(
            table: book, id: Notebook.id(number), area: 2, created: stamp(0, 1),
            fields: [FieldState(number: Notebook.title, value: .text(title), stamp: stamp(0, 1))])
    }

    private func conflict(_ id: UInt128, of record: RecordID, field: Int = 1, at time: Int64) -> Conflict {
        Conflict(
            id: id, table: book, record: record, area: 2, field: field,
            a: Conflict.Side(value: .text("a"), stamp: stamp(time, 1)),
            b: Conflict.Side(value: .text("b"), stamp: stamp(time + 1, 2)), before: .text("before"), kept: .a)
    }

    private func entry(_ sequence: UInt64, _ item: FeedEntry.Item, number: UInt64) -> FeedEntry {
        FeedEntry(area: 2, sequence: sequence, item: item, mask: .all, device: 7, number: number, isExact: true)
    }

    @Test("a record goes with versions, conflicts, links and places in the feed", arguments: StoreKind.allCases)
    func eraseRecord(_ kind: StoreKind) throws {
        try kind.withStore { store in
            try store.transaction {
                try store.addArea(Area(number: 2, name: "main"))
                let (gone, stays) = (state(1, "gone"), state(2, "stays"))
                let (goneKey, staysKey) = (try store.insert(gone), try store.insert(stays))
                for key in [goneKey, staysKey] {
                    try store.addVersion(
                        FieldState(number: 1, value: .text("old"), stamp: stamp(-5, 1)), table: book, key: key)
                }
                let first = try #require(try store.insert(conflict(1, of: gone.id, at: 0)))
                let second = try #require(try store.insert(conflict(2, of: stays.id, at: 0)))
                try store.append([entry(1, .record(table: book, key: goneKey), number: 3)])
                try store.append([entry(2, .record(table: book, key: staysKey), number: 4)])
                try store.append([entry(3, .conflict(key: first), number: 5)])
                try store.append([entry(4, .conflict(key: second), number: 6)])
                let link = HeldLink(table: book, record: gone.id, field: 1, stamp: stamp(9, 7), base: nil)
                try store.addHeldLink(link, quarantine: 1)
                #expect(
                    try store.groups(table: book, key: goneKey, record: gone.id)
                        == [GroupName(device: 7, number: 3), GroupName(device: 7, number: 5)])
                #expect(try store.conflicts(table: book, record: gone.id).map(\.conflict.id) == [1])

                try store.eraseRecord(table: book, key: goneKey, record: gone.id)

                #expect(try store.record(table: book, id: gone.id) == nil)
                #expect(try store.versions(table: book, key: goneKey).isEmpty)
                #expect(try store.conflict(1) == nil)
                #expect(try store.heldLink(table: book, record: gone.id, field: 1, stamp: stamp(9, 7)) == nil)
                #expect(try store.record(table: book, id: stays.id)?.state == stays)
                #expect(try store.versions(table: book, key: staysKey).count == 1)
                #expect(try store.conflict(2) != nil)
                var left: [UInt64] = []
                try store.forEachEntry(area: 2, after: 0) {
                    left.append($0.sequence)
                    return true
                }
                #expect(left == [2, 4])
                var walked: [RecordID] = []
                try store.forEachRecord(table: book) { walked.append($0.state.id) }
                #expect(walked == [stays.id])
            }
        }
    }

    @Test("of a field only what is older than a stamp goes", arguments: StoreKind.allCases)
    func eraseVersions(_ kind: StoreKind) throws {
        try kind.withStore { store in
            try store.transaction {
                let record = state(1, "new")
                let key = try store.insert(record)
                for (field, time) in [(1, Int64(1)), (1, 5), (2, 1)] {
                    try store.addVersion(
                        FieldState(number: field, value: .integer(time), stamp: stamp(time, 1)), table: book, key: key)
                }
                for (id, field, time) in [(UInt128(1), 1, Int64(1)), (2, 1, 9), (3, 2, 1)] {
                    _ = try store.insert(conflict(id, of: record.id, field: field, at: time))
                }
                try store.eraseVersions(
                    table: book, key: key, record: record.id, fields: FieldMask(bits: 1 << 1), before: stamp(5, 0))
                #expect(Set(try store.versions(table: book, key: key).map(\.value)) == [.integer(5), .integer(1)])
                #expect(try store.versions(table: book, key: key).filter { $0.number == 1 }.count == 1)
                #expect(try store.conflicts(table: book, record: record.id).map(\.conflict.id) == [2, 3])
                #expect(try store.record(table: book, id: record.id)?.state == record)
            }
        }
    }

    @Test("a held group is replaced, and one fingerprint is cleared", arguments: StoreKind.allCases)
    func groups(_ kind: StoreKind) throws {
        try kind.withStore { store in
            try store.transaction {
                let group = QuarantinedGroup(
                    id: 0, device: 7, number: 3, reason: .malformed, arrivedMilliseconds: 1, changeCount: 2)
                let id = try store.addQuarantined(group, body: [1, 2, 3])
                try store.replaceQuarantined(id, body: [9], changeCount: 1)
                #expect(try store.quarantinedBody(id) == [9])
                #expect(try store.quarantined(device: 7).map(\.changeCount) == [1])

                try store.addFingerprints(
                    device: 7, first: 4, [10, 11, 12], arrival: Arrival(highestTime: 1, milliseconds: 1))
                try store.clearFingerprint(GroupName(device: 7, number: 5))
                try store.clearFingerprint(GroupName(device: 7, number: 99))
                try store.clearFingerprint(GroupName(device: 8, number: 5))
                #expect(try (4...6).map { try store.fingerprint(device: 7, number: UInt64($0)) } == [10, 0, 12])
            }
        }
    }

    @Test("an order, its marks and each device's last word come back", arguments: StoreKind.allCases)
    func orders(_ kind: StoreKind) throws {
        let fields = FieldMask(bits: 1 << 2 | 1 << 62)
        let order = ErasureOrder(
            id: Notebook.id(77), time: at(3),
            targets: [
                ErasureTarget(table: book, record: Notebook.id(1)),
                ErasureTarget(table: 9, record: Notebook.id(2), fields: fields),
            ])
        let erasure = Erasure(order: order, milliseconds: 5, highestDevice: .max)
        try kind.withStore { store in
            try store.transaction {
                #expect(try !store.hasErasures())
                try store.addErasure(erasure)
                try store.addErasure(erasure)
                #expect(try store.hasErasures())
                #expect(try store.erasures() == [erasure])
                #expect(try store.erasure(order.id) == erasure)
                #expect(try store.erasure(Notebook.id(78)) == nil)
                #expect(
                    try store.erasureMarks(table: book, record: Notebook.id(1))
                        == [ErasureMark(fields: .all, time: at(3))])
                #expect(
                    try store.erasureMarks(table: 9, record: Notebook.id(2))
                        == [ErasureMark(fields: fields, time: at(3))])
                #expect(try store.erasureMarks(table: book, record: Notebook.id(2)).isEmpty)
                try store.setErasureState(.waitsForUser, order: order.id, device: 2, at: 10)
                try store.setErasureState(.confirmed, order: order.id, device: 2, at: 11)
                try store.setErasureState(.waitsForUser, order: order.id, device: 2, at: 12)
                try store.setErasureState(.waitsForUser, order: order.id, device: 3, at: 13)
                #expect(
                    try store.erasureConfirmations(order: order.id) == [
                        ErasureConfirmation(device: 2, state: .confirmed, milliseconds: 11),
                        ErasureConfirmation(device: 3, state: .waitsForUser, milliseconds: 13),
                    ])
            }
        }
    }
}
