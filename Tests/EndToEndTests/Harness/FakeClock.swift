import Foundation

/// Another clock for one program, by faketime(1) where that is installed.
enum FakeClock {
    private static let program = "/usr/bin/faketime"

    static var isInstalled: Bool { FileManager.default.isExecutableFile(atPath: program) }

    /// Runs a program whose clock is shifted, such as by `+2h`.
    static func run(
        _ offset: String, _ shifted: String, _ words: [String], environment: [String: String] = [:]
    ) throws -> Outcome {
        try Child(program, ["-f", offset, shifted] + words, environment: environment).finish()
    }
}

/// A clock that several programs share, and that a test sets while they run; the time of waiting stays the true one.
final class MovingClock {
    private let scratch: Scratch

    /// The variables of the programs that have this clock.
    let environment: [String: String]

    init() throws {
        scratch = try Scratch()
        environment = [
            "LD_PRELOAD": "/usr/$LIB/faketime/libfaketimeMT.so.1", "FAKETIME_TIMESTAMP_FILE": scratch.path("clock"),
            "FAKETIME_NO_CACHE": "1", "DONT_FAKE_MONOTONIC": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        ]
        try set("+0")
    }

    /// Shifts the clock against the true one, such as by `+181d`.
    func set(_ offset: String) throws { try scratch.write("clock", offset + "\n") }
}
