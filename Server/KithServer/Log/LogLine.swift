import OutreachModel
import Terminal

/// One line of the server's log: numbers, never a name, an address or a value of a record.
struct LogLine: Sendable {
    /// How lines are written.
    enum Form: String, CaseIterable {
        /// For people.
        case text
        /// One JSON object a line (RFC 8259).
        case json
        /// Words `name=value` behind a level in angle brackets, as journald reads it from standard error
        /// (sd-daemon(3)).
        case journal
    }

    /// How urgent it is: the numbers of syslog(3).
    enum Level: Int, Sendable {
        case error = 3
        case warning = 4
        case information = 6
    }

    /// A member of a line; `words` is how text shows it, nil: not at all.
    private struct Part {
        let name: String
        let value: JSONValue
        let words: String?
    }

    let level: Level
    private let milliseconds: Int64
    private let parts: [Part]

    /// What happened beside requests.
    ///
    /// - Parameter milliseconds: when, since 1970.
    init(_ message: String, level: Level = .information, milliseconds: Int64) {
        self.level = level
        self.milliseconds = milliseconds
        parts = [Part(name: "message", value: .string(message), words: message)]
    }

    /// A request that was answered.
    init(_ request: AnsweredRequest, milliseconds: Int64) {
        level = request.status >= 500 ? .error : request.status >= 400 ? .warning : .information
        self.milliseconds = milliseconds
        let counts = request.counts
        func count(_ name: String, _ number: Int, _ words: String) -> Part {
            Part(name: name, value: JSONValue(number), words: number == 0 ? nil : "\(number) \(words)")
        }
        parts = [
            Part(name: "path", value: .string(request.path), words: request.path),
            Part(name: "status", value: JSONValue(request.status), words: String(request.status)),
            Part(
                name: "device", value: request.device.map { .integer(Int64($0)) } ?? .null,
                words: request.device.map { "device \($0)" }),
            Part(name: "bytes_in", value: JSONValue(request.bytesIn), words: "\(request.bytesIn) bytes in"),
            Part(name: "bytes_out", value: JSONValue(request.bytesOut), words: "\(request.bytesOut) out"),
            count("groups", counts.groups, "groups"), count("changes", counts.changes, "changes"),
            count("records", counts.records, "records"),
            Part(
                name: "ms", value: .integer(request.durationMilliseconds), words: "\(request.durationMilliseconds) ms"),
            Part(name: "request", value: .string(request.id), words: "request \(request.id)"),
            Part(name: "detail", value: JSONValue(request.detail), words: request.detail),
        ]
    }

    /// The line without its line feed; control characters are escaped.
    func text(as form: Form) -> String {
        switch form {
        case .text: return escapeControls(parts.compactMap(\.words).joined(separator: ", "))
        case .json:
            let time = JSONValue.Member("time", .string(TimeText.rfc3339(milliseconds)))
            let level = JSONValue.Member("level", .string("\(level)"))
            return JSONValue.object([time, level] + parts.map { .init($0.name, $0.value) }).encoded()
        case .journal:
            let words = parts.compactMap { part in
                part.value == .null ? nil : "\(part.name)=\(part.value.encoded())"
            }
            return "<\(level.rawValue)>" + escapeControls(words.joined(separator: " "))
        }
    }
}

/// A request and what became of it, as far as the log says.
struct AnsweredRequest: Sendable {
    /// What a request brought and what it was given.
    struct Counts: Sendable {
        var groups = 0
        var changes = 0
        var records = 0
    }

    /// Tells it from all others: 16 hexadecimal digits.
    var id: String
    /// One of the paths that there are, or `other`.
    var path: String
    var status: Int
    /// The number of the device whose token it bore; nil where nobody's.
    var device: UInt32?
    var bytesIn: Int
    var bytesOut: Int
    var counts = Counts()
    var durationMilliseconds: Int64
    /// Why it was refused; without content.
    var detail: String?
}
