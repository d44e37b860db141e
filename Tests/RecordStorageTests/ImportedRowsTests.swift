import Database
import Foundation
import Testing

@testable import RecordStorage
@testable import SyncCore

@Suite("What imports remember")
struct ImportedRowsTests {
    private static let schema = Schema(version: 1, tables: [Table(3, "visit", [Field(61, "external_id")])])
    private let folder = FileManager.default.temporaryDirectory.path + "/imported-\(UUID().uuidString)"

    private func open() throws -> (Database, RecordTables) {
        let database = try Database(
            path: folder + "/rows.sqlite", mode: .readWrite(create: true), applicationID: 1)
        let tables = RecordTables(database: database, schema: Self.schema, side: .hub)
        return (database, tables)
    }

    private func record(_ low: UInt64) -> RecordState {
        let created = Stamp(time: 5, device: 1)
        return RecordState(
            table: 3, id: RecordID(high: 1, low: low), area: 2, created: created,
            fields: [FieldState(number: 61, value: .text("A\(low)"), stamp: created)])
    }

    @Test("An empty table is this import's alone until somebody else writes to the file")
    func alone() throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        // Harmless where it fails: the folder is a temporary one.
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let (database, tables) = try open()
        try database.transaction { try tables.createTables() }
        let rows = ImportedRows(database, table: "visit", column: "external_id")
        for low in 1...2 as ClosedRange<UInt64> {
            try database.transaction {
                try rows.begin()
                #expect(rows.holdsNothingElse)
                try tables.insert(record(low))
                rows.keep(ImportedRow(content: low << 60), of: record(low).id)
                try rows.finish(operation: nil)
            }
        }
        let (other, otherTables) = try open()
        _ = try other.transaction { try otherTables.insert(record(3)) }
        try database.transaction {
            try rows.begin()
            #expect(!rows.holdsNothingElse)
            #expect(try rows.recordID(externalID: "A3", area: 2) == record(3).id)
            #expect(try rows.recordID(externalID: "A3", area: 4) == nil)
            #expect(try rows.recordID(externalID: "A4", area: 2) == nil)
            #expect(try rows.row(of: record(2).id)?.content == 2 << 60)
            #expect(try rows.row(of: record(3).id) == nil)
        }
        try database.transaction {
            try rows.begin()
            #expect(!rows.holdsNothingElse, "once is for good")
        }
        let later = ImportedRows(database, table: "visit", column: "external_id")
        try database.transaction { try later.begin() }
        #expect(!later.holdsNothingElse)
    }
}
