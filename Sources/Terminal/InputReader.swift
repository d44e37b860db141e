import Synchronization

/// Reads standard input as lines or as one text, with bounds, and checks that it is UTF-8.
package final class InputReader: Sendable {
    /// The longest line in bytes that is taken as an answer.
    package static let maximumLineBytes = 1 << 16
    private static let pieceBytes = 1 << 14

    private let read: @Sendable (Int) throws(StreamFailure) -> [UInt8]
    private let longestLineBytes: Int?
    private let pending = Mutex<[UInt8]>([])
    private let lineCount = Mutex(0)

    /// Makes a reader over the standard input of the streams.
    package init(streams: TerminalStreams) {
        read = streams.read
        longestLineBytes = streams.longestLineBytes
    }

    /// Whether a line was asked for: what lies ready behind it is an answer too many.
    var hasReadLine: Bool { lineCount.withLock { $0 > 0 } }

    /// Reads one line without its end (`\n` or `\r\n`); nil at the end of the input.
    ///
    /// Throws for Ctrl-C, a refusal of the system, a line above the limit and text that is not UTF-8.
    package func line() throws(CommandFailure) -> String? {
        guard let bytes = try lineBytes() else { return nil }
        return try text(bytes)
    }

    /// Reads one line as `line` does, and says where a terminal has lost its end: then what is left of it is not told.
    func typedLine() throws(CommandFailure) -> (text: String, isWhole: Bool)? {
        guard let bytes = try lineBytes() else { return nil }
        if let longestLineBytes, bytes.count >= longestLineBytes { return ("", false) }
        return (try text(bytes), true)
    }

    private func lineBytes() throws(CommandFailure) -> [UInt8]? {
        lineCount.withLock { $0 += 1 }
        return try pending.withLock { (pending) throws(CommandFailure) in
            var searched = 0
            while true {
                if let end = pending[searched...].firstIndex(of: UInt8(ascii: "\n")) {
                    let line = Array(pending[..<end])
                    pending.removeSubrange(...end)
                    return line.last == UInt8(ascii: "\r") ? line.dropLast() : line
                }
                searched = pending.count
                guard searched <= Self.maximumLineBytes else { throw tooLong(limitBytes: Self.maximumLineBytes) }
                let piece = try nextPiece()
                guard !piece.isEmpty else {
                    defer { pending = [] }
                    return pending.isEmpty ? nil : pending
                }
                pending += piece
            }
        }
    }

    /// Reads everything up to the end; the limit is in bytes.
    ///
    /// Throws as `line()` does; the error for text that is not UTF-8 names the offset of the first wrong byte.
    package func all(limitBytes: Int) throws(CommandFailure) -> String {
        try pending.withLock { (pending) throws(CommandFailure) in
            while true {
                guard pending.count <= limitBytes else { throw tooLong(limitBytes: limitBytes) }
                let piece = try nextPiece()
                guard !piece.isEmpty else { break }
                pending += piece
            }
            let bytes = pending
            pending = []
            return try text(bytes)
        }
    }

    private func nextPiece() throws(CommandFailure) -> [UInt8] {
        do throws(StreamFailure) {
            return try read(Self.pieceBytes)
        } catch .interrupted {
            throw CommandFailure(exitCode: .failed, message: "Stopped by Ctrl-C. Nothing was saved.")
        } catch {
            throw CommandFailure(
                exitCode: .failed,
                message: "Standard input could not be read: \(reason(error)). Nothing was saved.")
        }
    }

    private func tooLong(limitBytes: Int) -> CommandFailure {
        CommandFailure(
            exitCode: .usage, message: "Standard input is longer than \(limitBytes) bytes. Nothing was saved.")
    }

    private func text(_ bytes: [UInt8]) throws(CommandFailure) -> String {
        try validText(bytes, from: "Standard input")
    }
}

/// Makes text of bytes; throws with the offset of the first byte that is NUL or not UTF-8.
func validText(_ bytes: [UInt8], from source: String) throws(CommandFailure) -> String {
    if let offset = bytes.firstIndex(of: 0) {
        throw CommandFailure(
            exitCode: .usage, message: "\(source) holds a NUL, which is no text, at byte \(offset). Nothing was saved.")
    }
    if let text = String(validating: bytes, as: UTF8.self) { return text }
    var decoder = UTF8()
    var iterator = bytes.makeIterator()
    var offset = 0
    while case .scalarValue(let scalar) = decoder.decode(&iterator) {
        offset += UTF8.width(scalar)
    }
    throw CommandFailure(
        exitCode: .usage, message: "\(source) is not UTF-8 text at byte \(offset). Nothing was saved.")
}
