import Database
import SyncCore
import Testing

@testable import SyncHub
@testable import SyncReplica

@Suite("The unsent work of a laptop that was shut out")
struct DepositTests {
    private let field: HeldFixture
    private let ben: HeldFixture.Laptop

    init() throws {
        field = try HeldFixture()
        ben = try field.laptop("Ben")
    }

    /// A sync as the server answers a revoked device: groups are taken, pages never.
    private func sync(pageCount: Int, cutAfter limit: Int = .max) throws -> (end: UInt64?, requests: Int) {
        var requests = 0
        do {
            _ = try SyncSession(replica: ben.replica, limitCount: pageCount).run { request in
                requests += 1
                let acceptance = try field.office.store.transaction {
                    try field.office.hub.accept(SyncRequest(decoding: request.encoded()), from: ben.number)
                }
                if requests > limit { throw HeldFixture.Lost() }
                throw ShutOut(receipt: acceptance.receipt)
            }
        } catch let end as ShutOut {
            return (end.receipt, requests)
        } catch is HeldFixture.Lost {
            return (nil, requests)
        }
        return (nil, requests)
    }

    @Test("G8 all pages are handed in, once, also where a reply is lost on the way", arguments: [1, 3, 100])
    func allPages(cut: Int) throws {
        for number in 1...10 { _ = try field.create("book \(number)", on: ben) }
        try field.office.hub.revoke(ben.number)
        let first = try sync(pageCount: 2, cutAfter: cut)
        #expect(first.end == (cut > 5 ? 10 : nil) && first.requests == min(5, cut + 1))
        #expect(try sync(pageCount: 2).end == 10)
        #expect(try field.office.hub.quarantine().map(\.number) == Array(1...10))
        #expect(try ben.replica.unsentCount == 0)
        #expect(try ben.replica.heldItems().map(\.reason) == Array(repeating: .revoked, count: 10))
        #expect(try sync(pageCount: 2).requests == 1, "nothing is left to hand in")
    }

    @Test("what the server does not take stays here, waiting")
    func full() throws {
        for number in 1...3 { _ = try field.create("book \(number)", on: ben) }
        try field.office.hub.revoke(ben.number)
        try field.office.store.transaction {
            try field.office.store.database.run(
                """
                WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
                INSERT INTO quarantine (device, number, reason, arrived, changes, body)
                SELECT ?2, -i, 5, 0, 1, zeroblob(1) FROM n
                """, .integer(Int64(Hub.largestDepositCount - 2)), .integer(Int64(ben.number)))
        }
        #expect(try sync(pageCount: 100).end == 2)
        #expect(try ben.replica.unsentCount == 1 && ben.replica.heldItems().count == 2)
    }

    /// A group that makes a record, or changes the one that the group before made under the same title.
    private func group(_ number: UInt64, _ title: String, over base: Base = .none) -> ChangeGroup {
        let time = at(10 + Int64(number))
        let maker = base == .none ? number : number - 1
        let id = Notebook.id(maker * 100 + UInt64(title.count))
        let change =
            base == .none
            ? make(id, [Notebook.title: .text(title)], at: time)
            : edit(id, .text("\(title), changed"), at: time, base: base)
        return ChangeGroup(number: number, changes: [change])
    }

    private func hand(_ groups: [ChangeGroup]) throws -> Acceptance {
        let office = field.office
        return try office.store.transaction {
            try office.hub.accept(groups, from: ben.number, deviceClock: office.now)
        }
    }

