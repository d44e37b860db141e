import Terminal

/// How many records an export has read, now and then, where somebody sees it.
final class ExportProgress {
    /// How many records are read between two looks at the clock.
    private static let pauseCount = 1_024

    private let line: ProgressLine?
    private var count = 0

    /// - Parameter line: nil where nothing is shown.
    init(_ line: ProgressLine?) {
        self.line = line
    }

    /// Notes one more record.
    func note() throws(CommandFailure) {
        count += 1
        guard let line, count.isMultiple(of: Self.pauseCount) else { return }
        try line.show("\(ImportResult.grouped(count)) records read")
    }

    /// Wipes the line away.
    func end() throws(CommandFailure) { try line?.end() }
}
