import Foundation

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// OpenSSL's own server, with a certificate of its own, on a free port of the loopback.
struct OpenSSLServer {
    /// No port in what it printed.
    struct NoPort: Error {
        let printed: String
    }

    private static let program = "/usr/bin/openssl"

    /// Tests that need it are skipped without it.
    static var isInstalled: Bool { FileManager.default.isExecutableFile(atPath: program) }

    let port: UInt16
    private let process: Process
    private let folder: URL

    init(version: String) throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("kith-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let key = folder.appendingPathComponent("key.pem").path
        let certificate = folder.appendingPathComponent("certificate.pem").path
        let maker = Process()
        maker.executableURL = URL(fileURLWithPath: Self.program)
        maker.arguments =
            ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
            + ["-subj", "/CN=test", "-keyout", key, "-out", certificate]
        maker.standardError = Pipe()
        try maker.run()
        maker.waitUntilExit()
        process = Process()
        process.executableURL = URL(fileURLWithPath: Self.program)
        process.arguments =
            ["s_server", "-accept", "127.0.0.1:0", "-key", key, "-cert", certificate, version]
            + ["-cipher", "ALL:@SECLEVEL=0"]
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        process.standardInput = Pipe()
        try process.run()
        port = try Self.port(printedBy: output)
    }

    /// Reads on until the line "ACCEPT 127.0.0.1:PORT".
    private static func port(printedBy output: Pipe) throws -> UInt16 {
        var printed = ""
        while true {
            let data = output.fileHandleForReading.availableData
            printed += String(decoding: data, as: UTF8.self)
            let lines = printed.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
            let words = lines.first { $0.hasPrefix("ACCEPT") }?.split(separator: ":")
            if let port = words?.last.flatMap({ UInt16($0) }) { return port }
            guard !data.isEmpty else { throw NoPort(printed: printed) }
        }
    }

    func stop() {
        // SIGTERM may be blocked in what a test runner starts.
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        try? FileManager.default.removeItem(at: folder)  // A leftover in the temporary folder harms no one.
    }
}
