/// The declaration of an option, `--name`, of a command or of the whole program.
package struct CommandOption: Sendable {
    /// What follows the name of an option.
    package enum Value: Sendable, Equatable {
        /// Nothing: the option is a flag.
        case none
        /// Any text; the word stands for it in the help.
        case text(placeholder: String)
        /// One of these words.
        case choice([String])
        /// A whole number within the range.
        case integer(ClosedRange<Int>)
    }

    /// The name without dashes.
    package let name: String
    /// A name that it had before, without dashes, which is still taken and never shown; nil where it had none.
    package let formerName: String?
    /// Another name without dashes, which help shows behind the first; nil where it has none.
    package let secondName: String?
    /// The letter of its short form, `-x`, or nil.
    package let short: Character?
    /// What follows the name.
    package let value: Value
    /// One sentence for the help.
    package let summary: String
    /// Whether it may be given more than once.
    package let isRepeatable: Bool
    /// Whether it must be given.
    package let isRequired: Bool
    /// Whether the command asks for it when it is missing, so that the parser lets it pass.
    package let isPromptable: Bool
    /// What a shell offers for the value.
    package let completion: Completion

    /// Declares an option with everything said.
    ///
    /// - Parameter completes: what a shell offers for the value; where nothing is said, what the words allowed or the
    ///   placeholder say.
    package init(
        name: String, formerName: String? = nil, secondName: String? = nil, short: Character? = nil, value: Value,
        summary: String, isRepeatable: Bool = false, isRequired: Bool = false, isPromptable: Bool = false,
        completes: Completion? = nil
    ) {
        self.name = name
        self.formerName = formerName
        self.secondName = secondName
        self.short = short
        self.value = value
        self.summary = summary
        self.isRepeatable = isRepeatable
        self.isRequired = isRequired
        self.isPromptable = isPromptable
        completion = completes ?? Self.completion(of: value)
    }

    private static func completion(of value: Value) -> Completion {
        switch value {
        case .none, .integer: .nothing
        case .choice(let words): .words(words)
        case .text(let placeholder): Completion(placeholder: placeholder)
        }
    }

    /// Declares a flag.
    package static func flag(_ name: String, short: Character? = nil, _ summary: String) -> CommandOption {
        CommandOption(name: name, short: short, value: .none, summary: summary)
    }

    /// Declares an option that takes any text; `-` as its value means standard input, but for files and folders.
    package static func text(
        _ name: String, _ placeholder: String = "TEXT", short: Character? = nil, _ summary: String,
        isRepeatable: Bool = false, isRequired: Bool = false, isPromptable: Bool = false, completes: Completion? = nil,
        formerName: String? = nil, secondName: String? = nil
    ) -> CommandOption {
        CommandOption(
            name: name, formerName: formerName, secondName: secondName, short: short,
            value: .text(placeholder: placeholder), summary: summary, isRepeatable: isRepeatable,
            isRequired: isRequired, isPromptable: isPromptable, completes: completes)
    }

    /// Declares an option that takes one of the given words.
    package static func choice(
        _ name: String, _ allowed: [String], short: Character? = nil, _ summary: String,
        isRepeatable: Bool = false, isRequired: Bool = false, isPromptable: Bool = false
    ) -> CommandOption {
        CommandOption(
            name: name, short: short, value: .choice(allowed), summary: summary,
            isRepeatable: isRepeatable, isRequired: isRequired, isPromptable: isPromptable)
    }

    /// Declares an option that takes a whole number within a range.
    package static func integer(
        _ name: String, in range: ClosedRange<Int>, short: Character? = nil, _ summary: String,
        isRequired: Bool = false, isPromptable: Bool = false
    ) -> CommandOption {
        CommandOption(
            name: name, short: short, value: .integer(range), summary: summary, isRequired: isRequired,
            isPromptable: isPromptable)
    }

    /// Whether nothing follows the name.
    package var isFlag: Bool { value == .none }

    /// The word that stands for the value in the help; nil for a flag.
    package var placeholder: String? {
        switch value {
        case .none: nil
        case .text(let placeholder): placeholder
        case .choice: name.uppercased()
        case .integer: "N"
        }
    }

    /// The names that people are told, without dashes.
    var shownNames: [String] { [name] + [secondName].compactMap(\.self) }

    /// Whether a word of the command line names it: `--kind`, `-k`, its second or its former name.
    ///
    /// - Parameter spelled: the word as typed, without a value that follows `=`.
    func isNamed(by spelled: String) -> Bool {
        if spelled.hasPrefix("--") {
            let typed = spelled.dropFirst(2)
            return typed == name || typed == formerName ?? name || typed == secondName ?? name
        }
        return spelled.count == 2 && spelled.first == "-" && short != nil && spelled.last == short
    }

    /// The form in a usage line: `--kind KIND`, `--summary, --note TEXT`.
    var usage: String {
        let names = shownNames.map { "--\($0)" }.joined(separator: ", ")
        return placeholder.map { "\(names) \($0)" } ?? names
    }
}
