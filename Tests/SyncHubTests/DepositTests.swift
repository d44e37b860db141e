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
}
