import Foundation
import Terminal
import Testing

@testable import KithClient

/// A laptop with files to import.
final class Importer {
    let laptop: FieldLaptop

    init(areas: [String] = ["main"]) throws { laptop = try FieldLaptop(areas: areas) }

    func path(_ name: String) -> String { laptop.folder + "/" + name }

    @discardableResult
    func write(_ text: String, _ name: String = "table.csv") throws -> String {
        try Data(text.utf8).write(to: URL(fileURLWithPath: path(name)))
        return path(name)
    }

    func read(_ name: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(fileURLWithPath: path(name))), as: UTF8.self)
    }

    /// The five numbers: imported, updated, unchanged, rejected, blank.
    func counts(_ words: String...) throws -> [Int64] {
        let value = laptop.run(["import"] + words + ["--json"])
        try #require(!value.output.isEmpty, "\(value.errors)")
        let counts = try ["imported", "updated", "unchanged", "rejected", "blank"].map { name in
            guard case .integer(let number)? = try value.json[name] else {
                Issue.record("no \(name)")
                return Int64(-1)
            }
            return number
        }
        #expect(value.code == (counts[3] > 0 && counts[..<3].allSatisfy { $0 == 0 } ? .failed : .done))
        return counts
    }

    func list(_ kind: String) throws -> [JSONValue] { try laptop.json(kind, "list").values }

    func show(_ kind: String, _ id: String) throws -> JSONValue { try laptop.json(kind, "show", id) }

    /// The records of a kind as JSON lines of the export, by external id.
    func exported(_ kind: String) throws -> [String: JSONValue] {
        let lines = laptop.run(["export", kind, "--format", "jsonl"]).output.split(separator: "\n")
        var records: [String: JSONValue] = [:]
        for line in lines {
            let record = try JSONParser.parse(Array(line.utf8))
            records[record["external_id"]?.text ?? record["id"]?.text ?? ""] = record
        }
        return records
    }
}
