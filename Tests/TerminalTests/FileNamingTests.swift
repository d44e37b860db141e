import Foundation
import Testing

@Suite("Files that take their name when they are whole")
struct FileNamingTests {
    @Test("G1: who gives a file its name also brings the folder with that name to the disk")
    func renames() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        var found = 0
        for folder in ["Sources", "Client", "Server", "Shared"] {
            let files = FileManager.default.enumerator(
                at: root.appending(path: folder), includingPropertiesForKeys: nil)
            for case let file as URL in try #require(files) where file.pathExtension == "swift" {
                let text = try String(contentsOf: file, encoding: .utf8)
                guard text.contains("unsafe rename(") else { continue }
                found += 1
                #expect(text.contains("syncFolder(") || text.contains("ByteFile.replace("), "\(file.path)")
            }
        }
        #expect(found >= 4)
    }
}
