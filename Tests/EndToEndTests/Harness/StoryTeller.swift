import Foundation

/// Plays a story on the built programs: each person has a folder and a laptop, and all have the clock of the page.
struct StoryTeller {
    /// Whether the page is to be written anew from what the programs print, which somebody then reads.
    static let renews = ProcessInfo.processInfo.environment["KITH_RENEW"] == "1"

    let story: Story
    private(set) var names = StoryNames()
    private let scratch: Scratch
    private let clock: MovingClock
    private var server: Child?
    /// What is written in the page's place, step by step.
    private var told: [[String]] = []

    init(_ story: Story) throws {
        self.story = story
        scratch = try Scratch()
        clock = try MovingClock()
    }

    /// Runs a step and tells the lines that stand on the screen then.
    mutating func tell(_ step: Story.Step) throws -> [String] {
        try clock.set(step.time)
        let folder = scratch.path(step.who)
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let line = names.filled(step.command)
        if line == "kill %1" { return try close() }
        let environment = self.environment(folder)
        if line.hasSuffix(" &") { return [try open(String(line.dropLast(2)), folder, environment)] }
        var answers = step.expected.compactMap { Story.Answer($0) }[...]
        let screen = try Screen(line, in: folder, environment: environment)
        let (text, code) = try screen.finish { [names] question in
            guard question.hasSuffix(": ") || question.hasSuffix("] "), let next = answers.popFirst() else {
                return nil
            }
            return names.filled(next.typed)
        }
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        if lines.last?.isEmpty == true { lines.removeLast() }
        if code != 0 { lines.append("(exit \(code))") }
        return lines
    }

    /// Whether a step printed what the page says.
    mutating func compare(_ step: Story.Step, _ printed: [String]) -> Bool {
        let expected = step.expected.map { Story.Answer($0)?.shown ?? $0 }
        var isSame = expected.count == printed.count
        for (expected, printed) in zip(expected, printed) where !names.matches(expected, printed.trimmingEnd()) {
            isSame = false
        }
        if Self.renews { told.append(isSame ? step.expected : renewed(step, printed)) }
        return isSame
    }

    /// Ends the server, if it runs.
    @discardableResult
    mutating func close() throws -> [String] {
        server?.send(SIGTERM)
        try server?.finish().succeeded()
        server = nil
        return []
    }

    /// The whole page with what was printed.
    func renewed() -> String {
        var lines = story.lines
        for (step, told) in zip(story.steps, told).reversed() {
            let start = step.line + step.commandLines
            lines.replaceSubrange(start..<start + step.expected.count, with: told)
        }
        return lines.joined(separator: "\n")
    }

    private mutating func renewed(_ step: Story.Step, _ printed: [String]) -> [String] {
        for line in step.expected {
            for printed in printed where names.learn(line, from: printed) { break }
        }
        var answers = step.expected.compactMap { Story.Answer($0) }[...]
        return printed.map { printed in
            let line = names.named(printed).trimmingEnd()
            guard let next = answers.first, line == next.shown || line.hasSuffix(": " + next.typed) else { return line }
            answers.removeFirst()
            return line == next.shown ? next.line : line + " ⏎"
        }
    }

    private mutating func open(_ line: String, _ folder: String, _ environment: [String: String]) throws -> String {
        let child = try Child(
            "/bin/sh", ["-c", "cd \"$0\" && exec \(line)", folder], environment: environment)
        server = child
        return try child.firstLine()
    }

    private func environment(_ folder: String) -> [String: String] {
        let programs = URL(fileURLWithPath: Programs.client).deletingLastPathComponent().path
        return clock.environment.merging([
            "PATH": "\(programs):/usr/bin:/bin", "KITH_HOME": "\(folder)/kith", "HOME": folder, "COLUMNS": "100",
            "NO_COLOR": "1", "KITH_SERVER_DATA": "records",
        ]) { $1 }
    }
}
