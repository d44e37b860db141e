import Foundation
import Terminal
import Testing

/// Tests that touch what a whole process shares, its signals: one at a time.
@Suite("The process", .serialized)
struct ProcessTests {}

extension ProcessTests {
    @Suite("The editor")
    struct TextEditorTests {
        private let folder: URL

        init() throws {
            folder = FileManager.default.temporaryDirectory.appending(path: "it's a folder \(UUID().uuidString)")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        }

        private func edit(_ editor: String, _ initial: String, limitBytes: Int = 100, visual: String = "") throws
            -> String?
        {
            let recorded = RecordedStreams(
                isTerminal: true, variables: ["EDITOR": editor, "VISUAL": visual, "TMPDIR": folder.path])
            let console = Console(streams: recorded.streams, settings: ConsoleSettings())
            defer {
                // Nil, where the folder can't be read, is not empty: the expectation fails.
                #expect((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) == [])
            }
            return try console.editText(initial: initial, option: "--text", limitBytes: limitBytes)
        }

        private func remove(_ folder: URL) {
            #expect(throws: Never.self) { try FileManager.default.removeItem(at: folder) }
        }

        /// A shell command that runs the script with the file as `$1`.
        private func script(_ text: String) -> String { "sh -c '\(text)' sh" }

        @Test("What was saved comes back, and the file is gone")
        func changed() throws {
            defer { remove(folder) }
            #expect(try edit(script(#"echo more >> "$1""#), "first\n") == "first\nmore\n")
            #expect(try edit("false", "first\n", visual: script(#"echo visual > "$1""#)) == "visual\n")
        }

        @Test("An unchanged text is nil")
        func unchanged() throws {
            defer { remove(folder) }
            #expect(try edit("true", "first\n") == nil)
        }

        @Test("Only its owner can read the file")
        func permissions() throws {
            defer { remove(folder) }
            #expect(try edit(script(#"ls -l "$1" | cut -c1-10 > "$1.mode"; mv "$1.mode" "$1""#), "") == "-rw-------\n")
        }

        @Test("An editor that fails, too much text and wrong bytes save nothing")
        func failures() throws {
            defer { remove(folder) }
            #expect(
                throws: CommandFailure(
                    exitCode: .failed,
                    message: "The editor ended with an error. Nothing was saved. Set EDITOR to another editor.")
            ) { try edit("false", "first") }
            #expect(
                throws: CommandFailure(
                    exitCode: .usage, message: "The edited text is longer than 4 bytes. Nothing was saved.")
            ) { try edit(script(#"printf 12345 > "$1""#), "", limitBytes: 4) }
            #expect(
                throws: CommandFailure(
                    exitCode: .usage, message: "The edited text is not UTF-8 text at byte 1. Nothing was saved.")
            ) { try edit(script(#"printf "a\\377" > "$1""#), "") }
        }

        @Test("A folder that is not there is named as the system names it")
        func noFolder() throws {
            try FileManager.default.removeItem(at: folder)
            let recorded = RecordedStreams(isTerminal: true, variables: ["TMPDIR": folder.path])
            let console = Console(streams: recorded.streams, settings: ConsoleSettings())
            #expect(
                throws: CommandFailure(
                    exitCode: .failed,
                    message: "A file for the editor could not be made: No such file or directory. Nothing was saved.")
            ) { try console.editText(initial: "", option: "--text") }
        }
    }
}
