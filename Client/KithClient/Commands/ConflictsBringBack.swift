import OutreachModel
import SyncCore
import SyncReplica
import Terminal

/// `kith conflicts bring-back ID`: what was not kept is written again, by whoever may edit the record.
enum ConflictsBringBack {
    static let command = Command<ClientContext>(
        name: "bring-back", summary: "Write again what was not kept, as a new change of yours.",
        discussion:
            "Everybody may, as everybody may edit. What stands now stays in the history, and the conflict stays for "
            + "a lead or an admin to decide.",
        example: "kith conflicts bring-back f3kq7xzm --below",
        arguments: [ConflictsCommand.idArgument],
        options: [.flag("below", "Put the words under those that stand there, so that both stay.")], run: run)

    @Sendable private static func run(_ arguments: ParsedArguments, _ context: ClientContext) throws {
        let conflict = try ConflictPresenter(context).find(arguments.argument("id") ?? "")
        guard let kind = RecordKind.of(table: conflict.table),
            let record = try context.reader().record(kind, conflict.record),
            let seen = try context.laptop().replica.snapshot(table: conflict.table, record: conflict.record)
        else { throw failure("The record of that conflict is not on this laptop.", next: "kith conflicts list") }
        let id = ShortID.display(record.id)
        let lost = conflict.kept == .a ? conflict.b : conflict.a
        guard conflict.field != Field.existence, record.isLiving, let words = lost.value else {
            let verb = record.isLiving ? "delete" : "restore"
            throw failure(
                "That conflict is about whether the record is deleted.", next: "kith \(kind.name) \(verb) \(id)")
        }
        guard let field = kind.field(conflict.field) else {
            throw failure("This version does not know that field.", next: "kith conflicts show \(id)")
        }
        let standing = record.values[field.number] ?? .null
        let value = arguments.hasFlag("below") ? try below(standing, words, field) : words
        guard value != standing else { return try context.console.show("Nothing to change: it says so already.") }
        let saving = RecordSaving(context: context)
        try saving.check(kind, record.values.merging([field.number: value]) { $1 }, changed: [field.number])
        let done: Void? = try saving.save { work in
            try work.edit(table: kind.number, record: record.id, values: [(field.number, value)], seen: seen)
        }
        guard done != nil else { return }
        try RecordCommands.tell(context, "Changed", kind, record.id)
    }

    /// The words that stand, an empty line, the words that were not kept.
    private static func below(
        _ standing: Value, _ lost: Value, _ field: FieldDescription
    ) throws(CommandFailure) -> Value {
        guard case .text(let lower) = lost, field.form.words.isEmpty, field.form != .time else {
            throw CommandFailure(exitCode: .usage, message: "--below is for texts alone. Nothing was saved.")
        }
        guard case .text(let upper) = standing, !upper.isEmpty else { return lost }
        return .text("\(upper)\n\n\(lower)")
    }

    private static func failure(_ message: String, next: String) -> CommandFailure {
        CommandFailure(exitCode: .notFound, message: "\(message) Nothing was changed.", next: next)
    }
}
