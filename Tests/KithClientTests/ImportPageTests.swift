import Foundation
import SyncCore
import Terminal
import Testing

@testable import KithClient

@Suite("docs/import.md")
struct ImportPageTests {
    /// A block of the page: what stands behind the three marks, and its lines.
    private struct Block {
        let title: [Substring]
        let lines: [Substring]
        var text: String { lines.map { $0 + "\n" }.joined() }
    }

    private static func blocks() throws -> [Block] {
        let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("docs/import.md")
        var blocks: [Block] = []
        var title: [Substring]?
        var lines: [Substring] = []
        for line in try String(contentsOf: page, encoding: .utf8).split(
            separator: "\n", omittingEmptySubsequences: false)
        {
            guard line.hasPrefix("```") else {
                if title != nil { lines.append(line) }
                continue
            }
            if let open = title {
                blocks.append(Block(title: open, lines: lines))
                title = nil
            } else {
                title = line.dropFirst(3).split(separator: " ")
                lines = []
            }
        }
        return blocks
    }

    @Test("Every example runs as it stands, and prints what the page says")
    func examples() throws {
        let laptop = try FieldLaptop(role: .admin)
        var runs = 0
        for block in try Self.blocks() {
            switch block.title.first {
            case "csv": try Data(block.text.utf8).write(to: URL(fileURLWithPath: laptop.folder + "/" + block.title[1]))
            case "text":
                let written = try String(contentsOfFile: laptop.folder + "/" + block.title[1], encoding: .utf8)
                #expect(written == block.text)
            case "console":
                var words = block.lines[0].split(separator: " ").dropFirst(2).map(String.init)
                words[2] = laptop.folder + "/" + words[2]
                let run = laptop.run(words)
                #expect(run.code == .done, "\(run.errors)")
                #expect(run.output.replacing(laptop.folder + "/", with: "") == block.lines[1] + "\n")
                runs += 1
            default: Issue.record("a block without a title")
            }
        }
        #expect(runs == 5)
    }
}
