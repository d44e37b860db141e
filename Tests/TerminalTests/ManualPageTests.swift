import Foundation
import Testing

@testable import Terminal

@Suite("Manual pages")
struct ManualPageTests {
    private let page = ManualPage(program: sample).text()

    @Test("A command's section is its declaration, letter by letter")
    func section() throws {
        let start = try #require(page.range(of: ".SS kith visit list"))
        let end = try #require(page.range(of: ".SS kith search"))
        #expect(
            page[start.lowerBound..<end.lowerBound] == #"""
                .SS kith visit list
                \fBkith visit list\fR \-\-since DATE [options]
                .PP
                List visits.
                .TP
                \fB\-\-since DATE\fR
                From this day on. Required.

                """#)
    }

    @Test("Every command that can run has a section, and every exit code a line")
    func whole() {
        for title in ["kith visit add", "kith visit list", "kith search"] { #expect(page.contains(".SS \(title)\n")) }
        #expect(!page.contains(".SS kith visit\n"), "a group does nothing itself")
        for code in ExitCode.allCases {
            #expect(page.contains("\n\\fB\(code.rawValue)\\fR\n\(ManualPage<Console>.escaped(code.meaning))\n"))
        }
    }

    @Test("Text that roff would take for a request, an escape or another letter comes out as it was written")
    func escaping() {
        let program = Program<Console>(
            version: "1",
            root: Command(
                name: "kith", summary: ".Begins with a dot.", discussion: "'Quotes' and \\back\nCafé, 2 ≠ 3: it's",
                example: "kith --all"))
        let text = ManualPage(program: program).text()
        #expect(text.contains("\n\\&.Begins with a dot.\n"))
        #expect(text.contains("\n\\&\\(aqQuotes\\(aq and \\eback\n.PP\nCaf\\[u00E9], 2 \\[u2260] 3: it\\(aqs\n"))
        #expect(text.contains("kith \\-\\-all"))
        #expect(text.utf8.allSatisfy { $0 < 0x7F })
    }
}
