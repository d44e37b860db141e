import Foundation
import Testing

@Suite("Help")
struct HelpTests {
    private func expectHelp(_ program: String) throws {
        for command in try CommandList(program).all {
            let words = command + ["--help"]
            let help = try Child(program, words, environment: ["COLUMNS": "40"]).finish()
            #expect(help.code == 0 && help.errors.isEmpty, "\(help)")
            #expect(help.output.contains("Example"), "\(help)")
            for line in help.lines where line.count > 40 {
                let words = line.split(separator: " ")
                #expect(words.count == 1, "wider than 40 columns: \(command): \(line)")
            }
            #expect(!help.outputBytes.contains(0x1B), "\(help)")
        }
    }

    @Test("Every command of kith has help with an example, and fits 40 columns")
    func client() throws { try expectHelp(Programs.client) }

    @Test("Every command of kith-server has help with an example, and fits 40 columns")
    func server() throws { try expectHelp(Programs.server) }

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
