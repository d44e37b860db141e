import Foundation

/// A running program. What it prints arrives through pipes; its end is waited for within a bound.
final class Child {
    enum Input {
        case nothing
        case bytes(Data)
        /// A terminal, as where a person types.
        case terminal
    }

    /// How long a program may take before it is killed, a bound against hanging for ever.
    static let patience: Duration = .seconds(90)

    let command: String
    let pid: pid_t
    private var output: Stream
    private var errors: Stream
    /// Kept open while the child runs.
    private var terminal: FileDescriptor?
    private var isReaped = false

    init(
        _ program: String, _ arguments: [String], environment: [String: String] = [:], input: Input = .nothing
    ) throws {
        command = ([URL(fileURLWithPath: program).lastPathComponent] + arguments.map { String($0.prefix(200)) })
            .joined(separator: " ")
        var spawn = try Spawn()
        let outputPipe = try FileDescriptor.pipe()
        let errorPipe = try FileDescriptor.pipe()
        output = Stream(outputPipe.reading)
        errors = Stream(errorPipe.reading)
        let source: FileDescriptor
        switch input {
        case .nothing: source = try FileDescriptor(opening: "/dev/null", O_RDONLY)
        case .bytes(let bytes): source = try Child.file(of: bytes)
        case .terminal:
            let terminal = try PseudoTerminal()
            source = terminal.inner
            self.terminal = terminal.controlling
        }
        try spawn.give(source, as: STDIN_FILENO)
        try spawn.give(outputPipe.writing, as: STDOUT_FILENO)
        try spawn.give(errorPipe.writing, as: STDERR_FILENO)
        // A preloaded library that sets a variable as it is loaded moves the environment away from the arguments, and
        // the Swift runtime finds no arguments any more. In a shell before it is set already.
        let start = environment["LD_PRELOAD"] == nil ? [program] : ["/bin/sh", "-c", "exec \"$0\" \"$@\"", program]
        pid = try spawn.start(start[0], start.dropFirst() + arguments, environment: Child.environment(environment))
        // From here on only the child holds the other ends, so that its end is the end of the streams.
        withExtendedLifetime((source, outputPipe.writing, errorPipe.writing)) {}
    }

    deinit {
        guard !isReaped else { return }
        kill(-pid, SIGKILL)
        _ = wait()
    }

    /// Types on the terminal of the program.
    func type(_ text: String) throws {
        let bytes = Array(text.utf8)
        guard let terminal, unsafe write(terminal.number, bytes, bytes.count) == bytes.count else {
            throw HarnessFailure.system("typing")
        }
    }

    func send(_ signal: Int32) { kill(pid, signal) }

    /// The first line on standard output.
    func firstLine() throws -> String {
        try read { self.output.bytes.contains(UInt8(ascii: "\n")) || self.output.isAtEnd }
        guard let end = output.bytes.firstIndex(of: UInt8(ascii: "\n")) else {
            throw HarnessFailure("No line: \(finishedOutcome())")
        }
        return String(decoding: output.bytes[..<end], as: UTF8.self)
    }

    /// Waits until some words stand on standard error.
    func waitForError(_ words: String) throws {
        let words = Data(words.utf8)
        try read { self.errors.bytes.range(of: words) != nil || self.errors.isAtEnd }
        guard errors.bytes.range(of: words) != nil else { throw HarnessFailure("It ended: \(finishedOutcome())") }
    }

    /// Waits until nothing more can be printed; the process keeps its number until `finish`.
    func waitUntilSilent() throws {
        try read { self.output.isAtEnd && self.errors.isAtEnd }
    }

    /// Waits for the end.
    func finish() throws -> Outcome {
        try waitUntilSilent()
        return finishedOutcome()
    }

    private func finishedOutcome() -> Outcome {
        Outcome(command: command, code: wait(), outputBytes: output.bytes, errorBytes: errors.bytes)
    }

    private func wait() -> Int32 {
        var status: Int32 = 0
        while unsafe waitpid(pid, &status, 0) == -1, errno == EINTR {}
        isReaped = true
        return status & 0x7f == 0 ? (status >> 8) & 0xff : -(status & 0x7f)
    }

    /// Reads until something holds.
    private func read(until isDone: () -> Bool) throws {
        let deadline = ContinuousClock.now + Child.patience
        while !isDone() {
            var waiting = [output, errors].filter { !$0.isAtEnd }.map {
                pollfd(fd: $0.descriptor.number, events: Int16(POLLIN), revents: 0)
            }
            let left = ContinuousClock.now.duration(to: deadline).components.seconds
            guard left > 0 else {
                kill(-pid, SIGKILL)
                throw HarnessFailure("Killed after \(Child.patience): \(finishedOutcome())")
            }
            guard unsafe poll(&waiting, nfds_t(waiting.count), Int32(left) * 1_000) > 0 else { continue }
            for ready in waiting where ready.revents != 0 {
                if ready.fd == output.descriptor.number { output.readSome() } else { errors.readSome() }
            }
        }
    }

    private static func file(of bytes: Data) throws -> FileDescriptor {
        let scratch = try Scratch()
        let path = scratch.path("input")
        try bytes.write(to: URL(fileURLWithPath: path))
        return try FileDescriptor(opening: path, O_RDONLY)
    }

    /// What a program sees: little of this process's own surroundings, so that a test means the same everywhere.
    static func environment(_ given: [String: String]) -> [String: String] {
        let own = ProcessInfo.processInfo.environment.filter {
            ["PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "TMPDIR"].contains($0.key)
        }
        return own.merging(["TZ": "Europe/London", "LANG": "C.UTF-8", "HOME": "/nonexistent"]) { $1 }
            .merging(given) { $1 }
    }
}

/// One stream of a child, as far as it was read.
private struct Stream {
    private static let pieceBytes = 65_536

    let descriptor: FileDescriptor
    private(set) var bytes = Data()
    private(set) var isAtEnd = false

    init(_ descriptor: FileDescriptor) { self.descriptor = descriptor }

    /// Reads what is there.
    mutating func readSome() {
        var piece = [UInt8](repeating: 0, count: Self.pieceBytes)
        let count = unsafe read(descriptor.number, &piece, piece.count)
        if count > 0 {
            bytes += piece[..<count]
        } else if count == 0 || errno != EINTR {
            isAtEnd = true
        }
    }
}
