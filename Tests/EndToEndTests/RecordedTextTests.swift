import Foundation
import Testing

/// Help and error texts of every command, compared whole with a record: `make texts` writes it anew, and the change is
/// read like any other.
@Suite("Recorded texts")
struct RecordedTextTests {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../Recorded").standardizedFileURL.path
    /// A word that is no name, date, id or number of anything.
    private static let nothing = "zzzzzzzz"

    /// What a command line prints and tells, below it.
    private func told(
        _ program: String, _ words: [String], scratch: Scratch, environment: [String: String]
    ) throws -> (text: String, code: Int32) {
        let outcome = try Child(program, words, environment: environment.merging(["COLUMNS": "80"]) { $1 }).finish()
        let text = (outcome.output + outcome.errors).replacingOccurrences(of: scratch.path, with: "FOLDER")
        return (text, outcome.code)
    }

    private func line(_ program: String, _ words: [String]) -> String {
        "$ " + ([URL(fileURLWithPath: program).lastPathComponent] + words).joined(separator: " ") + "\n"
    }

    private func help(_ program: String, _ scratch: Scratch) throws -> String {
        try CommandList(program).all.map { command in
            let words = command + ["--help"]
            return line(program, words) + (try told(program, words, scratch: scratch, environment: [:]).text)
        }.joined(separator: "\n")
    }

    /// Every command without what it needs, with an option that it does not have, and with words that mean nothing.
    /// What goes well is not recorded: it is tested where it is made.
    private func errors(
        _ program: String, _ scratch: Scratch, environment: [String: String], without left: [[String]] = []
    ) throws -> String {
        var texts: [String] = []
        let strict = ["--no-input", "--dry-run"]
        for command in try CommandList(program).runnable where !left.contains(command) {
            let nothing = [1, 2].map { Array(repeating: Self.nothing, count: $0) }
            for words in [["--frobnicate"], strict] + nothing.map({ $0 + strict }) {
                let (text, code) = try told(program, command + words, scratch: scratch, environment: environment)
                if code != 0 { texts.append(line(program, command + words) + text + "(exit \(code))\n") }
            }
        }
        return texts.joined(separator: "\n")
    }

    private func compare(_ text: String, with name: String) throws {
        let path = "\(Self.folder)/\(name).txt"
        if StoryTeller.renews {
            try FileManager.default.createDirectory(atPath: Self.folder, withIntermediateDirectories: true)
            try text.write(toFile: path, atomically: true, encoding: .utf8)
        }
        let recorded = try String(contentsOfFile: path, encoding: .utf8)
        let (old, new) = (recorded.split(separator: "\n"), text.split(separator: "\n"))
        let place =
            zip(old, new).enumerated().first { $0.element.0 != $0.element.1 }?.offset ?? min(old.count, new.count)
        let command = new.prefix(place + 1).last { $0.hasPrefix("$ ") } ?? ""
        #expect(
            recorded == text,
            """
            \(name).txt differs; read the change, then: make texts
            \(command)
            recorded: \(place < old.count ? old[place] : "(the end)")
            now: \(place < new.count ? new[place] : "(the end)")
            """)
    }

    @Test("Help of every command of both programs is as recorded", arguments: ["kith", "kith-server"])
    func help(name: String) throws {
        let scratch = try Scratch()
        try compare(help(name == "kith" ? Programs.client : Programs.server, scratch), with: "\(name)-help")
    }

    @Test("Errors of every command of kith are as recorded")
    func client() throws {
        let office = try Office()
        try office.open()
        let priya = try office.laptop("Priya")
        try office.close()
        let text = try errors(Programs.client, priya.scratch, environment: ["KITH_HOME": priya.home])
        try compare(text.replacingOccurrences(of: office.address, with: "ADDRESS"), with: "kith-errors")
    }

    @Test("Errors of every command of kith-server are as recorded")
    func server() throws {
        let office = try Office()
        let text = try errors(
            Programs.server, office.scratch, environment: ["KITH_SERVER_DATA": office.folder], without: [["serve"]])
        try compare(text.replacingOccurrences(of: office.address, with: "ADDRESS"), with: "kith-server-errors")
    }
}
