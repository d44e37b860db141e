#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// A plain file that is read from its start to the end that it had when it was opened, as often as wanted, also by several
/// readers at once.
final class InputFile {
    /// How many bytes are read at once.
    static let pieceBytes = 1 << 16

    let path: String
    /// The size in bytes when the file was opened.
    let size: Int
    private let descriptor: Int32
    private let state: State
    /// Whether all of it is UTF-8, so that its bytes may be taken as they are; known once its encoding is.
    var isWholeUTF8 = false
    /// How many lines it has at most; known with its encoding, nil where that is not of single bytes.
    var largestLineCount: Int?

    /// What tells that somebody wrote to the file.
    private struct State: Equatable {
        var size: Int
        var seconds: Int
        var nanoseconds: Int
    }

    /// Opens a file without waiting for whoever might write to a pipe of that name.
    init(path: String) throws(TabularError) {
        self.path = path
        descriptor = unsafe open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY)
        guard descriptor >= 0 else { throw .unreadable(path: path, reason: Self.reason(errno)) }
        do throws(TabularError) {
            state = try Self.state(of: descriptor, path)
        } catch {
            close(descriptor)
            throw error
        }
        size = state.size
    }

    deinit { close(descriptor) }

    /// Reads the bytes from a place on into the buffer, which is resized, and moves the place behind them; an empty buffer is
    /// the end (pread(2)).
    func read(into buffer: inout [UInt8], from place: inout Int) throws(TabularError) {
        let wanted = min(size - place, Self.pieceBytes)
        if buffer.count != wanted { buffer = [UInt8](repeating: 0, count: wanted) }
        var filled = 0
        while filled < wanted {
            let count = unsafe buffer.withUnsafeMutableBytes { bytes in
                let rest = unsafe bytes.baseAddress?.advanced(by: filled)
                return unsafe pread(descriptor, rest, wanted - filled, off_t(place + filled))
            }
            if count == 0 { throw .changed(path: path) }
            if count < 0 {
                if errno == EINTR { continue }
                throw .unreadable(path: path, reason: Self.reason(errno))
            }
            filled += count
        }
        place += wanted
    }

    /// What tells the file, as it was when it was opened, from others and from what it was before: its size and when it was written.
    var version: String { "\(state.size)-\(state.seconds)-\(state.nanoseconds)" }

    /// Throws where the file was written to since it was opened.
    func checkUnchanged() throws(TabularError) {
        guard try Self.state(of: descriptor, path) == state else { throw .changed(path: path) }
    }

    private static func state(of descriptor: Int32, _ path: String) throws(TabularError) -> State {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw .unreadable(path: path, reason: reason(errno)) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .notAFile(path: path) }
        #if canImport(Darwin)
            let time = status.st_mtimespec
        #else
            let time = status.st_mtim
        #endif
        return State(size: Int(status.st_size), seconds: time.tv_sec, nanoseconds: time.tv_nsec)
    }

    /// The system's words for an error number (strerror(3)).
    static func reason(_ code: Int32) -> String {
        guard let words = unsafe strerror(code) else { return "error \(code)" }
        return unsafe String(cString: words)
    }
}
