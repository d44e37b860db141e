import OutreachModel
import SyncCore
import SyncReplica
import Terminal

/// `kith visit delete ID` and its like; `restore` brings it back.
struct RecordDelete {
    let kind: RecordKind

    static func command(_ kind: RecordKind) -> Command<ClientContext> {
        Command(
            name: "delete", summary: "Delete \(kind.withArticle); restore brings it back.",
            example: "kith \(kind.name) delete \(RecordEdit.exampleID(kind)) --yes",
            arguments: [RecordCommands.idArgument(kind)],
            run: { arguments, context in try RecordDelete(kind: kind).run(arguments, context) })
    }

    private func run(_ arguments: ParsedArguments, _ context: ClientContext) throws {
        try RecordSaving(context: context).checkMayWrite(kind)
        let record = try RecordChoice(kind: kind, context: context).find(arguments.argument("id"))
        guard let seen = try context.laptop().replica.snapshot(table: kind.number, record: record.id) else {
            throw CommandFailure(exitCode: .notFound, message: "That \(kind.name) is gone. Nothing was changed.")
        }
        let presenter = try RecordPresenter(context)
        let title = try presenter.title(of: record)
        try StaleNote(context: context).tell(record)
        try tellOthers(record, context)
        let name = "\(kind.name) \(ShortID.display(record.id)): \(title)"
        if context.console.settings.isDryRun {
            if !context.isJSON { try context.console.show("Would delete \(name).") }
        } else if try !context.console.prompter.confirm("Delete \(name)?") {
            throw CommandFailure(exitCode: .failed, message: "Nothing was deleted.")
        }
        let done: Void? = try RecordSaving(context: context).save { work in
            try work.delete(table: kind.number, record: record.id, seen: seen)
        }
        guard done != nil else { return }
        if kind.isRestricted { try RecordSaving(context: context).afterSaving { try PassedOn.follow(context) } }
        if context.isJSON {
            try context.console.show(["id": .string(record.id.description), "deleted": true])
        } else {
            try context.console.show(
                "Deleted \(kind.name) \(ShortID.display(record.id)): \(SpokenText.sentence(title)) "
                    + "It is saved here and waits to be sent.")
            try context.console.note("Bring it back: kith \(kind.name) restore \(ShortID.display(record.id))")
        }
    }

    /// A delete hides no more than it names: what was merged into the record is shown again.
    private func tellOthers(_ record: StoredRecord, _ context: ClientContext) throws {
        let others = try KeptTogether(record, context).others.map(\.record.id)
        guard !others.isEmpty, !others.contains(record.id) else { return }
        let ids = others.map(ShortID.display).joined(separator: ", ")
        try context.console.note("Others are kept together with it and stay: \(ids).")
    }
}
