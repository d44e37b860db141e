#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A text that was written in an editor. Its file stays until it is removed here: words that can't be saved are not lost.
package struct EditedText: Sendable {
    /// What was written.
    package let text: String
    /// The file that it lies in, readable by this person alone.
    package let path: String

    /// Removes the file, once the text is saved elsewhere or is of no use.
    package func remove() {
        // A file that is gone already is what is wanted; one that can't be removed goes with the folder's old files.
        unsafe unlink(path)
    }
}

/// Lets a person write longer text in the editor of their choice: `$VISUAL`, else `$EDITOR`, else `vi`.
package struct TextEditor: Sendable {
    private let folder: String
    private let environment: @Sendable (String) -> String?

    /// Makes an editor that finds its program in the environment of the streams.
    ///
    /// - Parameter folder: where its files lie; it is there already.
    package init(streams: TerminalStreams, folder: String) {
        self.folder = folder
        environment = streams.environment
    }

    /// Opens the text in the editor and returns what was saved, or nil where it was left unchanged.
    ///
    /// The text lies in a file that only this person can read. An unchanged one is removed; else it stays, whatever
    /// happens, and errors name it.
    ///
    /// - Throws: where the file can't be made, the editor fails, or the result is above the limit in bytes or not UTF-8.
    package func edit(initial: String, limitBytes: Int) throws(CommandFailure) -> EditedText? {
        let path = try keep(initial)
        let editor = runEditor(path)
        do throws(CommandFailure) {
            let bytes = try readFile(path, limitBytes: limitBytes)
            guard bytes != Array(initial.utf8) else {
                EditedText(text: initial, path: path).remove()
                try editor.get()
                return nil
            }
            try editor.get()
            guard bytes.count <= limitBytes else {
                throw CommandFailure(
                    exitCode: .usage, message: "The edited text is longer than \(limitBytes) bytes. Nothing was saved.")
            }
            return EditedText(text: try validText(bytes, from: "The edited text"), path: path)
        } catch {
            guard unsafe access(path, F_OK) == 0 else { throw error }
            throw error.keeping(path)
        }
    }

    /// Writes a text into a new file in the folder, which only this person can read, and returns its path.
    ///
    /// - Throws: where the file can't be made or written; then none is left.
    package func keep(_ text: String) throws(CommandFailure) -> String {
        var template = Array("\(folder)/text-XXXXXX".utf8CString)
        let descriptor = unsafe template.withUnsafeMutableBufferPointer { buffer -> Int32 in
            guard let start = buffer.baseAddress else { return -1 }
            return unsafe mkstemp(start)
        }
        guard descriptor >= 0 else { throw failure("A file for the text could not be made", errno) }
        let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        do throws(StreamFailure) {
            try writeBytes(Array(text.utf8), to: descriptor)
        } catch {
            close(descriptor)
            unsafe unlink(path)
            throw failure("The file for the text could not be written", reason(error))
        }
        guard close(descriptor) == 0 else {
            let code = errno
            unsafe unlink(path)
            throw failure("The file for the text could not be written", code)
        }
        return path
    }

    /// Runs the shell, as `system(3)` does: Ctrl-C then belongs to the editor.
    private func runEditor(_ path: String) -> Result<Void, CommandFailure> {
        let chosen = [environment("VISUAL"), environment("EDITOR")].compactMap(\.self).first { !$0.isEmpty } ?? "vi"
        let status = unsafe system("\(chosen) \(quotedForShell(path))")
        guard status != 0 else { return .success(()) }
        return .failure(
            CommandFailure(
                exitCode: .failed,
                message: "The editor ended with an error. Nothing was saved. Set EDITOR to another editor."))
    }

    /// The bytes of the file; of one above the limit only so many that this shows.
    private func readFile(_ path: String, limitBytes: Int) throws(CommandFailure) -> [UInt8] {
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
        return bytes
    }

    private func failure(_ what: String, _ code: Int32) -> CommandFailure {
        failure(what, systemReason(code))
    }

    private func failure(_ what: String, _ reason: String) -> CommandFailure {
        CommandFailure(exitCode: .failed, message: "\(what): \(reason). Nothing was saved.")
    }
}

extension CommandFailure {
    /// The failure, and where the words lie that were written before it.
    ///
    /// - Parameter next: the command to try next, where the failure names none.
    package func keeping(_ path: String, next: String? = nil) -> CommandFailure {
        CommandFailure(
            exitCode: exitCode, message: "\(message) What you wrote is kept in \(path).", next: self.next ?? next,
            choices: choices)
    }
}

/// A word that a shell reads as one, whatever is in it.
package func quotedForShell(_ word: String) -> String {
    "'" + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
}
