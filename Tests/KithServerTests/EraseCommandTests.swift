import Foundation
import OutreachModel
import SyncCore
import SyncHub
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
    ) -> (code: ExitCode, output: String, errors: String, screen: String) {
        let streams = RecordedStreams(input: input, isTerminal: isTerminal)
        let code = ServerProgram.program.run(
            words + ["--data", path], streams: streams.streams, makeContext: ServerProgram.context,
            describe: ServerProgram.failure)
        return (code, streams.output, streams.errorOutput, streams.screen)
    }

    func importPeople(_ names: String...) throws {
        let file = path + "-people.csv"
        try Data(("name\n" + names.joined(separator: "\n") + "\n").utf8).write(to: URL(fileURLWithPath: file))
        defer { #expect(throws: Never.self) { try FileManager.default.removeItem(atPath: file) } }
        #expect(run("import", "people", file, "--area", "main").code == .done)
    }

    /// Has a laptop send a visit that names a person, and no more than their first name.
    func send(visitTo person: RecordID, summary: String) throws {
        let connection = try HubConnection(
            path: path + "/hub.sqlite", keyFile: OfficeKeyFile(path: path + "/office-key"))
        let hub = connection.hub
        let area = try #require(hub.areas().first { $0.name == "main" }).number
        try hub.invite(person: "Priya", role: .worker, areas: [area], expires: .max, secretHash: [1])
        let device = try hub.join(secretHash: [1], deviceName: "laptop", tokenHash: [1])
        let time = StampTime.packed(milliseconds: WallClock.milliseconds())
        func change(_ table: Int, _ id: RecordID, _ values: [Int: Value]) -> Change {
            Change(
                table: table, record: id, creation: Creation(area: area, time: time),
                fields: values.sorted { $0.key < $1.key }.map {
                    FieldChange(field: $0.key, value: $0.value, time: time, base: Base.none)
                })
        }
        let visit = RecordID(milliseconds: 9, random: (9, 9))
        let changes = [
            change(
                OutreachSchema.Number.visit, visit,
                [VisitField.started.rawValue: .text("2026-11-22"), VisitField.summary.rawValue: .text(summary)]),
            change(
                OutreachSchema.Number.attendance, RecordID(milliseconds: 9, random: (9, 10)),
                [
                    AttendanceField.visit.rawValue: .blob(visit.bytes),
                    AttendanceField.person.rawValue: .blob(person.bytes),
                ]),
        ]
        try connection.store.transaction {
            _ = try hub.accept([ChangeGroup(number: 1, changes: changes)], from: device, deviceClock: nil)
        }
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

    @Test(
        "G9: What a laptop sends about an erased person afterwards is named by status and doctor, and the command finds it"
    )
    func arrivedSince() throws {
        let id = try office.id(of: "Alex")
        #expect(office.run("erase", "person", id, "--yes").code == .done)
        #expect(!office.run("erase", "status").output.contains("refers to the erased person"))
        try office.send(visitTo: try #require(RecordID(id)), summary: "unsent about Alex")
        let line =
            "1 record refers to the erased person \(id.prefix(8)): kept at the time, or sent since by a device that had "
            + "not heard of it. Look: kith-server erase person \(id.prefix(8)) --dry-run"
        #expect(office.run("erase", "status").output.contains(line), "\(office.run("erase", "status"))")
        #expect(office.run("erase", "status", "--json").output.contains("\"still_referring\":1"))
        #expect(office.run("doctor").output.contains(line))
        let again = office.run("erase", "person", id, "--all", "--yes")
        #expect(again.code == .done, "\(again)")
        #expect(!office.run("doctor").output.contains("refers to the erased person"))
    }

    @Test(
        "G9: What has a word of the name and hangs on nothing of theirs can be chosen at a terminal, after the preview")
    func wordsAtTheTerminal() throws {
        let id = try office.id(of: "Alex")
        try office.importPeople("Alex Berry")
        try office.send(visitTo: try #require(RecordID(id)), summary: "Sat with Alex")
        let short = String(id.prefix(8))
        let run = office.run("erase", "person", id, input: "2\n1\n2\n2\n1\n\(short)\n", isTerminal: true)
        #expect(run.screen.contains("1 record has a word of the name, perhaps of somebody else."), "\(run.screen)")
        let preview = try #require(run.screen.range(of: "Has a word of the name, perhaps of somebody else"))
        let question = try #require(run.screen.range(of: "2 records are linked to this person."))
        #expect(preview.lowerBound < question.lowerBound, "\(run.screen)")
        #expect(run.code == .done && run.output.contains("took the person out of 1 record."), "\(run.screen)")
        #expect(office.run("export", "visits").output.contains("Sat with [erased]"))
        #expect(!office.run("export", "people").output.contains("Alex"))
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
