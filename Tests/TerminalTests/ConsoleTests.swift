import Foundation
import Synchronization
import Terminal
import Testing

@Suite("Input and output")
struct ConsoleTests {
    private func console(_ recorded: RecordedStreams) -> Console {
        Console(streams: recorded.streams, settings: ConsoleSettings())
    }

    @Test("Text for - comes from standard input, without its last newline")
    func readText() throws {
        #expect(try console(RecordedStreams(input: "a\nb\n\n")).readText(from: "-") == "a\nb\n")
        #expect(try console(RecordedStreams(input: "a\r\n")).readText(from: "-") == "a")
        #expect(try console(RecordedStreams(input: "a")).readText(from: "--") == "--")
    }

    @Test("Text above the limit or not UTF-8 is refused, with the offset of the wrong byte")
    func readWrongText() throws {
        #expect(try console(RecordedStreams(input: "1234")).readText(from: "-", limitBytes: 4) == "1234")
        #expect(
            throws: CommandFailure(
                exitCode: .usage, message: "Standard input is longer than 4 bytes. Nothing was saved.")
        ) { try console(RecordedStreams(input: "12345")).readText(from: "-", limitBytes: 4) }
        let wrong = RecordedStreams()
        wrong.setInput(Array("é\n".utf8) + [0x61, 0xE2, 0x82, 0x20])
        #expect(
            throws: CommandFailure(
                exitCode: .usage, message: "Standard input is not UTF-8 text at byte 4. Nothing was saved.")
        ) { try console(wrong).readText(from: "-") }
        let failing = RecordedStreams(endFailure: .refused(code: EIO))
        #expect(
            throws: CommandFailure(
                exitCode: .failed,
                message: "Standard input could not be read: Input/output error. Nothing was saved.")
        ) { try console(failing).readText(from: "-") }
    }

    @Test("A line above its bound is refused")
    func longLine() {
        let long = String(repeating: "x", count: InputReader.maximumLineBytes + 1 << 15)
        let recorded = RecordedStreams(input: long, isTerminal: true)
        let error = #expect(throws: CommandFailure.self) {
            try console(recorded).prompter.text("What", option: "--summary")
        }
        #expect(error?.exitCode == .usage)
    }

    @Test("Lines and texts are escaped, and a quiet command writes no notes")
    func shows() throws {
        let recorded = RecordedStreams()
        let console = console(recorded)
        try console.show("a\nb\u{1B}")
        try console.showText("a\nb\u{1B}")
        try console.showHeading("H\n")
        try console.show(["k": "v\n"] as JSONValue)
        try console.note("n\n")
        try console.output.flush()
        #expect(recorded.output == "a\\nb\\u{1B}\na\nb\\u{1B}\nH\\n\n{\"k\":\"v\\n\"}\n")
        #expect(recorded.errorOutput == "n\\n\n")
        let quiet = RecordedStreams()
        #expect(runSample(["visit", "list", "--since", "mon", "--quiet", "--plain"], quiet) == .done)
        #expect(quiet.output == "When\tPlace\nmon 9:00\tSt Mary's\n")
        #expect(quiet.errorOutput == "")
    }

    @Test("A full disk under standard output is a failure in plain words")
    func fullDisk() {
        let recorded = RecordedStreams(outputFailure: .refused(code: ENOSPC))
        #expect(runSample(["search", "x"], recorded) == .failed)
        #expect(
            recorded.errorOutput
                == "kith: Standard output could not be written: No space left on device. "
                + "What was saved before stays saved.\n")
    }

    @Test("A reader that went away ends nothing and says nothing")
    func readerGone() throws {
        let recorded = RecordedStreams(outputFailure: .readerGone)
        #expect(runSample(["search", "x"], recorded) == .done)
        #expect(recorded.errorOutput == "")
        let console = console(recorded)
        try console.show(String(repeating: "x", count: OutputWriter.bufferBytes))
        #expect(console.output.isAbandoned)
    }

    @Test("Output is gathered into large pieces and keeps its order")
    func buffering() throws {
        let pieces = Pieces()
        let writer = OutputWriter(name: "Standard output", isBuffered: true) { (bytes) throws(StreamFailure) in
            pieces.add(bytes.count)
        }
        for _ in 0..<OutputWriter.bufferBytes { try writer.write("ab") }
        try writer.flush()
        try writer.flush()
        #expect(pieces.counts.count == 2)
        #expect(pieces.counts.reduce(0, +) == 2 * OutputWriter.bufferBytes)
    }

    @Test("A failure shows its message, the next command and its exit code", arguments: ExitCode.allCases)
    func failure(_ exitCode: ExitCode) {
        let program = Program<Int>(
            version: "1",
            root: Command(name: "kith", summary: "S.") { _, _ in
                throw CommandFailure(exitCode: exitCode, message: "Lost\u{1B}.", next: "kith sync")
            })
        let recorded = RecordedStreams()
        let code = program.run([], streams: recorded.streams, makeContext: { _, _ in 0 }, describe: { _ in .unknown })
        #expect(code == exitCode)
        #expect(recorded.errorOutput == "kith: Lost\\u{1B}.\nNext: kith sync\n")
    }

    @Test("Other errors are worded by the program, after what was printed")
    func described() {
        let program = Program<Console>(
            version: "1",
            root: Command(name: "kith", summary: "S.") { _, console in
                try console.show("before")
                throw SampleError()
            })
        let recorded = RecordedStreams()
        let code = program.run(
            [], streams: recorded.streams, makeContext: { $1 }, describe: { _ in .unknown })
        #expect(code == .damaged)
        #expect(recorded.output == "before\n")
        #expect(recorded.errorOutput == "kith: Described.\n")
    }

    @Test("The exit codes are those of the design")
    func exitCodes() {
        #expect(ExitCode.allCases.map(\.rawValue) == Array(0...7))
    }

    @Test("The width comes from COLUMNS, then the terminal, then 80, and is at least 40")
    func width() {
        #expect(TerminalStreams.width(columns: "120", terminal: 90) == 120)
        #expect(TerminalStreams.width(columns: "x", terminal: 90) == 90)
        #expect(TerminalStreams.width(columns: nil, terminal: 0) == 80)
        #expect(TerminalStreams.width(columns: "-3", terminal: nil) == 80)
        #expect(RecordedStreams(width: 12).streams.width == 40)
    }
}

extension CommandFailure {
    /// What the tests' programs say of an error of their own.
    static let unknown = CommandFailure(exitCode: .damaged, message: "Described.")
}

/// The sizes of the pieces that a writer wrote.
private final class Pieces: Sendable {
    private let state = Mutex<[Int]>([])
    var counts: [Int] { state.withLock { $0 } }
    func add(_ count: Int) { state.withLock { $0.append(count) } }
}
