import Database
import OutreachModel
import RecordStorage
import SyncCore
import SyncReplica
import Terminal

/// Keeps imported records in this laptop's database.
final class LaptopImport: ImportStore {
    let memory: any ImportMemory
    private let laptop: Laptop
    private let rows: ImportedRows
    private var request: [UInt8] = []
    private var isNoted = false

    /// - Parameter kind: what is imported.
    init(_ laptop: Laptop, _ kind: RecordKind) {
        self.laptop = laptop
        rows = ImportedRows(laptop.database, table: kind.name, column: FieldDescription.externalIDName)
        memory = rows
    }

    func areaName(_ area: Int) throws -> String? {
        try laptop.replica.directory()?.areas.first { $0.number == area }?.name
    }

    func failure(_ error: any Error, outcome: String) -> CommandFailure? {
        (error as? DatabaseError).map { FailureWording.failure($0, outcome: outcome) }
    }

    func begin(_ request: [UInt8]) throws {
        self.request = request
        guard let operation = try rows.openOperation(of: request) else { return }
        try laptop.replica.continueOperation(operation)
    }

    func end() throws { try rows.close(request: request) }

    func secure() throws { try laptop.database.checkpoint(.passive) }

    func forEachRecord(_ kind: RecordKind, in areas: Set<Int>, _ body: (RecordID, [Int: Value]) -> Void) throws {
        // One by one: all of them at once would stand in memory for the whole import.
        try RecordReader(database: laptop.database).forEach(kind, isOrdered: false) { record in
            if areas.contains(record.area) { body(record.id, record.values) }
        }
    }

    func write(groupCount: Int, _ body: (Int, inout any ImportGroup) throws -> Void) throws {
        try laptop.replica.writeGroups(isSynced: false) { groups in
            try rows.begin()
            for index in 0..<groupCount {
                try groups.write { work in
                    var group: any ImportGroup = work
                    try body(index, &group)
                    if let group = group as? LocalTransaction { work = group }
                }
            }
            try rows.finish(operation: groups.operation)
            if !isNoted, let operation = groups.operation {
                try rows.open(operation, request: request)
                isNoted = true
            }
        }
    }
}

extension ImportedRows: ImportMemory {}

extension LocalTransaction: ImportGroup {
    package func record(_ kind: RecordKind, id: RecordID) throws -> RecordState? {
        try restorable(table: kind.number, id: id)
    }

    package func isErased(_ kind: RecordKind, id: RecordID) throws -> Bool {
        try isErased(table: kind.number, id: id)
    }

    package mutating func create(
        _ kind: RecordKind, id: RecordID, area: Int, values: [(field: Int, value: Value)]
    ) throws {
        try create(table: kind.number, area: area, values: values, id: id, wasLookedFor: true)
    }

    package mutating func edit(
        _ kind: RecordKind, _ state: RecordState, values: [(field: Int, value: Value)], restores: Bool
    ) throws {
        if restores { try restore(table: kind.number, record: state.id) }
        if !values.isEmpty { try edit(table: kind.number, record: state.id, values: values) }
    }
}
