import Foundation
import Testing

@testable import Tabular

/// A folder that goes away with the test.
final class Scratch {
    let folder = FileManager.default.temporaryDirectory.path + "/kith-tabular-\(UUID().uuidString)"

    init() throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    // Harmless where it fails: the folder is a temporary one.
    deinit { try? FileManager.default.removeItem(atPath: folder) }

    func path(_ name: String) -> String { folder + "/" + name }

    /// Writes a file and returns its path.
    func file(_ bytes: [UInt8], _ name: String = "table.csv") throws -> String {
        try Data(bytes).write(to: URL(fileURLWithPath: path(name)))
        return path(name)
    }

    func file(_ text: String, _ name: String = "table.csv") throws -> String { try file(Array(text.utf8), name) }

    /// All rows of a file as texts.
    func rows(_ path: String, encoding: TextEncoding? = nil) throws -> [[String]] {
        var rows: [[String]] = []
        try TableFile(path: path, encoding: encoding).forEachRow { row in
            rows.append((0..<row.count).map { row.text($0) })
            return true
        }
        return rows
    }
}
