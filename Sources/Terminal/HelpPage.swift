/// The help of one command, made from its declaration.
package struct HelpPage<Context> {
    private let path: [Command<Context>]
    private let globalOptions: [CommandOption]
    private let width: Int
    private let style: TextStyle

    /// The widest help in columns: longer lines are hard to read.
    package static var maximumWidth: Int { 100 }

    /// Prepares the help of the last command of a path that begins with the program; the width is in columns.
    package init(path: [Command<Context>], globalOptions: [CommandOption], width: Int, style: TextStyle = .none) {
        self.path = path
        self.globalOptions = globalOptions
        self.width = min(max(width, TerminalStreams.minimumWidth), Self.maximumWidth)
        self.style = style
    }

    /// The whole page; it ends with a newline.
    package func text() -> String {
        guard let command = path.last else { return "" }
        var blocks = [wrap(command.summary, width: width), usage(of: command)]
        if !command.discussion.isEmpty {
            blocks.append(wrap(command.discussion, width: width))
        }
        blocks.append(section("Commands", command.subcommands.map { ($0.name, $0.summary) }))
        blocks.append(section("Arguments", command.arguments.map { ($0.name.uppercased(), $0.summary) }))
        blocks.append(section("Options", command.options.map(Self.row)))
        if path.count == 1 {
            let general = [("-h, --help", "Show help, for a command too."), ("--version", "Show the version.")]
            blocks.append(section("Options for every command", globalOptions.map(Self.row) + general))
        }
        blocks.append(example(of: command))
        if path.count > 1 {
            blocks.append((command.takesInput ? wrap(Self.inputReminder, width: width) : []) + reminder())
        }
        return blocks.filter { !$0.isEmpty }.map { $0.joined(separator: "\n") }.joined(separator: "\n\n") + "\n"
    }

    private func usage(of command: Command<Context>) -> [String] {
        var words = path.map(\.name)
        if !command.subcommands.isEmpty {
            words.append(!command.canRun ? "COMMAND" : "[COMMAND]")
        }
        words += command.arguments.map(\.usage)
        words += command.options.filter { $0.isRequired && !$0.isPromptable }.map(\.usage)
        words.append("[options]")
        return wrap(words: words, width: width, first: "Usage: ", rest: "       ", lineEnd: "")
    }

    private static func row(_ option: CommandOption) -> (String, String) {
        (OptionRow(option).label, OptionRow(option).description)
    }

    private func section(_ title: String, _ rows: [(label: String, description: String)]) -> [String] {
        guard !rows.isEmpty else { return [] }
        let widest = width * 3 / 10
        let column = min(widest, rows.map { displayWidth($0.label) }.max() ?? 0)
        let indent = String(repeating: " ", count: column + 4)
        var lines = [style.heading("\(title):")]
        for row in rows {
            let labelWidth = displayWidth(row.label)
            if labelWidth <= column {
                let gap = String(repeating: " ", count: column - labelWidth + 2)
                lines += wrap(row.description, width: width, first: "  \(row.label)\(gap)", rest: indent)
            } else {
                lines += wrap(row.label, width: width, first: "  ", rest: "    ")
                lines += wrap(row.description, width: width, first: indent, rest: indent)
            }
        }
        return lines
    }

    private func example(of command: Command<Context>) -> [String] {
        guard !command.example.isEmpty else { return [] }
        var lines = [style.heading("Example:")]
        for line in command.example.split(separator: "\n") {
            lines += wrap(words: shellWords(line), width: width, first: "  ", rest: "      ", lineEnd: " \\")
        }
        return lines
    }

    /// What is true of every text that a command takes.
    static var inputReminder: String { "A name or text given as - is read from standard input." }

    private func reminder() -> [String] {
        let names = globalOptions.map { "--\($0.name)" }.joined(separator: ", ")
        return wrap("Every command also takes \(names). See: \(path[0].name) --help", width: width)
    }

    /// Splits a command line at the spaces outside quotes, so that a wrapped example can still be pasted.
    private func shellWords(_ line: Substring) -> [String] {
        var words: [String] = []
        var word = ""
        var quote: Character?
        for character in line {
            if let open = quote {
                if character == open { quote = nil }
            } else if character == "\"" || character == "'" {
                quote = character
            } else if character == " " {
                if !word.isEmpty { words.append(word) }
                word = ""
                continue
            }
            word.append(character)
        }
        return word.isEmpty ? words : words + [word]
    }
}
