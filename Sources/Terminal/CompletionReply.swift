/// What could stand at the end of a command line that somebody is typing.
///
/// It reads the line as the parser does, but complains about nothing: what it does not understand it passes over.
package struct CompletionReply<Context> {
    /// One word to offer, and what it means.
    package struct Candidate: Sendable, Equatable {
        /// The word.
        package let word: String
        /// A few words for shells that show them; may be empty.
        package let meaning: String
    }

    /// What is offered.
    package enum Offer: Sendable, Equatable {
        /// These words.
        case words([Candidate])
        /// The paths of files, which the shell finds itself.
        case files
        /// The paths of folders, which the shell finds itself.
        case folders
    }

    private let globalOptions: [CommandOption]
    private let listed: (_ name: String, _ typed: String) -> [String]
    private var command: Command<Context>
    private var given: Set<String> = []
    private var positionals = 0
    private var optionsEnded = false
    /// The option whose value comes next.
    private var open: CommandOption?
    private var isAtRoot = true

    /// - Parameter listed: the words that the program knows under a name, as far as they fit what was typed so far.
    package init(program: Program<Context>, listed: @escaping (_ name: String, _ typed: String) -> [String]) {
        globalOptions = program.globalOptions
        command = program.root
        self.listed = listed
    }

    /// What could stand in place of the last word, given the words after the program's name.
    package mutating func offer(after words: [String]) -> Offer {
        // Some shells take `--kind=house` apart at the sign.
        let words = words.filter { $0 != "=" }
        for word in words.dropLast() { pass(word) }
        let typed = Self.unquoted(words.last ?? "")
        if let open { return offer(open.completion, typed, prefix: "") }
        if !optionsEnded, typed.hasPrefix("-") {
            let name = String(typed.prefix { $0 != "=" })
            if name != typed, let option = option(name) {
                return offer(option.completion, String(typed.dropFirst(name.count + 1)), prefix: name + "=")
            }
            return .words(optionNames.filter { $0.word.hasPrefix(typed) })
        }
        // Once a word of the command's own was given, no word is a command.
        if !command.subcommands.isEmpty, positionals == 0 || command.arguments.isEmpty {
            let names = command.subcommands.map { Candidate(word: $0.name, meaning: $0.summary) }
                .filter { $0.word.hasPrefix(typed) }
            if !names.isEmpty || command.arguments.isEmpty { return .words(names) }
        }
        guard let argument = nextArgument else { return .words(typed.isEmpty ? optionNames : []) }
        return offer(argument.completion, typed, prefix: "")
    }

    private mutating func pass(_ word: String) {
        if open != nil {
            open = nil
        } else if optionsEnded || !ArgumentParser<Context>.looksLikeOption(word) {
            if let subcommand = command.subcommand(named: word) {
                command = subcommand
                isAtRoot = false
            } else {
                positionals += 1
            }
        } else if word == "--" {
            optionsEnded = true
        } else if let option = option(String(word.prefix { $0 != "=" })) {
            given.insert(option.name)
            if !option.isFlag, !word.contains("=") { open = option }
        }
    }

    private func option(_ spelled: String) -> CommandOption? {
        (command.options + globalOptions).first { $0.isNamed(by: spelled) }
    }

    private var nextArgument: Argument? {
        if positionals < command.arguments.count { return command.arguments[positionals] }
        return command.arguments.last.flatMap { $0.takesSeveral ? $0 : nil }
    }

    /// The options that can still be given.
    private var optionNames: [Candidate] {
        let options = (command.options + globalOptions).filter { $0.isRepeatable || !given.contains($0.name) }
        var names = options.flatMap { option in
            option.shownNames.map { Candidate(word: "--\($0)", meaning: option.summary) }
        }
        names.append(Candidate(word: "--help", meaning: "Show help."))
        if isAtRoot { names.append(Candidate(word: "--version", meaning: "Show the version.")) }
        return names
    }

    private func offer(_ completion: Completion, _ typed: String, prefix: String) -> Offer {
        switch completion {
        case .nothing: return .words([])
        case .files: return .files
        case .folders: return .folders
        case .words(let words):
            return .words(words.filter { $0.hasPrefix(typed) }.map { Candidate(word: prefix + $0, meaning: "") })
        case .listed(let name):
            return .words(listed(name, typed).map { Candidate(word: prefix + $0, meaning: "") })
        }
    }

    /// A word as it was typed, without the quote that it begins with and without backslashes.
    private static func unquoted(_ word: String) -> String {
        var rest = word[...]
        if let first = rest.first, first == "\"" || first == "'" { rest.removeFirst() }
        return String(rest.filter { $0 != "\\" })
    }
}
