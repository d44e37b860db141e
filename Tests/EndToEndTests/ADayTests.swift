import Foundation
import Testing

@Suite("A day")
struct ADayTests {
    private static let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../../docs/a-day.md").standardizedFileURL.path

    @Test(
        "docs/a-day.md is what the programs print, line by line",
        .enabled(if: FakeClock.isInstalled, "libfaketime is not installed"))
    func day() throws {
        var teller = try StoryTeller(Story(Self.page))
        for step in teller.story.steps {
            let printed = try teller.tell(step)
            let matches = teller.compare(step, printed)
            #expect(
                matches,
                """
                docs/a-day.md, line \(step.line + 1): \(step.command)
                The page says:
                \(step.expected.map(teller.names.filled).joined(separator: "\n"))
                It prints:
                \(printed.joined(separator: "\n"))
                """)
            guard matches || StoryTeller.renews else { break }
        }
        try teller.close()
        if StoryTeller.renews { try teller.renewed().write(toFile: Self.page, atomically: true, encoding: .utf8) }
    }
}
