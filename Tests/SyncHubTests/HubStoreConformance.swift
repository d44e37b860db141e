import Database
import Foundation
import SyncCore
import Testing

@testable import SyncHub

/// Every implementation of `HubStore` that the suite runs on.
enum StoreKind: CaseIterable {
    case sqliteInMemory
    case sqliteFile

    /// Calls `body` with an empty store that has its tables.
    func withStore(_ body: (any HubStore) throws -> Void) throws {
        switch self {
        case .sqliteInMemory: try run(try Notebook.database(), body)
        case .sqliteFile:
            let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            defer { #expect(throws: Never.self) { try FileManager.default.removeItem(at: folder) } }
            try run(try Notebook.database(path: folder.appendingPathComponent("hub.sqlite").path), body)
        }
    }

    func run(_ database: Database, _ body: (any HubStore) throws -> Void) throws {
        let store = SQLiteHubStore(database: database, schema: Notebook.schema)
        try store.transaction { try store.createTables() }
        try body(store)
    }
}

@Suite("What every hub store must do")
struct HubStoreConformance {
    struct Stop: Error {}

    /// Whether a body ends with `Stop`; any other error goes on.
    func stops(_ body: () throws -> Void) throws -> Bool {
        do {
            try body()
            return false
        } catch is Stop {
            return true
        }
    }

    @Test("what a failed transaction or savepoint wrote is gone", arguments: StoreKind.allCases)
    func rollback(_ kind: StoreKind) throws {
        try kind.withStore { store in
            let isStopped = try stops {
                try store.transaction {
                    try store.setEpoch([UInt8](repeating: 1, count: 16))
                    throw Stop()
                }
            }
            #expect(isStopped)
            #expect(try store.epoch() == nil)
            let isPartStopped = try store.transaction {
                try store.setCounter(.joinFailures, 1)
                return try stops {
                    try store.savepoint {
                        try store.setCounter(.joinFailures, 2)
                        throw Stop()
                    }
                }
            }
            #expect(isPartStopped)
            #expect(try store.counter(.joinFailures) == 1)
            let nested = try store.readTransaction {
                try store.readTransaction { try store.counter(.joinFailures) }
            }
            #expect(nested == 1)
        }
    }

    @Test("records, versions of every type and their bases come back as they were", arguments: StoreKind.allCases)
    func records(_ kind: StoreKind) throws {
        let values: [Value] = [
            .null, .integer(.min), .integer(.max), .real(0.5), .real(.infinity), .text("a\u{0}é"), .text(""),
            .blob([]), .blob([0, 255]),
        ]
        try kind.withStore { store in
            try store.transaction {
                let state = RecordState(
                    table: Notebook.book, id: Notebook.id(1), area: 2, created: stamp(0, 1),
                    fields: [FieldState(number: Notebook.title, value: .text("x"), stamp: stamp(0, 1))])
                let key = try store.insert(state)
                #expect(try store.record(table: Notebook.book, id: state.id) == StoredRecord(key: key, state: state))
                #expect(try store.record(table: Notebook.book, key: key) == state)
                #expect(try store.record(table: Notebook.page, id: state.id) == nil)
                for (index, value) in values.enumerated() {
                    let version = FieldState(
                        number: 1, value: value, stamp: stamp(Int64(index), 7),
                        base: index == 0 ? nil : stamp(0, UInt32.max))
                    try store.addVersion(version, table: Notebook.book, key: key)
                    let stored = try store.version(table: Notebook.book, key: key, field: 1, stamp: version.stamp)
                    #expect(stored == version)
                }
                #expect(try store.versions(table: Notebook.book, key: key).count == values.count)
                #expect(try store.version(table: Notebook.book, key: key, field: 2, stamp: stamp(0, 7)) == nil)
                var changed = state
                changed.set(
                    FieldState(number: Notebook.count, value: .integer(3), stamp: stamp(5, 2), base: stamp(0, 1)))
                changed.isLiving = false
                try store.update(changed, key: key, changed: FieldMask(bits: 1 | 1 << UInt64(Notebook.count)))
                #expect(try store.record(table: Notebook.book, key: key) == changed)
            }
        }
    }

