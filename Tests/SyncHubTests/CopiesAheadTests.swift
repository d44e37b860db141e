import SyncCore
import Testing

@testable import SyncHub
@testable import SyncReplica

/// A page leaves before it is known that the server took the one before it, and not another copy's work in its place.
@Suite("Pages that a copy of a laptop sends ahead")
struct CopiesAheadTests {
    private let clinic: Clinic
    private let priya: FieldLaptop
    private let sam: FieldLaptop
    private let shared: RecordID

    init() throws {
        clinic = try Clinic()
        priya = try clinic.laptop("Priya")
        sam = try clinic.laptop("Sam")
        shared = try sam.add("shared")
        for _ in 0..<2 { for laptop in [sam, priya] { try laptop.sync() } }
    }

    /// Saves a word of its own group, which no later one joins.
    private func edit(_ laptop: FieldLaptop, _ title: String) throws {
        try laptop.edit(shared, title)
        try laptop.replica.freeze()
    }

    /// Syncs in pages of one change, each sent ahead where that may be.
    ///
    /// - Parameter carry: what becomes of a request on its way, and what happens before it arrives.
    /// - Returns: what came of it, and the numbers of the groups that were sent ahead.
    private func syncAhead(
        _ laptop: FieldLaptop, carry: @escaping (SyncRequest) throws -> SyncRequest = { $0 }
    ) throws -> (summary: SyncSummary, ahead: [UInt64]) {
        var ahead: [UInt64] = []
        func answer(_ request: SyncRequest) throws -> SyncReply {
            let token = try laptop.replica.identityToken() ?? laptop.token
            return try clinic.answer(try carry(request).encoded(), token: token)
        }
        clinic.now += 10
        let transport = SyncTransport(
            send: { request, meanwhile in
                let reply = try answer(request)
                meanwhile()
                return reply
            },
            start: { request in
                ahead += request.groups.map(\.number)
                let reply = try answer(request)
                return { reply }
            })
        return (try SyncSession(replica: laptop.replica, limitCount: 1).run(transport), ahead)
    }

    /// All that was written of the shared record stands there once, in a row.
    private func expectOneRow(_ title: String, _ laptops: FieldLaptop...) throws {
        for _ in 0..<3 { for laptop in laptops { #expect(try laptop.sync().matches) } }
        for laptop in laptops { #expect(try laptop.title(shared) == title) }
        #expect(try clinic.hub.conflicts(openOnly: false) == [])
        #expect(try clinic.hub.areasWithWrongDigest() == [])
    }

    @Test("What nobody else has numbered comes in as it is sent ahead, each page once")
    func alone() throws {
        for title in ["second", "third", "fourth", "fifth"] { try edit(priya, title) }
        var sent: [UInt64] = []
        let carry = { (request: SyncRequest) in
            sent += request.groups.map(\.number)
            return request
        }
        let outcome = try syncAhead(priya, carry: carry)
        #expect(outcome.ahead.count == 2 && sent == Array(sent[0]..<sent[0] + 4))
        #expect(try priya.replica.unsentCount == 0 && !outcome.summary.hasNewIdentity)
        try expectOneRow("fifth", priya, sam)
    }

    @Test("G4 G10: what a laptop that was put back sends ahead does not come in behind what it had sent before")
    func putBack() throws {
        try priya.add("waits in both")
        try priya.replica.freeze()
        let old = try priya.copy()
        try priya.add("sent before")
        try priya.sync()
        try edit(old, "second")
        try edit(old, "third")
        let outcome = try syncAhead(old)
        #expect(outcome.summary.hasNewIdentity)
        try expectOneRow("third", old, sam)
    }

    @Test("G4 G10: what a copy sends ahead does not come in behind what the other one sends meanwhile")
    func bothAtOnce() throws {
        try edit(priya, "second")
        let other = try priya.copy()
        try edit(other, "third")
        try edit(other, "fourth")
        try priya.add("of the first")
        var isDue = true
        let first = try #require(try other.replica.makeRequest().groups.first?.number)
        let carry = { (request: SyncRequest) in
            // The first page has been answered: all that it has agrees so far.
            if request.groups.first?.number == first + 1, isDue {
                isDue = false
                try priya.sync()
            }
            return request
        }
        let outcome = try syncAhead(other, carry: carry)
        #expect(outcome.summary.hasNewIdentity && outcome.ahead.first == first + 2)
        try expectOneRow("fourth", other, priya, sam)
    }
}
