import Database
import OutreachModel
import RecordStorage
import SyncCore
import SyncHub
import Terminal

/// Keeps imported records in the office's database, as changes of the office.
final class OfficeImport: ImportStore {
    /// Leaves a group without saving it.
    private struct DryRun: Error {}

    private let connection: HubConnection

    init(_ connection: HubConnection) { self.connection = connection }

    func forEachRecord(_ kind: RecordKind, _ body: (RecordID, [Int: Value]) -> Void) throws {
        try connection.store.readTransaction {
            try connection.store.forEachLivingRecord(table: kind.number) { state in
                body(state.id, state.fields.reduce(into: [:]) { $0[$1.number] = $1.value })
            }
        }
    }

    func write(_ kind: RecordKind, isDryRun: Bool, _ body: (inout any ImportGroup) throws -> Void) throws {
        let rows = ImportedRows(connection.database, table: kind.name, column: FieldDescription.externalIDName)
        let hub = connection.hub
        do {
            try connection.store.transaction {
                try rows.createTables()
                var group: any ImportGroup = OfficeImportGroup(hub: hub, writer: try OfficeWriter(hub), rows: rows)
                try body(&group)
                if isDryRun { throw DryRun() }
                if let group = group as? OfficeImportGroup { try accept(group.changes) }
            }
        } catch is DryRun {
            return
        }
        try connection.database.checkpointWhenLarge(limitBytes: HubConnection.checkpointLimitBytes)
    }

    private func accept(_ changes: [Change]) throws {
        guard !changes.isEmpty else { return }
        let hub = connection.hub
        let group = try hub.officeGroup(changes)
        let acceptance = try hub.accept([group], from: DeviceRecord.office, deviceClock: nil)
        guard !acceptance.held.contains(where: { $0.number == group.number }) else {
            throw CommandFailure(
                exitCode: .failed, message: "The rows don't fit the records here. This part of them was not imported.",
                next: "kith-server doctor")
        }
    }
}

/// One group of an import.
private struct OfficeImportGroup: ImportGroup {
    let hub: Hub
    let writer: OfficeWriter
    let rows: ImportedRows
    var changes: [Change] = []

    func record(_ kind: RecordKind, id: RecordID) throws -> RecordState? {
        try hub.record(table: kind.number, id: id)
    }

    func recordID(externalID: String) throws -> RecordID? { try rows.recordID(externalID: externalID) }

    func content(of id: RecordID) throws -> UInt64? { try rows.content(of: id) }

    mutating func keep(content: UInt64, of id: RecordID) throws { try rows.keep(content: content, of: id) }

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
