#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Lets a person write longer text in the editor of their choice: `$VISUAL`, else `$EDITOR`, else `vi`.
package struct TextEditor: Sendable {
    private let environment: @Sendable (String) -> String?

    /// Makes an editor that finds its program and its temporary folder in the environment of the streams.
    package init(streams: TerminalStreams) {
        environment = streams.environment
    }

    /// Opens the text in the editor and returns what was saved, or nil where it was left unchanged.
    ///
    /// The text lies in a file that only this person can read, in TMPDIR, and is removed afterwards. Throws where the
    /// file can't be made, the editor fails, or the result is above the limit in bytes or not UTF-8.
    package func edit(initial: String, limitBytes: Int) throws(CommandFailure) -> String? {
        let path = try makeFile(initial)
        defer { unsafe unlink(path) }
        try runEditor(path)
        let text = try readFile(path, limitBytes: limitBytes)
        return text == initial ? nil : text
    }

    private func makeFile(_ text: String) throws(CommandFailure) -> String {
        let folder = environment("TMPDIR").flatMap { $0.isEmpty ? nil : $0 } ?? "/tmp"
        var template = Array("\(folder)/text-XXXXXX".utf8CString)
        let descriptor = unsafe template.withUnsafeMutableBufferPointer { buffer -> Int32 in
            guard let start = buffer.baseAddress else { return -1 }
            return unsafe mkstemp(start)
        }
        guard descriptor >= 0 else { throw failure("A file for the editor could not be made", errno) }
        let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        do throws(StreamFailure) {
            try writeBytes(Array(text.utf8), to: descriptor)
        } catch {
            close(descriptor)
            unsafe unlink(path)
            throw failure("The file for the editor could not be written", reason(error))
        }
        guard close(descriptor) == 0 else {
            let code = errno
            unsafe unlink(path)
            throw failure("The file for the editor could not be written", code)
        }
        return path
    }

    /// Runs the shell, as `system(3)` does: Ctrl-C then belongs to the editor.
    private func runEditor(_ path: String) throws(CommandFailure) {
        let chosen = [environment("VISUAL"), environment("EDITOR")].compactMap(\.self).first { !$0.isEmpty } ?? "vi"
        let status = unsafe system("\(chosen) \(quoted(path))")
        guard status == 0 else {
            throw CommandFailure(
                exitCode: .failed,
                message: "The editor ended with an error. Nothing was saved. Set EDITOR to another editor.")
        }
    }

    private func quoted(_ path: String) -> String {
        "'" + path.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
    }

    private func readFile(_ path: String, limitBytes: Int) throws(CommandFailure) -> String {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else { throw failure("The edited file could not be opened", errno) }
        defer { close(descriptor) }
        let pieceBytes = 1 << 14
        var bytes: [UInt8] = []
        do throws(StreamFailure) {
            while bytes.count <= limitBytes {
                let piece = try readBytes(from: descriptor, maximumBytes: pieceBytes, isInterruptible: false)
                if piece.isEmpty { break }
                bytes += piece
            }
        } catch {
            throw failure("The edited file could not be read", reason(error))
        }
        guard bytes.count <= limitBytes else {
            throw CommandFailure(
                exitCode: .usage, message: "The edited text is longer than \(limitBytes) bytes. Nothing was saved.")
        }
        return try validText(bytes, from: "The edited text")
    }

    private func failure(_ what: String, _ code: Int32) -> CommandFailure {
        failure(what, systemReason(code))
    }

    private func failure(_ what: String, _ reason: String) -> CommandFailure {
        CommandFailure(exitCode: .failed, message: "\(what): \(reason). Nothing was saved.")
    }
}
