import Foundation

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// OpenSSL's own client: it sends what no well-behaved library would.
struct OpenSSLClient {
    private static let program = "/usr/bin/openssl"

    /// Tests that need it are skipped without it.
    static var isInstalled: Bool { FileManager.default.isExecutableFile(atPath: program) }

    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()

    init(port: UInt16, options: [String] = ["-quiet"]) throws {
        process.executableURL = URL(fileURLWithPath: Self.program)
        process.arguments = ["s_client", "-connect", "127.0.0.1:\(port)"] + options
        process.standardInput = input
        process.standardOutput = output
        process.standardError = output
        try process.run()
    }

    func send(_ text: String) throws {
        try input.fileHandleForWriting.write(contentsOf: Data(text.utf8))
    }

    func endInput() throws { try input.fileHandleForWriting.close() }

    /// Blocks until the server closes, and gives all that was printed.
    func outputToEnd() throws -> String {
        let data = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return String(decoding: data, as: UTF8.self)
    }

    /// The server let too many bytes trickle in.
    struct NotCutOff: Error {}

    private static let trickleLimitBytes = 1_000

    /// Sends one byte after another until the server closes, waiting a moment for its end each time.
    func trickleToEnd(paceMilliseconds: Int32) throws -> String {
        var events = pollfd(fd: output.fileHandleForReading.fileDescriptor, events: Int16(POLLIN), revents: 0)
        var text = ""
        for _ in 0..<Self.trickleLimitBytes {
            if unsafe poll(&events, 1, paceMilliseconds) == 0 {
                // The client may have ended just now: the read after the next poll finds that.
                try? send("x")
                continue
            }
            let data = output.fileHandleForReading.availableData
            if data.isEmpty {
                process.waitUntilExit()
                return text
            }
            text += String(decoding: data, as: UTF8.self)
        }
        kill(process.processIdentifier, SIGKILL)
        throw NotCutOff()
    }
}
