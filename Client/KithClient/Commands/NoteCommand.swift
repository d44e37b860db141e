import OutreachModel
import SyncCore
import SyncReplica
import Terminal

/// `kith note ID TEXT`
enum NoteCommand {
    private static let kinds = RecordKind.all.filter { $0 != .note }

    static let command = Command<ClientContext>(
        name: "note", summary: "Add a note about a record.",
        discussion: "With - the text is read from standard input; without a text it is written in $EDITOR.",
        example: RecordKind.note.entry.example + "\nkith note list",
        subcommands: [
            RecordList.command(.note), RecordShow.command(.note), RecordEdit.command(.note),
            RecordDelete.command(.note), RecordRestore.command(.note),
        ],
        arguments: [
            Argument("id", "The beginning of the record's id.", isPromptable: true),
            Argument("text", "The note, or - for standard input.", isPromptable: true),
        ],
        options: [AreaChoice.option("For a note about a place: the team that it belongs to.")],
        run: { arguments, context in try GuidedEntry.run(context) { try run(arguments, context) } })

    @Sendable private static func run(_ arguments: ParsedArguments, _ context: ClientContext) throws {
        let finder = try context.finder()
        let given = arguments.argument("id")
        let record = try context.answer(given, asking: "Id of the record", option: "ID") { typed in
            try finder.find(anyOf: kinds, id: typed, .living)
        }
        // Who is asked for the record is asked for the text, too; who names it writes in an editor.
        let text =
            given == nil && arguments.argument("text") == nil
            ? try context.console.prompter.text("Note", option: "TEXT") : try text(arguments, context)
        let values: [Int: Value] = [
            NoteField.aboutTable.rawValue: .integer(Int64(record.kind.number)),
            NoteField.about.rawValue: .blob(record.id.bytes), NoteField.text.rawValue: .text(text),
        ]
        let saving = RecordSaving(context: context)
        try saving.check(.note, values)
        // What everybody reads is no place for a team's notes.
        let isShared = record.area == AreaChoice.everyone
        let named = arguments.value(of: "area")
        if named != nil, !isShared {
            throw CommandFailure(
                exitCode: .usage,
                message: "This note belongs to the area of its record: leave out --area. "
                    + "Nothing was saved.")
        }
        let choice = isShared ? try saving.area(named: named) : nil
        let id = try saving.save { work in
            try work.create(
                table: OutreachSchema.Number.note, area: choice?.area ?? record.area,
                values: values.map { ($0.key, $0.value) })
        }
        guard let id else { return }
        if let choice { try saving.remember(choice, named: named) }
        if context.isJSON { return try RecordCommands.tell(context, "Added", .note, id) }
        let title = try RecordPresenter(context).title(of: record)
        try context.console.show("Noted about \(title). It is saved here and waits to be sent.")
    }

    private static func text(_ arguments: ParsedArguments, _ context: ClientContext) throws -> String {
        if let typed = arguments.argument("text") { return try context.console.readText(from: typed) }
        guard let text = try context.console.editText(initial: "", option: "TEXT") else {
            throw CommandFailure(exitCode: .failed, message: "The note is empty. Nothing was saved.")
        }
        return text
    }
}
