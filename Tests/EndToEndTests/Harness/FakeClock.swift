import Foundation

/// Another clock for one program, by faketime(1) where that is installed.
enum FakeClock {
    private static let program = "/usr/bin/faketime"

    static var isInstalled: Bool { FileManager.default.isExecutableFile(atPath: program) }

    /// What loads the other clock into a program.
    fileprivate static let preload = [
        "LD_PRELOAD": "/usr/$LIB/faketime/libfaketimeMT.so.1", "FAKETIME_NO_CACHE": "1", "DONT_FAKE_MONOTONIC": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    ]

    /// Runs a program whose clock is shifted, such as by `+2h`.
    static func run(
        _ offset: String, _ shifted: String, _ words: [String], environment: [String: String] = [:]
    ) throws -> Outcome {
        let shared = try ClockMemory()
        let clock = preload.merging(["FAKETIME": offset, "FAKETIME_SHARED": shared.names]) { $1 }
        return try Child(shifted, words, environment: environment.merging(clock) { $1 }).finish()
    }
}

/// A clock that several programs share, and that a test sets while they run; the time of waiting stays the true one.
final class MovingClock {
    private let scratch: Scratch
    private let shared: ClockMemory

    /// The variables of the programs that have this clock.
    let environment: [String: String]

    init() throws {
        scratch = try Scratch()
        shared = try ClockMemory()
        environment = FakeClock.preload.merging([
            "FAKETIME_TIMESTAMP_FILE": scratch.path("clock"), "FAKETIME_SHARED": shared.names,
        ]) { $1 }
        try set("+0")
    }

    /// Shifts the clock against the true one, such as by `+181d`, or stops it at a moment: `2026-11-24 09:00:00`.
    func set(_ clock: String) throws { try scratch.write("clock", clock + "\n") }
}

/// The semaphore and the shared memory of programs with another clock.
///
/// Without them each program makes its own, named by its process number; those of a program that is killed stay behind,
/// and a later program of that number loses its arguments over making them anew.
private final class ClockMemory {
    private static let folder = "/dev/shm"
    private let semaphore: String
    private let memory: String

    /// As the programs are told of both.
    let names: String

    init() throws {
        let name = "kith-clock-\(UUID().uuidString.prefix(13))"
        (semaphore, memory) = ("\(Self.folder)/sem.\(name)", "\(Self.folder)/\(name)")
        names = "/\(name) /\(name)"
        // A semaphore of the C library that nobody holds: its count, 1, in four bytes, and at the ninth that processes share
        // it.
        var free = Data(count: 32)
        free[0] = 1
        free[8] = 128
        try free.write(to: URL(fileURLWithPath: semaphore))
        try Data(count: 8).write(to: URL(fileURLWithPath: memory))
    }

    deinit {
        // What can't be removed from memory harms no test.
        for path in [semaphore, memory] { try? FileManager.default.removeItem(atPath: path) }
    }
}
