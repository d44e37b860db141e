import Testing

@testable import Terminal

@Suite("The progress line")
struct ProgressLineTests {
    /// What is written when a line is shown at each of these times, in milliseconds, and then ended.
    private func written(
        _ times: [Int64], isTerminal: Bool = true, change: (inout ConsoleSettings) -> Void = { _ in }
    ) throws -> String {
        let streams = RecordedStreams(isTerminal: isTerminal)
        var settings = ConsoleSettings()
        change(&settings)
        var now: Int64 = 5_000
        let progress = ProgressLine(console: Console(streams: streams.streams, settings: settings)) { now }
        for time in times {
            now = 5_000 + time
            try progress.show("at \(time)")
        }
        try progress.end()
        #expect(streams.output.isEmpty)
        return streams.errorOutput
    }

    @Test("It appears after a second, at most five times a second, over itself, and is wiped away")
    func appears() throws {
        let text = try written([0, 500, 999, 1_000, 1_100, 1_199, 1_200, 2_000])
        #expect(text == "\r\u{1B}[Kat 1000\r\u{1B}[Kat 1200\r\u{1B}[Kat 2000\r\u{1B}[K")
    }

    @Test("A short command, a file, --quiet and --json show none")
    func silent() throws {
        #expect(try written([0, 999]).isEmpty)
        #expect(try written([0, 5_000], isTerminal: false).isEmpty)
        #expect(try written([0, 5_000]) { $0.isQuiet = true }.isEmpty)
        #expect(try written([0, 5_000]) { $0.isJSON = true }.isEmpty)
    }
}
