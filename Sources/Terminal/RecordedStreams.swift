import Synchronization

/// Streams for tests: scripted input, and output that is kept.
package final class RecordedStreams: Sendable {
    private struct State {
        var input: [UInt8]
        var output: [UInt8] = []
        var errorOutput: [UInt8] = []
        var screen: [UInt8] = []
        var echoChanges: [Bool] = []
    }

    private let state: Mutex<State>
    private let variables: [String: String]
    private let isTerminal: Bool
    private let width: Int
    private let outputFailure: StreamFailure?
    private let endFailure: StreamFailure?
    /// Whether the input is handed over line by line, all of it there from the beginning, as a terminal does with a paste.
    private let isPasted: Bool

    /// Makes streams with that standard input.
    ///
    /// `isTerminal` holds for all three, `width` is in columns, `outputFailure` is thrown by every write to
    /// standard output and `endFailure` by a read at the end of the input. With `isPasted` the input lies ready as lines of
    /// at most 4,095 bytes, else somebody types it answer by answer.
    package init(
        input: String = "", isTerminal: Bool = false, width: Int = TerminalStreams.defaultWidth,
        variables: [String: String] = [:], outputFailure: StreamFailure? = nil, endFailure: StreamFailure? = nil,
        isPasted: Bool = false
    ) {
        self.isPasted = isPasted
        state = Mutex(State(input: Array(input.utf8)))
        self.isTerminal = isTerminal
        self.width = width
        self.variables = variables
        self.outputFailure = outputFailure
        self.endFailure = endFailure
    }

    /// Replaces what is left of the input by these bytes.
    package func setInput(_ bytes: [UInt8]) {
        state.withLock { $0.input = bytes }
    }

    /// What was written to standard output.
    package var output: String { state.withLock { String(decoding: $0.output, as: UTF8.self) } }
    /// What was written to standard error.
    package var errorOutput: String { state.withLock { String(decoding: $0.errorOutput, as: UTF8.self) } }
    /// Both in the order in which they were written, as a terminal shows them.
    package var screen: String { state.withLock { String(decoding: $0.screen, as: UTF8.self) } }
    /// How the echo of the terminal was switched, in order.
    package var echoChanges: [Bool] { state.withLock { $0.echoChanges } }

    /// The streams to hand to a console or a program.
    package var streams: TerminalStreams {
        TerminalStreams(
            read: { (maximumBytes) throws(StreamFailure) in try self.read(maximumBytes) },
            writeOutput: { (bytes) throws(StreamFailure) in
                if let failure = self.outputFailure { throw failure }
                self.state.withLock { state in
                    state.output += bytes
                    state.screen += bytes
                }
            },
            writeError: { (bytes) throws(StreamFailure) in
                self.state.withLock { state in
                    state.errorOutput += bytes
                    state.screen += bytes
                }
            },
            setEcho: { isOn in self.state.withLock { $0.echoChanges.append(isOn) } },
            environment: { self.variables[$0] },
            inputIsTerminal: isTerminal, outputIsTerminal: isTerminal, errorIsTerminal: isTerminal, width: width,
            inputWaits: { self.isPasted && self.state.withLock { !$0.input.isEmpty } },
            dropInput: { self.state.withLock { $0.input = [] } },
            longestLineBytes: isPasted ? Self.longestLineBytes : nil)
    }

    private static let longestLineBytes = 4_095

    private func read(_ maximumBytes: Int) throws(StreamFailure) -> [UInt8] {
        let piece = state.withLock { state in
            guard isPasted, let end = state.input.firstIndex(of: UInt8(ascii: "\n")) else {
                let piece = Array(state.input.prefix(maximumBytes))
                state.input.removeFirst(piece.count)
                return piece
            }
            let line = Array(state.input[..<end].prefix(Self.longestLineBytes)) + [UInt8(ascii: "\n")]
            state.input.removeFirst(end + 1)
            return line
        }
        if piece.isEmpty, let endFailure { throw endFailure }
        return piece
    }
}
