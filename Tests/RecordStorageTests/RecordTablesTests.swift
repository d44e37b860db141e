import Database
import Testing

@testable import RecordStorage
@testable import SyncCore

private let schema = Schema(
    version: 1,
    tables: [
        Table(
            3, "visit",
            [Field(2, "summary"), Field(1, "started"), Field(5, "headcount", .integer), Field(7, "photo", .blob)])
    ])

/// Runs a test in one transaction on tables in memory.
private func withTables(_ side: RecordTables.Side, _ body: (RecordTables) throws -> Void) throws {
    let database = try Database(path: Database.memoryPath, mode: .readWrite(create: true), applicationID: 1)
    let tables = RecordTables(database: database, schema: schema, side: side)
    try database.transaction {
        try tables.createTables()
        try body(tables)
    }
}

private let created = Stamp(time: 500, device: 2)

private func record(_ table: Int = 3) -> RecordState {
    RecordState(
        table: table, id: RecordID(high: 1, low: 2), area: 4, created: created,
        fields: [
            FieldState(number: 1, value: .text("2026-11-22"), stamp: created),
            FieldState(number: 2, value: .text("a\u{0}b \u{1F375}"), stamp: Stamp(time: 9, device: 1), base: created),
            FieldState(number: 5, value: .integer(.min), stamp: created),
            FieldState(number: 60, value: .real(1.5), stamp: Stamp(time: .max, device: .max)),
        ])
}

@Suite("Rows of records")
struct RecordTablesTests {
    @Test(
        "G16: a record comes back as it was stored, unknown fields and unknown tables too",
        arguments: [RecordTables.Side.hub, .replica], [3, 99])
    func roundTrip(side: RecordTables.Side, table: Int) throws {
        try withTables(side) { tables in
            let key = try tables.insert(record(table))
            #expect(try tables.load(table: table, key: key) == record(table))
            #expect(try tables.find(table: table, id: record().id)?.state == record(table))
            #expect(try tables.key(table: table, id: record().id) == key)
            #expect(try tables.key(table: table, id: RecordID(high: 9, low: 9)) == nil)
        }
    }

