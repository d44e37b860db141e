import Foundation
import Testing

@testable import Database

struct OpeningTests {
    @Test("A new file names its owner in its first page, is private, and is closed without a checkpoint")
    func newFile() throws {
        let folder = try TemporaryFolder()
        do {
            let database = try folder.open()
            try database.execute("CREATE TABLE t (a)")
            // SQLite counts these pragmas among the statements that may write.
            let settings = try database.transaction {
                try ["journal_mode", "synchronous", "secure_delete", "wal_autocheckpoint"].map {
                    try database.text("PRAGMA \($0)")
                }
            }
            #expect(settings == ["wal", "2", "1", "0"])
        }
        let owner = try folder.bytes("test.sqlite")[68..<72]
        #expect(Array(owner) == [0x4B, 0x49, 0x54, 0x48])
        #expect(try folder.bytes("test.sqlite-wal").count > 0)
        for name in try folder.names() {
            let attributes = try FileManager.default.attributesOfItem(atPath: folder.path(name))
            #expect(attributes[.posixPermissions] as? Int == 0o600, "\(name)")
        }
        #expect(try folder.open(mode: .readOnly).integer("SELECT count(*) FROM t") == 0)
    }

    @Test("The file of another application is refused and stays byte for byte as it was", arguments: [false, true])
    func foreign(_ hasNoOwner: Bool) throws {
        let folder = try TemporaryFolder()
        do {
            let other = try folder.open("made", applicationID: 77)
            try other.execute("CREATE TABLE theirs (a); INSERT INTO theirs VALUES ('x')")
            try other.checkpoint(.truncate)
        }
        var bytes = try folder.bytes("made")
        if hasNoOwner { bytes.replaceSubrange(68..<72, with: [0, 0, 0, 0]) }
        try folder.write(bytes, to: "other")
        let names = try folder.names()
        for mode in [Database.Mode.readWrite(create: true), .readWrite(create: false), .readOnly] {
            #expect(try failure { _ = try folder.open("other", mode: mode) } == .foreignFile)
        }
        #expect(try folder.bytes("other") == bytes)
        #expect(try folder.names() == names)
    }

    @Test(
        "Something else than a database is refused and stays as it was",
        arguments: ["x", "SQLite format 3\0", String(repeating: "notes ", count: 1_000)])
    func notADatabase(_ content: String) throws {
        let folder = try TemporaryFolder()
        try folder.write(Data(content.utf8), to: "notes")
        #expect(try failure { _ = try folder.open("notes") } == .notADatabase)
        #expect(try folder.bytes("notes") == Data(content.utf8))
        #expect(try folder.names() == ["notes"])
    }

    @Test("A damaged page is told as damage")
    func damaged() throws {
        let folder = try TemporaryFolder()
        do {
            let database = try folder.open("made")
            try database.execute("CREATE TABLE t (a); INSERT INTO t VALUES (1)")
            try database.checkpoint(.truncate)
        }
        var bytes = try folder.bytes("made")
        bytes.replaceSubrange(4_096..<8_192, with: [UInt8](repeating: 0xEE, count: 4_096))
        try folder.write(bytes, to: "damaged")
        let database = try folder.open("damaged")
        let findings = try database.integrityCheck()
        #expect(!findings.isEmpty)
        #expect(try failure { _ = try database.query("SELECT a FROM t") } == .corrupt)
    }

    @Test("A file that is missing is created on request alone, and a missing folder is an error")
    func missing() throws {
        let folder = try TemporaryFolder()
        #expect(try failure { _ = try folder.open(mode: .readOnly) } == .cannotOpen)
        #expect(try failure { _ = try folder.open(mode: .readWrite(create: false)) } == .cannotOpen)
        #expect(try failure { _ = try folder.open("no/such/folder") } == .cannotOpen)
        #expect(try folder.names().isEmpty)
    }

    @Test("An empty file becomes a database, and a symbolic link leads to the lock of its target")
    func emptyAndLinked() throws {
        let folder = try TemporaryFolder()
        try folder.write(Data(), to: "real")
        try FileManager.default.createSymbolicLink(
            atPath: folder.path("link"), withDestinationPath: folder.path("real"))
        let direct = try folder.open("real")
        let linked = try folder.open("link", timeout: 0)
        #expect(linked.path == direct.path)
        try direct.transaction {
            let kind = try failure { try linked.transaction {} }
            #expect(kind == .busy)
        }
    }

    @Test("Migrations run once and in order, and a step that fails leaves the version before")
    func migrations() throws {
        struct Stop: Error {}
        let folder = try TemporaryFolder()
        let database = try folder.open()
        let first: [Migration] = [
            .sql("CREATE TABLE t (a)"), .code { try $0.run("INSERT INTO t VALUES (1)") },
        ]
        try database.migrate(first)
        try database.migrate(first)
        #expect(try database.version == 2)
        #expect(throws: Stop.self) {
            try database.migrate(first + [.sql("INSERT INTO t VALUES (2)"), .code { _ in throw Stop() }])
        }
        #expect(try database.version == 2)
        #expect(try database.query("SELECT a FROM t") == [[.integer(1)]])
        try database.migrate(first + [.sql("INSERT INTO t VALUES (3)")])
        #expect(try database.version == 3)
        #expect(try database.integer("SELECT count(*) FROM t") == 2)
    }

    @Test("A file of a newer version is refused unchanged")
    func newer() throws {
        let folder = try TemporaryFolder()
        let database = try folder.open()
        try database.migrate([.sql("CREATE TABLE t (a)"), .sql("CREATE TABLE u (a)")])
        try database.checkpoint(.truncate)
        let bytes = try folder.bytes("test.sqlite")
        let old = try folder.open()
        #expect(try failure { try old.migrate([.sql("CREATE TABLE t (a)")]) } == .newerVersion)
        #expect(try folder.bytes("test.sqlite") == bytes)
        #expect(old.walBytes == 0)
    }
}
