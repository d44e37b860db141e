extension Program {
    /// What came of a trial of every text of every command, with `-` and a name on standard input.
    package struct InputTrial {
        /// How many arguments and options were tried.
        package fileprivate(set) var tried = 0
        /// The names of those that are left out, for they are files and folders.
        package fileprivate(set) var paths: Set<String> = []
        /// The command and the name of each that did not become what standard input said.
        package fileprivate(set) var faults: [String] = []
    }

    /// Tries whether each text of each command can come from standard input; no command is run.
    ///
    /// A test of each program calls it: what can be given on the command line alone stands in the history of a shell and
    /// in every list of processes.
    package func inputTrial() -> InputTrial {
        var trial = InputTrial()
        root.walk { path in
            guard let command = path.last, command.run != nil else { return }
            let needed = neededOptions(command)
            for (index, argument) in command.arguments.enumerated() {
                let before = command.arguments.prefix(index).map { _ in "x" }
                let after = command.arguments.dropFirst(index + 1).filter(\.isDemanded).map { _ in "x" }
                trial.note(argument.completion, argument.name, path) {
                    read(path, before + ["-"] + after + needed)?.argumentValues[argument.name]?.first
                }
            }
            let words = command.arguments.filter(\.isDemanded).map { _ in "x" }
            for option in command.options {
                guard case .text = option.value else { continue }
                trial.note(option.completion, option.name, path) {
                    let others = neededOptions(command, but: option.name)
                    return read(path, words + others + ["--\(option.name)", "-"])?.optionValues[option.name]?.first
                }
            }
        }
        return trial
    }

    private func neededOptions(_ command: Command<Context>, but name: String? = nil) -> [String] {
        command.options.filter { $0.isRequired && !$0.isPromptable && $0.name != name }.flatMap { option in
            guard case .choice(let words) = option.value else { return ["--\(option.name)", "x"] }
            return ["--\(option.name)", words[0]]
        }
    }

    /// The words that a command would be given; nil where it is refused before.
    private func read(_ path: [Command<Context>], _ words: [String]) -> ParsedArguments? {
        var read: ParsedArguments?
        let streams = RecordedStreams(input: InputTrial.said + "\n")
        _ = run(
            path.dropFirst().map(\.name) + words, streams: streams.streams,
            makeContext: { arguments, _ in
                read = arguments
                throw CommandFailure(exitCode: .failed, message: "")
            }, describe: { _ in CommandFailure(exitCode: .failed, message: "") })
        return read
    }
}

extension Program.InputTrial {
    static var said: String { "Alex Moon" }

    fileprivate mutating func note<Each>(
        _ completion: Completion, _ name: String, _ path: [Command<Each>], _ value: () -> String?
    ) {
        guard completion != .files, completion != .folders else {
            paths.insert(name)
            return
        }
        tried += 1
        if value() != Self.said { faults.append((path.map(\.name) + [name]).joined(separator: " ")) }
    }
}
