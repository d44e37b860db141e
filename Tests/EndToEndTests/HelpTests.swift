import Foundation
import Testing

@Suite("Help")
struct HelpTests {
    private static let records = ["place", "person", "visit", "meeting"].flatMap { kind in
        ["add", "list", "show", "edit", "delete", "restore"].map { "\(kind) \($0)" }
    }
    private static let clientCommands =
        ["", "join", "note", "today", "sync", "status", "history", "export", "doctor", "place", "visit", "conflicts"]
        + ["list", "show", "resolve", "reopen"].map { "conflicts \($0)" } + records
        + ["", " list", " show", " resend", " withdraw"].map { "held\($0)" }
    private static let serverCommands =
        ["", "init", "serve", "invite", "revoke", "export", "stats", "doctor"]
        + ["devices list", "areas list", "areas add", "areas give", "areas take", "quarantine list", "quarantine show"]
        + ["quarantine accept", "quarantine discard"]
        + ["list", "show", "resolve", "reopen"].map { "conflicts \($0)" }

    private func expectHelp(_ program: String, _ commands: [String]) throws {
        for command in commands {
            let words = command.split(separator: " ").map(String.init) + ["--help"]
            let help = try Child(program, words, environment: ["COLUMNS": "40"]).finish()
            #expect(help.code == 0 && help.errors.isEmpty, "\(help)")
            #expect(help.output.contains("Example"), "\(help)")
            for line in help.lines where line.count > 40 {
                let words = line.split(separator: " ")
                #expect(words.count == 1, "wider than 40 columns: \(command): \(line)")
            }
        }
    }

    @Test("Every command of kith has help with an example, and fits 40 columns")
    func client() throws { try expectHelp(Programs.client, Self.clientCommands) }

    @Test("Every command of kith-server has help with an example, and fits 40 columns")
    func server() throws { try expectHelp(Programs.server, Self.serverCommands) }

    @Test("Results are printed on standard output, and nothing but JSON with --json")
    func streams() throws {
        let office = try Office()
        try office.open()
        let priya = try office.laptop("Priya")
        try office.close()
        try priya.run("place", "add", "Castle House", "--kind", "residential").succeeded()
        _ = try priya.visit("Castle House", summary: "Tea.")
        for words in [
            ["visit", "list"], ["place", "list"], ["status"], ["conflicts", "list"], ["today"], ["doctor"],
        ] {
            let outcome = try priya.start(words + ["--json"]).finish()
            #expect(throws: Never.self) { try outcome.json() }
        }
        let narrow = try priya.run("visit", "list", environment: ["COLUMNS": "40"]).succeeded()
        #expect(narrow.output.contains(":"), "below 60 columns a table becomes lines of label and value")
        #expect(narrow.output.split(separator: "\n").allSatisfy { $0.count <= 40 }, "\(narrow)")
    }
}
