import OutreachModel
import SyncCore
import SyncReplica
import Terminal

/// `kith person merge ID INTO` and `kith place merge ID INTO`.
///
/// One field is written: the record that gives way names the one that stays. Whatever belongs to it stays as it is, so
/// that taking the merge back brings back everything.
struct MergeCommand {
    let kind: RecordKind

    static func command(_ kind: RecordKind) -> Command<ClientContext> {
        let example = RecordEdit.exampleID(kind)
        return Command(
            name: "merge", summary: "Say that two \(kind.plural) are one; unmerge takes it back.",
            discussion:
                "The first gives way to the second. Both stay as they are: lists show the second, and what belongs "
                + "to either. Names of both find it. What restricts one, such as do not contact, restricts both.",
            example: "kith \(kind.name) merge f3kq7xzm \(example)",
            arguments: [
                Argument(
                    "id", "The one that gives way: its name, or the beginning of its id.",
                    completes: RecordCommands.names(kind)),
                Argument(
                    "into", "The one that stays: its name, or the beginning of its id.",
                    completes: RecordCommands.names(kind)),
            ],
            run: { arguments, context in try MergeCommand(kind: kind).run(arguments, context) })
    }

    private func run(_ arguments: ParsedArguments, _ context: ClientContext) throws {
        let finder = try context.finder()
        let record = try finder.find(kind, id: arguments.argument("id") ?? "")
        let named = try finder.find(kind, id: arguments.argument("into") ?? "")
        let merged = try finder.identities.merged(kind)
        let into = try finder.reader.record(kind, merged.survivor(of: named.id)) ?? named
        guard let field = kind.mergedInto else { return }
        if merged.survivor(of: record.id) == into.id {
            if context.isJSON { return try RecordCommands.tell(context, "Kept", into) }
            return try context.console.show("That is one \(kind.name) already. Nothing was changed.")
        }
        try check(record, into, merged, context)
        guard let seen = try context.laptop().replica.snapshot(table: kind.number, record: record.id) else {
            throw CommandFailure(exitCode: .notFound, message: "That \(kind.name) is gone. Nothing was changed.")
        }
        if !context.console.settings.isDryRun { try confirm(record, into, context) }
        let done: Void? = try RecordSaving(context: context).save { work in
            try work.edit(
                table: kind.number, record: record.id, values: [(field, .blob(into.id.bytes))], seen: seen)
        }
        if done != nil { try tell(record, into, context) }
    }

    private func check(
        _ record: StoredRecord, _ into: StoredRecord, _ merged: MergedRecords, _ context: ClientContext
    ) throws {
        let presenter = try RecordPresenter(context)
        for side in [record, into] where merged.isAway(side.id) {
            throw CommandFailure(
                exitCode: .refused,
                message:
                    "\(kind.name.capitalizedFirst) \(ShortID.display(side.id)) was moved to another team. Nothing was changed.",
                next: "kith \(kind.name) show \(ShortID.display(side.id))")
        }
        guard record.area != into.area else { return }
        let areas = try (presenter.areaName(record.area), presenter.areaName(into.area))
        throw CommandFailure(
            exitCode: .refused,
            message: "One belongs to \(areas.0), the other to \(areas.1): only records of one team can be merged. "
                + "Nothing was changed. Move the first before:",
            next: "kith \(kind.name) move \(ShortID.display(record.id)) --team \"\(areas.1)\"")
    }

    private func confirm(_ record: StoredRecord, _ into: StoredRecord, _ context: ClientContext) throws {
        let console = context.console
        let presenter = try RecordPresenter(context)
        if console.prompter.canAsk, !console.settings.assumesYes {
            let table = try SideBySide(record, into, presenter, context).table()
            try console.errorOutput.write(table.text(width: console.streams.tableWidth, style: console.style))
        }
        let names = try (presenter.title(of: record), presenter.title(of: into))
        let question =
            "Merge \(names.0) (\(ShortID.display(record.id))) into \(names.1) (\(ShortID.display(into.id)))?"
        guard try console.prompter.confirm(question) else {
            throw CommandFailure(exitCode: .failed, message: "Nothing was merged.")
        }
    }

    private func tell(_ record: StoredRecord, _ into: StoredRecord, _ context: ClientContext) throws {
        let id = ShortID.display(record.id)
        if context.isJSON {
            let shown = try context.finder().identities.shown(into)
            return try context.console.show(try RecordPresenter(context).json(shown))
        }
        let presenter = try RecordPresenter(context)
        let names = try (presenter.title(of: record), presenter.title(of: into))
        try context.console.show(
            "Merged \(names.0) (\(id)) into \(kind.name) \(ShortID.display(into.id)): \(names.1). "
                + "It is saved here and waits to be sent.")
        try context.console.note("Take it back: kith undo, or later: kith \(kind.name) unmerge \(id)")
    }
}
