import Foundation

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// A running `kith-server serve`; whoever started it stops it.
struct ServerProcess {
    private let child: ChildProcess
    /// Kept open while the server runs, so that its output has somewhere to go.
    private let output: FileHandle

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
        child = try ChildProcess(program, ["serve", "--data", office.path], streams: streams)
        // From here on only the server holds it: if it dies, the pipe ends.
        close(ends[1])
        isWritingEndOpen = false
        try waitUntilListening()
    }

    /// Reads the first line; without one the server has failed, and says why.
    private func waitUntilListening() throws {
        var line = Data()
        while !line.contains(UInt8(ascii: "\n")) {
            var byte: UInt8 = 0
            let count = unsafe read(output.fileDescriptor, &byte, 1)
            if count == 1 { line.append(byte) } else if count == 0 || errno != EINTR { break }
        }
        guard line.starts(with: Data("listening on ".utf8)) else {
            try stop()
            throw ChildProcess.Failure(description: "The server did not say that it listens.")
        }
    }

    /// Ends the server by its process number and waits for it.
    func stop() throws {
        kill(child.processID, SIGTERM)
        try child.finish()
    }
}
