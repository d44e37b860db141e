import Database
import OutreachModel
import RecordStorage
import SyncCore
import SyncReplica

/// Keeps imported records in this laptop's database.
final class LaptopImport: ImportStore {
    /// Leaves a group without saving it.
    private struct DryRun: Error {}

    /// The size of the write-ahead log in bytes at which it is moved into the file between two groups.
    private static let largestLogBytes = 8 << 20

    private let laptop: Laptop

    init(_ laptop: Laptop) { self.laptop = laptop }

    func forEachRecord(_ kind: RecordKind, _ body: (RecordID, [Int: Value]) -> Void) throws {
        for record in try RecordReader(database: laptop.database).records(kind) { body(record.id, record.values) }
    }

    func write(_ kind: RecordKind, isDryRun: Bool, _ body: (inout any ImportGroup) throws -> Void) throws {
        let rows = ImportedRows(laptop.database, table: kind.name, column: FieldDescription.externalIDName)
        do {
            try laptop.replica.write { work in
                try rows.createTables()
                var group: any ImportGroup = LaptopImportGroup(work: work, rows: rows)
                try body(&group)
                if isDryRun { throw DryRun() }
                if let group = group as? LaptopImportGroup { work = group.work }
            }
            try laptop.database.checkpointWhenLarge(limitBytes: Self.largestLogBytes)
        } catch is DryRun {
            return
        }
    }
}

/// One local transaction of an import.
private struct LaptopImportGroup: ImportGroup {
    var work: LocalTransaction
    let rows: ImportedRows

    func record(_ kind: RecordKind, id: RecordID) throws -> RecordState? {
        try work.record(table: kind.number, id: id)
    }

    func recordID(externalID: String) throws -> RecordID? { try rows.recordID(externalID: externalID) }

    func content(of id: RecordID) throws -> UInt64? { try rows.content(of: id) }

    mutating func keep(content: UInt64, of id: RecordID) throws { try rows.keep(content: content, of: id) }

    mutating func create(
        _ kind: RecordKind, id: RecordID, area: Int, values: [(field: Int, value: Value)]
    ) throws {
        try work.create(table: kind.number, area: area, values: values, id: id)
    }

    mutating func edit(
        _ kind: RecordKind, _ state: RecordState, values: [(field: Int, value: Value)], restores: Bool
    ) throws {
        if restores { try work.restore(table: kind.number, record: state.id) }
        if !values.isEmpty { try work.edit(table: kind.number, record: state.id, values: values) }
    }
}
