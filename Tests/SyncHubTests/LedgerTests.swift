import Cryptography
import Database
import SyncCore
import SyncReplica
import Testing

@testable import SyncHub

@Suite("The office's ledger")
struct LedgerTests {
    private static let verifier = OfficeVerifier { OfficeKey.verify($1, over: $0, publicKey: $2) }

    /// A laptop that has joined an office with a key.
    private func laptop(_ number: UInt32, _ office: Office) throws -> Replica {
        var dice = Dice(seed: UInt64(number))
        let replica = Replica(
            database: try Notebook.database(), schema: Notebook.schema, hash: Notebook.hash, clock: { office.now },
            random: { dice.next() }, verifier: Self.verifier)
        try replica.createTables()
        var reply = JoinReply(
            device: number, token: [], epoch: try office.hub.epoch, directory: try office.hub.directory(for: number))
        if let key = office.hub.officeKey { reply.setOfficeKey(key) }
        try replica.install(reply)
        return replica
    }

    private func exchange(
        _ replica: Replica, _ number: UInt32, _ office: Office, change: (inout SyncReply) throws -> Void = { _ in }
    )
        throws -> AppliedReply
    {
        let request = try SyncRequest(decoding: try replica.makeRequest().encoded())
        var reply = try office.hub.reply(to: request, device: number, acceptance: nil)
        try change(&reply)
        return try replica.apply(try SyncReply(decoding: reply.encoded()))
    }

    @Test("Joining, giving, taking and revoking leave signed lines in the transaction of the change, ids alone")
    func lines() throws {
        let office = try Office(signer: try Office.signer(seed: 1))
        let device = try office.join("Priya")
        try office.hub.give(person: "Priya", area: Office.south)
        try office.hub.take(person: "Priya", area: Office.south)
        try office.hub.revoke(device)
        #expect(throws: HubError.areaUnknown(99)) { try office.hub.give(person: "Priya", area: 99) }
        let entries = try office.hub.ledger(after: 0)
        #expect(entries.suffix(5).map(\.kind) == [1, 2, 2, 3, 4])
        let enrolment = try LedgerContent.Enrolment(decoding: entries[entries.count - 5].payload)
        #expect(enrolment == .init(device: device, person: device, role: .worker, tokenHash: Array("Priya".utf8)))
        #expect(try LedgerContent.Grant(decoding: entries[entries.count - 3].payload) == .init(person: device, area: 4))
        var last: LedgerEntry?
        for entry in entries {
            #expect(entry.follows(last, hash: Notebook.hash))
            #expect(Self.verifier.verify(entry, publicKey: try #require(office.hub.officeKey)))
            last = entry
        }
        #expect(entries.allSatisfy { !$0.encoded().contains(sequence: Array("laptop".utf8)) })
    }

    @Test("A server that kept no ledger writes down everything that stands when it begins one, once")
    func beginning() throws {
        let database = try Notebook.database()
        let before = try Office(database: database)
        let device = try before.join("Priya", areas: [Office.main, Office.south])
        try before.hub.revoke(device)
        let store = SQLiteHubStore(database: database, schema: Notebook.schema)
        let hub = try Hub(
            store: store, schema: Notebook.schema, hash: Notebook.hash, signer: try Office.signer(seed: 1),
            clock: { Office.start }, random: { 1 })
        try hub.beginLedger()
        let entries = try hub.ledger(after: 0)
        // Five areas, the server, the laptop with two areas, its revocation.
        #expect(entries.map(\.kind) == [5, 5, 5, 5, 5, 1, 1, 2, 2, 4])
        try hub.beginLedger()
        #expect(try hub.ledger(after: 0) == entries)
    }

    @Test("A device carries the whole ledger, and is sent only what it lacks")
    func carrying() throws {
        let office = try Office(signer: try Office.signer(seed: 1))
        let number = try office.join("Priya")
        let replica = try laptop(number, office)
        _ = try exchange(replica, number, office)
        #expect(try replica.ledger.entries(after: 0) == office.hub.ledger(after: 0))
        try office.hub.give(person: "Priya", area: Office.south)
        var told: [Int] = []
        replica.onLedgerEntry = { told.append($0.kind) }
        _ = try exchange(replica, number, office) { reply in
            let count = try reply.ledgerNews()?.entries.count
            #expect(count == 1)
        }
        #expect(told == [2])
        _ = try exchange(replica, number, office) { reply in
            let news = try reply.ledgerNews()
            #expect(news == nil)
        }
    }

    @Test("An entry that was changed, is missing or bears another signature changes nothing and is reported")
    func refusing() throws {
        let office = try Office(signer: try Office.signer(seed: 1))
        let number = try office.join("Priya")
        let replica = try laptop(number, office)
        func spoilt(_ spoil: @escaping (inout [LedgerEntry]) throws -> Void) throws -> UInt64? {
            try exchange(replica, number, office) { reply in
                var news = try #require(try reply.ledgerNews())
                try spoil(&news.entries)
                reply.set(news)
            }.refusedLedgerEntry
        }
        #expect(try spoilt { $0[0].payload = LedgerContent.Revocation(device: 1).encoded() } == 1)
        #expect(try replica.ledger.last() == nil)
        #expect(try spoilt { $0.remove(at: 2) } == 4)
        #expect(try replica.ledger.last()?.number == 2)
        let other = try Office.signer(seed: 2)
        #expect(try spoilt { $0[0].signature = try other.sign($0[0].signedBytes) } == 3)
        #expect(try replica.ledger.last()?.number == 2)
    }

    @Test("Another office's key is refused, and nothing changes")
    func otherOffice() throws {
        let office = try Office(signer: try Office.signer(seed: 1))
        let number = try office.join("Priya")
        let replica = try laptop(number, office)
        let key = try Office.signer(seed: 2).publicKey
        #expect(throws: ReplicaError.anotherOffice) {
            try exchange(replica, number, office) { $0.set(LedgerNews(publicKey: key)) }
        }
        #expect(try replica.ledger.last() == nil)
    }
}

extension Array where Element: Equatable {
    fileprivate func contains(sequence: [Element]) -> Bool {
        guard count >= sequence.count else { return false }
        return (0...(count - sequence.count)).contains { Array(self[$0..<$0 + sequence.count]) == sequence }
    }
}
