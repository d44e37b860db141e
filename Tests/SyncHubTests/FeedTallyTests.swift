import Database
import SyncCore
import Testing

@testable import SyncHub

@Suite("What is told of a push without reading the feed again")
struct FeedTallyTests {
    private struct Undone: Error {}

    private func creations(_ numbers: ClosedRange<UInt64>, area: Int = Office.main) -> [ChangeGroup] {
        numbers.map {
            ChangeGroup(number: $0, changes: [make(Notebook.id($0), area: area, [1: .text("t")], at: at(Int64($0)))])
        }
    }

    /// The cursor of the area `main` in a reply.
    private func cursor(_ reply: SyncReply) throws -> Cursor {
        let page = try #require(reply.pages.first { $0.area == Office.main })
        return Cursor(area: page.area, sequence: page.sequence, mark: page.mark)
    }

    /// Expects the pages behind a cursor to be those of the feed, and returns the reply.
    @discardableResult
    private func expectPages(
        _ office: Office, _ acceptance: Acceptance, to device: UInt32, behind cursor: Cursor?, lowest: UInt64 = 1
    ) throws -> SyncReply {
        let cursors = cursor.map { [$0] } ?? []
        let told = try office.reply(
            to: device, cursors: cursors, lowestOwnGroup: lowest, acceptance: acceptance)
        let read = try office.reply(to: device, cursors: cursors, lowestOwnGroup: lowest)
        #expect(told.pages == read.pages)
        return told
    }

    @Test("The answer to a push, and to one that was sent ahead, names the groups though the feed is not read")
    func isNotRead() throws {
        let office = try Office()
        let ada = try office.join("Ada")
        let start = try cursor(office.reply(to: ada))
        let first = try office.push(creations(1...3), from: ada)
        let next = try cursor(expectPages(office, first, to: ada, behind: start))
        let second = try office.push(creations(4...5), from: ada)
        try expectPages(office, second, to: ada, behind: start)
        try expectPages(office, second, to: ada, behind: next)
        try office.store.transaction { try office.store.database.execute("DELETE FROM feed") }
        for (cursor, groups) in [(start, 1...5), (next, 4...5)] as [(Cursor, ClosedRange<UInt64>)] {
            let reply = try office.reply(to: ada, cursors: [cursor], lowestOwnGroup: 1, acceptance: second)
            #expect(reply.pages.first { $0.area == Office.main }?.asSent == [groups])
        }
    }

    @Test("Who sends more at once than makes a stretch is answered without a look ahead")
    func isFarBehind() throws {
        let office = try Office()
        office.hub.stretchCount = 2
        let ada = try office.join("Ada")
        let start = try cursor(office.reply(to: ada))
        let pushed = try office.push(creations(1...5), from: ada)
        try expectPages(office, pushed, to: ada, behind: start)
        try office.store.transaction { try office.store.database.execute("DELETE FROM feed") }
        let reply = try office.reply(to: ada, cursors: [start], lowestOwnGroup: 1, acceptance: pushed)
        #expect(reply.pages.first { $0.area == Office.main }?.asSent == [1...5])
    }

    @Test("G3: whatever else came into the feed, and whatever the device has dropped, is told from the feed")
    func isRead() throws {
        let office = try Office()
        let (ada, ben) = (try office.join("Ada", role: .lead), try office.join("Ben"))
        let start = try cursor(office.reply(to: ada))
        let first = try office.push(creations(1...3), from: ada)
        try expectPages(office, first, to: ada, behind: start, lowest: 2)
        try expectPages(office, first, to: ada, behind: nil)
        try expectPages(office, first, to: ben, behind: start)
        try office.push(edit(Notebook.id(1), .text("ben"), at: at(50), base: .stamp(stamp(1, ada))), from: ben)
        try expectPages(office, first, to: ada, behind: start)
        // Loses, so it is not in force as it was sent.
        let second = try office.push(
            edit(Notebook.id(1), .text("ada"), at: at(40), base: .stamp(stamp(1, ada))), from: ada)
        try expectPages(office, second, to: ada, behind: start)
        let third = try office.push(
            creations(10...11).map { ChangeGroup(number: $0.number - 5, changes: $0.changes) }, from: ada)
        let reply = try expectPages(office, third, to: ada, behind: start)
        #expect(reply.pages.contains { !$0.records.isEmpty && !$0.conflicts.isEmpty })
        #expect(try office.push(creations(1...1), from: ada).added.isEmpty)
    }

    @Test("What a push added that was undone is not told")
    func undone() throws {
        let office = try Office()
        let ada = try office.join("Ada")
        let start = try cursor(office.reply(to: ada))
        let first = try office.push(creations(1...2), from: ada)
        #expect(throws: Undone.self) {
            try office.store.transaction {
                _ = try office.hub.accept(creations(3...6), from: ada, deviceClock: nil)
                throw Undone()
            }
        }
        try expectPages(office, first, to: ada, behind: start)
        let second = try office.push(creations(3...4), from: ada)
        let reply = try expectPages(office, second, to: ada, behind: start)
        #expect(reply.pages.first { $0.area == Office.main }?.asSent == [1...4])
    }

    @Test("Pushes of two devices in turn are told each of their own")
    func inTurn() throws {
        let office = try Office()
        let devices = [try office.join("Ada"), try office.join("Ben")]
        var cursors = try devices.map { try cursor(office.reply(to: $0)) }
        for round in 0..<12 {
            let index = round % 3 == 2 ? 1 : 0
            let number = UInt64(1 + (index == 0 ? round - round / 3 : round / 3))
            let id = Notebook.id(UInt64(100 + round))
            let acceptance = try office.push(
                [ChangeGroup(number: number, changes: [make(id, [1: .text("t")], at: at(Int64(round)))])],
                from: devices[index])
            let reply = try expectPages(office, acceptance, to: devices[index], behind: cursors[index])
            if round % 2 == 0 { cursors[index] = try cursor(reply) }
        }
    }
}
