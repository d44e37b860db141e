/// One line on standard error that says how far a long command is: on a terminal only, and only after a second.
///
/// `--quiet` and `--json` silence it. It is written over itself and wiped away at the end.
package final class ProgressLine {
    /// How long a command works in silence, in milliseconds.
    package static let silentMilliseconds: Int64 = 1_000
    /// The least time between two versions of the line, in milliseconds.
    package static let pauseMilliseconds: Int64 = 200

    private let console: Console
    private let clock: () -> Int64
    private let began: Int64
    private var shown: Int64?

    /// Starts to count the time.
    ///
    /// - Parameter clock: milliseconds since any fixed moment.
    package init(console: Console, clock: @escaping () -> Int64) {
        self.console = console
        self.clock = clock
        began = clock()
    }

    /// Shows a line, if it is time for one; control characters in it are escaped.
    package func show(_ line: @autoclosure () -> String) throws(CommandFailure) {
        guard console.showsProgress else { return }
        let now = clock()
        guard now - began >= Self.silentMilliseconds, now - (shown ?? .min / 2) >= Self.pauseMilliseconds else {
            return
        }
        shown = now
        try console.errorOutput.write("\r\u{1B}[K" + escapeControls(line()))
    }

    /// Wipes the line away; call it before anything else is written.
    package func end() throws(CommandFailure) {
        guard shown != nil else { return }
        shown = nil
        try console.errorOutput.write("\r\u{1B}[K")
    }
}

extension Console {
    /// Whether somebody is there who sees how far a long command is, and wants to.
    var showsProgress: Bool {
        streams.errorIsTerminal && !streams.isAccessible && !settings.isQuiet && !settings.isJSON
    }
}
