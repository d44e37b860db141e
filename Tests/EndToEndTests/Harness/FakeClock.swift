import Foundation

/// Another clock for one program, by faketime(1) where that is installed.
enum FakeClock {
    private static let program = "/usr/bin/faketime"

    static var isInstalled: Bool { FileManager.default.isExecutableFile(atPath: program) }

    /// What loads the other clock into a program. The wrapper that comes with it names what it shares by process number
    /// and leaves it behind, so that a later process of that number does not start.
    fileprivate static let preload = [
        "LD_PRELOAD": "/usr/$LIB/faketime/libfaketimeMT.so.1", "FAKETIME_NO_CACHE": "1", "DONT_FAKE_MONOTONIC": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    ]

    /// Runs a program whose clock is shifted, such as by `+2h`.
    static func run(
        _ offset: String, _ shifted: String, _ words: [String], environment: [String: String] = [:]
    ) throws -> Outcome {
        let clock = preload.merging(["FAKETIME": offset]) { $1 }
        return try Child(shifted, words, environment: environment.merging(clock) { $1 }).finish()
    }
}

/// A clock that several programs share, and that a test sets while they run; the time of waiting stays the true one.
final class MovingClock {
    private let scratch: Scratch

    /// The variables of the programs that have this clock.
    let environment: [String: String]

    init() throws {
        scratch = try Scratch()
        environment = FakeClock.preload.merging(["FAKETIME_TIMESTAMP_FILE": scratch.path("clock")]) { $1 }
        try set("+0")
    }

    /// Shifts the clock against the true one, such as by `+181d`.
    func set(_ offset: String) throws { try scratch.write("clock", offset + "\n") }
}
