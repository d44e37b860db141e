import OutreachModel
import SyncCore
import SyncReplica
import Terminal

/// `kith visit restore ID` and its like.
struct RecordRestore {
    let kind: RecordKind

    static func command(_ kind: RecordKind) -> Command<ClientContext> {
        Command(
            name: "restore", summary: "Bring back a deleted \(kind.name).",
            example: "kith \(kind.name) restore f3kq7xzm",
            arguments: [
                Argument(
                    "id",
                    kind.hasName
                        ? "Its name, or the beginning of its id." : "The beginning of its id, as delete showed it.",
                    isPromptable: true)
            ],
            run: { arguments, context in try RecordRestore(kind: kind).run(arguments, context) })
    }

    private func run(_ arguments: ParsedArguments, _ context: ClientContext) throws {
        try RecordSaving(context: context).checkMayWrite(kind)
        let record = try RecordChoice(kind: kind, context: context).find(arguments.argument("id"), .all)
        guard !record.isLiving else {
            if context.isJSON { return try RecordCommands.tell(context, "Kept", record) }
            return try context.console.show("That \(kind.name) is not deleted. Nothing was changed.")
        }
        let done: Void? = try RecordSaving(context: context).save { work in
            try work.restore(table: kind.number, record: record.id)
        }
        if done != nil, kind.isRestricted {
            try RecordSaving(context: context).afterSaving { try PassedOn.follow(context) }
        }
        if done != nil { try RecordCommands.tell(context, "Brought back", kind, record.id) }
    }
}
