/// What a command line asks for.
package enum ParseOutcome<Context>: Sendable {
    /// Run the last command of the path with these words.
    case run(path: [Command<Context>], ParsedArguments)
    /// Print the help of the last command of the path.
    case help(path: [Command<Context>])
    /// Print the version.
    case version
}

/// Reads a command line against the declarations of a program; it reads each word once, from left to right.
package struct ArgumentParser<Context> {
    private let globalOptions: [CommandOption]
    private let words: [String]
    private var next = 0
    private var path: [Command<Context>]
    private var parsed: ParsedArguments
    private var positionals: [String] = []
    private var asksForHelp = false
    private var localOptionGiven: String?
    private var made: (depth: Int, options: [CommandOption])?

    /// Makes a parser for one command line, given without the program's own name.
    package init(root: Command<Context>, globalOptions: [CommandOption], words: [String]) {
        self.globalOptions = globalOptions
        self.words = words
        path = [root]
        parsed = ParsedArguments(commandPath: [root.name])
    }

    /// Reads the whole line.
    ///
    /// Throws the first mistake. `--help`, `-h` and `help` win over mistakes that come after them.
    package mutating func parse() throws(UsageError) -> ParseOutcome<Context> {
        var optionsEnded = false
        while next < words.count {
            let word = words[next]
            next += 1
            if !optionsEnded, word == "--" {
                optionsEnded = true
            } else if !optionsEnded, Self.looksLikeOption(word) {
                if path.count == 1, word == "--version", declaredOption("--version") == nil { return .version }
                try readOption(word)
            } else {
                try readWord(word, isLiteral: optionsEnded)
            }
        }
        if asksForHelp { return .help(path: path) }
        return try finish()
    }

    private var command: Command<Context> { path[path.count - 1] }

    private func error(_ problem: UsageError.Problem) -> UsageError {
        UsageError(problem, commandPath: parsed.commandPath)
    }

    /// Tells options from values such as `-`, `-5` and "- just chatting".
    static func looksLikeOption(_ word: String) -> Bool {
        let name = word.prefix { $0 != "=" }
        guard name.hasPrefix("-"), !name.contains(where: \.isWhitespace) else { return false }
        if name.hasPrefix("--") { return true }
        guard let first = name.dropFirst().first else { return false }
        return first.isASCII && first.isLetter
    }

    // MARK: Words

    private mutating func readWord(_ word: String, isLiteral: Bool) throws(UsageError) {
        // A command that takes words of its own beside subcommands has none of them once it took a word.
        let subcommands = positionals.isEmpty ? command.subcommands : []
        let named = subcommands.first { $0.name == word }
        let takesWords = !command.arguments.isEmpty && named == nil && word != "help"
        guard !subcommands.isEmpty, !takesWords else {
            positionals.append(word)
            parsed.given.append(word)
            return
        }
        if let named {
            if let option = localOptionGiven, !asksForHelp {
                throw error(.unknownOption(option, suggestion: nil))
            }
            path.append(named)
            parsed.commandPath.append(named.name)
        } else if word == "help", !isLiteral {
            asksForHelp = true
        } else {
            let suggestion = nearestName(to: word, among: subcommands.map(\.name) + ["help"])
            throw error(.unknownCommand(word, suggestion: suggestion))
        }
    }

    // MARK: Options

    /// The options of the command that was read last, made once.
    private mutating func options() -> [CommandOption] {
        if let made, made.depth == path.count { return made.options }
        let options = command.options
        made = (path.count, options)
        return options
    }

    private mutating func declaredOption(_ spelled: String) -> CommandOption? {
        (options() + globalOptions).first { $0.isNamed(by: spelled) }
    }

    /// What has its place among the words can be named as well, as an option of that name: who edits a record names it so.
    private func namedArgument(_ spelled: String) -> CommandOption? {
        guard let argument = command.arguments.first(where: { "--\($0.name)" == spelled && !$0.takesSeveral }) else {
            return nil
        }
        return .text(argument.name, argument.name.uppercased(), argument.summary, completes: argument.completion)
    }

    private mutating func readOption(_ word: String) throws(UsageError) {
        let spelled = String(word.prefix { $0 != "=" })
        let attached = spelled == word ? nil : String(word.dropFirst(spelled.count + 1))
        guard let option = declaredOption(spelled) ?? namedArgument(spelled) else {
            if spelled == "--help" || spelled == "-h" {
                asksForHelp = true
                return
            }
            if asksForHelp { return }
            throw error(.unknownOption(spelled, suggestion: suggestion(for: spelled)))
        }
        let isLocal = !globalOptions.contains { $0.name == option.name }
        if isLocal {
            localOptionGiven = spelled
            parsed.given.append("--\(option.name)")
        }
        if option.isFlag {
            guard attached == nil else { throw error(.unexpectedValue(option: spelled)) }
            parsed.flags.insert(option.name)
            return
        }
        let value: String
        if let attached { value = attached } else { value = try nextValue(of: option) }
        if isLocal { parsed.given.append(value) }
        try check(value, for: option)
        guard option.isRepeatable || parsed.optionValues[option.name] == nil else {
            throw error(.repeatedOption("--\(option.name)"))
        }
        parsed.optionValues[option.name, default: []].append(value)
    }

    private mutating func suggestion(for spelled: String) -> String? {
        guard spelled.hasPrefix("--") else { return nil }
        let names = (options() + globalOptions).flatMap(\.shownNames) + ["help"]
        return nearestName(to: String(spelled.dropFirst(2)), among: names).map { "--\($0)" }
    }

    private mutating func nextValue(of option: CommandOption) throws(UsageError) -> String {
        guard next < words.count, words[next] != "--", !Self.looksLikeOption(words[next]) else {
            throw error(.missingValue(option: "--\(option.name)", placeholder: option.placeholder ?? "VALUE"))
        }
        next += 1
        return words[next - 1]
    }

    private func check(_ value: String, for option: CommandOption) throws(UsageError) {
        switch option.value {
        case .none, .text:
            return
        case .choice(let allowed):
            if allowed.contains(value) { return }
            let suggestion = nearestName(to: value, among: allowed)
            throw error(.notAllowed(option: "--\(option.name)", allowed: allowed, suggestion: suggestion))
        case .integer(let range):
            if let number = Int(value), range.contains(number) { return }
            throw error(.notInteger(option: "--\(option.name)", range: range))
        }
    }

    // MARK: The end of the line

    private mutating func finish() throws(UsageError) -> ParseOutcome<Context> {
        // Who says nothing at all is shown what there is.
        if words.isEmpty, !command.canRun { return .help(path: path) }
        guard command.canRun else {
            throw error(.missingCommand(allowed: command.subcommands.map(\.name)))
        }
        parsed.declaredOptions = Set((options() + globalOptions).map(\.name))
        parsed.declaredArguments = Set(command.arguments.map(\.name))
        try placePositionals()
        for option in options() where option.isRequired && !option.isPromptable {
            guard option.isFlag ? parsed.flags.contains(option.name) : parsed.optionValues[option.name] != nil else {
                throw error(.missingOption("--\(option.name)"))
            }
        }
        return .run(path: path, parsed)
    }

    private mutating func placePositionals() throws(UsageError) {
        var rest = positionals[...]
        for argument in command.arguments {
            if let named = parsed.optionValues[argument.name], !parsed.declaredOptions.contains(argument.name) {
                parsed.argumentValues[argument.name] = named
                parsed.optionValues[argument.name] = nil
                continue
            }
            guard !rest.isEmpty else {
                if argument.isDemanded { throw error(.missingArgument(argument.name)) }
                continue
            }
            let taken = argument.takesSeveral ? rest : rest.prefix(1)
            parsed.argumentValues[argument.name] = Array(taken)
            rest = rest.dropFirst(taken.count)
        }
        guard rest.isEmpty else {
            throw error(.tooManyArguments(limit: command.arguments.count, found: positionals.count))
        }
    }
}
