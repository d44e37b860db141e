import Database
import Foundation
import SyncCore
import SyncReplica
import Terminal
import Testing

@testable import KithClient

@Suite("Texts from an editor that could not be saved")
struct UnsavedTextTests {
    private let laptop: FieldLaptop
    private let visit: String

    init() throws {
        laptop = try FieldLaptop()
        visit = try laptop.visit("first")
    }

    private var folder: String { laptop.folder + "/unsaved" }

    private func files() throws -> [String] {
        guard FileManager.default.fileExists(atPath: folder) else { return [] }
        return try FileManager.default.contentsOfDirectory(atPath: folder)
    }

    /// The words of the one file that is kept, which the command named.
    private func kept(_ run: FieldLaptop.Run) throws -> String {
        let files = try files()
        try #require(files.count == 1, "\(run.errors)")
        let path = "\(folder)/\(files[0])"
        #expect(run.errors.contains("What you wrote is kept in \(path)."), "\(run.errors)")
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        return try String(contentsOfFile: path, encoding: .utf8)
    }

    private func edit(_ editor: String, _ more: String...) -> FieldLaptop.Run {
        laptop.run(["visit", "edit", visit] + more, isTerminal: true, editor: editor)
    }

    private func open() throws -> Laptop {
        try Laptop(home: HomeFolder(path: laptop.folder), creating: false, clock: { FieldLaptop.now })
    }

    @Test("An edit of nothing where nobody can be asked says that any field would do, not that one is missing")
    func nothingToEdit() throws {
        _ = try laptop.json("person", "add", "Alex")
        for (kind, id, option) in [("person", "Alex", "wants-next"), ("visit", visit, "summary")] {
            let run = laptop.run([kind, "edit", id])
            #expect(run.code == .usage)
            #expect(
                run.errors
                    == "kith: Nothing to change: name a field, such as --\(option). Nothing was changed.\n"
                    + "Next: kith \(kind) edit --help\n", "\(run.errors)")
        }
    }

    @Test("G1: a text above the limit is kept, and goes in once it is shorter, as the message says")
    func tooLong() throws {
        let run = edit("head -c 70000 /dev/zero | tr '\\0' x >")
        #expect(run.code == .usage)
        let words = try kept(run)
        #expect(words == String(repeating: "x", count: 70_000))
        let again = laptop.run(["visit", "edit", visit, "--summary", "-"], input: String(words.prefix(60_000)))
        #expect(again.code == .done, "\(again.errors)")
        #expect(try laptop.json("visit", "show", visit)["summary"]?.text?.count == 60_000)
    }

    @Test("G1: where the save is refused, the words stay and the next command takes them")
    func refusedSave() throws {
        let run = edit(
            "printf 'half an hour' >", "--editor", "summary", "--started", "2026-11-22 14:30", "--ended",
            "2026-11-22 14:00")
        #expect(run.code == .usage)
        #expect(try kept(run) == "half an hour")
        let next = try #require(run.errors.split(separator: "\n").last)
        #expect(next.hasPrefix("Next: kith visit edit"), "\(run.errors)")
    }

    @Test("G1: a dry run and a failed note keep what was written; a saved text leaves no file")
    func dryRunAndNote() throws {
        let dry = edit("printf dry >", "--dry-run")
        #expect(dry.code == .done)
        #expect(try kept(dry) == "dry")
        try open().texts.removeAll()
        let note = laptop.run(
            ["note", visit, "--area", "main"], isTerminal: true, editor: "printf 'a note' >")
        #expect(note.code == .usage, "\(note.errors)")
        #expect(try kept(note) == "a note")
        let path = "\(folder)/\(try files()[0])"
        #expect(note.errors.hasSuffix("Next: kith note \(visit.prefix(8)) - < '\(path)'\n"), "\(note.errors)")
        try open().texts.removeAll()
        #expect(edit("printf second >").code == .done)
        #expect(laptop.run(["note", visit], isTerminal: true, editor: "printf 'a note' >").code == .done)
        #expect(try files().isEmpty)
    }

    @Test("What was not saved is told where somebody asks whether the laptop may be lost")
    func told() throws {
        _ = edit("printf dry >", "--dry-run")
        let run = laptop.run(["status", "--safe-to-lose"])
        #expect(run.output.contains("Written and not saved: \(folder)/text-"), "\(run.output)")
        #expect(run.code == .failed)
    }

    @Test("A file that an editor left without a word is no text that was not saved")
    func withoutWords() throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try Data().write(to: URL(fileURLWithPath: folder + "/text-1"))
        #expect(!laptop.run(["status", "--safe-to-lose"]).output.contains("Written and not saved"))
        try Data("words".utf8).write(to: URL(fileURLWithPath: folder + "/text-2"))
        let output = laptop.run(["status", "--safe-to-lose"]).output
        #expect(output.contains("Written and not saved: \(folder)/text-2\n  To save one: "), "\(output)")
    }

    @Test("G9: all goes after an erasure and with a lost area, and what is a week old with the next sync")
    func removed() throws {
        func write() throws -> Laptop {
            _ = edit("printf words >", "--dry-run")
            try #require(try files().count == 1)
            return try open()
        }
        try write().replica.afterErasing?()
        #expect(try files().isEmpty)
        let losing = try write()
        _ = try losing.database.transaction { try losing.replica.onAreaLost?() }
        #expect(try files().isEmpty)
        _ = try write()
        let path = "\(folder)/\(try files()[0])"
        func sync(writtenDaysAgo days: Double) throws {
            let written = Date(timeIntervalSince1970: Double(FieldLaptop.now) / 1_000 - days * 86_400)
            try FileManager.default.setAttributes([.modificationDate: written], ofItemAtPath: path)
            #expect(laptop.run(["sync"]).code == .done)
        }
        try sync(writtenDaysAgo: 6.9)
        #expect(try files().count == 1)
        try sync(writtenDaysAgo: 7.1)
        #expect(try files().isEmpty)
    }
}
