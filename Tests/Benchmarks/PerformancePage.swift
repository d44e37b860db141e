import Foundation

/// `docs/performance.md`: the measured parts stand between marks and are written anew, the words around them stay.
struct PerformancePage {
    static let path = "docs/performance.md"

    /// Replaces the measured parts.
    ///
    /// - Throws: a failure where the page or one of its marks is missing.
    func write(_ report: BenchmarkReport, _ measurements: [Measurement]) throws {
        var text = try String(contentsOfFile: Self.path, encoding: .utf8)
        try replace("table", by: table(report), in: &text)
        try replace("scaling", by: Scaling(report.findings).words, in: &text)
        try replace("lists", by: lists(measurements), in: &text)
        try text.write(toFile: Self.path, atomically: true, encoding: .utf8)
    }

    private func replace(_ mark: String, by words: String, in text: inout String) throws {
        guard let start = text.range(of: "<!-- measured: \(mark) -->\n"),
            let end = text.range(of: "<!-- end: \(mark) -->", range: start.upperBound..<text.endIndex)
        else { throw ChildProcess.Failure(description: "\(Self.path) lacks the marks around \(mark).") }
        text.replaceSubrange(start.upperBound..<end.lowerBound, with: "\n\(words)\n\n")
    }

    private func table(_ report: BenchmarkReport) -> String {
        let head = [BenchmarkReport.headings, ["---", "---", "--:", "--:", "--:", "--:", "---", "---"]]
        var lines = (head + report.findings.map(\.cells)).map(Self.line)
        lines += ["", report.summary]
        let notes = report.findings.filter { !$0.note.isEmpty }.map { "\($0.row), \($0.what): \($0.note)." }
        if !notes.isEmpty { lines += [""] + notes.map { "- " + $0 } }
        return lines.joined(separator: "\n")
    }

    private func lists(_ measurements: [Measurement]) -> String {
        let head = [
            ["measured", "ms", "floor", "ms", "ratio", "target", "", "MB"],
            ["---", "--:", "---", "--:", "--:", "---", "---", "--:"],
        ]
        return (head + measurements.flatMap(\.rows)).map(Self.line).joined(separator: "\n")
    }

    private static func line(_ cells: [String]) -> String { "| " + cells.joined(separator: " | ") + " |" }
}
