import SyncCore
import Testing

@testable import SyncHub

@Suite("Pages of the feed")
struct HubFeedTests {
    private let title = Notebook.title
    private let count = Notebook.count

    private func office() throws -> (Office, UInt32, UInt32) {
        let office = try Office()
        return (office, try office.join("Ada", role: .lead), try office.join("Ben"))
    }

    @Test("a page holds what changed since the cursor, with the values of now")
    func masks() throws {
        let (office, ada, ben) = try office()
        let id = Notebook.id(1)
        try office.push(make(id, [title: .text("a"), count: .integer(1)], at: at(0)), from: ada)
        let first = try #require(try office.reply(to: ben).pages.last { $0.area == Office.main })
        let created = try #require(first.records.first)
        #expect(created.isWhole && created.fields.count == 2 && created.created == stamp(0, ada))
        #expect(first.area == Office.main && first.isComplete)
        #expect(first.digest == (try office.recomputedDigest(area: Office.main)))
        for time in [5, 6] as [Int64] {
            let base = time == 5 ? stamp(0, ada) : stamp(5, ada)
            try office.push(edit(id, count, .integer(time), at: at(time), base: .stamp(base)), from: ada)
        }
        let cursor = Cursor(area: Office.main, sequence: first.sequence, mark: first.mark)
        let second = try #require(try office.reply(to: ben, cursors: [cursor]).pages.last { $0.area == Office.main })
        #expect(second.sequence == 3)
        let update = try #require(second.records.first)
        #expect(second.records.count == 1 && !update.isWhole)
        #expect(update.fields == [FieldState(number: count, value: .integer(6), stamp: stamp(6, ada))])
        let third = try #require(
            try office.reply(to: ben, cursors: [Cursor(area: 2, sequence: 3, mark: second.mark)]).pages.last {
                $0.area == Office.main
            })
        #expect(third.records.isEmpty && third.isComplete && third.sequence == 3 && third.mark == second.mark)
    }

    @Test("own groups that stand as sent come back as numbers, all others as rows")
    func asSent() throws {
        let (office, ada, ben) = try office()
        let id = Notebook.id(1)
        try office.push(make(id, [title: .text("a")], at: at(0)), from: ada)
        try office.push(make(Notebook.id(2), [:], at: at(1)), from: ada)
        try office.push(edit(id, .text("ben"), at: at(9), base: .stamp(stamp(0, ada))), from: ben)
        // Loses to Ben's, so it is not as sent.
        try office.push(edit(id, .text("ada"), at: at(5), base: .stamp(stamp(0, ada))), from: ada)
        try office.push(make(Notebook.id(4), [:], at: at(10)), from: ada)
        let page = try #require(try office.reply(to: ada, lowestOwnGroup: 1).pages.last { $0.area == Office.main })
        #expect(page.asSent == [1...2, 4...4])
        #expect(page.records.map(\.record) == [id])
        #expect(page.records.first?.fields.first?.value == .text("ben"))
        #expect(page.conflicts.count == 1)
        let forgotten = try #require(try office.reply(to: ada, lowestOwnGroup: 4).pages.last { $0.area == Office.main })
        #expect(forgotten.asSent == [4...4] && forgotten.records.count == 2)
        let ofBen = try #require(try office.reply(to: ben, lowestOwnGroup: 1).pages.last { $0.area == Office.main })
        #expect(ofBen.asSent == [1...1] && ofBen.records.count == 3)
    }

    @Test("a group whose stamps were corrected, or that wakes a deleted record, does not stand as sent")
    func notAsSent() throws {
        let (office, ada, ben) = try office()
        let id = Notebook.id(1)
        try office.push(make(id, [:], at: at(3_600_000)), from: ada, clock: office.now + 3_600_000)
        let created = try #require(try office.hub.record(table: Notebook.book, id: id)?.created)
        try office.push(erase(id, at: at(50), seen: [:]), from: ben)
        try office.push(edit(id, .text("x"), at: at(60), base: .stamp(created)), from: ada)
        let page = try #require(try office.reply(to: ada, lowestOwnGroup: 1).pages.last { $0.area == Office.main })
        #expect(page.asSent.isEmpty)
        #expect(page.records.first?.isLiving == true)
    }

    @Test("G3 2,500 records arrive in small pages, each once, and the digest at the end is the server's")
    func paging() throws {
        let (office, ada, ben) = try office()
        for start in stride(from: 0, to: 2_500, by: 500) {
            try office.push(
                (1...500).map { step in
                    let number = UInt64(start + step)
                    let area = number % 2 == 0 ? Office.main : Office.south
                    return ChangeGroup(
                        number: number,
                        changes: [
                            make(Notebook.id(number), area: area, [title: .text("t\(number)")], at: at(Int64(number)))
                        ])
                }, from: ada)
        }
        #expect(try office.hub.statistics().heldGroups == 1_250)
        try office.hub.give(person: "Ben", area: Office.south)
        let carol = try office.join("Carol", role: .admin, areas: [])
        for number in 1...1_250 {
            try office.push(
                make(Notebook.id(10_000 + UInt64(number)), area: Office.south, [:], at: at(Int64(number))), from: carol)
        }
        var cursors: [Cursor] = []
        var seen: Set<RecordID> = []
        var rounds = 0
        var digests: [Int: UInt128] = [:]
        while rounds < 2_600 {
            let reply = try office.reply(to: ben, cursors: cursors, pageBytes: 4_000, epoch: office.hub.epoch)
            #expect(reply.notice == .none)
            for page in reply.pages {
                for record in page.records { #expect(seen.insert(record.record).inserted) }
                digests[page.area] = page.digest
            }
            cursors = reply.pages.map { Cursor(area: $0.area, sequence: $0.sequence, mark: $0.mark) }
            rounds += 1
            if reply.pages.allSatisfy(\.isComplete) { break }
        }
        #expect(seen.count == 2_500)
        #expect(rounds > 20)
        for area in [Office.main, Office.south] { #expect(digests[area] == (try office.recomputedDigest(area: area))) }
    }

    @Test("a page of no bytes still holds one record, and none holds more than 1,000")
    func bounds() throws {
        let (office, ada, ben) = try office()
        let groups = (1...1_500).map {
            ChangeGroup(number: UInt64($0), changes: [make(Notebook.id(UInt64($0)), [:], at: at(Int64($0)))])
        }
        try office.push(groups, from: ada)
        #expect(try office.reply(to: ben, pageBytes: 0).pages.flatMap(\.records).count == 1)
        #expect(try office.reply(to: ben, pageBytes: -1).pages.flatMap(\.records).count == 1)
        let page = try #require(try office.reply(to: ben).pages.last { $0.area == Office.main })
        #expect(page.records.count == 1_000 && !page.isComplete && page.digest == nil)
    }

    @Test("G10 a cursor of another history is noticed by epoch, sequence or mark, and nothing is taken")
    func otherHistory() throws {
        let (office, ada, _) = try office()
        try office.push(
            (1...3).map { ChangeGroup(number: $0, changes: [make(Notebook.id($0), [:], at: at(Int64($0)))]) },
            from: ada)
        let page = try #require(try office.reply(to: ada).pages.last { $0.area == Office.main })
        let epoch = try office.hub.epoch
        let good = Cursor(area: page.area, sequence: 3, mark: page.mark)
        // In the middle of a commit the mark is that of its end.
        let middle = Cursor(area: page.area, sequence: 2, mark: page.mark)
        for cursor in [good, middle] {
            #expect(try office.reply(to: ada, cursors: [cursor], epoch: epoch).notice == .none)
        }
        let bad: [(Cursor, [UInt8])] = [
            (good, [UInt8](repeating: 7, count: 16)), (Cursor(area: page.area, sequence: 3, mark: 1), epoch),
            (Cursor(area: page.area, sequence: 4, mark: page.mark), epoch),
        ]
        for (cursor, epoch) in bad {
            let reply = try office.reply(to: ada, cursors: [cursor], epoch: epoch)
            #expect(reply.notice == .otherHistory && reply.pages.isEmpty)
            let request = SyncRequest(
                schemaVersion: 1, epoch: epoch, clockMilliseconds: office.now, lowestOwnGroup: 1,
                directoryVersion: 0, cursors: [cursor],
                groups: [ChangeGroup(number: 4, changes: [make(Notebook.id(4), [:], at: at(9))])])
            let acceptance = try office.store.transaction { try office.hub.accept(request, from: ada) }
            #expect(acceptance.notice == .otherHistory && acceptance.receipt == 3)
        }
        #expect(try office.hub.record(table: Notebook.book, id: Notebook.id(4)) == nil)
    }

    @Test("the directory comes where the device's version is behind")
    func directoryVersion() throws {
        let (office, ada, _) = try office()
        #expect(try office.reply(to: ada).directory == nil)
        let request = SyncRequest(
            schemaVersion: 1, epoch: [], clockMilliseconds: 0, lowestOwnGroup: 1, directoryVersion: 0, cursors: [],
            groups: [])
        let directory = try #require(try office.hub.reply(to: request, device: ada, acceptance: nil).directory)
        #expect(directory.role == .lead && directory.person == "Ada")
        #expect(directory.devices.map(\.person) == ["office", "Ada", "Ben"])
        #expect(directory.areas.map(\.name) == ["everyone", "main", "main (restricted)"])
        #expect(directory.areas.last?.twinOf == Office.main)
    }
}
