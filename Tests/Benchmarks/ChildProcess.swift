import Foundation

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// A program that was started; its standard error, and unless a pipe is asked for its output, go to files.
struct ChildProcess {
    /// What went wrong with a program.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// A program that ran and ended with another exit code than 0.
    struct ExitFailure: Error, CustomStringConvertible {
        let description: String
    }

    /// Where a child reads from and writes to.
    struct Streams {
        var input = "/dev/null"
        var output: String
        var errors: String
        /// The writing end of a pipe that takes the place of the file for standard output.
        var pipe: Int32?

        /// Files in a folder for one child after the other.
        init(folder: URL) {
            output = folder.appendingPathComponent("output").path
            errors = folder.appendingPathComponent("errors").path
        }
    }

    let name: String
    let processID: pid_t
    private let streams: Streams

    /// Starts a program, found by its path or in `PATH`.
    ///
    /// - Parameter environment: what is added to this process's own.
    init(_ program: String, _ arguments: [String], environment: [String: String] = [:], streams: Streams) throws {
        name = URL(fileURLWithPath: program).lastPathComponent
        self.streams = streams
        #if canImport(Darwin)
            var actions: posix_spawn_file_actions_t?
        #else
            var actions = unsafe posix_spawn_file_actions_t()
        #endif
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_addopen(&actions, 0, streams.input, O_RDONLY, 0)
        let flags = O_WRONLY | O_CREAT | O_TRUNC
        if let pipe = streams.pipe {
            unsafe posix_spawn_file_actions_adddup2(&actions, pipe, 1)
        } else {
            unsafe posix_spawn_file_actions_addopen(&actions, 1, streams.output, flags, 0o600)
        }
        unsafe posix_spawn_file_actions_addopen(&actions, 2, streams.errors, flags, 0o600)
        let words = unsafe ([program] + arguments).map { unsafe strdup($0) } + [nil]
        let variables =
            unsafe ProcessInfo.processInfo.environment.merging(environment) { $1 }
            .map { unsafe strdup("\($0.key)=\($0.value)") } + [nil]
        defer { unsafe (words + variables).forEach { unsafe free($0) } }
        var started: pid_t = 0
        let code = unsafe posix_spawnp(&started, program, &actions, nil, words, variables)
        guard code == 0 else { throw Failure(description: "\(program) can't be started (error \(code)).") }
        processID = started
    }

    /// Waits for the end and looks meanwhile how much memory the process holds; for what is not timed to the millisecond.
    ///
    /// What getrusage(2) says would not do: on Linux it counts the memory of the process that started it.
    /// - Returns: the most bytes at once, as proc(5) says; 0 where there is no such file.
    func finishWatchingMemory() throws -> Int {
        var peak = 0
        var info = unsafe siginfo_t()
        // The process stays until `finish` reaps it.
        while unsafe waitid(P_PID, id_t(processID), &info, WEXITED | WNOHANG | WNOWAIT) == 0, unsafe info.si_signo == 0
        {
            if let status = FileManager.default.contents(atPath: "/proc/\(processID)/status") {
                let line = String(decoding: status, as: UTF8.self).split(separator: "\n").first {
                    $0.hasPrefix("VmHWM:")
                }
                let number = line?.split(whereSeparator: \.isWhitespace).dropFirst().first
                peak = max(peak, number.flatMap { Int($0) }.map { $0 * 1_024 } ?? 0)
            }
            usleep(Self.watchMicroseconds)
        }
        try finish()
        return peak
    }

    private static let watchMicroseconds: UInt32 = 2_000

    /// Waits for the end; anything but exit code 0 is a failure.
    func finish() throws {
        var status: Int32 = 0
        while unsafe waitpid(processID, &status, 0) == -1 {
            guard errno == EINTR else { throw Failure(description: "\(name) can't be waited for.") }
        }
        guard status != 0 else { return }
        let words = try String(contentsOfFile: streams.errors, encoding: .utf8)
        throw ExitFailure(description: "\(name) ended with status \(status >> 8 & 0xFF): \(words)")
    }

    /// Runs a program to its end and returns what it printed.
    @discardableResult
    static func run(
        _ program: String, _ arguments: [String], environment: [String: String] = [:], streams: Streams
    ) throws -> String {
        try ChildProcess(program, arguments, environment: environment, streams: streams).finish()
        return try String(contentsOfFile: streams.output, encoding: .utf8)
    }
}
