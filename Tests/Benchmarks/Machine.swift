import Database
import Foundation
import Terminal

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// What the numbers were measured on.
struct Machine {
    private static let syncCount = 50
    private static let blockBytes = 4_096

    /// What the processor calls itself; empty where the system does not say.
    let processor: String
    /// How many processors this process may use.
    let cores: Int
    /// The middle time of writing 4 KiB and fsync, in milliseconds.
    let syncMilliseconds: Double

    /// Looks at the machine; writes a file of 200 KiB into the folder.
    init(scratch: URL) throws {
        cores = ProcessInfo.processInfo.activeProcessorCount
        processor = Self.processorName
        let path = scratch.appendingPathComponent("fsync").path
        let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        guard descriptor >= 0 else { throw ChildProcess.Failure(description: "\(path) can't be written.") }
        defer { close(descriptor) }
        let block = [UInt8](repeating: 0x6B, count: Self.blockBytes)
        var samples = Samples()
        for _ in 0..<Self.syncCount {
            var isDone = false
            samples.add(
                Stopwatch.milliseconds {
                    isDone = unsafe write(descriptor, block, block.count) == block.count && fsync(descriptor) == 0
                })
            guard isDone else { throw ChildProcess.Failure(description: "\(path) can't be written.") }
        }
        syncMilliseconds = samples.median
    }

    /// From /proc/cpuinfo, see proc(5).
    private static var processorName: String {
        let text =
            FileManager.default.contents(atPath: "/proc/cpuinfo").map { String(decoding: $0, as: UTF8.self) } ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix("model name") }
        return line?.split(separator: ":").dropFirst().first?.trimmingCharacters(in: .whitespaces) ?? ""
    }

    /// One line for people.
    var line: String {
        "\(cores) cores\(processor.isEmpty ? "" : " (\(processor))"); 4 KiB and fsync \(Measurement.shown(syncMilliseconds)) ms; SQLite \(Database.libraryVersion)"
    }

    var json: JSONValue {
        [
            "processor": .string(processor), "cores": JSONValue(cores), "fsync_4k_ms": .real(syncMilliseconds),
            "sqlite": .string(Database.libraryVersion),
        ]
    }
}