    @Test("G2 G8: what two copies of a laptop hand in under the same numbers is all held, each once")
    func copies() throws {
        _ = try hand([group(1, "one"), group(2, "two")])
        try field.office.hub.revoke(ben.number)
        _ = try hand([group(3, "of the first"), group(4, "of the first", over: .own(number: 3, time: at(13)))])
        let other = [group(3, "copy"), group(4, "copy", over: .own(number: 3, time: at(13)))]
        // Page by page, then once more as one page.
        for page in [[other[0]], [other[1]], other] {
            let acceptance = try hand(page)
            #expect(acceptance.notice == .none && acceptance.receipt == page.last?.number)
            #expect(acceptance.identity == nil)
        }
        let held = try field.office.hub.quarantine()
        #expect(held.map(\.number) == [3, 4, 5, 6])
        let last = try field.office.hub.quarantineGroup(try #require(held.last).id)
        #expect(last.changes.first?.fields.first?.base == .own(number: 5, time: at(13)))
        // An edit of a record that a held group makes goes with it.
        for item in [held[0], held[2]] {
            _ = try field.office.store.transaction { try field.office.hub.acceptHeld(item.id, why: nil) }
        }
        #expect(try hand(other).receipt == 4)
        #expect(try field.office.hub.quarantine().isEmpty)
        #expect(try field.office.hub.statistics().tables.map(\.living).reduce(0, +) == 4)
        #expect(try field.office.hub.conflicts(openOnly: false).isEmpty)
    }

    /// Two groups that each make a record; the second has an earlier time, which the office therefore corrects.
    private func makers(_ first: UInt64, _ records: (Int, Int), at times: (Int64, Int64)) -> [ChangeGroup] {
        [(records.0, times.0), (records.1, times.1)].enumerated().map { index, maker in
            let change = make(
                Notebook.id(UInt64(maker.0)), [Notebook.title: .text("first")], at: at(maker.1))
            return ChangeGroup(number: first + UInt64(index), changes: [change])
        }
    }

    /// An edit of a record that a group of this number made at a time.
    private func laterEdit(
        _ number: UInt64, _ record: Int, over base: (UInt64, Int64), at time: Int64 = 300
    ) -> ChangeGroup {
        let base = Base.own(number: base.0, time: at(base.1))
        let change = edit(Notebook.id(UInt64(record)), .text("second"), at: at(time), base: base)
        return ChangeGroup(number: number, changes: [change])
    }

    private func acceptAll() throws {
        while let item = try field.office.hub.quarantine().min(by: { $0.number < $1.number }) {
            _ = try field.office.store.transaction { try field.office.hub.acceptHeld(item.id, why: nil) }
        }
    }

    private func expectSeen(_ record: Int) throws {
        try acceptAll()
        #expect(try field.office.value(Notebook.id(UInt64(record))) == .text("second"))
        #expect(try field.office.hub.conflicts(openOnly: false).isEmpty)
    }

    @Test(
        "G5 G8: an edit that comes in under another number has seen its own copy's work, not the other copy's",
        arguments: [false, true])
    func ownBaseBesideCopy(isOnePage: Bool) throws {
        try field.office.hub.revoke(ben.number)
        let own = makers(1, (1, 2), at: (100, 50))
        _ = try hand(own)
        // The copy's stand under 3 and 4.
        _ = try hand(makers(1, (3, 4), at: (110, 120)))
        _ = try hand((isOnePage ? own : []) + [laterEdit(3, 2, over: (2, 50))])
        #expect(try field.office.hub.quarantine().map(\.number) == [1, 2, 3, 4, 5])
        try expectSeen(2)
    }

    @Test("G8: an edit over a time of a clock that was an hour fast can be accepted, whatever the other copy handed in")
    func ownBaseOfFastClock() throws {
        try field.office.hub.revoke(ben.number)
        _ = try hand([makers(1, (1, 2), at: (3_600_000, 0))[0]])
        _ = try hand([makers(1, (3, 4), at: (100, 0))[0]])
        _ = try hand([laterEdit(2, 1, over: (1, 3_600_000), at: 3_600_001)])
        #expect(try field.office.hub.quarantine().map(\.reason) == Array(repeating: .revoked, count: 3))
        try expectSeen(1)
    }

    @Test("G5 G8: an edit whose number is free has seen what its own copy handed in under another number")
    func movedBase() throws {
        try field.office.hub.revoke(ben.number)
        _ = try hand(makers(1, (1, 2), at: (100, 110)))
        _ = try hand(makers(1, (3, 4), at: (90, 80)))
        let later = laterEdit(5, 4, over: (2, 80))
        for _ in 1...2 { #expect(try hand([later]).receipt == 5) }
        let held = try field.office.hub.quarantine()
        #expect(held.map(\.number) == [1, 2, 3, 4, 5], "it is known when it comes again")
        let last = try field.office.hub.quarantineGroup(try #require(held.last).id)
        #expect(last.changes.first?.fields.first?.base == .own(number: 4, time: at(80)))
        try expectSeen(4)
    }

    @Test("G8: a laptop counts as handed in only what it has sent, whatever else the office holds under its number")
    func receiptOfAnotherCopy() throws {
        for number in 1...4 { _ = try field.create("book \(number)", on: ben) }
        try field.office.hub.revoke(ben.number)
        _ = try hand((1...4).map { group($0, "of the copy") })
        #expect(try sync(pageCount: 1).end == 4)
        #expect(try field.office.hub.quarantine().count == 8)
        #expect(try ben.replica.unsentCount == 0)
    }

    @Test("G8: what a revoked laptop had handed in and the office lost is taken, though later work came before it")
    func wrongOrder() throws {
        try field.office.hub.revoke(ben.number)
        #expect(try hand([group(3, "later")]).receipt == 3)
        #expect(try hand([group(1, "one"), group(2, "two")]).receipt == 2)
        #expect(try field.office.hub.quarantine().count == 3)
    }
}