    @Test("a conflict comes back whole, once, with its verdict", arguments: StoreKind.allCases)
    func conflicts(_ kind: StoreKind) throws {
        var conflict = Conflict(
            id: .max - 3, table: 1, record: Notebook.id(4), area: 2, field: 1,
            a: Conflict.Side(value: .null, stamp: stamp(1, 1)), b: Conflict.Side(value: nil, stamp: stamp(2, 2)),
            before: .text("b"), kept: .a)
        try kind.withStore { store in
            try store.transaction {
                let key = try #require(try store.insert(conflict))
                #expect(try store.insert(conflict) == nil)
                #expect(try store.conflict(conflict.id) == StoredConflict(key: key, conflict: conflict))
                conflict.status = .resolved
                conflict.verdict = Conflict.Verdict(stamp: stamp(9, 0), action: .resolve, why: "asked them")
                try store.update(conflict, key: key)
                #expect(try store.conflict(key: key) == conflict)
                #expect(try store.conflicts(openOnly: true, limit: 9).isEmpty)
                #expect(try store.conflicts(openOnly: false, limit: 9) == [conflict])
                #expect(try store.conflicts(openOnly: false, limit: 0).isEmpty)
                #expect(try store.conflict(1) == nil)
                #expect(
                    try store.conflicts(table: 1, record: conflict.record)
                        == [StoredConflict(key: key, conflict: conflict)])
                #expect(try store.conflicts(table: 2, record: conflict.record).isEmpty)
                #expect(try store.conflicts(table: 1, record: Notebook.id(5)).isEmpty)
            }
        }
    }

    @Test("each area has a feed of its own, in order, with marks", arguments: StoreKind.allCases)
    func feed(_ kind: StoreKind) throws {
        func entry(_ area: Int, _ sequence: UInt64) -> FeedEntry {
            FeedEntry(
                area: area, sequence: sequence,
                item: sequence == 2 ? .conflict(key: 5) : .record(table: 1, key: Int64(sequence)),
                mask: sequence == 1 ? .all : FieldMask(bits: 6), device: .max, number: 9, isExact: sequence == 3)
        }
        try kind.withStore { store in
            try store.transaction {
                for number in 1...3 { try store.addArea(Area(number: number, name: "\(number)")) }
                for sequence in 1...3 { try store.append([entry(2, UInt64(sequence))]) }
                try store.append([entry(1, 1)])
                try store.append([entry(3, 1)])
                var found: [FeedEntry] = []
                try store.forEachEntry(area: 2, after: 1) {
                    found.append($0)
                    return true
                }
                #expect(found == [entry(2, 2), entry(2, 3)])
                found = []
                try store.forEachEntry(area: 2, after: 0) {
                    found.append($0)
                    return false
                }
                #expect(found == [entry(2, 1)])
                let head = AreaHead(area: 2, sequence: 3, digest: .max - 1)
                try store.setHead(head)
                #expect(try store.head(area: 2) == head)
                #expect(try store.head(area: 1) == AreaHead(area: 1, sequence: 0, digest: 0))
                #expect(throws: HubError.areaUnknown(9)) { try store.head(area: 9) }
                try store.addMark(area: 2, sequence: 3, mark: .max)
                try store.addMark(area: 2, sequence: 8, mark: 4)
                #expect(try store.mark(area: 2, atOrAfter: 1) == .max)
                #expect(try store.mark(area: 2, atOrAfter: 4) == 4)
                #expect(try store.mark(area: 2, atOrAfter: 9) == nil)
                #expect(try store.mark(area: 1, atOrAfter: 1) == nil)
                #expect(try store.hasMark(.max, area: 2) && store.hasMark(4, area: 2))
                #expect(try !store.hasMark(4, area: 1) && !store.hasMark(5, area: 2))
            }
        }
    }

