import Foundation
import SyncCore
import Testing

@testable import SyncReplica

@Suite("What was removed leaves the file and its write-ahead log")
struct CleaningUpTests {
    private struct Cut: Error {}

    @Test("G7: an area that was lost stays in no file, though the sync was cut right after its records were removed")
    func cutAfterLoss() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/laptop.db"
        let server = FakeServer(directory: TestModel.directory())
        let one = try TestDevice(1, server, path: path)
        let two = try TestDevice(2, server)
        try two.add("Told in confidence", area: 2)
        for _ in 0..<8 { try two.add("filler", area: 1) }
        try two.sync()
        try one.sync()
        #expect(try Self.bytes(path).contains("Told in confidence"))
        server.directory = TestModel.directory(version: 2, readable: [1])
        server.pageEntries = 1
        for _ in 0..<3 { try two.add("more", area: 1) }
        try two.sync()
        var isFirst = true
        #expect(throws: Cut.self) {
            try SyncSession(replica: one.replica).run { request in
                guard isFirst else { throw Cut() }
                isFirst = false
                return try server.reply(to: request, from: 1)
            }
        }
        #expect(try one.replica.directory()?.areas.filter(\.canRead).map(\.number) == [1])
        #expect(try !Self.bytes(path).contains("Told in confidence"))
    }

    /// All bytes of the database and its log, as characters.
    private static func bytes(_ path: String) throws -> String {
        try [path, path + "-wal"].map { String(decoding: try Data(contentsOf: URL(filePath: $0)), as: UTF8.self) }
            .joined()
    }
}
