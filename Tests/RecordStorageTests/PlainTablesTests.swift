import Database
import Foundation
import SyncCore
import Testing

@testable import RecordStorage

@Suite struct PlainTablesTests {
    private let folder = FileManager.default.temporaryDirectory.path + "/plain-\(UUID().uuidString)"

    init() throws { try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true) }

    private func names() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: folder).sorted() }

    private func write(_ path: String, _ rows: [[Value]]) throws -> Int {
        let tables = try PlainTables(path: path)
        let columns = [("id", FieldType.text), ("count", .integer), ("share", .real), ("bytes", .blob)]
        let count = try tables.add("thing", columns: columns) { insert in
            for row in rows { try insert(row) }
        }
        try tables.finish()
        return count
    }

    @Test("A finished file is one plain SQLite file with typed tables, and nothing lies beside it")
    func whole() throws {
        defer { cleanUp() }
        let rows: [[Value]] = [
            [.text("a"), .integer(3), .real(0.5), .blob([1, 2])], [.text("é"), .null, .null, .null],
        ]
        #expect(try write(folder + "/out.sqlite", rows) == 2)
        #expect(try names() == ["out.sqlite"])
        let attributes = try FileManager.default.attributesOfItem(atPath: folder + "/out.sqlite")
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        let bytes = try Data(contentsOf: URL(fileURLWithPath: folder + "/out.sqlite"))
        #expect(bytes.starts(with: Data("SQLite format 3\0".utf8)))
        // Bytes 18 and 19 are the versions that reading and writing need: 1 is a rollback journal, 2 a write-ahead log.
        #expect(bytes[18...19].elementsEqual([1, 1]))
        let told = try Process.output(
            "sqlite3",
            [
                folder + "/out.sqlite",
                "SELECT *, typeof(count), typeof(share) FROM thing ORDER BY id; PRAGMA integrity_check;",
            ])
        #expect(told == "a|3|0.5|\u{1}\u{2}|integer|real\né||||null|null\nok\n")
    }

    @Test("What is there already is never touched", arguments: ["file", "folder"])
    func existing(what: String) throws {
        defer { cleanUp() }
        let path = folder + "/out.sqlite"
        if what == "file" {
            try Data("mine".utf8).write(to: URL(fileURLWithPath: path))
        } else {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        }
        #expect(throws: RecordStorageError.fileExists(path: path)) { try PlainTables(path: path) }
        #expect(try names() == ["out.sqlite"])
    }

    @Test("A file that was not finished leaves nothing behind, and one left by a stopped program is no hindrance")
    func unfinished() throws {
        struct Stop: Error {}
        defer { cleanUp() }
        let path = folder + "/out.sqlite"
        try Data("half".utf8).write(to: URL(fileURLWithPath: path + ".partial"))
        #expect(throws: Stop.self) {
            let tables = try PlainTables(path: path)
            try tables.add("thing", columns: [("id", .text)]) { insert in
                try insert([.text("a")])
                throw Stop()
            }
        }
        #expect(try names() == [])
        #expect(try write(path, []) == 0)
        #expect(try names() == ["out.sqlite"])
    }

    @Test("A folder that is not there is told as such")
    func noFolder() throws {
        defer { cleanUp() }
        #expect(throws: DatabaseError.self) { try PlainTables(path: folder + "/none/out.sqlite") }
    }

    // Harmless where it fails: the folder is a temporary one.
    private func cleanUp() { try? FileManager.default.removeItem(atPath: folder) }
}

extension Process {
    /// What a program of the system prints.
    fileprivate static func output(_ program: String, _ arguments: [String]) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [program] + arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let bytes = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return String(decoding: bytes, as: UTF8.self)
    }
}
