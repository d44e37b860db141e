import OutreachModel
import SyncCore
import Terminal

/// What to change of a record, asked one question at a time: which field, and what it says from now on.
struct GuidedEdit {
    let record: StoredRecord
    let fields: [FieldDescription]
    let context: ClientContext

    /// Asks for one field; an empty answer leaves it without a value.
    func ask(for values: inout [Int: Value]) throws {
        let presenter = try RecordPresenter(context)
        // What an import wrote beside the fields needs no worker.
        let fields = fields.filter { !FieldDescription.isOfImports($0) }
        let choices = try fields.map { Prompter.Choice(FieldOptions.name($0), label: try label($0, presenter)) }
        let name = try context.console.prompter.choice(
            "What changes?", option: "a field, such as --\(choices[0].value)",
            among: choices)
        guard let field = fields.first(where: { FieldOptions.name($0) == name }) else { return }
        let option = "--\(name)"
        if !field.form.words.isEmpty {
            try GuidedWords(kind: record.kind, prompter: context.console.prompter).ask(field, option: option, &values)
            if values[field.number] == nil { values[field.number] = .null }
            return
        }
        let reader = try context.fieldReader()
        let takesLines = field.form == .text && field.number != record.kind.titleField
        let value = try context.answerIfAny(
            asking: "\(field.label) (empty: none)", option: option, takesLines: takesLines
        ) { typed in
            try reader.value(field, typed, option: option)
        }
        values[field.number] = value ?? .null
    }

    /// The field, with what it says now.
    private func label(_ field: FieldDescription, _ presenter: RecordPresenter) throws -> String {
        let shown = try presenter.text(record, field)
        return shown.isEmpty ? field.label : "\(field.label): \(RecordList.firstLine(shown))"
    }
}
