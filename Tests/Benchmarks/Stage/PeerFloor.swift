import Foundation

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// The floor that other systems were compared with: `raw_sqlite.py` of a folder that is read where it lies.
///
/// It prints a line for each setting of SQLite; the one with `synchronous=FULL` counts, and the rest is not waited for.
final class PeerFloor {
    private static let script = "raw_sqlite.py"

    private let folder: URL
    /// The milliseconds of each case, by its name there, a number for each turn.
    private var cases: [String: Samples] = [:]
    private var sizes: [String: Int] = [:]

    init(folder: URL) { self.folder = folder }

    /// The last measurement of a case, in milliseconds.
    func last(_ name: String) throws -> Double {
        guard let value = cases[name]?.values.last else {
            throw ChildProcess.Failure(description: "\(Self.script) did not print \(name).")
        }
        return value
    }

    /// The size of a file of the peers' floor, in bytes.
    func bytes(_ name: String) throws -> Int {
        guard let size = sizes[name] else {
            throw ChildProcess.Failure(description: "\(Self.script) did not print \(name).")
        }
        return size
    }

    /// Runs the script until it has printed the line that counts.
    func measure(_ stage: Stage) throws {
        let work = stage.scratch.appendingPathComponent("peers", isDirectory: true)
        try FileManager.default.createDirectory(at: work, withIntermediateDirectories: true)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", "-B", Self.script]
        process.currentDirectoryURL = folder
        process.environment = ProcessInfo.processInfo.environment.merging(["PEERS_WORK": work.path]) { $1 }
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        defer {
            if process.isRunning { kill(process.processIdentifier, SIGTERM) }
            process.waitUntilExit()
        }
        var text = Data()
        while true {
            let piece = pipe.fileHandleForReading.availableData
            if piece.isEmpty { break }
            text.append(piece)
            if try take(text) { return }
        }
        throw ChildProcess.Failure(description: "\(Self.script) ended without the figures for synchronous=FULL.")
    }

    /// Looks for the line that counts among whole lines.
    private func take(_ text: Data) throws -> Bool {
        for line in text.split(separator: UInt8(ascii: "\n")) {
            guard let object = try? JSONSerialization.jsonObject(with: line) as? [String: Any],
                object["sync"] as? String == "FULL", let floor = object["floor"] as? [String: Any]
            else { continue }
            for (name, value) in floor {
                if name.hasPrefix("dbbytes") { sizes[name] = value as? Int }
                guard !name.hasPrefix("dbbytes"), let seconds = value as? Double else { continue }
                cases[name, default: Samples()].add(seconds * 1_000)
            }
            return true
        }
        return false
    }
}
