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
            -> EditedText?
        {
            let recorded = RecordedStreams(isTerminal: true, variables: ["EDITOR": editor, "VISUAL": visual])
            let console = Console(streams: recorded.streams, settings: ConsoleSettings())
            return try console.editText(
                initial: initial, option: "--text", folder: folder.path, limitBytes: limitBytes)
        }

        private func files() throws -> [String] {
            try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        }

        /// The words of the one file that stayed, whose name the failure says.
        private func kept(_ message: String, _ exitCode: ExitCode, _ body: () throws -> EditedText?) throws -> Data {
            let failure = #expect(throws: CommandFailure.self) { try body() }
            let name = try #require(try files().first)
            let path = folder.appending(path: name)
            #expect(failure?.exitCode == exitCode)
            #expect(failure?.message == "\(message) What you wrote is kept in \(path.path).")
            defer { #expect(throws: Never.self) { try FileManager.default.removeItem(at: path) } }
            return try Data(contentsOf: path)
        }

        private func remove(_ folder: URL) {
            #expect(throws: Never.self) { try FileManager.default.removeItem(at: folder) }
        }

        /// A shell command that runs the script with the file as `$1`.
        private func script(_ text: String) -> String { "sh -c '\(text)' sh" }

        @Test("What was written comes back, and its file stays until it is removed")
        func changed() throws {
            defer { remove(folder) }
            let edited = try #require(try edit(script(#"echo more >> "$1""#), "first\n"))
            #expect(edited.text == "first\nmore\n")
            #expect(try String(contentsOfFile: edited.path, encoding: .utf8) == edited.text)
            edited.remove()
            #expect(try files().isEmpty)
            #expect(try edit("false", "first\n", visual: script(#"echo visual > "$1""#))?.text == "visual\n")
        }

        @Test("An unchanged text is nil")
        func unchanged() throws {
            defer { remove(folder) }
            #expect(try edit("true", "first\n") == nil)
            #expect(try files().isEmpty)
        }

        @Test("Only its owner can read the file")
        func permissions() throws {
            defer { remove(folder) }
            #expect(
                try edit(script(#"ls -l "$1" | cut -c1-10 > "$1.mode"; mv "$1.mode" "$1""#), "")?.text == "-rw-------\n"
            )
        }

        @Test("An editor that fails without having written leaves no file")
        func failedUnchanged() throws {
            defer { remove(folder) }
            #expect(
                throws: CommandFailure(
                    exitCode: .failed,
                    message: "The editor ended with an error. Nothing was saved. Set EDITOR to another editor.")
            ) { try edit("false", "first") }
            #expect(try files().isEmpty)
        }

        @Test("G1: the words of an editor that fails, too many and wrong ones stay in their file, which is named")
        func failures() throws {
            defer { remove(folder) }
            let failed = "The editor ended with an error. Nothing was saved. Set EDITOR to another editor."
            #expect(
                try kept(failed, .failed) { try edit(script(#"printf words > "$1"; exit 1"#), "first") }
                    == Data("words".utf8))
            let long = "The edited text is longer than 4 bytes. Nothing was saved."
            #expect(
                try kept(long, .usage) { try edit(script(#"printf 1234567 > "$1""#), "", limitBytes: 4) }
                    == Data("1234567".utf8))
            let wrong = "The edited text is not UTF-8 text at byte 1. Nothing was saved."
            #expect(
                try kept(wrong, .usage) { try edit(script(#"printf "a\\377" > "$1""#), "") } == Data([0x61, 0xFF]))
        }

        @Test("A folder that is not there is named as the system names it")
        func noFolder() throws {
            try FileManager.default.removeItem(at: folder)
            let recorded = RecordedStreams(isTerminal: true)
            let console = Console(streams: recorded.streams, settings: ConsoleSettings())
            #expect(
                throws: CommandFailure(
                    exitCode: .failed,
                    message: "A file for the text could not be made: No such file or directory. Nothing was saved.")
            ) { try console.editText(initial: "", option: "--text", folder: folder.path) }
        }
    }
}
