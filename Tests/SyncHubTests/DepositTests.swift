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

    @Test(
        "G2 G8: what two copies of a laptop hand in under the same numbers is all held, once, also when it comes again")
    func copies() throws {
        _ = try hand([group(1, "one"), group(2, "two")])
        try field.office.hub.revoke(ben.number)
        _ = try hand([group(3, "of the first")])
        let other = [group(3, "copy"), group(4, "copy", over: .own(number: 3, time: at(13)))]
        for _ in 1...2 {
            let acceptance = try hand(other)
            #expect(acceptance.notice == .none && acceptance.receipt >= 4 && acceptance.identity == nil)
        }
        let held = try field.office.hub.quarantine()
        #expect(held.map(\.number) == [3, 4, 5])
        let last = try field.office.hub.quarantineGroup(try #require(held.last).id)
        #expect(last.changes.first?.fields.first?.base == .own(number: 4, time: at(13)))
        // An edit of a record that a held group makes goes with it.
        for item in held.prefix(2) {
            _ = try field.office.store.transaction { try field.office.hub.acceptHeld(item.id, why: nil) }
        }
        #expect(try field.office.hub.quarantine().isEmpty)
        #expect(try field.office.hub.statistics().tables.map(\.living).reduce(0, +) == 4)
        #expect(try field.office.hub.conflicts(openOnly: false).isEmpty)
    }

    @Test("G8: what a revoked laptop had handed in and the office lost is taken, though later work came before it")
    func wrongOrder() throws {
        try field.office.hub.revoke(ben.number)
        #expect(try hand([group(3, "later")]).receipt == 3)
        #expect(try hand([group(1, "one"), group(2, "two")]).receipt >= 3)
        #expect(try field.office.hub.quarantine().count == 3)
    }
}
