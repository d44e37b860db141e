import Database
import OutreachModel
import RecordStorage
import SyncCore
import SyncHub
import Terminal

/// Keeps imported records in the office's database, as changes of the office.
final class OfficeImport: ImportStore {
    let memory: any ImportMemory
    private let connection: HubConnection
    private let rows: ImportedRows
    private let operation: OfficeOperation
    private var request: [UInt8] = []
    private var isNoted = false

    /// - Parameter kind: what is imported.
    init(_ connection: HubConnection, _ kind: RecordKind) {
        self.connection = connection
        rows = ImportedRows(connection.database, table: kind.name, column: FieldDescription.externalIDName)
        memory = rows
        operation = OfficeOperation(connection.hub, store: connection.store, words: "import \(kind.plural)")
    }

    func areaName(_ area: Int) throws -> String? { try connection.hub.areas().first { $0.number == area }?.name }

    func failure(_ error: any Error, outcome: String) -> CommandFailure? {
        (error as? DatabaseError).map { ServerProgram.failure($0, outcome: outcome) }
    }

    func begin(_ request: [UInt8]) throws {
        self.request = request
        guard let number = try rows.openOperation(of: request) else { return }
        try operation.goOn(with: number)
    }

    func end() throws { try rows.close(request: request) }

    // Devices fetch what is here while it is imported: each commit is on the disk before they do.
    func secure() {}

    func forEachRecord(_ kind: RecordKind, in areas: Set<Int>, _ body: (RecordID, [Int: Value]) -> Void) throws {
        try connection.store.readTransaction {
            try connection.store.forEachLivingRecord(table: kind.number) { state in
                guard areas.contains(state.area) else { return }
                body(state.id, state.fields.reduce(into: [:]) { $0[$1.number] = $1.value })
            }
        }
    }

    func write(groupCount: Int, _ body: (Int, inout any ImportGroup) throws -> Void) throws {
        let hub = connection.hub
        try connection.store.transaction {
            try rows.begin()
            for index in 0..<groupCount {
                var group: any ImportGroup = OfficeImportGroup(
                    hub: hub, writer: try OfficeWriter(hub), knowsErasures: try connection.store.hasErasures())
                try body(index, &group)
                if let group = group as? OfficeImportGroup { try accept(group.changes) }
            }
            try rows.finish(operation: operation.number)
            if !isNoted, let number = operation.number {
                try rows.open(number, request: request)
                isNoted = true
            }
        }
        // The rows are kept already: a log that can't be moved now, on a full disk, is moved the next time.
        _ = try? connection.foldLog()
    }

    private func accept(_ changes: [Change]) throws {
        guard try operation.accept(changes) else {
            throw CommandFailure(
                exitCode: .failed, message: "The rows don't fit the records here. This part of them was not imported.",
                next: "kith-server doctor")
        }
    }
}

extension ImportedRows: ImportMemory {}

/// One group of an import.
private struct OfficeImportGroup: ImportGroup {
    let hub: Hub
    let writer: OfficeWriter
    let knowsErasures: Bool
    var changes: [Change] = []

    func record(_ kind: RecordKind, id: RecordID) throws -> RecordState? {
        try hub.record(table: kind.number, id: id)
    }

    func isErased(_ kind: RecordKind, id: RecordID) throws -> Bool {
        try knowsErasures && hub.isErased(table: kind.number, record: id)
    }

    mutating func create(
        _ kind: RecordKind, id: RecordID, area: Int, values: [(field: Int, value: Value)]
    ) throws {
        changes.append(writer.create(table: kind.number, id: id, area: area, values: values))
    }

    mutating func edit(
        _ kind: RecordKind, _ state: RecordState, values: [(field: Int, value: Value)], restores: Bool
    ) throws {
        changes.append(writer.edit(state, values: values, restores: restores))
    }
}
