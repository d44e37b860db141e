import OutreachModel
import SyncCore
import Terminal

/// Asks for the fields that somebody who is asked anyway is asked too; an option answers each beforehand.
struct GuidedFields {
    /// The most people that one entry asks for.
    private static let mostPeople = 50

    let kind: RecordKind
    let context: ClientContext

    private var words: GuidedWords { GuidedWords(kind: kind, prompter: context.console.prompter) }

    /// Asks for the fields that a kind's form names and that have no value yet.
    func ask(_ values: inout [Int: Value]) throws {
        for field in kind.entry.asked.compactMap({ kind.field($0) }) where values[field.number] == nil {
            let option = "--\(FieldOptions.name(field))"
            if !field.form.words.isEmpty {
                try words.ask(field, option: option, &values)
                continue
            }
            let reader = try context.fieldReader()
            let start = kind.start(of: field, in: values)
            let names = names(field, reader.finder)
            let own = names == nil ? nil : ownWordsField
            var ownWords: String?
            func read(_ typed: String) throws -> Value? {
                guard let names else { return try reader.value(field, typed, option: option, after: start) }
                if own != nil, let words = GuidedNames.ownWords(typed) {
                    ownWords = words
                    return nil
                }
                return .blob(try names.find(typed, option: option).bytes)
            }
            let value: Value?
            if field.isRequired {
                value = try context.answer(
                    nil, asking: field.label, option: option, others: { names?.choices($0) ?? [] }, read: read)
            } else {
                value =
                    try context.answerIfAny(
                        asking: question(field), option: option, takesLines: field.form == .text,
                        others: { names?.choices($0, own: own) ?? [] }, read: read) ?? nil
            }
            if let value { values[field.number] = value }
            if let own, let ownWords { values[own.number] = .text(ownWords) }
        }
    }

    /// How a name is looked for that the field refers to; nil for any other field.
    private func names(_ field: FieldDescription, _ finder: RecordFinder) -> GuidedNames? {
        guard case .reference(let table) = field.form, let kind = RecordKind.of(table: table), kind.hasName else {
            return nil
        }
        return GuidedNames(kind: kind, context: context, finder: finder)
    }

    /// The field that says in own words whom a record is about: `about_other`, `to_other`.
    private var ownWordsField: FieldDescription? {
        kind.fields.first { field in
            field.name.hasSuffix("_other") && kind.field(named: String(field.name.dropLast("_other".count))) == nil
        }
    }

    private func question(_ field: FieldDescription) -> String {
        "\(field.label) (\(field.form == .flag ? "yes or no; " : "")may stay empty)"
    }

    /// Asks who took part, one name after the other until none is given.
    ///
    /// - Parameter option: the option that could have named them.
    func people(option: String, _ finder: RecordFinder) throws -> [RecordID] {
        var people: [RecordID] = []
        for count in 1...Self.mostPeople {
            let question = count == 1 ? "With whom (may stay empty)" : "And with whom (empty: nobody else)"
            // Each is a question of its own, so that going back goes from one name to the one before.
            let option = count == 1 ? option : "\(option), once more (\(count))"
            let names = GuidedNames(kind: .person, context: context, finder: finder)
            let named = try context.answerIfAny(
                asking: question, option: option, others: { names.choices($0) }
            ) { try names.find($0, option: option) }
            guard let named else { break }
            if !people.contains(named) { people.append(named) }
        }
        return people
    }
}
