import OutreachModel
import SyncCore
import SyncReplica
import Terminal

/// `kith visit edit ID` and its like.
///
/// What the writer had seen is what the laptop held when the command began, or what the editor showed: a sync that
/// brings another value meanwhile makes a conflict, and nothing is lost.
struct RecordEdit {
    let kind: RecordKind

    private var options: FieldOptions { FieldOptions(kind) }

    static func command(_ kind: RecordKind) -> Command<ClientContext> {
        let edit = RecordEdit(kind: kind)
        let names = edit.options.fields.map(FieldOptions.name)
        return Command(
            name: "edit", summary: "Change fields of \(kind.withArticle).",
            discussion: edit.editorField.map {
                "Without an option the \($0.label.lowercased()) opens in $EDITOR; without anything it asks what to change."
            } ?? "Without an option it asks what to change.",
            example: "kith \(kind.name) edit \(exampleID(kind)) --\(FieldOptions.name(edit.exampleField)) \"…\"",
            arguments: [RecordCommands.idArgument(kind)],
            options: edit.options.declared + [
                .choice("clear", names, "Leave the field without a value.", isRepeatable: true),
                .choice("editor", names, "Open this text in $EDITOR."),
            ],
            run: { arguments, context in try GuidedEntry.run(context) { try edit.run(arguments, context) } })
    }

    /// An id, or a name, for examples.
    static func exampleID(_ kind: RecordKind) -> String {
        switch kind {
        case .place: "\"Castle House\""
        case .person: "Alex"
        case .resource: "\"House meetings\""
        default: "f3kq7xzm"
        }
    }

    /// The text that the editor shows unless told otherwise; nil where there is no long one, so that nobody meets an editor
    /// who wanted to change something else.
    private var editorField: FieldDescription? {
        let names = ["summary", "access_notes", "wants_next", "text", "words", "what"]
        return kind.fields.first { names.contains($0.name) }
    }

    private var exampleField: FieldDescription {
        editorField ?? kind.fields.first { $0.form == .text } ?? kind.fields[0]
    }

    private func run(_ arguments: ParsedArguments, _ context: ClientContext) throws {
        try RecordSaving(context: context).checkMayWrite(kind)
        let given = arguments.argument("id")
        let record = try RecordChoice(kind: kind, context: context).find(given)
        guard let seen = try context.laptop().replica.snapshot(table: kind.number, record: record.id) else {
            throw CommandFailure(exitCode: .notFound, message: "That \(kind.name) is gone. Nothing was saved.")
        }
        try StaleNote(context: context).tell(record)
        var reader = try context.fieldReader()
        if kind == .payment {
            reader.currency = arguments.value(of: "currency")?.uppercased() ?? record.text(PaymentField.currency)
        }
        try checkGiven(arguments, record)
        var values = try reader.values(options, arguments, beside: record.values)
        var text: EditedText?
        for name in arguments.values(of: "clear") {
            guard let field = options.fields.first(where: { FieldOptions.name($0) == name }) else { continue }
            guard values.updateValue(.null, forKey: field.number) == nil else {
                throw CommandFailure(
                    exitCode: .usage, message: "--\(name) and --clear \(name) contradict each other. Nothing was saved."
                )
            }
        }
        if let name = arguments.value(of: "editor") {
            guard let field = options.fields.first(where: { FieldOptions.name($0) == name }) else { return }
            text = try openEditor(field, record, &values, context)
        } else if values.isEmpty, !context.console.prompter.canAsk {
            throw CommandFailure(
                exitCode: .usage,
                message: "Nothing to change: name a field, such as --\(FieldOptions.name(exampleField)). "
                    + "Nothing was changed.",
                next: "kith \(kind.name) edit --help")
        } else if values.isEmpty, given != nil, let editorField {
            text = try openEditor(editorField, record, &values, context)
        } else if values.isEmpty {
            try GuidedEdit(record: record, fields: options.fields, context: context).ask(for: &values)
        }
        try fillInDecision(&values, record, context)
        if kind == .place { try KnownRisks.fillIn(&values, of: record, context) }
        let edited = arguments.value(of: "editor") ?? FieldOptions.name(exampleField)
        let command = "kith \(kind.name) edit \(ShortID.display(record.id)) --\(edited) -"
        try UnsavedTexts.keeping(text, command: command) { try save(values, record, seen, text, context) }
    }

    /// Throws where nothing was given for a field that holds no free text: to take a value away has an option of its own.
    private func checkGiven(_ arguments: ParsedArguments, _ record: StoredRecord) throws(CommandFailure) {
        for field in options.fields where !field.isRequired && field.form != .text && field.form != .answer([]) {
            let name = FieldOptions.name(field)
            guard let typed = arguments.value(of: name), typed.allSatisfy(\.isWhitespace) else { continue }
            throw CommandFailure(
                exitCode: .usage,
                message: "--\(name) is empty. Nothing was saved. To leave “\(field.label)” without a value, "
                    + "say --clear \(name).",
                next: "kith \(kind.name) edit \(ShortID.display(record.id)) --clear \(name)")
        }
    }

    /// Who says what was decided decided it today, unless another day is named. Of another decision than the one that people
    /// were told of they are to be told again.
    private func fillInDecision(
        _ values: inout [Int: Value], _ record: StoredRecord, _ context: ClientContext
    ) throws {
        let (decision, day) = (InsightField.decision.rawValue, InsightField.decided.rawValue)
        guard kind == .insight, case .text(let word)? = values[decision], word != "pending",
            record.text(InsightField.decision) != word
        else { return }
        if values[day] == nil {
            values[day] = .text(context.local.moment(atMilliseconds: context.clock()).date.description)
        }
        try tellKept(values, record, context)
        if let told = record.text(InsightField.fedBack), values[InsightField.fedBack.rawValue] == nil,
            let date = ParsedDate(stored: told)
        {
            try context.console.note(
                "People were told of what was said before on \(date.echo(in: context.local)): they are owed this one.")
            // Told on the day of this decision they would count as told of it. The history keeps that day.
            if case .text(let decided)? = values[day], let decidedOn = ParsedDate(stored: decided)?.date,
                date.date >= decidedOn
            {
                values[InsightField.fedBack.rawValue] = .null
            }
        }
    }

