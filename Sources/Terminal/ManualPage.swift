/// The manual page of a program, made from its declarations, in the macros of man(7).
package struct ManualPage<Context> {
    private let program: Program<Context>

    /// Prepares the page of a program.
    package init(program: Program<Context>) {
        self.program = program
    }

    /// The page as roff; all of it ASCII, so that no tool has to guess its encoding.
    package func text() -> String {
        let root = program.root
        var lines = [
            ".TH \(program.name.uppercased()) 1 \"\" \"\(program.name) \(program.version)\" \"\"", ".nh", ".ad l",
            ".SH NAME", Self.escaped("\(program.name) - \(Self.phrase(root.summary))"),
            ".SH SYNOPSIS",
            bold(program.name) + Self.escaped(root.canRun ? " [COMMAND] [options]" : " COMMAND [options]"),
            ".SH DESCRIPTION", Self.escaped(root.summary),
        ]
        lines += paragraphs(root.discussion)
        lines += [".SH COMMANDS"]
        root.walk { path in
            if let command = path.last, command.canRun, path.count > 1 { lines += section(path, command) }
        }
        lines += [".SH STANDARD INPUT", Self.escaped(HelpPage<Context>.inputReminder + " One in each command can.")]
        lines += [".SH OPTIONS", "Every command takes these."]
        for option in program.globalOptions { lines += item(OptionRow(option).label, OptionRow(option).description) }
        lines += item("-h, --help", "Show help, for a command too.") + item("--version", "Show the version.")
        lines += [".SH EXIT STATUS"]
        for code in ExitCode.allCases { lines += item(String(code.rawValue), code.meaning) }
        lines += [".SH ENVIRONMENT"]
        for variable in program.variables { lines += item(variable.name, variable.summary) }
        lines += [".SH EXAMPLES"] + example(root)
        return lines.joined(separator: "\n") + "\n"
    }

    private func section(_ path: [Command<Context>], _ command: Command<Context>) -> [String] {
        let title = path.map(\.name).joined(separator: " ")
        var words = command.arguments.map(\.usage)
        words += command.options.filter { $0.isRequired && !$0.isPromptable }.map(\.usage)
        words.append("[options]")
        var lines = [".SS " + Self.escaped(title), bold(title) + Self.escaped(" " + words.joined(separator: " "))]
        lines += [".PP", Self.escaped(command.summary)] + paragraphs(command.discussion)
        for argument in command.arguments { lines += item(argument.name.uppercased(), argument.summary) }
        for option in command.options { lines += item(OptionRow(option).label, OptionRow(option).description) }
        if !command.example.isEmpty { lines += [".PP", "Example:"] + example(command) }
        return lines
    }

    private func paragraphs(_ text: String) -> [String] {
        text.split(separator: "\n").flatMap { [".PP", Self.escaped(String($0))] }
    }

    private func item(_ label: String, _ description: String) -> [String] {
        [".TP", bold(label), Self.escaped(description)]
    }

    private func example(_ command: Command<Context>) -> [String] {
        guard !command.example.isEmpty else { return [] }
        return [".PP", ".RS 4", ".nf"] + command.example.split(separator: "\n").map { Self.escaped(String($0)) }
            + [".fi", ".RE"]
    }

    private func bold(_ text: String) -> String { "\\fB\(Self.escaped(text))\\fR" }

    /// The summary of a program after its name: no capital, no full stop (man-pages(7)).
    private static func phrase(_ summary: String) -> String {
        let rest = summary.hasSuffix(".") ? summary.dropLast() : summary[...]
        return rest.prefix(1).lowercased() + rest.dropFirst()
    }

    /// Text in which roff sees no request, no escape and no hyphen that it may break or curl (groff_char(7)).
    static func escaped(_ text: String) -> String {
        var escaped = text.hasPrefix(".") || text.hasPrefix("'") ? "\\&" : ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": escaped += "\\e"
            case "-": escaped += "\\-"
            case "'": escaped += "\\(aq"
            case "`": escaped += "\\(ga"
            case "^": escaped += "\\(ha"
            case "~": escaped += "\\(ti"
            case "\u{20}"..."\u{7E}": escaped.unicodeScalars.append(scalar)
            default:
                let digits = String(scalar.value, radix: 16, uppercase: true)
                escaped += "\\[u\(String(repeating: "0", count: max(0, 4 - digits.count)))\(digits)]"
            }
        }
        return escaped
    }
}
