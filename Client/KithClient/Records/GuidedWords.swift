import OutreachModel
import SyncCore
import Terminal

/// Asks for the word of a list, and after `other` for the words of one's own that stand beside it.
struct GuidedWords {
    let kind: RecordKind
    let prompter: Prompter

    /// Asks for a field that is filled by a word of a list; what need not be told may stay empty.
    ///
    /// - Parameters:
    ///   - option: the option or argument that could have answered it.
    ///   - isNeeded: whether the command takes it among its words, as what the record is about.
    func ask(
        _ field: FieldDescription, option: String, isNeeded: Bool = false, _ values: inout [Int: Value]
    ) throws(CommandFailure) {
        let choices = field.form.words.map { Prompter.Choice($0, label: Words.plain($0)) }
        let word: String?
        if isNeeded || field.isRequired {
            word = try prompter.choice(field.label, option: option, among: choices)
        } else {
            word = try prompter.choiceIfAny(field.label, option: option, among: choices)
        }
        guard let word else { return }
        values[field.number] = .text(word)
        try askForOwnWords(field, word, &values)
    }

    /// Asks for the words of one's own where the word of the list is `other` and they are not given yet.
    private func askForOwnWords(
        _ field: FieldDescription, _ word: String, _ values: inout [Int: Value]
    ) throws(CommandFailure) {
        guard word == Words.other, let own = kind.field(named: "\(field.name)_other"), values[own.number] == nil
        else { return }
        let option = "--\(FieldOptions.name(own))"
        let text = try prompter.text("\(own.label) (may stay empty)", option: option, allowsEmpty: true)
        if !text.isEmpty { values[own.number] = .text(text) }
    }
}
