import Dispatch
import Synchronization
import Testing

@testable import Terminal

@Suite("The line of a step that can't be counted")
struct WorkingLineTests {
    /// What is written while a step works until something was, or until it is done.
    private func written(
        pause: DispatchTimeInterval, waits: Bool, change: (inout ConsoleSettings) -> Void = { _ in }
    ) -> String {
        let text = Mutex("")
        let isWritten = DispatchSemaphore(value: 0)
        let streams = TerminalStreams(
            read: { (_) throws(StreamFailure) in [] }, writeOutput: { (_) throws(StreamFailure) in },
            writeError: { (bytes) throws(StreamFailure) in
                text.withLock { $0 += String(decoding: bytes, as: UTF8.self) }
                isWritten.signal()
            }, setEcho: { _ in }, environment: { _ in nil }, inputIsTerminal: true, outputIsTerminal: true,
            errorIsTerminal: true, width: 80)
        var settings = ConsoleSettings()
        change(&settings)
        let result = WorkingLine.during(
            "Checking\nthe records", on: Console(streams: streams, settings: settings), pause: pause
        ) {
            if waits { isWritten.wait() }
            return 7
        }
        #expect(result == 7)
        return text.withLock { $0 }
    }

    @Test("It says what is done and for how long, over itself, and is wiped away before the step's result")
    func shown() {
        let text = written(pause: .milliseconds(1), waits: true)
        #expect(text.hasPrefix("\r\u{1B}[KChecking\\nthe records, 1 s"), "\(text)")
        #expect(text.hasSuffix("\r\u{1B}[K"), "\(text)")
    }

    @Test("A short step, --quiet and --json show none")
    func silent() {
        #expect(written(pause: .seconds(3_600), waits: false).isEmpty)
        #expect(written(pause: .milliseconds(1), waits: false) { $0.isQuiet = true }.isEmpty)
        #expect(written(pause: .milliseconds(1), waits: false) { $0.isJSON = true }.isEmpty)
    }
}
