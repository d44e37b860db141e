import Foundation
import Testing

@Suite("Damage that is found and mended", .enabled(if: SQLiteShell.isInstalled, "the sqlite3 shell is not installed"))
struct DamageTests {
    private let office: Office
    private let priya: Laptop
    private let sam: Laptop

    init() throws {
        office = try Office()
        try office.open()
        priya = try office.laptop("Priya")
        sam = try office.laptop("Sam")
        try priya.run("place", "add", "Castle House", "--kind", "residential").succeeded()
        for number in 1...5 { _ = try priya.visit("Castle House", summary: "visit \(number)") }
        try priya.run("sync").succeeded()
        try sam.run("sync").succeeded()
    }

    @Test("A record that changed on a laptop's disk is found by doctor and fetched again by the next sync")
    func onTheLaptop() throws {
        try SQLiteShell.run(sam.database, "UPDATE visit SET summary = 'changed by the disk' WHERE summary = 'visit 3'")
        let doctor = try sam.run("doctor")
        #expect(doctor.code == 7 && doctor.output.contains("not as they were saved"), "\(doctor)")
        let sync = try sam.run("sync").succeeded()
        #expect(sync.output.contains("were fetched again, and match now"), "\(sync)")
        try sam.run("doctor").succeeded()
        try expectAgreement([priya, sam], office)
        try office.close()
    }

    @Test("Records that differ at the end of a sync are fetched again in the same sync, and the office counts it")
    func inTheSameSync() throws {
        try SQLiteShell.run(sam.database, "UPDATE visit SET summary = 'changed by the disk' WHERE summary = 'visit 3'")
        let list = try priya.json("visit", "list").array ?? []
        let id = try #require(list.first { $0["summary"].string == "visit 3" })["id"].text()
        try priya.run("visit", "edit", id, "--headcount", "4").succeeded()
        try priya.run("sync").succeeded()
        let report = try sam.json("sync")
        #expect(report["repaired"].array?.compactMap(\.string) == ["canterbury"], "\(report)")
        try expectAgreement([priya, sam], office)
        let statistics = try office.run("stats", "--json").succeeded().json()
        #expect(statistics["repairs"].integer == 1 && statistics["areas_differing"].integer == 0, "\(statistics)")
        try office.close()
    }

    @Test("A damaged digest at the office costs no laptop a record, is said plainly by both, and can be put right")
    func atTheOffice() throws {
        let before = try sam.exported()
        try SQLiteShell.run(
            "\(office.folder)/hub.sqlite", "UPDATE area SET digest = randomblob(16) WHERE name = 'canterbury'")
        for _ in 0..<2 {
            let sync = try sam.run("sync")
            #expect(sync.code == 1 && sync.errors.contains("differ (canterbury)"), "\(sync)")
            #expect(try sam.exported() == before)
        }
        let devices = try office.run("devices", "list", "--json").succeeded().json()
        #expect(devices[1]["differing_areas"].array?.compactMap(\.string) == ["canterbury"], "\(devices)")
        #expect(try office.run("stats", "--json").succeeded().json()["repairs"].integer == 1)
        let doctor = try office.run("doctor")
        #expect(doctor.code == 7 && doctor.output.contains("canterbury"), "\(doctor)")
        try office.run("doctor", "--recount", "--yes").succeeded()
        try expectAgreement([priya, sam], office)
        try office.run("doctor").succeeded()
        #expect(try office.run("stats", "--json").succeeded().json()["areas_differing"].integer == 0)
        try office.close()
    }

