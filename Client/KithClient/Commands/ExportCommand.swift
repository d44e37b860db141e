import Database
import OutreachModel
import RecordStorage
import SyncCore
import Terminal

/// `kith export visits`, and `kith export --sqlite FILE` with every kind.
enum ExportCommand {
    static let command = Command<ClientContext>(
        name: "export", summary: "Print all records of a kind, or write them into an SQLite file.",
        discussion: ExportSession.discussion,
        example: "kith export visits --since \"1 november\" --where \"place=Castle House\" > visits.csv\n"
            + "kith export --sqlite records.sqlite",
        arguments: ExportSession.arguments, options: ExportSession.options,
        run: { arguments, context in
            let session = ExportSession(
                arguments, console: context.console, local: context.local, now: context.clock(), program: "kith")
            try session.run(LaptopExport(database: context.laptop().database, reader: context.reader()))
        })
}

/// The records of this laptop.
private struct LaptopExport: ExportStore {
    let database: Database
    let reader: RecordReader

    func forEachRow(_ kind: RecordKind, _ body: (ExportRow) throws -> Void) throws {
        try reader.forEach(kind) { record in
            try body(ExportRow(id: record.id, values: record.values, createdMilliseconds: record.created.milliseconds))
        }
    }

    func reading(_ body: () throws -> Void) throws { try database.readTransaction(body) }

    func tables(at path: String) throws -> any ExportTables { try PlainTables(path: path) }
}

extension PlainTables: ExportTables {}
