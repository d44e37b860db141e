/// What a command speaks through: results on standard output, notes and questions on standard error, answers.
package final class Console {
    /// The streams below.
    package let streams: TerminalStreams
    /// What the standard options of this command line say.
    package let settings: ConsoleSettings
    /// How headings look on standard output.
    package let style: TextStyle
    /// Standard output, buffered; text goes out as it is, so use it only for text that is safe to show.
    package let output: OutputWriter
    /// Standard error, written at once; text goes out as it is.
    package let errorOutput: OutputWriter
    /// Asks the person at the terminal.
    package let prompter: Prompter
    private let input: InputReader

    /// The longest text in bytes that is read from standard input or an editor for one field.
    package static let maximumTextBytes = 1 << 16

    /// Makes a console over streams.
    package init(streams: TerminalStreams, settings: ConsoleSettings) {
        self.streams = streams
        self.settings = settings
        style = TextStyle(streams: streams, settings: settings)
        output = OutputWriter(name: "Standard output", isBuffered: true, write: streams.writeOutput)
        errorOutput = OutputWriter(name: "Standard error", isBuffered: false, write: streams.writeError)
        input = InputReader(streams: streams)
        prompter = Prompter(streams: streams, settings: settings, input: input, output: output)
    }

    /// Prints one line; every control character in it is escaped, newlines too.
    package func show(_ line: String) throws(CommandFailure) {
        try output.write(fitting(escapeControls(line)))
    }

    /// Prints text of several lines; every control character but the newline is escaped.
    package func showText(_ text: String) throws(CommandFailure) {
        try output.write(fitting(escapeControls(text, keepingNewlines: true)))
    }

    /// The lines as they fit the terminal, each with its newline.
    private func fitting(_ text: String) -> String {
        guard !settings.isPlain else { return text + "\n" }
        return text.split(separator: "\n", omittingEmptySubsequences: false)
            .flatMap { streams.wrapped(String($0)) }.joined(separator: "\n") + "\n"
    }

    /// Prints a heading line, bold where styles are on.
    package func showHeading(_ heading: String) throws(CommandFailure) {
        for line in streams.wrapped(escapeControls(heading)) { try output.write(style.heading(line) + "\n") }
    }

    /// Prints a table as fits the terminal, or as tab-separated lines with `--plain`.
    package func show(_ table: Table) throws(CommandFailure) {
        if settings.isPlain {
            try table.writePlain { (piece) throws(CommandFailure) in try output.write(utf8: piece) }
        } else {
            try table.write(width: streams.tableWidth, style: style) { (piece) throws(CommandFailure) in
                try output.write(utf8: piece)
            }
        }
    }

    /// Prints a JSON value on one line.
    package func show(_ value: JSONValue) throws(CommandFailure) {
        try output.write(value.encoded() + "\n")
    }

    /// Prints a line about progress or circumstances on standard error; with `--quiet` it is left out.
    ///
    /// On a terminal results that were shown before stand above it.
    package func note(_ line: String) throws(CommandFailure) {
        guard !settings.isQuiet else { return }
        if streams.outputIsTerminal { try output.flush() }
        try errorOutput.write(fitting(escapeControls(line)))
    }

    /// The text that an option or argument stands for: standard input for `-`, else the value itself.
    ///
    /// One newline at the end of the input is dropped. The limit is in bytes; throws above it, for text that is not
    /// UTF-8 with the offset of the byte, and for Ctrl-C.
    package func readText(
        from value: String, limitBytes: Int = maximumTextBytes
    ) throws(CommandFailure) -> String {
        guard value == "-" else { return value }
        if streams.inputIsTerminal {
            try note("Type the text, and end it with Ctrl-D on a line of its own.")
        }
        var text = try input.all(limitBytes: limitBytes)
        if let last = text.last, last == "\n" || last == "\r\n" { text.removeLast() }
        return text
    }

    /// Opens the text in the person's editor; nil where it was left unchanged.
    ///
    /// Throws where questions are forbidden or there is no terminal; `option` is what could have given the text. The file
    /// of the text lies in the folder, which is there already.
    package func editText(
        initial: String, option: String, folder: String, limitBytes: Int = maximumTextBytes
    ) throws(CommandFailure) -> EditedText? {
        guard prompter.canAsk else { throw prompter.missing(option) }
        return try TextEditor(streams: streams, folder: folder).edit(initial: initial, limitBytes: limitBytes)
    }
}
