import OutreachModel
import SyncCore
import Terminal

/// What to change of a record, asked one question at a time: which field, what it says from now on, and so on until nothing
/// else is to be changed.
struct GuidedEdit {
    let record: StoredRecord
    let fields: [FieldDescription]
    let context: ClientContext

    /// Asks for fields, one after the other; an empty answer leaves one without a value.
    func ask(for values: inout [Int: Value]) throws {
        let presenter = try RecordPresenter(context)
        // What an import wrote beside the fields needs no worker.
        let fields = fields.filter { !FieldDescription.isOfImports($0) }
        let choices = try fields.map { Prompter.Choice(FieldOptions.name($0), label: try label($0, presenter)) }
        let name = try context.console.prompter.choice(
            "What changes?", option: "a field, such as --\(choices[0].value)",
            among: choices)
        var next = fields.first { FieldOptions.name($0) == name }
        for count in 2...(fields.count + 1) {
            guard let field = next else { return }
            try ask(field, for: &values)
            next = try another(fields, count, values)
        }
    }

    /// The field that is changed too, by its number in the list or its name; nil where nothing is.
    private func another(
        _ fields: [FieldDescription], _ count: Int, _ values: [Int: Value]
    ) throws -> FieldDescription? {
        let option = "another field, as the \(count)."
        return try context.answerIfAny(asking: "And what else, by its number? (empty: nothing)", option: option) {
            typed in
            let number = Int(typed).map { $0 - 1 }.flatMap { fields.indices.contains($0) ? fields[$0] : nil }
            let key = TextMatch.key(typed)
            guard
                let field = number
                    ?? fields.first(where: { key == TextMatch.key($0.label) || typed == FieldOptions.name($0) })
            else {
                throw CommandFailure(exitCode: .usage, message: "Give a number from 1 to \(fields.count).")
            }
            guard values[field.number] == nil else {
                throw CommandFailure(exitCode: .usage, message: "“\(field.label)” is changed already.")
            }
            try context.console.prompter.transcript.settle(option, typed, as: FieldOptions.name(field))
            return field
        }
    }

    private func ask(_ field: FieldDescription, for values: inout [Int: Value]) throws {
        let option = "--\(FieldOptions.name(field))"
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
