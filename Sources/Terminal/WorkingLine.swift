import Dispatch

/// One line on standard error that says what a long step does, and for how many seconds, where there is nothing to count: on a
/// terminal only, and only after a second.
///
/// `--quiet` and `--json` silence it. It is written over itself and wiped away at the end.
package enum WorkingLine {
    /// How long a step works in silence, and how long one version of the line stays.
    private static let second = DispatchTimeInterval.seconds(1)

    /// Does a step that asks and prints nothing itself.
    ///
    /// - Parameters:
    ///   - words: what is done: `Checking the records`.
    ///   - pause: how long a version of the line stays; a second but in tests.
    package static func during<Result>(
        _ words: String, on console: Console, pause: DispatchTimeInterval? = nil, _ body: () throws -> Result
    ) rethrows -> Result {
        guard console.showsProgress else { return try body() }
        let hasEnded = DispatchSemaphore(value: 0)
        let isWiped = DispatchSemaphore(value: 0)
        let (output, line, pause) = (console.errorOutput, escapeControls(words), pause ?? second)
        DispatchQueue.global().async {
            var count = 0
            // Harmless where standard error can't be written: the step matters, and its result is told all the same.
            while hasEnded.wait(timeout: .now() + pause) == .timedOut {
                count += 1
                try? output.write("\r\u{1B}[K\(line), \(count) s")
            }
            if count > 0 { try? output.write("\r\u{1B}[K") }
            isWiped.signal()
        }
        defer {
            hasEnded.signal()
            isWiped.wait()
        }
        return try body()
    }
}
