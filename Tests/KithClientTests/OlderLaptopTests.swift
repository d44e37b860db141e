import Database
import OutreachModel
import Terminal
import Testing

@testable import KithClient

@Suite("A laptop's database of an earlier version")
struct OlderLaptopTests {
    /// The kinds that came with version 4 of the tables.
    private static let new = RecordKind.all.filter { $0.number >= 9 }

    @Test("What was there stays, and the new kinds work with the first command")
    func upgrade() throws {
        let laptop = try FieldLaptop()
        let visit = try laptop.visit("Tea in the kitchen")
        do {
            let database = try Database(
                path: laptop.folder + "/kith.sqlite", mode: .readWrite(create: false),
                applicationID: Laptop.applicationID)
            for kind in Self.new { try database.execute("DROP TABLE \"\(kind.name)\"") }
            try database.execute("DROP TABLE passed_on; PRAGMA user_version = 12")
        }
        #expect(try laptop.json("visit", "list").values.map { $0["id"]?.text } == [visit])
        for kind in Self.new { #expect(try laptop.json(kind.name, "list").values.isEmpty) }
        #expect(try laptop.json("promise", "add", "Ring back")["state"] == "waiting")
        #expect(try laptop.json("search", "kitchen").values.count == 1)
        #expect(try laptop.json("search", "ring").values.count == 1)
        #expect(laptop.run(["concern", "add", "He owes money"]).code == .done)
        #expect(try laptop.json("sync")["sent"] == 4)
    }

    @Test("G16: settled records of the version before read as sent, and so do those that are settled since")
    func settledRows() throws {
        let laptop = try FieldLaptop()
        _ = try laptop.visit("Tea in the kitchen")
        // The visit and its place.
        #expect(try laptop.json("sync")["sent"] == 2)
        do {
            let database = try Database(
                path: laptop.folder + "/kith.sqlite", mode: .readWrite(create: false),
                applicationID: Laptop.applicationID)
            try database.execute("UPDATE visit SET pending = NULL; PRAGMA user_version = 18")
        }
        _ = try laptop.visit("Tea in the hall")
        #expect(
            try laptop.json("visit", "list").values.map { $0["state"]?.text }.sorted { $0 ?? "" < $1 ?? "" } == [
                "sent", "waiting",
            ])
        #expect(try laptop.json("sync")["sent"] == 1)
        #expect(try laptop.json("visit", "list").values.map { $0["state"]?.text } == ["sent", "sent"])
        #expect(try laptop.json("sync")["sent"] == 0)
    }

    @Test("G8: conflicts, former values and kept changes of the version before are there, and what was untold is told")
    func tablesInKeyOrder() throws {
        let laptop = try FieldLaptop()
        let visits = [try laptop.visit("Tea in the kitchen"), try laptop.visit("Tea in the garden")]
        _ = try laptop.json("sync")
        for visit in visits.reversed() {
            #expect(try laptop.json("visit", "edit", visit, "--summary", "Tea in the hall")["state"] == "waiting")
        }
        _ = try laptop.json("sync")
        func open() throws -> Database {
            try Database(
                path: laptop.folder + "/kith.sqlite", mode: .readWrite(create: false),
                applicationID: Laptop.applicationID)
        }
        let tables = ["conflict", "history", "kept_change"]
        func rows(_ database: Database) throws -> [[[SQLValue]]] {
            try tables.map { try database.query("SELECT * FROM \($0) ORDER BY 1, 2, 3") }
        }
        let inKeyOrder = """
            SELECT count(*) FROM sqlite_schema WHERE sql LIKE '%) WITHOUT ROWID'
            AND name IN ('conflict', 'history', 'kept_change')
            """
        let before: [[[SQLValue]]]
        do {
            let database = try open()
            // A conflict that was told, and decided since.
            let id = "x'00112233445566778899aabbccddeeff'"
            let visit = "(SELECT id FROM visit LIMIT 1)"
            try database.execute(
                """
                INSERT INTO conflict VALUES
                    (\(id), \(RecordKind.visit.number), \(visit), 1, 1, 0, 'tea', 1, 1, 0, 'tee', 2, 2, NULL, 1, 1, 3, 1, 0, NULL,
                    NULL, NULL);
                INSERT INTO told_conflict VALUES (\(id))
                """)
            for table in tables {
                let sql = try database.query("SELECT sql FROM sqlite_schema WHERE name = '\(table)'").first?.first
                guard case .text(let sql)? = sql else {
                    Issue.record("no table \(table)")
                    return
                }
                try database.execute("ALTER TABLE \(table) RENAME TO renamed; DROP INDEX IF EXISTS conflict_of_record")
                try database.execute(sql + " WITHOUT ROWID")
                try database.execute("INSERT INTO \(table) SELECT * FROM renamed; DROP TABLE renamed")
            }
            try database.execute(
                """
                CREATE INDEX conflict_of_record ON conflict (table_number, record_id);
                CREATE INDEX conflict_by_verdict ON conflict (verdict_time, verdict_device) WHERE verdict_time NOT NULL;
                PRAGMA user_version = 28
                """)
            #expect(try database.integer(inKeyOrder) == 3)
            before = try rows(database)
            #expect(before.map(\.count) == [1, 2, 2])
        }
        #expect(try laptop.json("visit", "show", visits[0])["summary"] == "Tea in the hall")
        let database = try open()
        #expect(try database.integer(inKeyOrder) == 0)
        #expect(try rows(database) == before)
        for index in ["conflict_of_record", "conflict_by_verdict"] {
            #expect(try database.integer("SELECT count(*) FROM sqlite_schema WHERE name = '\(index)'") == 1, "\(index)")
        }
        let opened = try Laptop(home: HomeFolder(path: laptop.folder), creating: false, clock: { FieldLaptop.now })
        try opened.beginTelling()
        #expect(try opened.untoldDecisions().count == 1)
        #expect(try database.integer("SELECT count(*) FROM sqlite_schema WHERE name = 'conflict_verdict'") == 1)
    }

    @Test("G16: what the engine keeps since the version before is there with the first command")
    func engineTables() throws {
        let laptop = try FieldLaptop()
        func open() throws -> Database {
            try Database(
                path: laptop.folder + "/kith.sqlite", mode: .readWrite(create: false),
                applicationID: Laptop.applicationID)
        }
        do {
            let database = try open()
            try database.execute(
                """
                DROP TABLE receipt_check; DROP TABLE former_end; ALTER TABLE directory_area DROP COLUMN is_of_member; PRAGMA user_version = 22
                """)
        }
        _ = try laptop.visit("Tea in the kitchen")
        #expect(try laptop.json("sync")["sent"] == 2)
        let database = try open()
        #expect(try database.integer("SELECT count(*) FROM former_end") == 0)
        #expect(try database.integer("SELECT count(*) FROM receipt_check") == 0)
        #expect(try database.integer("SELECT count(*) FROM directory_area WHERE is_of_member = 0") ?? 0 > 0)
    }
}
