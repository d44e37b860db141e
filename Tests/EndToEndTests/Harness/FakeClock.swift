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
