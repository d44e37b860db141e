/// The declaration of a word that a command takes by its place on the command line.
package struct Argument: Sendable {
    /// How many words the argument takes.
    package enum Count: Sendable, Equatable {
        /// Exactly one.
        case one
        /// One or none.
        case optional
        /// One or more; only the last argument of a command can take several.
        case many
        /// Any number, also none; only the last argument of a command can take several.
        case any
    }

    /// The name that the command reads it by, in lower case; help shows it in capitals.
    package let name: String
    /// One sentence for the help.
    package let summary: String
    /// How many words it takes.
    package let count: Count
    /// Whether the command asks for it when it is missing, so that the parser lets it pass.
    package let isPromptable: Bool
    /// Whether it is asked for without showing what is typed.
    package let isHidden: Bool
    /// What a shell offers for it.
    package let completion: Completion

    /// Declares an argument.
    ///
    /// - Parameter completes: what a shell offers for it; where nothing is said, what the name in capitals says.
    package init(
        _ name: String, _ summary: String, count: Count = .one, isPromptable: Bool = false,
        isHidden: Bool = false, completes: Completion? = nil
    ) {
        self.isHidden = isHidden
        completion = completes ?? Completion(placeholder: name.uppercased())
        self.name = name
        self.summary = summary
        self.count = count
        self.isPromptable = isPromptable
    }

    /// Whether it takes more than one word.
    var takesSeveral: Bool { count == .many || count == .any }
    /// Whether the parser complains when it is missing.
    var isDemanded: Bool { (count == .one || count == .many) && !isPromptable }

    /// The form in a usage line: `PLACE`, `[PLACE]`, `PLACE ...`, `[PLACE ...]`.
    var usage: String {
        let word = name.uppercased() + (takesSeveral ? " ..." : "")
        return isDemanded ? word : "[\(word)]"
    }
}
