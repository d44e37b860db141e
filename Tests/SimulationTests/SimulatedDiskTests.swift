import Database
import Testing

@testable import Simulation

@Suite("A disk in memory")
struct SimulatedDiskTests {
    private static func open(_ disk: SimulatedDisk) throws -> Database {
        try Database(path: "test.db", fileLayer: disk.name, applicationID: 0x7465)
    }

    @Test("G1: what was committed survives a loss of power in any call", arguments: 0..<60)
    func power(calls: Int) throws {
        let disk = SimulatedDisk(name: "power-\(calls)")
        var database: Database? = try Self.open(disk)
        try database?.execute("CREATE TABLE word (number INTEGER PRIMARY KEY, text TEXT)")
        disk.arm(.stop, afterCalls: calls)
        var committed: Int64 = 0
        do {
            while committed < 100 {
                try database?.transaction {
                    try database?.run("INSERT INTO word VALUES (?, ?)", .integer(committed + 1), .text("word"))
                }
                committed += 1
                if committed % 5 == 0 { try database?.checkpoint(.truncate) }
            }
        } catch let error as DatabaseError {
            #expect(error.kind == .inputOutput)
        }
        #expect(committed < 100)
        database = nil
        disk.losePower(Dice(UInt64(calls)))
        let again = try Self.open(disk)
        let count = try #require(try again.integer("SELECT count(*) FROM word"))
        // The one that was being committed may be there or not.
        #expect(count == committed || count == committed + 1)
        #expect(try again.integrityCheck() == [])
    }

    @Test(
        "G1: a loss of power may take back what was not synced, newest first and each as a whole, and nothing before it",
        arguments: 0..<60)
    func unsynced(dice: Int) throws {
        let disk = SimulatedDisk(name: "unsynced-\(dice)")
        var database: Database? = try Self.open(disk)
        try database?.execute("CREATE TABLE word (number INTEGER PRIMARY KEY, text TEXT)")
        func add(_ number: Int64, isSynced: Bool) throws {
            try database?.transaction(isSynced: isSynced) {
                // Two pages at least, so that it could be torn.
                for part in 0..<2 {
                    let text = String(repeating: "word", count: 1_500)
                    try database?.run("INSERT INTO word VALUES (?, ?)", .integer(2 * number + Int64(part)), .text(text))
                }
            }
        }
        // All before the last synced one is on the disk with it.
        for number: Int64 in 0..<6 { try add(number, isSynced: number == 3) }
        #expect(try database?.integer("SELECT count(*) FROM word") == 12)
        #expect(try database?.integer("PRAGMA synchronous") == 2)
        database = nil
        disk.losePower(Dice(UInt64(dice)))
        let again = try Self.open(disk)
        let count = try #require(try again.integer("SELECT count(*) FROM word"))
        #expect([8, 10, 12].contains(count))
        #expect(try again.integer("SELECT max(number) FROM word") == count - 1)
        #expect(try again.integrityCheck() == [])
    }

    @Test("G11: a full disk refuses, and what was there stays readable")
    func full() throws {
        let disk = SimulatedDisk(name: "full")
        let database = try Self.open(disk)
        try database.execute("CREATE TABLE word (text TEXT)")
        disk.arm(.full, afterCalls: 0)
        let error = #expect(throws: DatabaseError.self) {
            try database.transaction { try database.run("INSERT INTO word VALUES ('a')") }
        }
        #expect(error?.kind == .full)
        #expect(try database.integer("SELECT count(*) FROM word") == 0)
        #expect(disk.disarm())
        try database.transaction { try database.run("INSERT INTO word VALUES ('a')") }
        #expect(try database.integer("SELECT count(*) FROM word") == 1)
    }

    @Test("G7: a log that was emptied does not come back with a loss of power", arguments: 0..<20)
    func emptied(dice: Int) throws {
        let disk = SimulatedDisk(name: "emptied-\(dice)")
        var database: Database? = try Self.open(disk)
        try database?.execute("CREATE TABLE word (text TEXT)")
        try database?.transaction { try database?.run("INSERT INTO word VALUES ('confidence')") }
        try database?.transaction { try database?.run("DELETE FROM word") }
        #expect(!disk.bytes(behind: Array("confidence".utf8), count: 0).isEmpty)
        try database?.checkpoint(.truncate)
        database = nil
        disk.losePower(Dice(UInt64(dice)))
        #expect(disk.bytes(behind: Array("confidence".utf8), count: 0).isEmpty)
    }
}
