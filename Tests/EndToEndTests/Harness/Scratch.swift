import Foundation

/// A folder of one test, which goes away with it.
final class Scratch {
    let path: String

    init() throws {
        let name = "kith-e2e-\(UUID().uuidString.prefix(13))"
        path = FileManager.default.temporaryDirectory.appendingPathComponent(name).path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        // What can't be removed from the folder for temporary files harms no test.
        try? FileManager.default.removeItem(atPath: path)
    }

    func path(_ name: String) -> String { "\(path)/\(name)" }

    /// Writes a file, executable where asked, and tells its path.
    @discardableResult
    func write(_ name: String, _ text: String, isExecutable: Bool = false) throws -> String {
        try Data(text.utf8).write(to: URL(fileURLWithPath: path(name)))
        if isExecutable {
            try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: path(name))
        }
        return path(name)
    }
}

/// What a harness could not do.
struct HarnessFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }

    /// A call of the system that failed, with its number in words.
    static func system(_ call: String, _ code: Int32 = errno) -> HarnessFailure {
        HarnessFailure("\(call) failed: \(unsafe String(cString: strerror(code)))")
    }
}
