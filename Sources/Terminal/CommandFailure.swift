/// Why a command ends without having done what was asked: what failed, what remains, what to do next.
///
/// Every other error becomes one of these before it is shown, so that one place decides on the exit code.
package struct CommandFailure: Error, Equatable, Sendable {
    /// The exit code of the program.
    package let exitCode: ExitCode
    /// What failed and what state remains, in whole sentences; never record contents, never secrets.
    package let message: String
    /// The command to try next, ready to be pasted; nil where there is none.
    package let next: String?
    /// What could have been meant, where several things fit; empty where that is not what failed.
    package let choices: [Prompter.Choice]
    /// Whether nothing fits, and the choices only come near.
    package let isGuess: Bool

    /// Makes a failure from its exit code, its message, the next command and what could have been meant.
    package init(
        exitCode: ExitCode, message: String, next: String? = nil, choices: [Prompter.Choice] = [], isGuess: Bool = false
    ) {
        self.exitCode = exitCode
        self.message = message
        self.next = next
        self.choices = choices
        self.isGuess = isGuess
    }

    /// Makes a usage failure that points to the help of the command that was being read.
    package init(_ error: UsageError) {
        exitCode = .usage
        message = wording(of: error.problem) + " Nothing was changed."
        next = (error.commandPath + ["--help"]).joined(separator: " ")
        choices = []
        isGuess = false
    }

    /// The same failure of one of several things that were given, which its message names first.
    package func of(_ given: String) -> CommandFailure {
        CommandFailure(
            exitCode: exitCode, message: "\(given): \(message)", next: next, choices: choices, isGuess: isGuess)
    }

    /// The failure with the help of its command as the next one, where a usage failure names none.
    func pointing(to help: [String]) -> CommandFailure {
        guard exitCode == .usage, next == nil, !help.isEmpty else { return self }
        return CommandFailure(exitCode: exitCode, message: message, next: help.joined(separator: " "))
    }

    /// The lines for standard error, `PROGRAM: message` and `Next: command`, with control characters escaped.
    package func text(program: String) -> String {
        var lines = "\(program): \(escapeControls(message, keepingNewlines: true))\n"
        if let next {
            lines += "Next: \(escapeControls(next))\n"
        }
        return lines
    }
}
