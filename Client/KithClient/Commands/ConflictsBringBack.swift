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
        options: [
            .choice("side", ["a", "b"], "The side that is written again; what was not kept, if not said."),
            EarlierValue.below,
        ], run: run)

    @Sendable private static func run(_ arguments: ParsedArguments, _ context: ClientContext) throws {
        let conflict = try ConflictPresenter(context).find(arguments.argument("id") ?? "")
        guard let kind = RecordKind.of(table: conflict.table),
            let record = try context.reader().record(kind, conflict.record)
        else { throw failure("The record of that conflict is not on this laptop.", next: "kith conflicts list") }
        let id = ShortID.display(record.id)
        let isA = arguments.value(of: "side").map { $0 == "a" } ?? (conflict.kept == .b)
        let lost = isA ? conflict.a : conflict.b
        guard conflict.field != Field.existence, record.isLiving, let words = lost.value else {
            let verb = record.isLiving ? "delete" : "restore"
            throw failure(
                "That conflict is about whether the record is deleted.", next: "kith \(kind.name) \(verb) \(id)")
        }
        let earlier = EarlierValue(
            record: record, field: conflict.field, value: words, next: "kith conflicts show \(id)")
        guard try earlier.write(isBelow: arguments.hasFlag("below"), context) else { return }
        try RecordCommands.tell(context, "Changed", kind, record.id)
    }

    private static func failure(_ message: String, next: String) -> CommandFailure {
        CommandFailure(exitCode: .notFound, message: "\(message) Nothing was changed.", next: next)
    }
}
