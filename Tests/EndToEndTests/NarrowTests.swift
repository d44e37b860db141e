import Foundation
import Testing

/// Section 9's rules for people who see little, or have everything read to them, on every command there is.
@Suite("Narrow terminals, no colour")
struct NarrowTests {
    private static let width = 40
    /// What prints data or a script, or runs until it is stopped.
    private static let excluded = [["serve"], ["manual"], ["export"]]

    /// Commands to paste stay on one line.
    private static func isCommand(_ line: Substring) -> Bool {
        line.hasPrefix("Next: ") || line.drop { $0 == " " }.hasPrefix("kith")
    }

    /// Checks everything that a command printed for people.
    private func check(_ outcome: Outcome) {
        #expect(!outcome.outputBytes.contains(0x1B) && !outcome.errorBytes.contains(0x1B), "\(outcome)")
        #expect(!outcome.output.unicodeScalars.contains { (0x2500...0x257F).contains($0.value) }, "\(outcome)")
        for line in outcome.lines where line.count > Self.width && !Self.isCommand(line) {
            // A single word, and an invitation code or a path, can't be broken.
            let words = line.split(separator: " ")
            #expect(
                words.contains { $0.count > Self.width - 8 }, "wider than \(Self.width) columns: \(line)\n\(outcome)")
        }
        #expect([0, 1, 2, 3, 4, 5, 6].contains(outcome.code), "\(outcome)")
    }

    private func commands(_ program: String) throws -> [[String]] {
        try CommandList(program).runnable.filter { command in
            !Self.excluded.contains(command) && command.first != "completions"
        }
    }

    @Test("Every command of kith fits 40 columns, without colour and without boxes")
    func client() throws {
        let office = try Office()
        try office.open()
        let ada = try office.laptop("Ada", "admin")
        try office.close()
        try ada.run("place", "add", "Castle House", "--kind", "residential", "--district", "Canterbury").succeeded()
        try ada.run("person", "add", "Alex", "--role", "resident", "--place", "castle").succeeded()
        let visit = try ada.visit(
            "Castle House", summary: "Tea, and a long talk about the garden, the lift and who decides about either.")
        let narrow = ["COLUMNS": String(Self.width)]
        for command in try commands(Programs.client) {
            check(try ada.start(command + ["--no-input"], environment: narrow).finish())
            if ["show", "delete", "restore", "history"].contains(command.last) {
                check(try ada.start(command + [visit, "--no-input"], environment: narrow).finish())
            }
            check(try ada.start(command + ["--nonsense"], environment: narrow).finish())
        }
        check(try ada.start([], environment: narrow).finish())
    }

    @Test("Every command of kith-server fits 40 columns, without colour and without boxes")
    func server() throws {
        let office = try Office()
        try office.open()
        _ = try office.laptop("Priya")
        try office.close()
        let narrow = ["COLUMNS": String(Self.width)]
        for command in try commands(Programs.server) where command != ["init"] {
            let words = command + ["--data", office.folder, "--no-input", "--dry-run"]
            check(try Child(Programs.server, words, environment: narrow).finish())
            check(try Child(Programs.server, command + ["--nonsense"], environment: narrow).finish())
        }
    }
}
