import Terminal

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// Texts that are written in an editor, or were typed for a command that failed: files in a folder of this laptop, until they are saved as part of a record.
///
/// What can't be saved stays there for a week. All go where they may name somebody who was erased, or belong to an area
/// that this laptop lost.
struct UnsavedTexts {
    /// How long a file stays, in milliseconds: as long as answers that wait.
    static let keptMilliseconds = BegunEntries.keptMilliseconds

    private let folder: String

    init(_ home: HomeFolder) {
        folder = home.path + "/unsaved"
    }

    /// The texts that were not saved, the oldest name first; beside them editors may leave files of their own. A file
    /// without a word, of an editor that is open or was cut off, is none.
    var paths: [String] {
        names().filter { $0.hasPrefix("text-") && !$0.hasSuffix("~") }.sorted().map { "\(folder)/\($0)" }
            .filter { path in
                var status = stat()
                return unsafe lstat(path, &status) != 0 || status.st_size > 0
            }
    }

    /// Lets a person write a text in their editor; nil where they left it as it was.
    ///
    /// - Parameter option: what could have given the text.
    func write(_ initial: String, option: String, _ context: ClientContext) throws -> EditedText? {
        // Where nobody can be asked, the next line says so.
        if context.console.prompter.canAsk { try HomeFolder(path: folder).create() }
        removeOld(now: context.clock())
        return try context.console.editText(initial: initial, option: option, folder: folder)
    }

    /// Keeps a text that was typed otherwise; returns the path of its file.
    func keep(_ text: String, _ context: ClientContext) throws -> String {
        try HomeFolder(path: folder).create()
        removeOld(now: context.clock())
        return try TextEditor(streams: context.console.streams, folder: folder).keep(text)
    }

    /// Does what saves a text; where that fails, says where the words are.
    ///
    /// - Parameter command: what saves the text when it is given the file on standard input.
    static func keeping(_ text: EditedText?, command: String, _ body: () throws -> Void) throws {
        guard let text else { return try body() }
        do {
            try body()
        } catch {
            let failure = FailureWording.failure(error)
            guard unsafe access(text.path, F_OK) == 0 else { throw failure }
            throw failure.keeping(text.path, next: "\(command) < \(quotedForShell(text.path))")
        }
    }

    /// Says where a text lies that was not to be saved.
    static func tell(_ text: EditedText?, _ context: ClientContext) throws {
        if let text { try context.console.note("What you wrote is kept in \(text.path).") }
    }

    /// Overwrites and removes the files that nobody has written to for a week.
    func removeOld(now milliseconds: Int64) {
        for name in names() {
            let path = "\(folder)/\(name)"
            var status = stat()
            guard unsafe lstat(path, &status) == 0 else { continue }
            #if canImport(Darwin)
                let written = Int64(status.st_mtimespec.tv_sec) * 1_000
            #else
                let written = Int64(status.st_mtim.tv_sec) * 1_000
            #endif
            guard written < milliseconds - Self.keptMilliseconds else { continue }
            // What can't be removed now stays where it was; the next sync tries again.
            try? FileWiping.remove(path)
        }
    }

    /// Overwrites and removes all files and their folder.
    func removeAll() throws {
        for name in names() { try FileWiping.remove("\(folder)/\(name)") }
        guard unsafe rmdir(folder) == 0 || errno == ENOENT else {
            throw ClientError.folder(path: folder, reason: systemWords(errno))
        }
    }

    private func names() -> [String] { FolderListing.names(in: folder) }
}
