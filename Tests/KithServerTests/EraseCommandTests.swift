import Foundation
import Terminal
import Testing

@testable import KithServer

/// A server's folder that goes away with the test, and the program run on it in process.
private final class Folder {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("kith-office-\(UUID().uuidString)").path

    // A folder that was never made is no failure.
    deinit { try? FileManager.default.removeItem(atPath: path) }

    func run(
        _ words: String..., input: String = "", isTerminal: Bool = false
    ) -> (code: ExitCode, output: String, errors: String) {
        let streams = RecordedStreams(input: input, isTerminal: isTerminal)
        let code = ServerProgram.program.run(
            words + ["--data", path], streams: streams.streams, makeContext: ServerProgram.context,
            describe: ServerProgram.failure)
        return (code, streams.output, streams.errorOutput)
    }

    func importPeople(_ names: String...) throws {
        let file = path + "-people.csv"
        try Data(("name\n" + names.joined(separator: "\n") + "\n").utf8).write(to: URL(fileURLWithPath: file))
        defer { #expect(throws: Never.self) { try FileManager.default.removeItem(atPath: file) } }
        #expect(run("import", "people", file, "--area", "main").code == .done)
    }

    func id(of name: String) throws -> String {
        let lines = run("export", "people").output.split(separator: "\n")
        let line = try #require(lines.first { $0.contains(name) })
        return try String(#require(line.split(separator: ",").first))
    }
}

@Suite("kith-server erase")
struct EraseCommandTests {
    private let office: Folder

    init() throws {
        office = Folder()
        try #require(office.run("init", "--area", "main").code == .done)
        try office.importPeople("Alex Morgan", "Kim")
    }

    @Test("G13: answers at a terminal: the suggestion, the short id typed, ids and no names in what is confirmed")
    func guided() throws {
        let id = try office.id(of: "Alex")
        let wrong = office.run("erase", "person", id, input: "nonsense\n", isTerminal: true)
        #expect(wrong.code == .failed && wrong.errors.contains("Nothing was erased"), "\(wrong)")
        let short = String(id.prefix(8))
        let done = office.run("erase", "person", short, input: short + "\n", isTerminal: true)
        #expect(done.code == .done, "\(done)")
        #expect(done.errors.contains("no undo") && done.errors.contains("Backups"))
        #expect(done.output.contains("erased \(id)"))
        #expect(!office.run("export", "people").output.contains("Alex"))
        let status = office.run("erase", "status")
        #expect(status.output.contains("Erased: 1") && status.output.contains("Confirmed by 0 of 0 devices"))
        let gone = office.run("erase", "person", id, "--yes")
        #expect(gone.code == .notFound && gone.errors.contains("any more"), "\(gone)")
    }

    @Test("Without a way to ask, the missing option is named and nothing is changed")
    func noInput() throws {
        let id = try office.id(of: "Alex")
        let refused = office.run("erase", "person", id, "--no-input")
        #expect(refused.code == .usage && refused.errors.contains("--yes"), "\(refused)")
        #expect(office.run("export", "people").output.contains("Alex"))
        #expect(office.run("erase", "person", "!", "--yes").code == .usage)
        #expect(office.run("erase", "status").errors.contains("Nothing was ever erased"))
    }

    @Test("A further name is read from standard input, so that it stands in no list of processes")
    func alias() throws {
        let id = try office.id(of: "Alex")
        let preview = office.run("erase", "person", id, "--alias", "-", "--dry-run", input: "Kim\n")
        #expect(preview.code == .done, "\(preview)")
        #expect(preview.output.contains("Names the person"), "\(preview)")
        #expect(!office.run("erase", "person", id, "--dry-run").output.contains("Names the person"))
    }

    @Test("Taking back a command of the office passes over what was erased since")
    func undo() throws {
        let id = try office.id(of: "Alex")
        #expect(office.run("erase", "person", id, "--yes").code == .done)
        let undone = office.run("undo", "--yes")
        #expect(undone.code == .done, "\(undone)")
        #expect(!office.run("export", "people").output.contains("Kim"))
        #expect(office.run("redo", "--yes").code == .done)
        let people = office.run("export", "people").output
        #expect(people.contains("Kim") && !people.contains("Alex"))
        #expect(office.run("doctor").code == .done)
    }
}
