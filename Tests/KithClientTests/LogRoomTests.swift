import Database
import Foundation
import Testing

@testable import KithClient

@Suite("The room of a laptop's write-ahead log")
struct LogRoomTests {
    private let laptop: FieldLaptop
    private let log: String

    init() throws {
        laptop = try FieldLaptop()
        log = laptop.folder + "/kith.sqlite-wal"
    }

    private func logBytes() throws -> Int {
        try #require(FileManager.default.attributesOfItem(atPath: log)[.size] as? Int)
    }

    @Test("Commands fold the log when it has grown, write over it from then on, and keep it short")
    func commands() throws {
        let words = String(repeating: "tea ", count: 5_000)
        for index in 0..<30 { _ = try laptop.visit("\(words) \(index)") }
        let kept = try logBytes()
        #expect(kept > Laptop.largestLogBytes && kept < 2 * Laptop.largestLogBytes)
        for index in 30..<50 { _ = try laptop.visit("\(words) \(index)") }
        #expect(try logBytes() < 2 * Laptop.largestLogBytes)
        #expect(try laptop.json("visit", "list").values.count == 50)
    }

    @Test("A log that something large has left is given back, and so is all of it where something must be gone")
    func large() throws {
        let open = try Laptop(
            home: HomeFolder(path: laptop.folder), creating: false, clock: { FieldLaptop.now })
        try open.database.execute("CREATE TABLE filler (bytes BLOB); INSERT INTO filler VALUES (zeroblob(9000000))")
        #expect(try logBytes() > Laptop.keptLogBytes)
        try open.tidy()
        #expect(try logBytes() == 0)
        try open.database.execute("DROP TABLE filler")
        let used = try logBytes()
        #expect(used > 0)
        try open.tidy(emptiesLog: true)
        #expect(try logBytes() == 0)
        #expect(open.database.loggedBytes == 0)
    }
}
