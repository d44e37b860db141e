import Database
import OutreachModel
import RecordStorage
import SyncCore
import SyncReplica
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
                arguments, console: context.console, local: context.local, clock: context.clock, program: "kith")
            try session.run(LaptopExport(laptop: context.laptop(), reader: context.reader(), twins: context.twins()))
        })
}

/// The records of this laptop.
private struct LaptopExport: ExportStore {
    let laptop: Laptop
    let reader: RecordReader
    /// The areas that leads and admins alone read.
    let twins: Set<Int>

    func forEachRow(_ kind: RecordKind, _ body: (ExportRow) throws -> Void) throws {
        try reader.forEach(kind) { record in
            try body(
                ExportRow(
                    id: record.id, values: record.values, createdMilliseconds: record.created.milliseconds,
                    device: record.created.device, isInTwin: twins.contains(record.area)))
        }
    }

    func writers() throws -> [UInt32: ExportWriter] {
        let devices = try laptop.replica.directory()?.devices ?? []
        return Dictionary(
            devices.map { ($0.number, ExportWriter(person: $0.person, device: $0.name)) }, uniquingKeysWith: { $1 })
    }

    func reading(_ body: () throws -> Void) throws { try laptop.database.readTransaction(body) }

    func tables(at path: String) throws -> any ExportTables { try PlainTables(path: path) }
}

extension PlainTables: ExportTables {}
