/// The options that every command of every program takes, before or after its name.
package enum StandardOptions {
    /// The declarations, in the order of the help.
    package static let all: [CommandOption] = [
        .flag("json", "Print the result as JSON."),
        .flag("plain", "Print tab-separated lines without styles."),
        .flag("no-input", "Never ask; a missing answer is an error."),
        .flag("yes", "Answer yes to every confirmation."),
        .flag("quiet", "Print results and errors only."),
        .choice("color", ["auto", "never"], "Whether headings may be bold on a terminal."),
        .flag("dry-run", "Say what would happen and change nothing."),
    ]
}

/// What the standard options of one command line say.
package struct ConsoleSettings: Sendable, Equatable {
    /// Whether results are JSON.
    package var isJSON = false
    /// Whether results are tab-separated lines.
    package var isPlain = false
    /// Whether questions are forbidden.
    package var forbidsInput = false
    /// Whether confirmations are answered yes.
    package var assumesYes = false
    /// Whether notes on standard error are left out.
    package var isQuiet = false
    /// Whether styles are switched off.
    package var forbidsColor = false
    /// Whether the command changes nothing.
    package var isDryRun = false

    /// The settings of a command line without any standard option.
    package init() {}

    /// Reads the standard options of a command line.
    package init(_ arguments: ParsedArguments) {
        isJSON = arguments.hasFlag("json")
        isPlain = arguments.hasFlag("plain")
        forbidsInput = arguments.hasFlag("no-input")
        assumesYes = arguments.hasFlag("yes")
        isQuiet = arguments.hasFlag("quiet")
        forbidsColor = arguments.value(of: "color") == "never"
        isDryRun = arguments.hasFlag("dry-run")
    }
}
