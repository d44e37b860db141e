import OutreachModel
import SyncCore
import SyncReplica
import Terminal

/// `kith note ID TEXT`
enum NoteCommand {
    private static let kinds = RecordKind.all.filter { $0 != .note }

    static let command = Command<ClientContext>(
        name: "note", summary: "Add a note about a record.",
        discussion: "Without a text it is written in $EDITOR. A note that corrects another one is shown in its place; "
            + "kith note list --all shows both.",
        example: RecordKind.note.entry.example + "\nkith note list",
        subcommands: [
            RecordList.command(.note), RecordShow.command(.note), RecordEdit.command(.note),
            RecordDelete.command(.note), RecordRestore.command(.note),
        ],
        arguments: [
            Argument("id", "Its name, or the beginning of the record's id.", isPromptable: true),
            Argument("text", "The note.", isPromptable: true),
        ],
        options: [
            .text("corrects", "NOTE", "The note that this one is shown in place of."),
            AreaChoice.option("For a note about a place: the team that it belongs to."),
        ],
        run: { arguments, context in try GuidedEntry.run(context) { try run(arguments, context) } })

    @Sendable private static func run(_ arguments: ParsedArguments, _ context: ClientContext) throws {
        let finder = try context.finder()
        let given = arguments.argument("id")
        let record = try context.answer(given, asking: "Id of the record", option: "ID") { typed in
            try finder.find(anyOf: kinds, id: typed, .living)
        }
        let corrected = try arguments.value(of: "corrects").map { try finder.find(.note, id: $0) }
        if let corrected { try check(corrected, about: record, finder) }
        // Who is asked for the record is asked for the text, too; who names it writes in an editor.
        if given != nil, arguments.argument("text") == nil {
            guard let edited = try context.laptop().texts.write("", option: "TEXT", context) else {
                throw CommandFailure(exitCode: .failed, message: "The note is empty. Nothing was saved.")
            }
            return try UnsavedTexts.keeping(edited, command: again(record, corrected)) {
                try save(edited.text, of: edited, about: record, corrected, arguments, context)
            }
        }
        let text =
            try arguments.argument("text") ?? context.console.prompter.text("Note", option: "TEXT", takesLines: true)
        try save(text, about: record, corrected, arguments, context)
    }

    /// The command that takes the text again.
    private static func again(_ record: StoredRecord, _ corrected: StoredRecord?) -> String {
        let correcting = corrected.map { " --corrects \(ShortID.display($0.id))" } ?? ""
        return "kith note \(ShortID.display(record.id)) -\(correcting)"
    }

    /// Throws where a note is about another record than the one that corrects it: it would be hidden there.
    private static func check(_ note: StoredRecord, about record: StoredRecord, _ finder: RecordFinder) throws {
        let identities = finder.identities
        if note.values[NoteField.aboutTable.rawValue] == .integer(Int64(record.kind.number)),
            let about = note.reference(field: NoteField.about.rawValue),
            try identities.survivor(table: record.kind.number, id: about)
                == identities.survivor(table: record.kind.number, id: record.id)
        {
            return
        }
        throw CommandFailure(
            exitCode: .usage, message: "That note is about another record. Nothing was saved.",
            next: "kith note show \(ShortID.display(note.id))")
    }

    /// Saves a note; the file of an edited text goes once it is saved.
    private static func save(
        _ text: String, of edited: EditedText? = nil, about record: StoredRecord, _ corrected: StoredRecord?,
        _ arguments: ParsedArguments, _ context: ClientContext
    ) throws {
        var values: [Int: Value] = [
            NoteField.aboutTable.rawValue: .integer(Int64(record.kind.number)),
            NoteField.about.rawValue: .blob(record.id.bytes), NoteField.text.rawValue: .text(text),
        ]
        if let corrected { values[NoteField.corrects.rawValue] = .blob(corrected.id.bytes) }
        let saving = RecordSaving(context: context)
        try saving.check(.note, values)
        // What everybody reads is no place for a team's notes.
        let isShared = record.area == AreaChoice.everyone && corrected == nil
        let named = arguments.value(of: AreaChoice.optionName)
        if named != nil, !isShared {
            throw CommandFailure(
                exitCode: .usage,
                message: "This note belongs to the team of its record: leave out --team. "
                    + "Nothing was saved.")
        }
        let choice = isShared ? try saving.area(named: named) : nil
        let id = try saving.save { work in
            try work.create(
                table: OutreachSchema.Number.note, area: choice?.area ?? corrected?.area ?? record.area,
                values: values.map { ($0.key, $0.value) })
        }
        guard let id else { return try UnsavedTexts.tell(edited, context) }
        edited?.remove()
        if let choice { try saving.remember(choice) }
        if context.isJSON { return try RecordCommands.tell(context, "Added", .note, id) }
        let title = try RecordPresenter(context).title(of: record)
        try context.console.show("Noted about \(title). It is saved here and waits to be sent.")
    }
}
