import OutreachModel
import SyncCore
import SyncReplica
import Terminal

/// `kith person unmerge ID` and `kith place unmerge ID`: a merged record stands for itself again.
struct UnmergeCommand {
    let kind: RecordKind

    static func command(_ kind: RecordKind) -> Command<ClientContext> {
        Command(
            name: "unmerge", summary: "Take back that two \(kind.plural) are one.",
            discussion:
                "Works on every laptop and at any time. The \(kind.name) has all again that it had before; what "
                + "was written about the one that stayed meanwhile stays there.",
            example: "kith \(kind.name) unmerge f3kq7xzm",
            arguments: [
                Argument(
                    "id", "The one that gave way: its name, or the beginning of its id.",
                    completes: RecordCommands.names(kind))
            ],
            run: { arguments, context in try UnmergeCommand(kind: kind).run(arguments, context) })
    }

    private func run(_ arguments: ParsedArguments, _ context: ClientContext) throws {
        guard let field = kind.mergedInto else { return }
        let record = try find(arguments.argument("id") ?? "", field, context)
        let parted = try parted(record, field, context)
        let done: Void? = try RecordSaving(context: context).save { work in
            for id in parted {
                try work.edit(table: kind.number, record: id, values: [(field, .null)])
            }
        }
        guard done != nil else { return }
        if context.isJSON { return try RecordCommands.tell(context, "Parted", kind, record.id) }
        let name = try RecordPresenter(context).title(of: record)
        try context.console.show(
            "\(name) (\(ShortID.display(record.id))) stands for itself again. It is saved here and waits to be sent.")
    }

    /// The record that was merged into another: by its id, by its own name, or as the only one that is merged in.
    private func find(_ typed: String, _ field: Int, _ context: ClientContext) throws -> StoredRecord {
        let finder = try context.finder()
        let key = TextMatch.key(typed)
        let linked = Set(try finder.reader.references(kind, field: field).map(\.id))
        let named = try finder.reader.texts(kind, field: kind.titleField, .living)
            .filter { linked.contains($0.id) && TextMatch.key($0.text) == key }
        if named.count == 1, let record = try finder.reader.record(kind, named[0].id) { return record }
        let record = try finder.find(kind, id: typed)
        if record.values[field] != nil { return record }
        let others = try KeptTogether(record, context).others.map(\.record).filter { $0.values[field] != nil }
        if others.count == 1 { return others[0] }
        guard !others.isEmpty else {
            throw CommandFailure(
                exitCode: .notFound, message: "Nothing is merged with that \(kind.name). Nothing was changed.",
                next: "kith \(kind.name) show \(ShortID.display(record.id))")
        }
        let presenter = try RecordPresenter(context)
        let lines = try others.map { "  \(ShortID.display($0.id))  \(try presenter.title(of: $0))" }
        throw CommandFailure(
            exitCode: .notFound,
            message: "\(others.count) \(kind.plural) are merged with it. Nothing was changed. Say which by its id:\n"
                + lines.joined(separator: "\n"),
            next: "the same command with one of these ids")
    }

    /// The records whose field is emptied: the record's own, and in a circle also of the one that names it.
    private func parted(_ record: StoredRecord, _ field: Int, _ context: ClientContext) throws -> [RecordID] {
        let finder = try context.finder()
        let circle = try finder.identities.merged(kind).circle(of: record.id)
        guard circle.contains(record.id) else { return [record.id] }
        let before = try circle.filter { id in
            try id != record.id && finder.reader.record(kind, id)?.values[field] == .blob(record.id.bytes)
        }
        return [record.id] + before
    }
}
