import OutreachModel
import RecordStorage
import SyncCore
import SyncHub
import Terminal

/// `kith-server export`: all living records of a kind, in the canonical form that devices give too, or an SQLite file.
enum ExportCommand {
    static let command = Command<ServerContext>(
        name: "export", summary: "Write all records of a kind to standard output, or into an SQLite file.",
        discussion: ExportSession.discussion,
        example: "kith-server export visits --data office --format csv > visits.csv\n"
            + "kith-server export --data office --sqlite records.sqlite",
        arguments: ExportSession.arguments, options: ExportSession.options,
        run: { arguments, context in
            let session = ExportSession(
                arguments, console: context.console, local: LocalTime(), clock: { WallClock.milliseconds() },
                program: "kith-server")
            let connection = try context.folder.open()
            let kind = arguments.argument("kind").flatMap(RecordKind.named)
            let note = ExportNote(
                kind, isRestricted: arguments.hasFlag("restricted"), isSelection: !arguments.values(of: "where").isEmpty
            )
            try context.note(connection) { try connection.hub.auditAlone(.export, detail: note.detail) }
            let twins = Set(try connection.hub.areas().filter { $0.twinOf != nil }.map(\.number))
            try session.run(OfficeExport(store: connection.store, twins: twins))
        })
}

/// The records of the office.
private struct OfficeExport: ExportStore {
    let store: SQLiteHubStore
    /// The areas that leads and admins alone read.
    let twins: Set<Int>

    func forEachRow(_ kind: RecordKind, _ body: (ExportRow) throws -> Void) throws {
        try store.forEachLivingRecord(table: kind.number) { state in
            let values = state.fields.reduce(into: [:]) { $0[$1.number] = $1.value }
            try body(
                ExportRow(
                    id: state.id, values: values, createdMilliseconds: state.created.milliseconds,
                    device: state.created.device, isInTwin: twins.contains(state.area)))
        }
    }

    func writers() throws -> [UInt32: ExportWriter] {
        Dictionary(
            try store.devices().map { ($0.number, ExportWriter(person: $0.person, device: $0.name)) },
            uniquingKeysWith: { $1 })
    }

    func reading(_ body: () throws -> Void) throws { try store.readTransaction(body) }

    func tables(at path: String) throws -> any ExportTables { try PlainTables(path: path) }
}

extension PlainTables: ExportTables {}
