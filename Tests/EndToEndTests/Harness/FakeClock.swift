import Foundation

/// Another clock for one program, by libfaketime where that is installed.
enum FakeClock {
    private static let library = [
        "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1", "/usr/lib/aarch64-linux-gnu/faketime/libfaketime.so.1",
        "/usr/lib/faketime/libfaketime.so.1",
    ].first { FileManager.default.fileExists(atPath: $0) }

    static var isInstalled: Bool { library != nil }

    /// Variables that shift the wall clock, such as by `+2h`; waiting is not affected.
    static func shifted(by offset: String) -> [String: String] {
        ["LD_PRELOAD": library ?? "", "FAKETIME": offset, "DONT_FAKE_MONOTONIC": "1", "FAKETIME_DONT_RESET": "1"]
    }
}
