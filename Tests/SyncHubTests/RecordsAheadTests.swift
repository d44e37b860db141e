import Database
import SyncCore
import Testing

@testable import SyncHub

@Suite("Records that are read several at once")
struct RecordsAheadTests {
    /// An office with so many records of the area `main`, and one of `south` after each fifth.
    private static func office(_ count: UInt64) throws -> (office: Office, device: UInt32) {
        let office = try Office()
        let ada = try office.join("Ada", areas: [Office.main, Office.south])
        for number in 1...count {
            let area = number % 5 == 0 ? Office.south : Office.main
            try office.push(
                make(Notebook.id(number), area: area, [Notebook.title: .text("\(number)")], at: at(Int64(number))),
                from: ada)
        }
        return (office, ada)
    }

    @Test("In whatever order they are asked for, each is the one of its row", arguments: 1...20)
    func random(_ seed: UInt64) throws {
        var dice = Dice(seed: seed)
        let (office, _) = try Self.office(60)
        try office.store.transaction {
            try office.store.database.execute("DELETE FROM book WHERE record_key % 7 = 3")
        }
        var ahead = RecordsAhead(store: office.store)
        var key = Int64.random(in: 1...60, using: &dice)
        for _ in 0..<400 {
            let table = Int.random(in: 0..<20, using: &dice) == 0 ? Notebook.page : Notebook.book
            let record = try ahead.record(table: table, key: key)
            #expect(try record == office.store.record(table: table, key: key))
            #expect((record == nil) == (table == Notebook.page || key % 7 == 3 || !(1...60).contains(key)))
            key = Int.random(in: 0..<6, using: &dice) == 0 ? Int64.random(in: -2...63, using: &dice) : key + 1
        }
        #expect(try ahead.record(table: Notebook.book, key: .max) == nil)
    }

    @Test("A row of another area that can't be read keeps no page back")
    func damaged() throws {
        let (office, _) = try Self.office(24)
        let ben = try office.join("Ben", areas: [Office.main])
        let whole = try office.reply(to: ben).pages
        try office.store.transaction {
            try office.store.database.execute("UPDATE book SET stamps = x'0102' WHERE title IN ('5', '15')")
        }
        let pages = try office.reply(to: ben).pages
        #expect(pages == whole)
        #expect(pages.first { $0.area == Office.main }?.records.count == 20)
    }
}
