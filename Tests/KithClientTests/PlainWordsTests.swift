import Foundation
import OutreachModel
import SyncCore
import SyncReplica
import Synchronization
import Terminal
import Testing

@testable import KithClient

/// What is called otherwise in code than to workers (design, section 3) does not reach them, whatever they type.
@Suite("Plain words") struct PlainWordsTests {
    /// Words of the engine, and what a worker reads in their place.
    private static let foreign = ["epoch", "cursor", "tombstone", "quarantine", "digest", "orphan", "rung", "area"]
    /// The log of who did what is read by the office and by auditors.
    private static let ofTheOffice = ["audit", "server-key", "completions"]

    /// The foreign words in a text, each as a word of its own.
    private static func found(in text: String) -> [String] {
        let words = text.lowercased().split { !$0.isLetter }
        return foreign.filter { word in words.contains { $0 == word || $0 == word + "s" } }
    }

    /// The words of every command that can be run, without the program's name.
    private static func commands() -> [[String]] {
        var commands: [[String]] = []
        KithProgram.program.root.walk { path in
            guard let command = path.last, command.canRun, !ofTheOffice.contains(path.dropFirst().first?.name ?? "")
            else { return }
            commands.append(path.dropFirst().map(\.name))
        }
        return commands
    }

    @Test("No page of help and no manual has a word that is the engine's or the office's")
    func help() {
        var pages = 0
        KithProgram.program.root.walk { path in
            guard !Self.ofTheOffice.contains(path.dropFirst().first?.name ?? "") else { return }
            let page = HelpPage(path: path, globalOptions: KithProgram.program.globalOptions, width: 80).text()
            #expect(Self.found(in: page) == [], "\(path.map(\.name))")
            pages += 1
        }
        #expect(pages > 100, "a walk that found nothing proves nothing")
    }

    @Test("No command says a word that is the engine's or the office's, with two teams, a conflict and held work")
    func outputs() throws {
        let laptop = try Self.laptop()
        let visit = try #require(try laptop.json("visit", "list").values.first?["id"]?.text)
        var ran = 0
        for command in Self.commands() {
            let more: [[String]] = [
                [], [visit], ["castle"], ["castle", "today"], ["nobody", "--\(AreaChoice.optionName)", "east"],
                ["Alex", "--\(AreaChoice.optionName)", "west", "--yes"], ["2", "--dry-run"],
            ]
            for words in more {
                let run = laptop.run(command + words + ["--no-input"])
                let text = run.output + "\n" + run.errors
                #expect(Self.found(in: text) == [], "\(command + words): \(text)")
                ran += 1
            }
        }
        #expect(ran > 700, "a walk that found nothing proves nothing")
    }

    @Test("Questions and what is told at a terminal have none of them either")
    func questions() throws {
        for words in [["person", "add", "Kim"], ["visit", "add", "castle", "today"], ["person", "move", "Alex"]] {
            let laptop = try Self.laptop()
            let run = laptop.run(words, input: "1\n1\n1\n1\n1\n1\n1\n", isTerminal: true)
            #expect(Self.found(in: run.output + run.errors) == [], "\(words): \(run)")
        }
    }

    @Test("A record with an open conflict needs a choice, as people read it; the word of --json stays as it is")
    func state() throws {
        let laptop = try Self.laptop()
        let visit = try #require(try laptop.json("visit", "list").values.first)
        #expect(visit["state"] == "conflict")
        let list = laptop.run(["visit", "list", "--plain"]).output
        #expect(list.contains("needs a choice") && !list.contains("conflict"), "\(list)")
        let shown = laptop.run(["visit", "show", visit["id"]?.text ?? ""]).output
        #expect(shown.contains("State: needs a choice\n") && shown.contains("Team: north\n"), "\(shown)")
    }

    @Test("What everybody sees and what leads alone see belongs to no team of that name")
    func teams() throws {
        let laptop = try Self.laptop()
        let place = try #require(try laptop.json("place", "list").values.first?["id"]?.text)
        #expect(laptop.run(["place", "show", place]).output.contains("Seen by: everyone\n"))
        #expect(laptop.run(["status"]).output.contains("Teams: north, south\n"))
    }

    /// A laptop of two teams with a visit that two people wrote differently, and one that is held.
    private static func laptop() throws -> FieldLaptop {
        let laptop = try FieldLaptop(areas: ["north", "south"])
        _ = try laptop.json("place", "add", "Castle House", "--kind", "residential")
        _ = try laptop.json("person", "add", "Alex", "--area", "north")
        let words = ["visit", "add", "Castle House", "today", "--summary", "Priya's words", "--with", "Alex"]
        let record = try #require(RecordID(try laptop.json(words: words)["id"]?.text ?? ""))
        let time = StampTime.packed(milliseconds: FieldLaptop.now)
        let conflict = Conflict(
            id: 7 << 100, table: OutreachSchema.Number.visit, record: record, area: 2,
            field: VisitField.summary.rawValue,
            a: Conflict.Side(value: .text("Priya's words"), stamp: Stamp(time: time, device: PaperOffice.device)),
            b: Conflict.Side(value: .text("Sam's"), stamp: Stamp(time: time + 1, device: PaperOffice.colleague)),
            before: .text("before"), kept: .b)
        laptop.office.state.withLock {
            ($0.conflicts, $0.held) = ([conflict], [HeldGroup(number: 2, reason: .areaNotGranted)])
        }
        try #require(laptop.run(["sync"]).code == .done)
        laptop.office.state.withLock { $0.conflicts = [] }
        return laptop
    }
}