    @Test("G1: a damaged database takes the place of no good backup, and no file is made of it")
    func backupOfDamage() throws {
        let file = office.scratch.path("monday.kith")
        try office.run("backup", file).succeeded()
        try office.close()
        let good = try Data(contentsOf: URL(fileURLWithPath: file))
        let database = "\(office.folder)/hub.sqlite"
        try SQLiteShell.run(database, "PRAGMA wal_checkpoint(TRUNCATE)")
        let whole = try Data(contentsOf: URL(fileURLWithPath: database))
        func putBack() throws {
            for end in ["-wal", "-shm"] where FileManager.default.fileExists(atPath: database + end) {
                try FileManager.default.removeItem(atPath: database + end)
            }
            try whole.write(to: URL(fileURLWithPath: database))
        }
        func expectNoBackup(_ what: String) throws {
            for path in [file, office.scratch.path("tuesday.kith")] {
                let run = try office.run("backup", path)
                #expect(run.code == 7 && run.errors.contains("kith-server doctor"), "\(what): \(run)")
            }
            #expect(try Data(contentsOf: URL(fileURLWithPath: file)) == good, "\(what)")
            let left = try FileManager.default.contentsOfDirectory(atPath: office.scratch.path(""))
            #expect(!left.contains { $0.hasPrefix("tuesday") || $0.hasSuffix(".new") }, "\(what): \(left)")
            let copies = try FileManager.default.contentsOfDirectory(atPath: office.folder)
            #expect(!copies.contains { $0.hasPrefix("backup-copy") }, "\(what): \(copies)")
        }
        try SQLiteShell.run(database, "UPDATE area SET digest = randomblob(16) WHERE name = 'canterbury'")
        try expectNoBackup("a digest")
        try putBack()
        try SQLiteShell.run(database, "UPDATE visit SET summary = 'changed by the disk' WHERE summary = 'visit 3'")
        try expectNoBackup("a record")
        try putBack()
        try SQLiteShell.run(
            database,
            "CREATE TABLE spare (a); INSERT INTO spare VALUES (1); PRAGMA writable_schema = 1; "
                + "UPDATE sqlite_schema SET rootpage = (SELECT rootpage FROM sqlite_schema WHERE name = 'area') "
                + "WHERE name = 'spare'; PRAGMA wal_checkpoint(TRUNCATE)")
        try expectNoBackup("two tables in one place")
        try putBack()
        try office.run("backup", file).succeeded()
    }

    @Test("A newer version's database is refused by both programs, and left as it is")
    func newerVersion() throws {
        let server = "\(office.folder)/hub.sqlite"
        try office.close()
        for path in [sam.database, server] {
            try SQLiteShell.run(path, "PRAGMA user_version = 900; PRAGMA wal_checkpoint(TRUNCATE)")
        }
        let before = try [sam.database, server].map { try Data(contentsOf: URL(fileURLWithPath: $0)) }
        for words in [["visit", "list"], ["visit", "add", "Castle House", "today"], ["sync"], ["doctor"]] {
            let outcome = try sam.start(words).finish()
            #expect(outcome.code == 1 && outcome.errors.contains("newer"), "\(outcome)")
        }
        for words in [["serve"], ["devices", "list"], ["stats"], ["collect"]] {
            let outcome = try Child(Programs.server, words + ["--data", office.folder]).finish()
            #expect(outcome.code == 1 && outcome.errors.contains("newer"), "\(outcome)")
        }
        #expect(try [sam.database, server].map { try Data(contentsOf: URL(fileURLWithPath: $0)) } == before)
    }

    @Test("The office collects beside a running server; laptops go on as before")
    func collect() throws {
        let list = try sam.json("visit", "list").array ?? []
        for entry in list.prefix(2) { try sam.run("visit", "delete", try entry["id"].text(), "--yes").succeeded() }
        try sam.run("sync").succeeded()
        let trial = try office.run("collect", "--dry-run", "--json").succeeded().json()
        #expect(trial["needless"].integer == 2 && trial["deleted"].integer == 0, "\(trial)")
        let report = try office.run("collect", "--json").succeeded().json()
        #expect(report["needless"].integer == 2, "\(report)")
        let deleted = try office.run("deleted", "list", "--json").succeeded().json()
        #expect(deleted.array?.count == 2 && deleted[0]["person"].string == "Sam", "\(deleted)")
        let id = try deleted[1]["id"].text()
        try office.run("deleted", "restore", String(id.prefix(8))).succeeded()
        #expect(try office.run("deleted", "restore", id).code == 3)
        try sam.run("sync").succeeded()
        #expect(try sam.listed(id)["id"].string == id)
        #expect(try office.run("collect", "--json").succeeded().json()["needless"].integer == 0)
        try priya.run("sync").succeeded()
        try expectAgreement([priya, sam], office)
        try office.close()
    }
}
