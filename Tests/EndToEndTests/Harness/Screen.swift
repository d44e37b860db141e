import Foundation

/// A terminal as a person sees it: what a command prints, results and messages in their order, and what is typed there.
final class Screen {
    /// One answer that is typed; nil where the line that stands on the screen is no question yet.
    typealias Answering = (_ question: String) -> String?

    private let pid: pid_t
    private let terminal: FileDescriptor
    private var bytes = Data()
    private var isReaped = false

    /// Starts a line of a shell.
    ///
    /// - Parameter folder: where the shell stands.
    init(_ line: String, in folder: String, environment: [String: String]) throws {
        var spawn = try Spawn()
        let pair = try PseudoTerminal()
        terminal = pair.controlling
        for file in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] { try spawn.give(pair.inner, as: file) }
        pid = try spawn.start(
            "/bin/sh", ["-c", "cd \"$0\" && \(line)", folder], environment: Child.environment(environment))
        // From here on only the command holds the other end, so that its end is the end of the screen.
        withExtendedLifetime(pair.inner) {}
    }

    deinit {
        guard !isReaped else { return }
        kill(-pid, SIGKILL)
        _ = end()
    }

    /// Everything that stands on the screen at the end, and how the command ended.
    ///
    /// - Parameter answering: called with the unfinished last line, as often as something is printed.
    func finish(_ answering: Answering) throws -> (text: String, code: Int32) {
        let deadline = ContinuousClock.now + Child.patience
        while try readSome(by: deadline) {
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
            guard let question = lines.last.map(String.init), !question.isEmpty, let answer = answering(question) else {
                continue
            }
            let typed = Array((answer + "\n").utf8)
            guard unsafe write(terminal.number, typed, typed.count) == typed.count else {
                throw HarnessFailure.system("typing")
            }
        }
        return (text, end())
    }

    private var text: String { String(decoding: bytes, as: UTF8.self).replacingOccurrences(of: "\r\n", with: "\n") }

    /// Reads what is there; false once nothing more can come.
    private func readSome(by deadline: ContinuousClock.Instant) throws -> Bool {
        var waiting = pollfd(fd: terminal.number, events: Int16(POLLIN), revents: 0)
        let left = ContinuousClock.now.duration(to: deadline).components.seconds
        guard left > 0, unsafe poll(&waiting, 1, Int32(left) * 1_000) > 0 else {
            throw HarnessFailure("It waits for something, with this on the screen:\n\(text)")
        }
        var piece = [UInt8](repeating: 0, count: 65_536)
        let count = unsafe read(terminal.number, &piece, piece.count)
        // A terminal whose other end is closed reads as an error, EIO.
        guard count > 0 else { return count < 0 && errno == EINTR }
        bytes += piece[..<count]
        return true
    }

    private func end() -> Int32 {
        var status: Int32 = 0
        while unsafe waitpid(pid, &status, 0) == -1, errno == EINTR {}
        isReaped = true
        return status & 0x7f == 0 ? (status >> 8) & 0xff : -(status & 0x7f)
    }
}
