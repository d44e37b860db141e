/// Asks a person at the terminal; where asking is not possible it throws and names the option that is missing.
///
/// Questions go to standard error, so that results stay alone on standard output.
package struct Prompter {
    /// An answer that can be picked from a list.
    package struct Choice: Sendable, Equatable {
        /// What the command gets.
        package let value: String
        /// What the person reads.
        package let label: String

        /// Makes a choice; without a label the value is shown.
        package init(_ value: String, label: String? = nil) {
            self.value = value
            self.label = label ?? value
        }
    }

    /// How often a question is repeated after an answer that can't be used.
    package static let maximumAttempts = 5

    private let streams: TerminalStreams
    private let settings: ConsoleSettings
    private let input: InputReader
    /// What was shown before a question must be on the screen before it is asked.
    private let output: OutputWriter
    /// The answers of a guided entry.
    package let transcript = Transcript()
    private let isAccessible: Bool

    /// Makes a prompter that reads its answers from the given reader.
    ///
    /// - Parameter output: what standard output goes through; what it holds is written before a question where it is a terminal.
    package init(streams: TerminalStreams, settings: ConsoleSettings, input: InputReader, output: OutputWriter) {
        self.streams = streams
        self.settings = settings
        self.input = input
        self.output = output
        isAccessible = streams.isAccessible
    }

    /// Whether a question can be asked now.
    package var canAsk: Bool { streams.inputIsTerminal && !settings.forbidsInput }

    /// Asks for a line of text; `option` (`--summary`) or argument name (`PLACE`) is what could have answered it.
    ///
    /// Spaces around the answer are dropped. An empty answer is asked again, unless it is allowed; so is one that holds keys
    /// which are no text, and one whose end the terminal has lost.
    ///
    /// - Parameter takesLines: whether the lines that are pasted with the first one belong to the answer.
    package func text(
        _ question: String, option: String, allowsEmpty: Bool = false, takesLines: Bool = false
    ) throws(CommandFailure) -> String {
        try demand(option)
        try sayHint()
        return try attempt { () throws(CommandFailure) in
            let answer = try ask("\(escapeControls(question)): ", option, takesLines: takesLines)
            if answer.isEmpty, !allowsEmpty {
                try transcript.reject(option)
                try say("An answer is needed.")
                return nil
            }
            return answer
        }
    }

    /// Asks for a passphrase or a code without showing what is typed; the answer is taken as it is.
    package func secret(_ question: String, option: String) throws(CommandFailure) -> String {
        try demand(option)
        streams.setEcho(false)
        defer { streams.setEcho(true) }
        try write("\(escapeControls(question)): ")
        let answer = try input.line()
        try write("\n")
        guard let answer, !answer.isEmpty else { throw noAnswer() }
        return answer
    }

    /// Tells a person at a question what is wrong with their answer, line by line as it fits the terminal.
    package func tell(_ text: String) throws(CommandFailure) {
        for line in escapeControls(text, keepingNewlines: true).split(separator: "\n") { try say(String(line)) }
    }

    /// Shows a numbered list and returns the value that was picked by its number or its word.
    package func choice(
        _ question: String, option: String, among choices: [Choice]
    ) throws(CommandFailure) -> String {
        try pick(question, option, choices, allowsEmpty: false)
    }

    /// Shows a numbered list that need not be answered; nil where nothing was picked.
    package func choiceIfAny(
        _ question: String, option: String, among choices: [Choice]
    ) throws(CommandFailure) -> String? {
        let picked = try pick("\(question) (may stay empty)", option, choices, allowsEmpty: true)
        return picked.isEmpty ? nil : picked
    }

    private func pick(
        _ question: String, _ option: String, _ choices: [Choice], allowsEmpty: Bool
    ) throws(CommandFailure) -> String {
        try demand(option)
        try sayHint()
        try say(escapeControls(question))
        for (index, choice) in choices.enumerated() {
            try say("  \(index + 1)  \(escapeControls(choice.label))")
        }
        return try attempt { () throws(CommandFailure) in
            let answer = try ask("Number: ", option)
            if answer.isEmpty, allowsEmpty { return answer }
            if let number = Int(answer), number >= 1, number <= choices.count {
                let value = choices[number - 1].value
                // What is kept must mean the same where the list is another one.
                try transcript.replaceLast(with: Transcript.Answer(option: option, typed: value))
                return value
            }
            if let named = choices.first(where: { $0.value == answer || $0.label == answer }) { return named.value }
            try transcript.reject(option)
            try say("Give a number from 1 to \(choices.count).")
            return nil
        }
    }

    /// Asks for yes or no; `--yes` answers yes without asking, an empty answer means no.
    package func confirm(_ question: String) throws(CommandFailure) -> Bool {
        if settings.assumesYes { return true }
        try demand("--yes")
        return try attempt { () throws(CommandFailure) in
            let choices = isAccessible ? "Answer y or n." : "[y/N] "
            switch try ask("\(escapeControls(question)) \(choices)").lowercased() {
            case "y", "yes": return true
            case "n", "no", "": return false
            default:
                try say("Answer y or n.")
                return nil
            }
        }
    }

    // MARK: Steps

    private func demand(_ option: String) throws(CommandFailure) {
        guard canAsk else { throw missing(option) }
    }

    /// Says once, before the first question of a guided entry, how one goes back.
    private func sayHint() throws(CommandFailure) {
        if let hint = transcript.takeHint() { try say(hint) }
    }

    /// The failure for an answer that can't be asked for.
    func missing(_ option: String) -> CommandFailure {
        let why =
            settings.forbidsInput
            ? "With --no-input every answer is given with the command."
            : "Standard input is not a terminal, so every answer is given with the command."
        return CommandFailure(exitCode: .usage, message: "Missing \(option). \(why) Nothing was changed.")
    }

    private func attempt<Answer>(
        _ step: () throws(CommandFailure) -> Answer?
    ) throws(CommandFailure) -> Answer {
        for _ in 0..<Self.maximumAttempts {
            if let answer = try step() { return answer }
        }
        throw CommandFailure(
            exitCode: .usage,
            message: "No usable answer after \(Self.maximumAttempts) attempts. Nothing was saved.")
    }

    /// One answer to a question of a guided entry: given before, or typed now.
    private func ask(
        _ question: String, _ option: String, takesLines: Bool = false
    ) throws(CommandFailure) -> String {
        guard transcript.isOpen else { return try ask(question, takesLines: takesLines) }
        let before = transcript.before(option)
        if let before { try say(question + escapeControls(transcript.wording(before))) }
        let answer: String
        if let before { answer = before } else { answer = try ask(question, takesLines: takesLines) }
        if answer.lowercased() == Transcript.back {
            if transcript.goBack(from: option) { throw CommandFailure(exitCode: .failed, message: "Gone back.") }
            try say("This is the first question.")
            return try ask(question, option, takesLines: takesLines)
        }
        try transcript.add(Transcript.Answer(option: option, typed: answer), isNew: before == nil)
        return answer
    }

    private func ask(_ question: String, takesLines: Bool = false) throws(CommandFailure) -> String {
        try attempt { () throws(CommandFailure) in
            try write(streams.wrapped(trimmingSpaces(question)).joined(separator: "\n") + (isAccessible ? "\n" : " "))
            guard let first = try input.typedLine() else {
                try write("\n")
                throw noAnswer()
            }
            var lines = [first]
            while takesLines, streams.inputWaits(), lines.count < Self.mostLines, let next = try input.typedLine() {
                lines.append(next)
            }
            guard lines.allSatisfy(\.isWhole) else {
                streams.dropInput()
                try say(
                    "That line is longer than a terminal takes, and its end is lost. Nothing of it was taken. Paste it in "
                        + "shorter lines, or give the text from a file with the command: - in its place, and < FILE.")
                return nil
            }
            let text = lines.map { Self.withoutTabs($0.text) }.joined(separator: "\n")
            guard !text.unicodeScalars.contains(where: { $0 != "\n" && Self.isKey($0) }) else {
                try say("That holds keys that are no text, such as arrows. Type it again.")
                return nil
            }
            if lines.count > 1 { try say("\(lines.count) lines were taken.") }
            return trimmingSpaces(text)
        }
    }

    /// The most lines of a paste that are taken for one answer.
    private static let mostLines = 2_000

    /// Whether a character is what a key sends that stands for no letter.
    private static func isKey(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
    }

    private static func withoutTabs(_ text: String) -> String {
        text.contains("\t") ? String(text.map { $0 == "\t" ? " " : $0 }) : text
    }

    /// Throws away what was typed or pasted behind the last answer: the shell would take it for commands.
    func dropRest() throws(CommandFailure) {
        guard canAsk, input.hasReadLine, streams.inputWaits() else { return }
        streams.dropInput()
        try say("What was typed or pasted behind the last answer was dropped.")
    }

    private func noAnswer() -> CommandFailure {
        CommandFailure(exitCode: .failed, message: "No answer was given. Nothing was saved.")
    }

    private func say(_ line: String) throws(CommandFailure) {
        try write(streams.wrapped(line).joined(separator: "\n") + "\n")
    }

    private func write(_ text: String) throws(CommandFailure) {
        if streams.outputIsTerminal { try output.flush() }
        try OutputWriter(name: "Standard error", isBuffered: false, write: streams.writeError).write(text)
    }
}

private func trimmingSpaces(_ text: String) -> String {
    var rest = text[...]
    while let first = rest.first, first.isWhitespace {
        rest.removeFirst()
    }
    while let last = rest.last, last.isWhitespace {
        rest.removeLast()
    }
    return String(rest)
}
