import Database
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

    @Test("G7: where somebody reads meanwhile nothing fails, and the next sync cleans up")
    func reader() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/laptop.db"
        let server = FakeServer(directory: TestModel.directory())
        let one = try TestDevice(1, server, path: path)
        let two = try TestDevice(2, server)
        for number in 0..<40 { try two.add("Told in confidence \(number).", area: number % 2 + 1) }
        try two.sync()
        try one.sync()
        server.directory = TestModel.directory(version: 2, readable: [1])
        let notes = "SELECT (SELECT count(*) FROM unclean_file) + (SELECT count(*) FROM unemptied_log)"
        let other = try Database(path: path, mode: .readWrite(create: false), applicationID: 0x4B49_5448)
        try other.readTransaction {
            #expect(try other.integer("SELECT count(*) FROM unclean_file") == 0)
            try one.sync()
            #expect(try one.replica.database.integer(notes) == 2)
        }
        #expect(try one.replica.directory()?.areas.filter(\.canRead).map(\.number) == [1])
        try one.sync()
        #expect(try one.replica.database.integer(notes) == 0)
        let left = try Self.bytes(path)
        #expect(left.contains("Told in confidence 0.") && !left.contains("Told in confidence 1."))
    }

    @Test("G7: a file of an earlier version is written anew with its next sync, a new one is not")
    func earlierVersion() throws {
        let server = FakeServer(directory: TestModel.directory())
        let device = try TestDevice(1, server)
        let database = device.replica.database
        #expect(try database.integer("SELECT count(*) FROM unclean_file") == 0)
        try database.transaction {
            try database.run("DROP TABLE unclean_file")
            try database.execute("PRAGMA user_version = 26")
            try Replica.noteGaps(in: database)
        }
        #expect(try database.integer("SELECT count(*) FROM unclean_file") == 1)
        let new = try Database(path: Database.memoryPath, mode: .readWrite(create: true), applicationID: 0x4B49_5448)
        try new.transaction { try Replica.noteGaps(in: new) }
        #expect(try new.integer("SELECT count(*) FROM sqlite_master") == 0)
    }

    /// All bytes of the database and its log, as characters.
    private static func bytes(_ path: String) throws -> String {
        try [path, path + "-wal"].map { String(decoding: try Data(contentsOf: URL(filePath: $0)), as: UTF8.self) }
            .joined()
    }
}
