/// How a value can come from standard input instead of the command line, where everybody on the machine could read it.
///
/// It is a matter of the declarations alone: whatever takes a text takes `-`, so no command can forget it, and a command
/// never sees the `-`.
extension ParsedArguments {
    /// The words of a command line with what standard input says in the place of a `-`.
    ///
    /// A `-` in the place of a word that the command would ask for without showing it is asked for so, where somebody can
    /// answer: what is typed for a `-` is shown, and a code ends with its line.
    ///
    /// Throws a usage failure where several values ask for it, for an input that is `-` alone, and as
    /// `Console.readText` does.
    func readingInput<Context>(
        for command: Command<Context>, _ globalOptions: [CommandOption], from console: Console
    ) throws(CommandFailure) -> ParsedArguments {
        if console.prompter.canAsk, let asked = withoutDashes(of: command) {
            return try asked.readingInput(for: command, globalOptions, from: console)
        }
        guard dashCount(for: command, globalOptions) <= 1 else {
            throw CommandFailure(
                exitCode: .usage, message: "Only one value can come from standard input. Nothing was changed.")
        }
        var read = self
        var text: String?
        func replace(_ values: inout [String], assigns: Bool) throws(CommandFailure) {
            for index in values.indices {
                guard let kept = Self.beforeDash(values[index], assigns: assigns) else { continue }
                let input = try console.readText(from: "-")
                guard input != "-" else {
                    throw CommandFailure(
                        exitCode: .usage,
                        message: "Standard input says - alone, which is neither a name nor a text. Nothing was changed."
                    )
                }
                guard !input.isEmpty else {
                    // A file name that was mistyped in front of a pipe must not empty what is there.
                    throw CommandFailure(
                        exitCode: .usage, message: "Standard input is empty. Nothing was changed.")
                }
                text = input
                values[index] = kept + input
            }
        }
        for argument in command.arguments where argument.completion.isText {
            try replace(&read.argumentValues[argument.name, default: []], assigns: false)
        }
        for option in command.options + globalOptions where option.takesInput {
            try replace(&read.optionValues[option.name, default: []], assigns: option.assigns)
        }
        read.input = text
        return read
    }

    /// The words without those that are `-` in the place of one that is asked for hidden; nil where there are none.
    private func withoutDashes<Context>(of command: Command<Context>) -> ParsedArguments? {
        var rest = self
        var isChanged = false
        for argument in command.arguments where argument.isPromptable && argument.isHidden {
            guard rest.argumentValues[argument.name] == ["-"] else { continue }
            rest.argumentValues[argument.name] = nil
            isChanged = true
        }
        return isChanged ? rest : nil
    }

    /// How many values ask for standard input: known before anything of it is read.
    private func dashCount<Context>(for command: Command<Context>, _ globalOptions: [CommandOption]) -> Int {
        let words = command.arguments.filter(\.completion.isText).flatMap { argumentValues[$0.name] ?? [] }
        let options = (command.options + globalOptions).filter(\.takesInput)
        return words.count { $0 == "-" }
            + options.reduce(0) { count, option in
                let values = optionValues[option.name] ?? []
                return count + values.count { Self.beforeDash($0, assigns: option.assigns) != nil }
            }
    }

    /// What stays before the text from standard input: nothing for `-`, `person=` for `person=-`; nil for other values.
    private static func beforeDash(_ value: String, assigns: Bool) -> String? {
        if value == "-" { return "" }
        guard assigns, value.hasSuffix("=-"), value.firstIndex(of: "=") == value.index(value.endIndex, offsetBy: -2)
        else { return nil }
        return String(value.dropLast())
    }
}

extension Command {
    /// Whether any of its own words or options takes `-` for standard input.
    var takesInput: Bool { arguments.contains(where: \.completion.isText) || options.contains(where: \.takesInput) }
}

extension CommandOption {
    /// Whether `-` as its value means standard input: all but flags, words, numbers, files and folders.
    package var takesInput: Bool {
        if case .text = value { completion.isText } else { false }
    }

    /// Whether its value is `FIELD=VALUE`, so that `FIELD=-` means standard input too.
    package var assigns: Bool { placeholder?.hasSuffix("=VALUE") ?? false }
}

extension Completion {
    /// Whether what stands there is a text or a name: `-` is a place in the file system for no program but by its own
    /// word.
    package var isText: Bool { self != .files && self != .folders }
}