    @Test("fingerprints, corrections and held groups are found by device and number", arguments: StoreKind.allCases)
    func pushes(_ kind: StoreKind) throws {
        try kind.withStore { store in
            try store.transaction {
                let (early, late) = (
                    Arrival(highestTime: 70, milliseconds: nil), Arrival(highestTime: 90, milliseconds: 500)
                )
                try store.addFingerprints(device: 1, first: 1, [10, 11, .max], arrival: early)
                try store.addFingerprints(device: 1, first: 4, [13], arrival: late)
                try store.addFingerprints(device: 2, first: 1, [20], arrival: late)
                #expect(try (1...5).map { try store.fingerprint(device: 1, number: $0) } == [10, 11, .max, 13, nil])
                #expect(try store.fingerprint(device: 2, number: 1) == 20)
                #expect(try store.fingerprint(device: 3, number: 1) == nil)
                #expect(try store.arrivals(device: 1, from: 70) == [early, late])
                #expect(try store.arrivals(device: 1, from: 71) == [late])
                #expect(try store.arrivals(device: 2, from: 91).isEmpty && store.arrivals(device: 3, from: 0).isEmpty)
                try store.addCorrection(device: 1, number: 2, proposed: 100, final: 200)
                #expect(try store.correction(device: 1, number: 2, proposed: 100) == 200)
                #expect(try store.correction(device: 1, number: 1, proposed: 100) == nil)
                #expect(try store.wasProposed(100, device: 1, final: 200))
                #expect(try !store.wasProposed(200, device: 1, final: 100))
                #expect(try !store.wasProposed(100, device: 2, final: 200))
                let group = QuarantinedGroup(
                    id: 0, device: 1, number: 3, reason: .malformed, arrivedMilliseconds: 5, changeCount: 2)
                let id = try store.addQuarantined(group, body: [1, 2])
                #expect(try store.quarantinedBody(id) == [1, 2])
                #expect(try store.quarantinedBody(id + 1) == nil)
                #expect(try store.quarantined(device: 2).isEmpty)
                let held = try #require(try store.quarantined(device: 1).first)
                #expect(held.id == id && held.reason == .malformed && held.changeCount == 2)
                #expect(try store.quarantined(device: nil) == [held])
                #expect(try store.quarantined(id: id) == held)
                #expect(try store.quarantined(device: 1, number: 3) == held)
                #expect(try store.quarantined(device: 1, number: 4) == nil)
                #expect(try store.quarantined(device: 2, number: 3) == nil)
                #expect(try store.quarantined(id: id + 1) == nil)
                #expect(try store.quarantinedSize(device: 1) == (1, 2))
                #expect(try store.quarantinedSize(device: 2) == (0, 0))
                let link = HeldLink(table: 1, record: Notebook.id(1), field: 2, stamp: stamp(2, 1), base: stamp(1, 2))
                try store.addHeldLink(link, quarantine: id)
                #expect(try store.heldLink(table: 1, record: link.record, field: 2, stamp: link.stamp) == link)
                #expect(try store.heldLink(table: 1, record: link.record, field: 1, stamp: link.stamp) == nil)
                try store.removeQuarantined(id)
                #expect(try store.quarantined(device: nil).isEmpty)
                #expect(try store.quarantinedBody(id) == nil)
                #expect(try store.heldLink(table: 1, record: link.record, field: 2, stamp: link.stamp) == link)
            }
        }
    }

    @Test("what became of held groups is told by device, in order, behind what is known", arguments: StoreKind.allCases)
    func heldOutcomes(_ kind: StoreKind) throws {
        try kind.withStore { store in
            try store.transaction {
                var outcomes = HeldOutcome.Kind.allCases.enumerated().map { index, kind in
                    HeldOutcome(
                        id: 0, number: UInt64(9 - index), kind: kind, reason: .revoked, why: index == 0 ? "w" : nil,
                        milliseconds: Int64(index))
                }
                for outcome in outcomes { try store.addHeldOutcome(outcome, device: .max) }
                try store.addHeldOutcome(outcomes[0], device: 1)
                var stored = try store.heldOutcomes(device: .max, after: 0, limit: 9)
                #expect(zip(stored, stored.dropFirst()).allSatisfy { $0.id < $1.id })
                for index in outcomes.indices { outcomes[index].id = stored[index].id }
                #expect(stored == outcomes)
                #expect(try store.heldOutcome(device: .max, number: 8) == outcomes[1])
                #expect(try store.heldOutcome(device: 1, number: 8) == nil)
                #expect(try store.heldOutcomes(device: .max, after: 0, limit: 1) == [outcomes[0]])
                #expect(try store.heldOutcomes(device: .max, after: outcomes[1].id, limit: 9) == [outcomes[2]])
                // A group that was held twice has one outcome, the last; whoever knows the first hears of it.
                try store.addHeldOutcome(outcomes[0], device: .max)
                stored = try store.heldOutcomes(device: .max, after: outcomes[2].id, limit: 9)
                #expect(stored.map(\.number) == [9])
            }
        }
    }
}
