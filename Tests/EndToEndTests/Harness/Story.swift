import Foundation

/// A page of the documentation that is also a test: its console blocks hold commands with what they print.
///
/// - A line `priya$ kith …` is a command and who types it; a backslash at its end continues it.
/// - A line that ends in `⏎` is a question of the program, and behind it what the person types; in brackets where the
///   screen does not show it.
/// - `(exit 4)` is how the command before it ended, where that was not 0.
/// - `‹garden›` stands for what differs each time: an id, a code, a port. The same name is the same text everywhere.
/// - A heading such as `## Monday 23 November, 09:00: …` sets the clock, which goes on by a minute with each command.
struct Story {
    /// One command of the page.
    struct Step {
        /// What the clock shows: `2026-11-23 09:00:00`.
        let time: String
        let who: String
        let command: String
        /// The lines below it, up to the next command.
        let expected: [String]
        /// The number of the first line of the command in the page, from 0.
        let line: Int
        /// How many lines of the page are the command.
        let commandLines: Int
    }

    /// What somebody types at a question.
    struct Answer {
        /// As the page has it.
        let line: String
        /// What stands on the screen then.
        let shown: String
        let typed: String

        /// Reads a line of the page; nil where nothing is typed in it.
        init?(_ line: String) {
            guard line.hasSuffix("⏎") else { return nil }
            self.line = line
            let shown = String(line.dropLast()).trimmingEnd()
            let question = shown.firstRange(of: /: |\] |:$/)?.upperBound ?? shown.endIndex
            let typed = String(shown[question...])
            let isHidden = typed.hasPrefix("(") && typed.hasSuffix(")")
            self.shown = isHidden ? String(shown[..<question]).trimmingEnd() : shown
            self.typed = isHidden ? String(typed.dropFirst().dropLast()) : typed
        }
    }

    let lines: [String]
    let steps: [Step]

    init(_ path: String) throws {
        let page = try String(contentsOfFile: path, encoding: .utf8)
        lines = page.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        var steps: [Step] = []
        var clock = Date(timeIntervalSince1970: 0)
        var index = 0
        var isConsole = false
        while index < lines.count {
            let line = lines[index]
            if let time = try Self.time(line) { clock = time }
            if line.hasPrefix("```") { isConsole = line == "```console" }
            guard isConsole, let prompt = Self.prompt(line) else {
                index += 1
                continue
            }
            var command = [prompt.command]
            while command[command.count - 1].hasSuffix("\\"), index + command.count < lines.count {
                command.append(lines[index + command.count])
            }
            let rest = lines[(index + command.count)...].prefix { !$0.hasPrefix("```") && Self.prompt($0) == nil }
            steps.append(
                Step(
                    time: Self.form.string(from: clock), who: prompt.who, command: command.joined(separator: "\n"),
                    expected: Array(rest), line: index, commandLines: command.count))
            clock += 60
            index += command.count + rest.count
        }
        self.steps = steps
    }

    private static func prompt(_ line: String) -> (who: String, command: String)? {
        guard let match = line.wholeMatch(of: /([a-z]+)\$ (.+)/) else { return nil }
        return (String(match.1), String(match.2))
    }

    private static func time(_ line: String) throws -> Date? {
        guard let match = line.prefixMatch(of: #/## [A-Z][a-z]+ (\d+) November, (\d\d:\d\d): /#) else { return nil }
        guard let time = form.date(from: "2026-11-\(match.1) \(match.2):00") else {
            throw HarnessFailure("No time: \(line)")
        }
        return time
    }

    /// In November the clocks of Britain show universal time.
    private static var form: DateFormatter {
        let form = DateFormatter()
        form.locale = Locale(identifier: "en_US_POSIX")
        form.timeZone = TimeZone(identifier: "UTC")
        form.dateFormat = "yyyy-MM-dd HH:mm:ss"
        return form
    }
}

/// The texts behind the names in `‹…›`.
struct StoryNames {
    private(set) var values: [String: String] = [:]

    /// A line with the texts in the place of their names.
    func filled(_ line: String) -> String {
        values.reduce(line) { $0.replacingOccurrences(of: "‹\($1.key)›", with: $1.value) }
    }

    /// Whether a printed line is what the page says; a name that comes for the first time is learned.
    mutating func matches(_ expected: String, _ printed: String) -> Bool {
        let expected = filled(expected)
        let names = expected.matches(of: /‹([^›]+)›/).map { String($0.1) }
        guard !names.isEmpty else { return expected == printed }
        let parts = expected.split(separator: /‹[^›]+›/, omittingEmptySubsequences: false)
            .map { NSRegularExpression.escapedPattern(for: String($0)) }
        guard let form = try? NSRegularExpression(pattern: "^" + parts.joined(separator: "(\\S+)") + "$"),
            let found = form.firstMatch(in: printed, range: NSRange(printed.startIndex..., in: printed))
        else { return false }
        for (index, name) in names.enumerated() {
            guard let range = Range(found.range(at: index + 1), in: printed) else { return false }
            values[name] = String(printed[range])
        }
        return true
    }

    /// Learns the name in a line of which only the beginning is written yet, as when a page is first made.
    mutating func learn(_ line: String, from printed: String) -> Bool {
        guard let name = line.firstMatch(of: /^(.*?)‹([^›]+)›/), values[String(name.2)] == nil,
            printed.hasPrefix(name.1), let word = printed.dropFirst(name.1.count).firstMatch(of: /^[^\s:.]+/)
        else { return false }
        values[String(name.2)] = String(word.0)
        return true
    }

    /// A printed line with names in the place of the texts; an id that has none gets one.
    mutating func named(_ printed: String) -> String {
        for match in printed.matches(of: /\b[2-9a-km-np-z]{8}\b/) where match.0.contains(where: \.isNumber) {
            if !values.values.contains(String(match.0)) {
                values["id" + String(format: "%04d", values.count)] = String(match.0)
            }
        }
        return values.sorted { $0.value.count > $1.value.count }
            .reduce(printed) { $0.replacingOccurrences(of: $1.value, with: "‹\($1.key)›") }
    }
}

extension String {
    /// Without spaces at its end.
    func trimmingEnd() -> String {
        var rest = self[...]
        while rest.last == " " { rest.removeLast() }
        return String(rest)
    }
}
