import Database
import Testing

@testable import RecordStorage
@testable import SyncCore

@Suite("Tables and columns that are new")
struct TableUpgradeTests {
    private static let old = Schema(version: 1, tables: [Table(3, "visit", [Field(1, "started")])])
    private static let new = Schema(
        version: 2,
        tables: [
            Table(3, "visit", [Field(1, "started"), Field(2, "summary"), Field(5, "headcount", .integer)]),
            Table(9, "poster", [Field(1, "title"), Field(5, "size", .integer)]),
        ])
    private static let created = Stamp(time: 500, device: 2)

    private static func record(_ table: Int, _ low: UInt64) -> RecordState {
        var state = RecordState(
            table: table, id: RecordID(high: 1, low: low), area: 4, created: created,
            fields: [
                FieldState(number: 1, value: .text("first"), stamp: created),
                FieldState(number: 5, value: .integer(7), stamp: Stamp(time: 9, device: 1)),
                FieldState(number: 40, value: .text("later still"), stamp: created),
            ])
        state.existence = ExistenceState(isAlive: true, stamp: Stamp(time: 700, device: 1), base: nil, seen: [])
        return state
    }

    @Test(
        "G16: what came before the upgrade appears in its tables and columns, with the same keys, stamps and groups",
        arguments: [RecordTables.Side.hub, .replica])
    func upgrade(side: RecordTables.Side) throws {
        let database = try Database(path: Database.memoryPath, mode: .readWrite(create: true), applicationID: 1)
        try database.transaction {
            let before = RecordTables(database: database, schema: Self.old, side: side)
            try before.createTables()
            let group: Int64? = side == .replica ? 12 : nil
            let visit = try before.insert(Self.record(3, 1), pending: group)
            _ = try before.insert(Self.record(8, 2))
            let poster = try before.insert(Self.record(9, 3), pending: group)
            let after = RecordTables(database: database, schema: Self.new, side: side)
            for _ in 1...2 {
                try after.createTables()
                #expect(try after.load(table: 3, key: visit) == Self.record(3, 1))
                #expect(try after.load(table: 9, key: poster) == Self.record(9, 3))
                #expect(try after.find(table: 8, id: RecordID(high: 1, low: 2))?.state == Self.record(8, 2))
            }
            #expect(try database.query("SELECT headcount, more NOT NULL FROM visit") == [[.integer(7), .integer(1)]])
            #expect(try database.query("SELECT title, size FROM poster") == [[.text("first"), .integer(7)]])
            #expect(try database.integer("SELECT count(*) FROM unknown_record") == 1)
            if side == .replica { #expect(try after.touchedBy(table: 9, key: poster) == 12) }
            var changed = Self.record(9, 3)
            changed.set(FieldState(number: 40, value: .null, stamp: Stamp(time: 800, device: 1)))
            var mask = FieldMask()
            mask.insert(40)
            try after.update(changed, key: poster, changed: mask)
            #expect(try after.load(table: 9, key: poster) == changed, "a later edit loses nothing that moved")
        }
    }
}
