/// Whether headings are bold; a style is never the only sign of anything.
package struct TextStyle: Sendable, Equatable {
    /// Whether escape sequences may be written.
    package let isEnabled: Bool

    /// Text without any style.
    package static let none = TextStyle(isEnabled: false)

    /// Makes a style that writes escape sequences or does not.
    package init(isEnabled: Bool) {
        self.isEnabled = isEnabled
    }

    /// Decides for standard output: only on a terminal, unless NO_COLOR is set (no-color.org), TERM is `dumb`, or the
    /// settings ask for JSON, plain text or no colour.
    package init(streams: TerminalStreams, settings: ConsoleSettings) {
        let noColor = streams.environment("NO_COLOR").map { !$0.isEmpty } ?? false
        let isForbidden = settings.forbidsColor || settings.isJSON || settings.isPlain
        isEnabled =
            streams.outputIsTerminal && !noColor && !isForbidden && streams.environment("TERM") != "dumb"
            && !streams.isAccessible
    }

    /// A heading: bold where styles are on.
    package func heading(_ text: String) -> String {
        isEnabled ? "\u{1B}[1m\(text)\u{1B}[0m" : text
    }

    /// Text of less weight: dim where styles are on.
    package func dim(_ text: String) -> String {
        isEnabled ? "\u{1B}[2m\(text)\u{1B}[0m" : text
    }
}
