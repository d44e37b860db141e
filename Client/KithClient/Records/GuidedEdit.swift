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
        let choices = fields.map { Prompter.Choice(FieldOptions.name($0), label: label($0)) }
        let name = try context.console.prompter.choice(
            "What changes?", option: "a field, such as --\(choices[0].value)",
            among: choices)
        guard let field = fields.first(where: { FieldOptions.name($0) == name }) else { return }
        let option = "--\(name)"
        if !field.form.words.isEmpty {
            let words = field.form.words.map { Prompter.Choice($0, label: Words.plain($0)) }
            values[field.number] = .text(
                try context.console.prompter.choice(field.label, option: option, among: words))
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
    private func label(_ field: FieldDescription) -> String {
        guard let value = record.values[field.number], let shown = field.shown(value, in: context.local) else {
            return field.label
        }
        return "\(field.label): \(shown)"
    }
}
