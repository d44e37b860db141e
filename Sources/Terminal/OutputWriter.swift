import Synchronization

/// Gathers what a command prints and writes it in large pieces.
///
/// When nobody reads any more, as after `| head`, the rest is dropped quietly: the command still does its work.
package final class OutputWriter: Sendable {
    private struct State {
        var buffer: [UInt8] = []
        var isAbandoned = false
        var standing = "What was saved before stays saved."
    }

    /// How many bytes are gathered before they are written.
    package static let bufferBytes = 1 << 16

    private let name: String
    private let limit: Int
    private let writeBytes: @Sendable ([UInt8]) throws(StreamFailure) -> Void
    private let state = Mutex(State())

    /// Makes a writer for the stream of that name, such as "standard output"; unbuffered, each text is written at once.
    package init(
        name: String, isBuffered: Bool, write: @escaping @Sendable ([UInt8]) throws(StreamFailure) -> Void
    ) {
        self.name = name
        limit = isBuffered ? Self.bufferBytes : 0
        writeBytes = write
    }

    /// Whether the reader has gone, so that a long listing can stop early.
    package var isAbandoned: Bool { state.withLock { $0.isAbandoned } }

    /// Fixes what a failure from here on says of what the command did, such as "It is saved: don't enter it again.": whoever
    /// reads of a failure alone does it once more.
    package func note(done sentence: String) { state.withLock { $0.standing = sentence } }

    /// Adds text as it is; throws where the system refuses to write, for a full disk for instance.
    package func write(_ text: String) throws(CommandFailure) { try write(utf8: text.utf8) }

    /// Adds bytes of UTF-8 as they are, as `write` does.
    package func write(utf8 bytes: some Collection<UInt8>) throws(CommandFailure) {
        try state.withLock { (state) throws(CommandFailure) in
            guard !state.isAbandoned else { return }
            state.buffer += bytes
            if state.buffer.count > limit { try drain(&state) }
        }
    }

    /// Writes what is still held; throws where the system refuses to write.
    package func flush() throws(CommandFailure) {
        try state.withLock { (state) throws(CommandFailure) in try drain(&state) }
    }

    private func drain(_ state: inout State) throws(CommandFailure) {
        guard !state.buffer.isEmpty else { return }
        let bytes = state.buffer
        state.buffer = []
        do throws(StreamFailure) {
            try writeBytes(bytes)
        } catch .readerGone {
            state.isAbandoned = true
        } catch {
            state.isAbandoned = true
            throw CommandFailure(
                exitCode: .failed,
                message: "\(name) could not be written: \(reason(error)). \(state.standing)")
        }
    }
}

/// The words for a stream's failure inside a sentence.
func reason(_ failure: StreamFailure) -> String {
    switch failure {
    case .interrupted: "stopped by Ctrl-C"
    case .readerGone: "nobody reads it"
    case .refused(let code): systemReason(code)
    }
}
