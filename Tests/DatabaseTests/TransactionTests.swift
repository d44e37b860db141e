import Testing

@testable import Database

struct TransactionTests {
    private struct Stop: Error {}

    @Test("A body that throws leaves nothing behind, and its own error arrives")
    func rollback() throws {
        let database = try memoryDatabase()
        #expect(throws: Stop.self) {
            try database.transaction {
                try database.run("INSERT INTO t (a) VALUES (1)")
                throw Stop()
            }
        }
        #expect(try database.integer("SELECT count(*) FROM t") == 0)
        try database.transaction { try database.run("INSERT INTO t (a) VALUES (2)") }
        #expect(try database.integer("SELECT a FROM t") == 2)
    }

    @Test("What follows a transaction that was not synced is synced again, also where its body throws")
    func syncsAgain() throws {
        let database = try memoryDatabase()
        for fails in [false, true] {
            do {
                try database.transaction(isSynced: false) {
                    #expect(try database.integer("PRAGMA synchronous") == 1)
                    try database.run("INSERT INTO t (a) VALUES (1)")
                    if fails { throw Stop() }
                }
            } catch is Stop {}
            #expect(try database.integer("PRAGMA synchronous") == 2)
            #expect(try database.integer("SELECT count(*) FROM t") == 1)
        }
        let inNext = try database.transaction { try database.integer("PRAGMA synchronous") }
        #expect(inNext == 2)
    }

    @Test("Writing the file anew leaves the settings of the connection as they were, also where it can't be done")
    func settingsAfterRewrite() throws {
        let database = try memoryDatabase()
        try database.execute("PRAGMA cache_size = -5000")
        try database.rewrite()
        #expect(throws: DatabaseError.self) { try database.transaction { try database.rewrite() } }
        #expect(try database.integer("PRAGMA cache_size") == -5_000)
        #expect(try database.integer("PRAGMA temp_store") == 2)
        #expect(try database.integer("PRAGMA cache_spill") == 0)
    }

    @Test("A savepoint that throws undoes its own part alone, also inside another one")
    func savepoint() throws {
        let database = try memoryDatabase()
        try database.transaction {
            try database.run("INSERT INTO t (a) VALUES (1)")
            #expect(throws: Stop.self) {
                try database.savepoint {
                    try database.run("INSERT INTO t (a) VALUES (2)")
                    throw Stop()
                }
            }
            try database.savepoint {
                try database.run("INSERT INTO t (a) VALUES (3)")
                #expect(throws: Stop.self) {
                    try database.savepoint {
                        try database.run("INSERT INTO t (a) VALUES (4)")
                        throw Stop()
                    }
                }
            }
        }
        #expect(try database.query("SELECT a FROM t ORDER BY a") == [[.integer(1)], [.integer(3)]])
    }

    @Test("A nested transaction, a savepoint alone and a write outside a transaction are refused")
    func misuse() throws {
        let database = try memoryDatabase()
        let insert = { try database.run("INSERT INTO t (a) VALUES (1)") }
        #expect(try failure { try database.transaction { try database.transaction {} } } == .misuse)
        #expect(try failure { try database.savepoint {} } == .misuse)
        #expect(try failure(insert) == .misuse)
        #expect(try failure { try database.readTransaction(insert) } == .misuse)
        #expect(try failure { try database.execute("BEGIN; INSERT INTO t (a) VALUES (1)") } == .misuse)
        #expect(try database.integer("SELECT count(*) FROM t") == 0)
        #expect(try failure { try database.transaction(insert) } == nil)
    }

    @Test("When SQLite itself rolls back, nothing that a body writes afterwards is kept, and the commit fails")
    func abortedBySQLite() throws {
        let database = try memoryDatabase()
        try database.execute("CREATE UNIQUE INDEX i ON t (a)")
        let kind = try failure {
            try database.transaction {
                try database.run("INSERT INTO t (a) VALUES (1)")
                let first = try failure {
                    try database.savepoint { try database.run("INSERT OR ROLLBACK INTO t (a) VALUES (1)") }
                }
                let second = try failure { try database.run("INSERT INTO t (a) VALUES (2)") }
                let third = try failure { try database.savepoint {} }
                #expect([first, second, third] == [.constraint, .constraint, .constraint])
            }
        }
        #expect(kind == .constraint)
        #expect(try database.integer("SELECT count(*) FROM t") == 0)
        try database.transaction { try database.run("INSERT INTO t (a) VALUES (3)") }
        #expect(try database.integer("SELECT a FROM t") == 3)
    }

    @Test("A read transaction sees one state while another connection writes")
    func readTransaction() throws {
        let folder = try TemporaryFolder()
        let writer = try folder.open()
        try writer.execute("CREATE TABLE t (a)")
        let reader = try folder.open(mode: .readOnly)
        try reader.readTransaction {
            #expect(try reader.integer("SELECT count(*) FROM t") == 0)
            try writer.transaction { try writer.run("INSERT INTO t VALUES (1)") }
            #expect(try reader.integer("SELECT count(*) FROM t") == 0)
        }
        #expect(try reader.integer("SELECT count(*) FROM t") == 1)
        #expect(try failure { try reader.transaction {} } == .readOnly)
        #expect(try failure { try reader.execute("DELETE FROM t") } == .readOnly)
    }

    @Test("Who waits longer than allowed for another writer is told so, and may write afterwards")
    func busy() throws {
        let folder = try TemporaryFolder()
        let first = try folder.open()
        try first.execute("CREATE TABLE t (a)")
        let second = try folder.open(timeout: 0)
        let insert = { try second.transaction { try second.run("INSERT INTO t VALUES (2)") } }
        try first.transaction {
            try first.run("INSERT INTO t VALUES (1)")
            #expect(try failure(insert) == .busy)
            #expect(try failure { try second.checkpoint(.passive) } == .busy)
        }
        try insert()
        #expect(try first.query("SELECT a FROM t") == [[.integer(1)], [.integer(2)]])
    }

    @Test("Two connections that write 200 transactions each at the same time lose none")
    func twoWriters() async throws {
        let folder = try TemporaryFolder()
        let database = try folder.open()
        try database.execute("CREATE TABLE t (a, b)")
        let path = folder.path()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in Int64(1)...2 {
                group.addTask { try write(200, as: writer, to: path) }
            }
            try await group.waitForAll()
        }
        let counts = try database.query("SELECT a, count(DISTINCT b) FROM t GROUP BY a ORDER BY a")
        #expect(counts == [[.integer(1), .integer(200)], [.integer(2), .integer(200)]])
        #expect(try database.integrityCheck().isEmpty)
    }

    @Test("G11: a full disk is told as such, and what was saved before is still there")
    func diskFull() throws {
        let folder = try TemporaryFolder()
        let database = try folder.open()
        try database.execute("CREATE TABLE t (a); INSERT INTO t VALUES ('kept'); PRAGMA max_page_count = 20")
        let error = #expect(throws: DatabaseError.self) {
            try database.transaction {
                for _ in 1...100 {
                    try database.run("INSERT INTO t VALUES (?)", .blob([UInt8](repeating: 1, count: 4_096)))
                }
            }
        }
        #expect(error?.kind == .full)
        #expect(error?.description.hasPrefix("The disk is full") == true)
        #expect(try database.query("SELECT a FROM t") == [[.text("kept")]])
        try database.transaction { try database.run("INSERT INTO t VALUES ('small')") }
        #expect(try folder.open().integer("SELECT count(*) FROM t") == 2)
    }

    @Test("A checkpoint empties the log, unless a reader needs it")
    func checkpoint() throws {
        let folder = try TemporaryFolder()
        let database = try folder.open()
        try database.execute("CREATE TABLE t (a); INSERT INTO t VALUES (1)")
        #expect(database.loggedBytes > 0 && database.walBytes > database.loggedBytes)
        let reader = try folder.open(mode: .readOnly)
        try reader.readTransaction {
            #expect(try reader.integer("SELECT a FROM t") == 1)
            try database.transaction { try database.run("UPDATE t SET a = 2") }
            #expect(try !database.checkpoint(.truncate))
            #expect(database.loggedBytes > 0)
        }
        #expect(try database.checkpoint(.truncate))
        #expect(database.walBytes == 0 && database.loggedBytes == 0)
        #expect(try reader.integer("SELECT a FROM t") == 2)
    }

    @Test("A log that is folded keeps its room and is written from the front again; one that is too large is emptied")
    func folding() throws {
        let folder = try TemporaryFolder()
        let database = try folder.open()
        try database.execute("CREATE TABLE t (a)")
        func write() throws {
            try database.transaction { try database.run("INSERT INTO t VALUES (zeroblob(40000))") }
        }
        try write()
        let size = database.walBytes
        #expect(try database.foldWhenLong(limitBytes: size, keptBytes: size))
        let reader = try folder.open(mode: .readOnly)
        try reader.readTransaction {
            #expect(try reader.integer("SELECT count(*) FROM t") == 1)
            try write()
            #expect(try !database.foldWhenLong(limitBytes: 0, keptBytes: 1 << 20))
        }
        #expect(try database.foldWhenLong(limitBytes: 0, keptBytes: 1 << 20))
        let kept = database.walBytes
        #expect(kept > size)
        try write()
        #expect(database.walBytes == kept)
        #expect(try reader.integer("SELECT count(*) FROM t") == 3)
        #expect(try database.foldWhenLong(limitBytes: 0))
        #expect(database.walBytes == kept)
        #expect(try database.foldWhenLong(limitBytes: 0, keptBytes: kept - 1))
        #expect(database.walBytes == 0)
        #expect(try folder.open().integer("SELECT count(*) FROM t") == 3)
    }
}

/// Writes numbered rows, one transaction each, over a connection of its own.
private func write(_ count: Int, as writer: Int64, to path: String) throws {
    let database = try Database(
        path: path, mode: .readWrite(create: false), busyTimeoutMilliseconds: 60_000,
        applicationID: TemporaryFolder.applicationID)
    for number in 1...Int64(count) {
        try database.transaction {
            try database.run("INSERT INTO t VALUES (?, ?)", .integer(writer), .integer(number))
        }
        if number % 50 == 0 { try database.checkpoint(.passive) }
    }
}