    /// Says where what is said beside a decision is still that of the one before: people would be told of both at once.
    private func tellKept(_ values: [Int: Value], _ record: StoredRecord, _ context: ClientContext) throws {
        guard let before = record.text(InsightField.decision), before != "pending" else { return }
        let kept = [InsightField.reason, .did].compactMap { kind.field($0.rawValue) }
            .filter { record.values[$0.number, default: .null] != .null && values[$0.number] == nil }
        guard !kept.isEmpty else { return }
        let labels = kept.map { "“\($0.label)”" }.joined(separator: " and ")
        let clearing = kept.map { "--clear \(FieldOptions.name($0))" }.joined(separator: " ")
        try context.console.note(
            "\(labels) \(kept.count == 1 ? "is" : "are") still as said with \"\(Words.plain(before))\". Say it anew, or: "
                + "kith insight edit \(ShortID.display(record.id)) \(clearing)")
    }

    private func openEditor(
        _ field: FieldDescription, _ record: StoredRecord, _ values: inout [Int: Value], _ context: ClientContext
    ) throws -> EditedText? {
        guard case .text = field.form.type else {
            throw CommandFailure(
                exitCode: .usage, message: "\(field.label) is no text to edit. Nothing was saved.",
                next: "kith \(kind.name) edit --help")
        }
        var initial = ""
        if case .text(let text)? = record.values[field.number] { initial = text }
        let option = "--\(FieldOptions.name(field))"
        let edited = try context.laptop().texts.write(initial, option: option, context)
        if let edited { values[field.number] = .text(withoutLastNewline(edited.text, unlike: initial)) }
        return edited
    }

    /// Editors end every file with a newline that nobody typed.
    private func withoutLastNewline(_ text: String, unlike initial: String) -> String {
        guard text.utf8.last == UInt8(ascii: "\n"), initial.utf8.last != UInt8(ascii: "\n") else { return text }
        return String(decoding: text.utf8.dropLast(), as: UTF8.self)
    }

    private func save(
        _ values: [Int: Value], _ record: StoredRecord, _ seen: RecordSnapshot, _ text: EditedText?,
        _ context: ClientContext
    ) throws {
        let changed = values.filter { (record.values[$0.key] ?? .null) != $0.value }
        guard !changed.isEmpty else {
            text?.remove()
            if context.isJSON { return try RecordCommands.tell(context, "Kept", record) }
            return try context.console.show("Nothing to change: the \(kind.name) says so already.")
        }
        let saving = RecordSaving(context: context)
        try saving.check(
            kind, record.values.merging(changed) { $1 }, changed: kind.checkedWith(Set(changed.keys)))
        try OpportunityChain(context: context).check(record, changed: changed)
        if kind == .payment {
            try PaymentCheck(context: context).warn(record.values.merging(changed) { $1 }, of: record.id)
        }
        let done: Void? = try saving.save { work in
            try work.edit(
                table: kind.number, record: record.id, values: changed.map { ($0.key, $0.value) }, seen: seen)
        }
        guard done != nil else { return try UnsavedTexts.tell(text, context) }
        text?.remove()
        try RecordCommands.tell(context, "Changed", kind, record.id)
        try tellOthers(record.id, Set(changed.keys), context)
        if kind == .place { try KnownRisks.tell(record.id, changed: Set(changed.keys), context) }
        let after = record.values.merging(changed) { $1 }
        if kind == .consent, after[ConsentField.answer.rawValue] == .text("given"),
            !(after[ConsentField.withdrawn.rawValue] ?? .null).isNull
        {
            try context.console.note(
                "It counts as withdrawn while it has a day of withdrawal: "
                    + "kith consent edit \(ShortID.display(record.id)) --clear withdrawn")
        }
    }

    /// Says where what was changed is not what will be read, because another record stands for this one or says more.
    private func tellOthers(_ id: RecordID, _ changed: Set<Int>, _ context: ClientContext) throws {
        guard kind.isMergeable, let record = try context.reader().record(kind, id) else { return }
        let kept = try KeptTogether(record, context)
        if kept.record.id != id {
            let name = ShortID.display(kept.record.id)
            return try context.console.note("It is kept together with \(kind.name) \(name), which stands for both.")
        }
        for field in kind.fields where changed.contains(field.number) {
            guard let source = kept.source(of: field) else { continue }
            let other = ShortID.display(source.id)
            try context.console.note(
                "“\(field.label)” stays \(field.shown(source.values[field.number] ?? .null, in: context.local) ?? ""): "
                    + "\(other), which is merged in, says so. Change it there: kith \(kind.name) edit \(other)")
        }
    }
}

extension RecordKind {
    /// The fields whose problems may come from a change of these: an end depends on its start, and of several fields
    /// one must stay.
    fileprivate func checkedWith(_ changed: Set<Int>) -> Set<Int> {
        var checked = changed
        for span in entrySpans where changed.contains(span.from) { checked.insert(span.to) }
        if self == .resource, changed.contains(ResourceField.kind.rawValue) {
            checked.insert(ResourceField.text.rawValue)
        }
        for group in needsOneOf where !changed.isDisjoint(with: group) { checked.formUnion(group) }
        return checked
    }
}
