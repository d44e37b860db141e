import Foundation
import Testing

@Suite("Answers that are kept")
struct KeptAnswerTests {
    /// Begins a visit, answers three questions, and leaves the fourth one open.
    private func begun(_ laptop: Laptop) throws -> Child {
        let entry = try laptop.start(["visit", "add"], input: .terminal)
        try entry.waitForError("a person): ")
        try entry.type("Castle House\n")
        try entry.waitForError("When: ")
        try entry.type("2026-11-22 14:37\n")
        try entry.waitForError("With whom")
        try entry.type("\n")
        try entry.waitForError("Summary")
        return entry
    }

    private func answerWords() -> Data { Data("2026-11-22T14:37".utf8) }

    /// Whether an answer stands in any file of the laptop.
    private func isInFiles(_ laptop: Laptop) throws -> Bool {
        try FileManager.default.subpathsOfDirectory(atPath: laptop.home).contains { name in
            let path = "\(laptop.home)/\(name)"
            guard FileManager.default.isReadableFile(atPath: path),
                let bytes = FileManager.default.contents(atPath: path)
            else { return false }
            return bytes.range(of: answerWords()) != nil
        }
    }

    @Test("G1: what was answered survives kill -9 in the middle of a guided entry, and the entry goes on from there")
    func killed() throws {
        let office = try Office()
        try office.open()
        let priya = try office.laptop("Priya")
        try priya.run("place", "add", "Castle House", "--kind", "residential").succeeded()
        let entry = try begun(priya)
        entry.send(SIGKILL)
        #expect(try entry.finish().code == -SIGKILL)

        let again = try priya.start(["visit", "add"], input: .terminal)
        try again.waitForError("3 answers from ")
        try again.type("1\n")
        try again.waitForError("When: Sunday 22 November 2026, 14:37")
        try again.waitForError("Summary")
        try again.type("Tea.\n")
        try again.finish().succeeded()
        let visits = try priya.json("visit", "list").array ?? []
        #expect(visits.count == 1 && visits[0]["summary"].string == "Tea.")
    }

    @Test("Lines that are pasted at a terminal are kept whole, and a line that the terminal cuts is not taken")
    func pasted() throws {
        let office = try Office()
        try office.open()
        let priya = try office.laptop("Priya")
        try priya.run("place", "add", "Castle House", "--kind", "residential").succeeded()
        let entry = try begun(priya)
        try entry.type("One.\nTwo.\nThree.\n")
        #expect(try entry.finish().succeeded().errors.contains("3 lines were taken."))
        let cut = try begun(priya)
        try cut.type(String(repeating: "é", count: 2_500) + "\n")
        try cut.waitForError("its end is lost. Nothing of it was taken.")
        try cut.type("Short.\n")
        try cut.finish().succeeded()
        let summaries = try priya.json("visit", "list").array?.compactMap { $0["summary"].string } ?? []
        #expect(Set(summaries) == ["One.\nTwo.\nThree.", "Short."])
        try office.close()
    }

    @Test("G7: answers of an entry that was cut short leave all files with the area")
    func lostArea() throws {
        let office = try Office(areas: ["canterbury", "deal"])
        try office.open()
        let priya = try office.laptop("Priya", areas: ["canterbury", "deal"])
        try priya.run("place", "add", "Castle House", "--kind", "residential").succeeded()
        try priya.run("sync").succeeded()
        let entry = try begun(priya)
        entry.send(SIGKILL)
        _ = try entry.finish()
        #expect(try isInFiles(priya))
        #expect(try !priya.run("sync").succeeded().output.contains("Begun"))

        try office.run("areas", "take", "Priya", "canterbury").succeeded()
        let report = try priya.run("sync").succeeded().output
        #expect(report.hasSuffix("Begun and not saved, and removed with it: kith visit add\n"), "\(report)")
        #expect(try !isInFiles(priya))
        #expect(try !priya.run("status", "--safe-to-lose").output.contains("Begun"))
    }
}
