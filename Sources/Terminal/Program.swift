/// A program: a tree of commands, the options that all of them take, a name and a version.
package struct Program<Context>: Sendable {
    /// The name that it is called by.
    package let name: String
    /// What `--version` prints after the name.
    package let version: String
    /// The root of the tree; its name is the program's.
    package let root: Command<Context>
    /// The options that every command takes: the standard ones, then the program's own.
    package let globalOptions: [CommandOption]
    /// The variables of the environment that it looks at: its own, then the standard ones.
    package var variables: [EnvironmentVariable] { makeVariables() + EnvironmentVariable.standard }

    private let makeVariables: @Sendable () -> [EnvironmentVariable]
    /// What is done around each command that needs a context; calls the command once and throws what it throws, or says
    /// more of it.
    private let around: @Sendable (Context, () throws -> Void) throws -> Void

    /// Declares a program; `options` and `variables` are its own, beside the standard ones.
    ///
    /// - Parameter around: calls each command that needs a context; it may add to what a failure says.
    package init(
        version: String, root: Command<Context>, options: [CommandOption] = [],
        variables: @autoclosure @escaping @Sendable () -> [EnvironmentVariable] = [],
        around: @escaping @Sendable (Context, () throws -> Void) throws -> Void = { try $1() }
    ) {
        self.around = around
        makeVariables = variables
        name = root.name
        self.version = version
        self.root = root
        globalOptions = StandardOptions.all + options
    }

    /// Runs the command that this process was started with and returns its exit code, for `exit`.
    ///
    /// `makeContext` is called once the words are understood. `describe` words errors that are not a `CommandFailure`.
    package func runProcess(
        makeContext: (ParsedArguments, Console) throws -> Context, describe: (any Error) -> CommandFailure
    ) -> ExitCode {
        let streams = TerminalStreams.ofProcess()
        do throws(UsageError) {
            let words = try ProgramArguments.read(program: name)
            return run(words, streams: streams, makeContext: makeContext, describe: describe)
        } catch {
            return report(CommandFailure(error), to: Console(streams: streams, settings: ConsoleSettings()))
        }
    }

    /// Runs a command line, given without the program's own name, over the streams and returns its exit code.
    package func run(
        _ words: [String], streams: TerminalStreams, makeContext: (ParsedArguments, Console) throws -> Context,
        describe: (any Error) -> CommandFailure
    ) -> ExitCode {
        var console = Console(streams: streams, settings: ConsoleSettings())
        var help: [String] = []
        do {
            var parser = ArgumentParser(root: root, globalOptions: globalOptions, words: words)
            switch try parser.parse() {
            case .version:
                try console.show("\(name) \(version)")
            case .help(let path):
                let page = HelpPage(
                    path: path, globalOptions: globalOptions, width: streams.width, style: console.style)
                try console.output.write(page.text())
            case .run(let path, let arguments):
                console = Console(streams: streams, settings: ConsoleSettings(arguments))
                help = path.map(\.name) + ["--help"]
                guard let command = path.last else { break }
                let read = try arguments.readingInput(for: command, globalOptions, from: console)
                if let runAlone = command.runAlone {
                    try runAlone(read, console)
                } else if let run = command.run {
                    let context = try makeContext(read, console)
                    try around(context) { try run(read, context) }
                }
            }
        } catch let failure as CommandFailure {
            return finish(console, after: failure.pointing(to: help))
        } catch let error as UsageError {
            return finish(console, after: CommandFailure(error))
        } catch {
            return finish(console, after: describe(error))
        }
        return finish(console, after: nil)
    }

    /// Writes what the command printed, then its failure, if any.
    private func finish(_ console: Console, after failure: CommandFailure?) -> ExitCode {
        var exitCode = ExitCode.done
        do throws(CommandFailure) {
            try console.prompter.dropRest()
            try console.output.flush()
        } catch {
            exitCode = report(error, to: console)
        }
        return failure.map { report($0, to: console) } ?? exitCode
    }

    /// The text as it fits a narrow terminal; the next command stays one line, so that it can be pasted.
    private func fitting(_ text: String, _ streams: TerminalStreams) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false)
            .flatMap { $0.hasPrefix("Next: ") ? [String($0)] : streams.wrapped(String($0)) }.joined(separator: "\n")
    }

    private func report(_ failure: CommandFailure, to console: Console) -> ExitCode {
        // Harmless where standard error can't be written: the exit code still tells, and there is no one else to tell.
        try? console.errorOutput.write(fitting(failure.text(program: name), console.streams))
        return failure.exitCode
    }
}
