import OutreachModel
import SyncCore
import SyncHub
import Terminal

/// `kith-server deleted`: records that were deleted, also those that no laptop has any more, and how to bring them back.
enum DeletedCommand {
    static let command = Command<ServerContext>(
        name: "deleted", summary: "See deleted records, and bring one back for everybody.",
        example: "kith-server deleted list --data office\nkith-server deleted restore abcdefgh --data office",
        subcommands: [
            Command(
                name: "list", summary: "List the deleted records, the latest first.",
                example: "kith-server deleted list --data office", run: list),
            Command(
                name: "restore", summary: "Bring a record back, with all it said; laptops get it with their next sync.",
                example: "kith-server deleted restore abcdefgh --data office",
                arguments: [Argument("id", "The record, by the first letters of its id.")], run: restore),
        ])

    private static func list(_ arguments: ParsedArguments, _ context: ServerContext) throws {
        let hub = try context.folder.open().hub
        let staff = Dictionary(uniqueKeysWithValues: try hub.devices().map { ($0.number, $0.person) })
        let records = try hub.deletedRecords()
        let names = try OfficeNames(hub)
        if context.console.settings.isJSON {
            return try context.console.show(
                .array(
                    try records.map { record in
                        [
                            "id": .string(record.id.description), "kind": .string(kind(of: record)),
                            "title": JSONValue(try title(of: record, names)),
                            "person": .string(person(record, staff)),
                            "at": record.existence.map { .string(TimeText.rfc3339($0.stamp.milliseconds)) } ?? .null,
                        ]
                    }))
        }
        if records.isEmpty { return try context.console.note("Nothing was deleted.") }
        var table = Table([
            Table.Column("ID"), Table.Column("Kind"), Table.Column("What"), Table.Column("Deleted"), Table.Column("By"),
        ])
        for record in records {
            table.add([
                ShortID.display(record.id), kind(of: record), try title(of: record, names) ?? "",
                record.existence.map { TimeText.local($0.stamp.milliseconds) } ?? "", person(record, staff),
            ])
        }
        try context.console.show(table)
    }

    private static func restore(_ arguments: ParsedArguments, _ context: ServerContext) throws {
        let connection = try context.folder.open()
        let record = try find(arguments.argument("id") ?? "", in: connection.hub)
        let console = context.console
        let words = "\(kind(of: record)) \(ShortID.display(record.id))"
        if console.settings.isDryRun { return try console.note("Would bring \(words) back.") }
        try connection.store.transaction {
            let change = try OfficeWriter(connection.hub).edit(record, values: [], restores: true)
            let operation = OfficeOperation(connection.hub, store: connection.store, words: "deleted restore")
            guard try operation.accept([change]) else {
                throw CommandFailure(exitCode: .failed, message: "\(words) can't be brought back. Nothing was changed.")
            }
            try connection.hub.audit(.recordRestored, subject: record.id.bytes)
        }
        if console.settings.isJSON {
            return try console.show(["id": .string(record.id.description), "restored": true])
        }
        try console.show("Brought \(words) back. Laptops get it with their next sync.")
    }

    /// The only deleted record whose id begins so.
    private static func find(_ typed: String, in hub: Hub) throws -> RecordState {
        let prefix = ShortID.prefix(typed)
        let found = try hub.deletedRecords().filter { prefix.map($0.id.description.hasPrefix) ?? false }
        guard let record = found.first, found.count == 1 else {
            throw CommandFailure(
                exitCode: .notFound,
                message: found.isEmpty
                    ? "There is no deleted record with this id. Nothing was changed."
                    : "\(found.count) deleted records begin with these letters. Nothing was changed.",
                next: "kith-server deleted list")
        }
        return record
    }

    private static func kind(of record: RecordState) -> String {
        OutreachSchema.current.table(record.table)?.name ?? "kind \(record.table)"
    }

    /// What a record is called; nil for a concern, whose words are for leads and admins.
    private static func title(of record: RecordState, _ names: OfficeNames) throws -> String? {
        guard let kind = RecordKind.of(table: record.table), !kind.isRestricted else { return nil }
        return try names.title(of: RecordReference(table: record.table, id: record.id))
    }

    private static func person(_ record: RecordState, _ staff: [UInt32: String]) -> String {
        record.existence.flatMap { staff[$0.stamp.device] } ?? "somebody"
    }
}
