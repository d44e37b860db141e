import Foundation
import Testing

/// What is left of an erasure because another program uses the file.
@Suite("G9: files that are in use while somebody is erased", .enabled(if: SQLiteShell.isInstalled))
struct ErasureCleaningTests {
    private let canary = "Zebedee"

    /// A program that reads a database until it is killed.
    private func reader(of database: String, in folder: String) throws -> Child {
        let script = folder + "/reader.sql"
        try "BEGIN;\nSELECT count(*) FROM sqlite_schema;\n.shell echo reading\n".write(
            toFile: script, atomically: false, encoding: .utf8)
        // Then it waits for what is typed.
        let child = try Child("/usr/bin/sqlite3", ["-init", script, database], input: .terminal)
        _ = try child.firstLine()
        return child
    }

    private func files(in folder: String) throws -> [String] { try FolderBytes.files(in: folder, with: canary) }

    private func office() throws -> (Office, Laptop, person: String) {
        let office = try Office()
        try office.open()
        let priya = try office.laptop("Priya")
        try priya.run("place", "add", "Castle House", "--kind", "residential", "--district", "Canterbury").succeeded()
        let person = try priya.json("person", "add", "\(canary) Quill")["id"].text()
        _ = try priya.visit("Castle House", summary: "Tea.")
        try priya.run("sync").succeeded()
        return (office, priya, person)
    }

    @Test("The office is told that its file is in use, and the server that runs cleans up once it is free")
    func server() throws {
        let (office, _, person) = try office()
        let reader = try reader(of: office.folder + "/hub.sqlite", in: office.scratch.path("."))
        let outcome = try office.run("erase", "person", person, "--yes").succeeded()
        #expect(outcome.errors.contains("still holds what was erased"))
        #expect(try office.run("doctor").succeeded().output.contains("may still hold what was erased"))
        #expect(try files(in: office.folder) != [])
        reader.send(SIGKILL)
        _ = try reader.finish()
        // The server looks every ten seconds, and says nothing of it: only its files tell.
        let deadline = ContinuousClock.now + Child.patience
        while try files(in: office.folder) != [], ContinuousClock.now < deadline { usleep(200_000) }
        #expect(try files(in: office.folder) == [])
        #expect(try !office.run("erase", "status").succeeded().errors.contains("still hold"))
        try office.close()
    }

    @Test("A worker is told that their file is in use, and the next sync cleans up")
    func laptop() throws {
        let (office, priya, person) = try office()
        try office.run("erase", "person", person, "--yes").succeeded()
        let reader = try reader(of: priya.home + "/kith.sqlite", in: office.scratch.path("."))
        let first = try priya.run("sync").succeeded()
        #expect(first.output.contains("can still be read in its file"))
        #expect(try files(in: priya.home) != [])
        reader.send(SIGKILL)
        _ = try reader.finish()
        let second = try priya.run("sync").succeeded()
        #expect(!second.output.contains("can still be read"))
        #expect(try files(in: priya.home) == [])
        #expect(try office.run("erase", "status").succeeded().output.contains("confirmed"))
        try office.close()
    }
}
