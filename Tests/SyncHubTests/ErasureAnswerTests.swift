import Cryptography
import Database
import Foundation
import SyncCore
import Testing

@testable import SyncHub
@testable import SyncReplica

@Suite("Orders of erasure that wait for an answer, or get none")
struct ErasureAnswerTests {
    @Test("an order about more than 5 % of the records waits for the user; until then nothing is removed")
    func large() throws {
        let office = try ErasingOffice()
        let (priya, sam) = (try office.laptop("Priya"), try office.laptop("Sam"))
        let ids = try (0..<40).map { try priya.add($0 < 12 ? "canary \($0)" : "book \($0)") }
        try priya.sync()
        try sam.sync()
        try sam.edit(ids[0], .text("unsent"))
        let order = try office.erase(ids.prefix(12).map { ErasureTarget(table: Notebook.book, record: $0) })

        let waiting = try sam.sync()
        #expect(waiting.erased == ErasureOutcome())
        #expect(try sam.matches(waiting), "what is to be erased counts in no digest")
        #expect(try sam.replica.waitingErasures().map(\.size) == [.init(records: 12, allRecords: 40, ownChanges: 1)])
        #expect(try ids.prefix(12).allSatisfy { try sam.title($0) != nil })
        #expect(try office.state(order, sam) == .waitsForUser)
        #expect(throws: ReplicaError.recordErased(ids[1])) { try sam.edit(ids[1], .text("no")) }
        #expect(try sam.matches(try sam.sync()))

        #expect(try sam.replica.carryOutWaitingErasures() == ErasureOutcome(records: 12, ownChanges: 1))
        // Told at once or with the next sync, whatever comes between.
        #expect(try sam.replica.untoldNews().erased == ErasureOutcome(records: 12, ownChanges: 1))
        try sam.replica.forgetUntoldErasures()
        #expect(try sam.replica.untoldNews().erased == ErasureOutcome())
        #expect(try !sam.replica.leavesRemoved())
        #expect(try sam.replica.waitingErasures().isEmpty)
        #expect(try ids.prefix(12).allSatisfy { try sam.title($0) == nil })
        #expect(try sam.files(with: "canary") == [])
        #expect(try !sam.files(with: "book 20").isEmpty)
        #expect(try sam.matches(try sam.sync()))
        #expect(try office.state(order, sam) == .confirmed)
    }

    @Test("a handful is erased without asking, also on a device with few records", arguments: [10, 11])
    func handful(count: Int) throws {
        let office = try ErasingOffice()
        let sam = try office.laptop("Sam")
        let ids = try (0..<count).map { try sam.add("book \($0)") }
        try sam.sync()
        try office.erase(ids.map { ErasureTarget(table: Notebook.book, record: $0) })
        #expect(try sam.sync().erased.records == (count == 10 ? 10 : 0))
        #expect(try sam.replica.waitingErasures().count == (count == 10 ? 0 : 1))
    }

    @Test("many small orders at once are one large one")
    func split() throws {
        let office = try ErasingOffice()
        let sam = try office.laptop("Sam")
        let ids = try (0..<20).map { try sam.add("book \($0)") }
        try sam.sync()
        for id in ids { try office.erase(whole(id)) }
        #expect(try sam.sync().erased.records == 0)
        #expect(try sam.replica.waitingErasures().count == 20)
    }

    @Test("G9: an order that the office did not sign removes nothing and is reported")
    func forged() throws {
        let office = try ErasingOffice()
        let sam = try office.laptop("Sam")
        let ids = try (0..<3).map { try sam.add("book \($0)") }
        try sam.sync()
        let other = try Office.signer(seed: 2)
        let order = ErasureOrder(
            id: Notebook.id(5), time: at(9_000), targets: ids.map { .init(table: Notebook.book, record: $0) })
        for signer in [other, nil] {
            let summary = try sam.sync { reply in
                let last = try sam.replica.ledger.last()
                var entry = LedgerEntry(
                    number: (last?.number ?? 0) + 1, kind: LedgerEntry.Kind.erasure.rawValue, time: 1,
                    previous: last?.hash(Notebook.hash) ?? 0, payload: order.encoded(),
                    signature: [UInt8](repeating: 0, count: LedgerEntry.signatureLength))
                if let signer { entry.signature = try signer.sign(entry.signedBytes) }
                reply.set(LedgerNews(publicKey: nil, entries: [entry]))
            }
            #expect(summary.refusedLedgerEntry != nil)
            #expect(summary.erased == ErasureOutcome())
        }
        #expect(try ids.allSatisfy { try sam.title($0) != nil })
        #expect(try sam.replica.waitingErasures().isEmpty)
    }
}
