/// The command `completions` of a program, and `manual`: what shells and `man` need, from the declarations.
package struct CompletionCommands<Context>: Sendable {
    /// The most words that are offered at once.
    package static var maximumOffers: Int { 200 }

    /// Reads a command's console and tells the words of that name that fit what was typed.
    package typealias Listing = @Sendable (_ name: String, _ typed: String, Context) throws -> [String]

    private let program: @Sendable () -> Program<Context>
    private let name: String

    /// - Parameters:
    ///   - name: the name of the program.
    ///   - program: the program itself, which holds these commands too.
    package init(name: String, program: @escaping @Sendable () -> Program<Context>) {
        self.name = name
        self.program = program
    }

    /// `completions bash|zsh|fish|reply`.
    ///
    /// - Parameters:
    ///   - console: the console of a context.
    ///   - listing: what the program knows beside its own words; nil where it offers those alone.
    package func group(
        console: @escaping @Sendable (Context) -> Console, listing: Listing?
    ) -> Command<Context> {
        let replies: Command<Context>.Run = { _, context in
            try reply(console(context)) { name, typed in
                // What can't be listed is not offered: a shell has no place for an error here.
                (try? listing?(name, typed, context)) ?? []
            }
        }
        let repliesAlone: Command<Context>.RunAlone = { _, console in try reply(console) { _, _ in [] } }
        return Command(
            name: "completions", summary: "Print what lets a shell complete commands when Tab is pressed.",
            discussion: "Commands, options and their words; where the program knows them, names too.",
            example: "\(name) completions bash > ~/.local/share/bash-completion/completions/\(name)",
            subcommands: Shell.allCases.map { shell in
                Command(
                    name: shell.rawValue, summary: "Print the completions for \(shell.rawValue).",
                    example: "\(name) completions \(shell.rawValue) > \(shell.usualPath(of: name))",
                    runAlone: { _, console in try console.output.write(shell.script(for: name)) })
            } + [
                Command(
                    name: "reply", summary: "Say what could come next; the shells call it.",
                    discussion:
                        "It reads the words of a command line from standard input, one a line, the last as far as "
                        + "it is typed.",
                    example: "\(name) completions reply < words.txt",
                    runAlone: listing == nil ? repliesAlone : nil, run: listing == nil ? nil : replies)
            ])
    }

    /// `manual`: the manual page, for `man`.
    package var manual: Command<Context> {
        Command(
            name: "manual", summary: "Print the manual page, for man.",
            discussion: "It is made of the same declarations as the help.", example: "\(name) manual | man -l -",
            runAlone: { _, console in try console.output.write(ManualPage(program: program()).text()) })
    }

    /// Writes a word and its meaning a line, a tab between; an empty word with `files` or `folders` asks the shell.
    private func reply(_ console: Console, listed: @escaping (String, String) -> [String]) throws {
        let text = try console.readText(from: "-")
        let words = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        var reply = CompletionReply(program: program(), listed: listed)
        switch reply.offer(after: words) {
        case .files: try console.output.write("\tfiles\n")
        case .folders: try console.output.write("\tfolders\n")
        case .words(let candidates):
            for candidate in candidates.prefix(Self.maximumOffers) {
                let meaning = candidate.meaning.isEmpty ? "" : "\t" + escapeControls(candidate.meaning)
                try console.output.write(escapeControls(candidate.word) + meaning + "\n")
            }
        }
    }
}
