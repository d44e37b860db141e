import Terminal

/// Where the server's log goes: standard error, in one form.
final class ServerLog: Sendable {
    private let form: LogLine.Form
    private let write: @Sendable (String) -> Void

    /// - Parameter write: takes a line with its line feed; a log that can't be written must not stop the sync.
    init(form: LogLine.Form, write: @escaping @Sendable (String) -> Void) {
        self.form = form
        self.write = write
    }

    /// Writes that a request was answered.
    func note(_ request: AnsweredRequest) {
        write(LogLine(request, milliseconds: WallClock.milliseconds()).text(as: form) + "\n")
    }

    /// Writes a message about something else than a request.
    func note(_ message: String, level: LogLine.Level = .information) {
        write(LogLine(message, level: level, milliseconds: WallClock.milliseconds()).text(as: form) + "\n")
    }
}
