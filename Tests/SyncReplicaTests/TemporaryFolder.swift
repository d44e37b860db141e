import Foundation

/// A folder of one test, removed with everything in it.
final class TemporaryFolder {
    let path: String

    init() throws {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("kith-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.path
    }

    // The folder is temporary: the system removes what stays behind.
    deinit { try? FileManager.default.removeItem(atPath: path) }
}
