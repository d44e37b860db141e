import Foundation

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// A running `kith-server serve`; whoever started it stops it.
struct ServerProcess {
    /// A request to sync as the server's log tells of it.
    struct Sync {
        let device: Int
        /// Bytes of the bodies, as they went over the line.
        let bytesIn: Int
        let bytesOut: Int
        let groups: Int
    }

    private let child: ChildProcess
    private let log: String
    /// Where it listens.
    let port: UInt16
    /// Kept open while the server runs, so that its output has somewhere to go.
    private let output: FileHandle

    var processID: pid_t { child.processID }

    /// Starts the server of an office's folder and waits until it says that it listens.
    init(program: String, office: URL, scratch: URL) throws {
        var ends: [Int32] = [0, 0]
        guard unsafe pipe(&ends) == 0 else { throw ChildProcess.Failure(description: "No pipe can be made.") }
        // Only the server itself may hold the writing end, or its end would not end the pipe.
        for end in ends where fcntl(end, F_SETFD, FD_CLOEXEC) != 0 {
            throw ChildProcess.Failure(description: "No pipe can be made.")
        }
        output = FileHandle(fileDescriptor: ends[0], closeOnDealloc: true)
        var isWritingEndOpen = true
        defer { if isWritingEndOpen { close(ends[1]) } }
        var streams = ChildProcess.Streams(folder: scratch)
        streams.errors = scratch.appendingPathComponent("server-errors").path
        streams.pipe = ends[1]
        log = streams.errors
        child = try ChildProcess(program, ["serve", "--data", office.path, "--log", "json"], streams: streams)
        // From here on only the server holds it: if it dies, the pipe ends.
        close(ends[1])
        isWritingEndOpen = false
        guard let port = try Self.waitUntilListening(output) else {
            kill(child.processID, SIGTERM)
            try child.finish()
            throw ChildProcess.Failure(description: "The server did not say that it listens.")
        }
        self.port = port
    }

    /// Reads the first line, which names the port; nil where the server ended without one.
    private static func waitUntilListening(_ output: FileHandle) throws -> UInt16? {
        var line = Data()
        while !line.contains(UInt8(ascii: "\n")) {
            var byte: UInt8 = 0
            let count = unsafe read(output.fileDescriptor, &byte, 1)
            if count == 1 { line.append(byte) } else if count == 0 || errno != EINTR { break }
        }
        guard line.starts(with: Data("listening on ".utf8)), let colon = line.lastIndex(of: UInt8(ascii: ":")) else {
            return nil
        }
        return UInt16(
            String(decoding: line[(colon + 1)...], as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines))
    }

    /// Ends the server by its process number and waits for it.
    func stop() throws {
        kill(child.processID, SIGTERM)
        try child.finish()
    }

    // MARK: What it did

    /// The requests to sync so far, in the order of their answers.
    func syncs() throws -> [Sync] {
        guard let text = FileManager.default.contents(atPath: log) else { return [] }
        return text.split(separator: UInt8(ascii: "\n")).compactMap { line in
            // Lines that are no requests, or not whole yet, have no path.
            guard let object = try? JSONSerialization.jsonObject(with: line) as? [String: Any],
                object["path"] as? String == "/v1/sync", let bytesIn = object["bytes_in"] as? Int,
                let bytesOut = object["bytes_out"] as? Int
            else { return nil }
            return Sync(
                device: object["device"] as? Int ?? 0, bytesIn: bytesIn, bytesOut: bytesOut,
                groups: object["groups"] as? Int ?? 0)
        }
    }

    /// The most memory that it has held, in bytes; nil where the system does not say.
    var peakBytes: Int? { ProcessFacts.peakBytes(of: child.processID) }

    /// The seconds that a core worked for it so far; nil where the system does not say.
    var processorSeconds: Double? { ProcessFacts.processorSeconds(of: child.processID) }
}

/// What proc(5) says of a process.
enum ProcessFacts {
    private static let kilobyte = 1_024
    /// The columns of /proc/PID/stat behind the name of the program: time in the program, and in the system for it.
    private static let timeColumns = [11, 12]

    static func peakBytes(of processID: pid_t) -> Int? {
        guard let status = FileManager.default.contents(atPath: "/proc/\(processID)/status") else { return nil }
        let line = String(decoding: status, as: UTF8.self).split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        return line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) }.map { $0 * kilobyte }
    }

    static func processorSeconds(of processID: pid_t) -> Double? {
        guard let stat = FileManager.default.contents(atPath: "/proc/\(processID)/stat") else { return nil }
        let text = String(decoding: stat, as: UTF8.self)
        guard let end = text.lastIndex(of: ")") else { return nil }
        let columns = text[end...].split(separator: " ").dropFirst()
        let ticks = timeColumns.compactMap { Int(columns[columns.startIndex + $0]) }
        guard ticks.count == timeColumns.count else { return nil }
        return Double(ticks.reduce(0, +)) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }
}