    @Test(
        "Many new records come back as they were stored, whatever fields have values in them",
        arguments: [RecordTables.Side.hub, .replica])
    func many(side: RecordTables.Side) throws {
        let values: [FieldState] = [
            FieldState(number: 1, value: .text("2026-11-22"), stamp: created),
            FieldState(number: 2, value: .text("tea"), stamp: created),
            FieldState(number: 5, value: .integer(3), stamp: created),
            FieldState(number: 7, value: .blob([1, 0]), stamp: created),
        ]
        func new(_ set: Int, _ index: Int) -> RecordState {
            RecordState(
                table: 3, id: RecordID(high: UInt64(set + 1), low: UInt64(index)), area: 4, created: created,
                fields: values.indices.filter { set & 1 << $0 != 0 }.map { values[$0] })
        }
        try withTables(side) { tables in
            var stored: [Int64: RecordState] = [:]
            for set in 0..<16 {
                var states = (0..<40).map { new(set, $0) }
                // One that is not plain among those that are.
                if set % 4 == 3 { states[17].fields = record().fields }
                let first = try tables.insert(states, pending: 7)
                for (offset, state) in states.enumerated() { stored[first + Int64(offset)] = state }
            }
            for (key, state) in stored { #expect(try tables.load(table: 3, key: key) == state) }
            guard side == .replica else { return }
            #expect(try stored.keys.allSatisfy { try tables.row(table: 3, key: $0)?.touchedBy == 7 })
            let others = (0..<20).map { new(7, 100 + $0) }
            #expect(try tables.insertNew(others))
            #expect(try tables.row(table: 3, id: others[19].id)?.touchedBy == nil)
            // One of them is there: none is added.
            #expect(try !tables.insertNew((0..<20).map { new(7, 119 + $0) }))
            #expect(try tables.key(table: 3, id: new(7, 120).id) == nil)
            // What no honest server sends.
            var turned = (0..<20).map { new(7, 200 + $0) }
            turned[3].fields.reverse()
            #expect(try tables.insertNew(turned))
        }
    }

    @Test("An update writes the changed fields, the stamps, the unknown fields and the existence")
    func update() throws {
        try withTables(.hub) { tables in
            var state = record()
            let key = try tables.insert(state)
            state.set(
                FieldState(number: 7, value: .blob([1, 0, 2]), stamp: Stamp(time: 800, device: 3), base: created))
            state.set(FieldState(number: 2, value: .null, stamp: Stamp(time: 801, device: 3), base: created))
            state.set(FieldState(number: 60, value: .text("new"), stamp: Stamp(time: 802, device: 3)))
            state.existence = ExistenceState(
                isAlive: false, stamp: Stamp(time: 900, device: 3), base: nil,
                seen: [.init(field: 2, stamp: Stamp(time: 801, device: 3))])
            state.isLiving = false
            var changed = FieldMask()
            for field in [0, 2, 7, 60] { changed.insert(field) }
            try tables.update(state, key: key, changed: changed)
            #expect(try tables.load(table: 3, key: key) == state)
        }
    }

    @Test("A row whose fields share one stamp has no stamps blob")
    func noBlob() {
        var state = record()
        state.fields = [FieldState(number: 1, value: .text("x"), stamp: created)]
        #expect(StampsBlob.encode(state).isEmpty)
    }

    @Test("The newest group of a row is set and cleared")
    func pending() throws {
        try withTables(.replica) { tables in
            let key = try tables.insert(record(), pending: 12)
            #expect(try tables.touchedBy(table: 3, key: key) == 12)
            try tables.setPending(nil, table: 3, key: key)
            #expect(try tables.touchedBy(table: 3, key: key) == nil)
            try tables.delete(table: 3, key: key)
            #expect(try tables.load(table: 3, key: key) == nil)
        }
    }

    @Test("A row comes with its key and its newest group, by key and by id")
    func row() throws {
        try withTables(.replica) { tables in
            let key = try tables.insert(record(), pending: 12)
            for row in [try tables.row(table: 3, key: key), try tables.row(table: 3, id: record().id)] {
                #expect(row?.key == key && row?.touchedBy == 12)
                #expect(try row?.state == tables.load(table: 3, key: key))
            }
            #expect(try tables.id(table: 3, key: key) == record().id)
            #expect(try tables.row(table: 3, key: key + 1) == nil)
            #expect(try tables.id(table: 3, key: key + 1) == nil)
        }
    }

    /// Records with ids of their own, every third of them with a field that this version does not know.
    private func records(_ range: ClosedRange<UInt64>, table: Int = 3) -> [RecordState] {
        range.map { number in
            var state = record(table)
            state.id = RecordID(high: 1, low: number)
            state.fields[0].value = .text("2026-11-\(number)")
            if number % 3 > 0 { state.fields.removeLast() }
            if number % 5 == 0 { state.fields.remove(at: 1) }
            return state
        }
    }

    @Test(
        "Records that are added together come back each as it is, under keys without a gap",
        arguments: [RecordTables.Side.hub, .replica], [3, 99])
    func together(side: RecordTables.Side, table: Int) throws {
        try withTables(side) { tables in
            let before = try tables.insert(record(table))
            #expect(try tables.nextKey(table: table) == before + 1)
            let states = records(10...47, table: table)
            let first = try tables.insert(states, pending: side == .replica ? 12 : nil)
            #expect(first == before + 1)
            for (offset, state) in states.enumerated() {
                #expect(try tables.load(table: table, key: first + Int64(offset)) == state)
                if side == .replica { #expect(try tables.touchedBy(table: table, key: first + Int64(offset)) == 12) }
            }
        }
    }

    @Test("Records that must be new are added all, or none where one of them is there")
    func newAlone() throws {
        try withTables(.replica) { tables in
            #expect(try tables.insertNew(records(1...20)))
            #expect(try !tables.insertNew(records(20...40)))
            #expect(try !tables.insertNew(records(15...16)))
            #expect(try tables.insertNew(records(21...21)))
            let twice = records(50...66) + records(60...60)
            #expect(try !tables.insertNew(twice))
            var ids: [UInt64] = []
            try tables.forEach(table: 3) { key, state in
                #expect(key == Int64(state.id.low))
                ids.append(state.id.low)
                return true
            }
            #expect(ids == Array(1...21))
        }
    }

    @Test("Every truncation of a stamps blob is an error, none a crash")
    func truncatedBlob() {
        var state = record()
        state.fields = []
        state.existence = ExistenceState(
            isAlive: false, stamp: created, base: created, seen: [.init(field: 2, stamp: created)])
        let blob = StampsBlob.encode(state)
        for length in 1..<blob.count {
            #expect(throws: RecordStorageError.self) { try StampsBlob.decode(Array(blob[..<length]), into: &state) }
        }
    }

    @Test("Records are walked in the order of their keys, until the walker stops")
    func walk() throws {
        try withTables(.hub) { tables in
            for number in 1...5 {
                var state = record()
                state.id = RecordID(high: 1, low: UInt64(number))
                state.area = number % 2
                try tables.insert(state)
            }
            var seen: [UInt64] = []
            try tables.forEach(table: 3, where: "living AND area = ?1", integers: [1]) { _, state in
                seen.append(state.id.low)
                return seen.count < 2
            }
            #expect(seen == [1, 3])
        }
    }
}
