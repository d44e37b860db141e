import Database
import SyncCore
import Testing

@testable import SyncHub
@testable import SyncReplica

@Suite("Areas that are fetched again")
struct RepairTests {
    private let town: Town
    private let ada: TownLaptop
    private let ben: TownLaptop
    private let ids: [RecordID]

    init() throws {
        town = try Town()
        ada = try town.laptop("Ada")
        ben = try town.laptop("Ben")
        let ada = ada
        ids = try (1...30).map { try ada.add("book \($0)") }
        try town.settle()
    }

    /// Damages Ben's file behind the engine's back.
    private func damage(_ sql: String) throws { try ben.database.transaction { try ben.database.execute(sql) } }

    @Test(
        "G3 a damaged file is found and mended by fetching the area again",
        arguments: [
            "UPDATE book SET title = 'changed by the disk' WHERE title = 'book 7'",
            "DELETE FROM book WHERE title IN ('book 3', 'book 4')",
            "UPDATE book SET living = 0 WHERE title = 'book 9'",
            "UPDATE book SET area = 1 WHERE title = 'book 9'",
            "UPDATE book SET area = 99 WHERE title = 'book 9'",
            "UPDATE book SET created_time = created_time + 1 WHERE title = 'book 9'",
            "UPDATE book SET stamps = x'0102' WHERE title = 'book 9'",
            "UPDATE book SET id = randomblob(16) WHERE title = 'book 9'",
            "UPDATE cursor SET digest = zeroblob(16)",
        ])
    func damagedFile(_ sql: String) throws {
        try damage(sql)
        let areas = try ben.replica.damagedAreas()
        #expect(areas.contains(Office.main))
        for area in areas { try ben.replica.beginRefetch(area: area, purpose: .repair) }
        let before = try town.office.hub.areaChecks().reduce(0) { $0 + $1.repairCount }
        let summary = try ben.sync(pageBytes: 300)
        #expect(summary.matches)
        #expect(summary.repairs.contains(AreaRepair(area: Office.main, outcome: .mended)))
        // What a check on the laptop began is counted at the office as well.
        let count = try town.office.hub.areaChecks().reduce(0) { $0 + $1.repairCount }
        #expect(before == 0 && count > 0)
        #expect(try ben.replica.damagedAreas() == [])
        #expect(try ben.replica.refetches() == [])
        for (number, id) in ids.enumerated() { #expect(try ben.title(id) == "book \(number + 1)") }
        #expect(try ben.replica.livingCount(table: Notebook.book) == 30)
        #expect(try ben.replica.conflicts(openOnly: false).isEmpty)
    }

    @Test("A digest that differs at the end of a sync starts a repair in the same sync, and the office is told")
    func inTheSameSync() throws {
        try damage("UPDATE book SET title = 'changed by the disk' WHERE title = 'book 7'")
        // The damaged row is replaced, and with it the digest goes wrong.
        try ada.edit(ids[6], "book seven")
        try ada.sync()
        let summary = try ben.sync()
        #expect(summary.matches)
        #expect(summary.repairs == [AreaRepair(area: Office.main, outcome: .mended)])
        #expect(try ben.title(ids[6]) == "book seven")
        let told = try ben.requests.map { try $0.fetchReport().repairs.map(\.outcome) }.filter { !$0.isEmpty }
        #expect(told == [[.begun], [.mended]])
        #expect(try town.office.hub.areaChecks().map(\.repairCount) == [1], "the beginning and the end are one repair")
        #expect(try ben.sync().repairs.isEmpty)
    }

    @Test("A refetch that is cut goes on where it was, over several syncs")
    func cuts() throws {
        try damage("DELETE FROM book WHERE title IN ('book 28', 'book 29')")
        try ben.replica.beginRefetch(area: Office.main, purpose: .repair)
        try ben.syncIsCut(.arrives, .arrives, .requestLost, pageBytes: 300)
        let left = try ben.database.integer("SELECT count(*) FROM unconfirmed")
        let reached = try ben.replica.cursors().first { $0.area == Office.main }?.sequence
        #expect(left == 28 - Int64(reached ?? 0) && reached != 0)
        try ben.syncIsCut(.arrives, .replyLost, pageBytes: 300)
        #expect(try ben.replica.refetches() == [Refetch(area: Office.main, purpose: .repair, isAtEnd: false)])
        let first = ben.requests.count
        #expect(try ben.sync(pageBytes: 300).matches)
        #expect((ben.requests[first].cursors.first { $0.area == Office.main }?.sequence ?? 0) > (reached ?? 0))
        #expect(try ben.replica.livingCount(table: Notebook.book) == 30)
    }

    @Test("Unsent work over a record that is damaged stays, goes up, and makes no false conflict")
    func unsentWork() throws {
        try ben.edit(ids[2], "Ben's book 3")
        try ben.edit(ids[4], Notebook.count, .integer(5))
        let new = try ben.add("Ben's new book")
        try damage("UPDATE shadow SET state = (SELECT state FROM shadow ORDER BY record_key LIMIT 1)")
        try damage("UPDATE book SET title = 'changed by the disk' WHERE title = 'book 5'")
        try ben.replica.beginRefetch(area: Office.main, purpose: .repair)
        #expect(try ben.title(new) == "Ben's new book")
        try town.settle(mayRepair: true)
        for laptop in [ada, ben] {
            #expect(try laptop.title(ids[2]) == "Ben's book 3")
            #expect(try laptop.title(ids[4]) == "book 5")
            #expect(try laptop.title(new) == "Ben's new book")
        }
        #expect(try town.office.hub.conflicts(openOnly: false).isEmpty)
    }

    @Test("A record that the server does not have is removed; unsent work over it goes up and is held")
    func notOnTheServer() throws {
        let (lost, edited) = (ids[0], ids[1])
        try ben.edit(edited, "still wanted")
        // The server forgets two records wholly, as if they had never been.
        try town.office.forget(["book 1", "book 2"])
        try ben.replica.beginRefetch(area: Office.main, purpose: .repair)
        let summary = try ben.sync()
        #expect(summary.matches)
        #expect(try ben.replica.record(table: Notebook.book, id: lost) == nil)
        #expect(try ben.title(edited) == "still wanted")
        #expect(summary.held.map(\.reason) == [.areaNotGranted])
        #expect(try ben.replica.damagedAreas() == [])
        // Sent again, the record is made anew as it is shown here.
        _ = try ben.replica.resend(try #require(summary.held.first).number)
        #expect(try ben.sync().held.isEmpty)
        #expect(try town.office.value(edited) == .text("still wanted"))
    }

    @Test("A server that lost records but not their digest takes nothing from a laptop")
    func serverLostRows() throws {
        let office = town.office
        try office.store.transaction { try office.store.database.execute("DELETE FROM book WHERE title = 'book 1'") }
        try ben.replica.beginRefetch(area: Office.main, purpose: .repair)
        let summary = try ben.sync()
        #expect(summary.matches)
        #expect(try ben.title(ids[0]) == "book 1")
    }

    @Test("Where a repair does not help it is said plainly, not tried again, and over once the office is right")
    func wrongServerDigest() throws {
        let office = town.office
        func setDigest(_ sql: String) throws {
            try office.store.transaction { try office.store.database.execute("UPDATE area SET digest = \(sql)") }
        }
        try setDigest("x'00000000000000000000000000000007'")
        let summary = try ben.sync()
        #expect(!summary.matches)
        #expect(summary.differingAreas.contains(Office.main))
        #expect(summary.repairs.contains(AreaRepair(area: Office.main, outcome: .differs)))
        #expect(try ben.replica.livingCount(table: Notebook.book) == 30)
        let check = try office.hub.areaChecks().first { $0.device == ben.number && $0.area == Office.main }
        #expect(check?.outcome == .differs && check?.repairCount == 1)
        // Nothing is fetched again while the difference stays the same, also when records come and go.
        try ada.add("one more")
        try ada.edit(ids[0], "changed")
        _ = try ada.sync()
        let count = ben.requests.count
        let second = try ben.sync()
        #expect(!second.matches && second.repairs.isEmpty)
        #expect(ben.requests.count == count + 1)
        // The office works its digests out anew.
        #expect(try office.hub.recountDigests().contains("main"))
        #expect(try ben.sync().matches)
        #expect(try ben.replica.refetches() == [])
        #expect(try office.hub.areaChecks().filter { $0.device == ben.number }.allSatisfy { $0.outcome == .mended })
    }

    @Test("What the server does not send after a restore stays, until whoever heals has seen to it")
    func restored() throws {
        try town.office.forget(["book 1", "book 2"])
        try ben.replica.beginRefetch(area: Office.main, purpose: .restored)
        _ = try ben.sync()
        #expect(try ben.replica.refetches() == [Refetch(area: Office.main, purpose: .restored, isAtEnd: true)])
        var found: [RecordID] = []
        try ben.replica.forEachUnconfirmed(area: Office.main) { _, state in found.append(state.id) }
        #expect(Set(found) == [ids[0], ids[1]])
        try ben.replica.confirm(RecordReference(table: Notebook.book, id: ids[0]), area: Office.main)
        try ben.replica.endRefetch(area: Office.main)
        #expect(try ben.title(ids[0]) == "book 1")
        #expect(try ben.replica.refetches() == [])
    }

    @Test("A lost area leaves no marks behind")
    func lostArea() throws {
        try ben.replica.beginRefetch(area: Office.main, purpose: .repair)
        try town.office.hub.take(person: "Ben", area: Office.main)
        try ben.sync()
        #expect(try ben.database.integer("SELECT count(*) FROM unconfirmed") == 0)
        #expect(try ben.replica.refetches() == [])
    }
}

extension Office {
    /// Takes books from the server's file as if they had never been there, digest included.
    func forget(_ titles: [String]) throws {
        let list = titles.map { "'\($0)'" }.joined(separator: ", ")
        try store.transaction {
            try store.database.execute(
                """
                DELETE FROM feed WHERE table_number = 1
                    AND item_key IN (SELECT record_key FROM book WHERE title IN (\(list)));
                DELETE FROM book WHERE title IN (\(list));
                """)
            var head = try store.head(area: Office.main)
            head.digest = try recomputedDigest(area: Office.main)
            try store.setHead(head)
        }
    }
}
