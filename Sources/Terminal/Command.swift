/// The declaration of a command: a node of the tree that a program is.
///
/// A leaf has `run`; a group has subcommands; a group with `run` also works without a subcommand, and can take words that
/// are none. The tree is a plain
/// value, so help, completions and manual pages are read from it. `Context` is what the program hands to its commands.
package struct Command<Context>: Sendable {
    /// What a command does once its words are read.
    package typealias Run = @Sendable (ParsedArguments, Context) throws -> Void
    /// What a command does that needs nothing of the program's own.
    package typealias RunAlone = @Sendable (ParsedArguments, Console) throws -> Void

    /// The word that calls it.
    package let name: String
    /// One sentence for lists and the top of its help.
    package let summary: String
    /// Further paragraphs for its help, separated by newlines; empty where the summary says it all. Made when they are asked for,
    /// as the example: a run needs neither.
    package var discussion: String { makeDiscussion() }
    /// Command lines to copy, one a line.
    package var example: String { makeExample() }
    /// The commands below it; made when they are asked for, because a run needs one branch of the tree alone.
    package var subcommands: [Command] { makeSubcommands() }
    /// The words that it takes, in order.
    package let arguments: [Argument]
    /// Its own options, beside those of the program; made when they are asked for.
    package var options: [CommandOption] { makeOptions() }
    /// What it does; nil for a group that only holds subcommands.
    package let run: Run?
    /// What it does instead of `run` where it works without a context: nothing has to be set up for it.
    package let runAlone: RunAlone?

    private let makeDiscussion: @Sendable () -> String
    private let makeExample: @Sendable () -> String
    private let makeSubcommands: @Sendable () -> [Command]
    private let makeOptions: @Sendable () -> [CommandOption]

    /// Declares a command.
    package init(
        name: String, summary: String, discussion: @autoclosure @escaping @Sendable () -> String = "",
        example: @autoclosure @escaping @Sendable () -> String = "",
        subcommands: @autoclosure @escaping @Sendable () -> [Command] = [], arguments: [Argument] = [],
        options: @autoclosure @escaping @Sendable () -> [CommandOption] = [], runAlone: RunAlone? = nil,
        run: Run? = nil
    ) {
        self.name = name
        self.summary = summary
        makeDiscussion = discussion
        makeExample = example
        makeSubcommands = subcommands
        self.arguments = arguments
        makeOptions = options
        self.run = run
        self.runAlone = runAlone
    }

    /// Whether it does something itself.
    package var canRun: Bool { run != nil || runAlone != nil }

    /// The subcommand of that name, or nil.
    package func subcommand(named name: String) -> Command? {
        subcommands.first { $0.name == name }
    }

    /// Calls `visit` with the path of this command and then of every command below it, in the order of declaration.
    ///
    /// The path begins with the program and ends with the command itself.
    package func walk(_ visit: ([Command]) throws -> Void) rethrows {
        try walk(below: [], visit)
    }

    private func walk(below parents: [Command], _ visit: ([Command]) throws -> Void) rethrows {
        let path = parents + [self]
        try visit(path)
        for subcommand in subcommands {
            try subcommand.walk(below: path, visit)
        }
    }
}
