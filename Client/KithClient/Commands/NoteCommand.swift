import OutreachModel
import SyncCore
import SyncReplica
import Terminal

/// `kith note ID TEXT`
enum NoteCommand {
    private static let kinds = RecordKind.all.filter { $0 != .note }

    static let command = Command<ClientContext>(
        name: "note", summary: "Add a note about a record.",
        discussion: "Without a text it is written in $EDITOR.",
        example: RecordKind.note.entry.example + "\nkith note list",
        subcommands: [
            RecordList.command(.note), RecordShow.command(.note), RecordEdit.command(.note),
            RecordDelete.command(.note), RecordRestore.command(.note),
        ],
        arguments: [
            Argument("id", "The beginning of the record's id.", isPromptable: true),
            Argument("text", "The note.", isPromptable: true),
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
        if given != nil, arguments.argument("text") == nil {
            guard let edited = try context.laptop().texts.write("", option: "TEXT", context) else {
                throw CommandFailure(exitCode: .failed, message: "The note is empty. Nothing was saved.")
            }
            return try UnsavedTexts.keeping(edited, command: "kith note \(ShortID.display(record.id)) -") {
                try save(edited.text, of: edited, about: record, arguments, context)
            }
        }
        let text =
            try arguments.argument("text") ?? context.console.prompter.text("Note", option: "TEXT")
        try save(text, about: record, arguments, context)
    }

    /// Saves a note; the file of an edited text goes once it is saved.
    private static func save(
        _ text: String, of edited: EditedText? = nil, about record: StoredRecord, _ arguments: ParsedArguments,
        _ context: ClientContext
    ) throws {
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
        guard let id else { return try UnsavedTexts.tell(edited, context) }
        edited?.remove()
        if let choice { try saving.remember(choice, named: named) }
        if context.isJSON { return try RecordCommands.tell(context, "Added", .note, id) }
        let title = try RecordPresenter(context).title(of: record)
        try context.console.show("Noted about \(title). It is saved here and waits to be sent.")
    }
}
