import SyncCore
import SyncReplica
import Testing

@testable import SyncHub

@Suite("What is handed over fits in messages of a bounded size")
struct HandoverSizeTests {
    /// What a server reads of a request, in bytes.
    private static let bodyBytes = 8 << 20

    private let clinic: Clinic
    private let priya: FieldLaptop
    private let sam: FieldLaptop

    init() throws {
        clinic = try Clinic()
        priya = try clinic.laptop("Priya")
        sam = try clinic.laptop("Sam")
        try settle(priya, sam)
    }

    private func settle(_ laptops: FieldLaptop...) throws {
        for _ in 0..<3 { for laptop in laptops { try laptop.sync() } }
        for laptop in laptops { #expect(try laptop.sync().matches) }
    }

    /// Lines of the ledger that are nearly as large as a line can be.
    private func addLines(_ count: Int) throws {
        for line in 0..<count {
            clinic.now += 1
            _ = try clinic.store.transaction {
                // A kind that only a later version knows is kept and passed on.
                try clinic.hub.append(kind: 99, payload: [UInt8](repeating: UInt8(line), count: 60_000))
            }
        }
    }

    @Test("Pages of the ledger are bounded by bytes, and hold at least one line")
    func page() {
        func lines(_ count: Int, bytes: Int) -> [LedgerEntry] {
            (1...count).map {
                LedgerEntry(
                    number: UInt64($0), kind: 6, time: 0, previous: 0, payload: [UInt8](repeating: 0, count: bytes))
            }
        }
        #expect(LedgerNews.page(of: lines(100, bytes: 60_000)).count == 17)
        #expect(LedgerNews.page(of: lines(5_000, bytes: 40)).count == LedgerNews.largestCount)
        #expect(LedgerNews.page(of: lines(3, bytes: 2 * LedgerNews.largestBytes)).count == 1)
        #expect(LedgerNews(publicKey: nil, entries: lines(17, bytes: 60_000)).mayGoOn)
        #expect(!LedgerNews(publicKey: nil, entries: lines(10, bytes: 60_000)).mayGoOn)
        #expect(!LedgerNews(publicKey: nil).mayGoOn)
    }

    @Test("G9: a laptop that was away takes all lines in one sync, however many replies they fill")
    func longNews() throws {
        try addLines(60)
        clinic.largest = (0, 0)
        try sam.sync()
        #expect(try sam.replica.ledger.entries(after: 0) == clinic.hub.ledger(after: 0))
        #expect(clinic.largest.reply < 2 * LedgerNews.largestBytes, "\(clinic.largest)")
    }

    @Test("G10: large lines on both sides go up and down in bounded pages, and a line that is left out is noticed")
    func longLedgers() throws {
        let backup = try clinic.backUp()
        try addLines(60)
        let id = try priya.add("lost")
        try settle(priya)
        try clinic.restore(backup)
        clinic.now += 1_000
        try addLines(50)
        _ = try clinic.laptop("New")
        clinic.largest = (0, 0)
        try priya.sync()
        #expect(try clinic.value(id) == .text("lost"))
        #expect(clinic.largest.request < 2 * LedgerNews.largestBytes, "\(clinic.largest)")
        #expect(clinic.largest.reply < 2 * LedgerNews.largestBytes, "\(clinic.largest)")
        try settle(priya, sam)
        let all = try clinic.store.ledgerEntries(after: 0, limit: .max)
        #expect(all.count { $0.kind == 99 } == 110)
        #expect(try priya.replica.ledger.entries(after: 0) == all)
    }

    @Test("G10: a laptop that joined long after the ledger began, and after the backup, is let in again")
    func lateIntroduction() throws {
        let backup = try clinic.backUp()
        try addLines(40)
        let late = try clinic.laptop("Late")
        let id = try late.add("by a newcomer")
        try settle(late)
        try addLines(40)
        try settle(late, priya)
        try clinic.restore(backup)
        clinic.largest = (0, 0)
        try settle(late, priya, sam)
        #expect(try clinic.value(id) == .text("by a newcomer"))
        #expect(try clinic.hub.knownDevice(try #require(try late.replica.device)).person == "Late")
        #expect(clinic.largest.request < 2 * LedgerNews.largestBytes, "\(clinic.largest)")
    }

    @Test("G10: one group that changes many large records of others, with long histories, goes up in bounded pages")
    func largeForeignRecords() throws {
        let backup = try clinic.backUp()
        let words = String(repeating: "w", count: 60_000)
        let ids = try (0..<30).map { _ in try sam.add(words) }
        try settle(sam, priya)
        for round in 0..<2 {
            for id in ids { try sam.edit(id, "\(round) \(words)") }
            try settle(sam, priya)
        }
        clinic.now += 10
        try priya.replica.write { work in
            for id in ids { try work.edit(table: Notebook.book, record: id, values: [(Notebook.count, .integer(7))]) }
        }
        try settle(priya)
        try clinic.restore(backup)
        clinic.largest = (0, 0)
        try priya.sync()
        #expect(clinic.largest.request < 1 << 20, "\(clinic.largest)")
        for id in ids {
            #expect(try clinic.value(id) == .text("1 \(words)"))
            #expect(try clinic.value(id, Notebook.count) == .integer(7))
        }
        try settle(priya, sam)
        #expect(clinic.largest.request < Self.bodyBytes)
        #expect(try clinic.hub.conflicts(openOnly: false) == [])
    }

    @Test("G10: a record with a history larger than a page goes up in pieces, and every version is there again")
    func longHistory() throws {
        let words = String(repeating: "w", count: 60_000)
        let backup = try clinic.backUp()
        let id = try sam.add("first")
        try settle(sam, priya)
        for round in 0..<40 {
            try sam.edit(id, "\(round) \(words)")
            try sam.sync()
            try priya.sync()
        }
        try priya.edit(id, "last")
        try settle(priya, sam)
        try clinic.restore(backup)
        clinic.largest = (0, 0)
        try priya.sync()
        #expect(clinic.largest.request < 1 << 20, "\(clinic.largest)")
        let history = try #require(try clinic.hub.history(table: Notebook.book, record: id, for: 1))
        #expect(history.versions.count { $0.field == Notebook.title } == 42)
        try settle(priya, sam)
        #expect(try clinic.hub.conflicts(openOnly: false) == [])
    }

    @Test("Numbers that a handover leaves out take no room, and nothing passes for them later")
    func gaps() throws {
        let backup = try clinic.backUp()
        try priya.add("lost")
        try settle(priya)
        try clinic.restore(backup)
        try clinic.store.transaction { try clinic.hub.beginHealing() }
        let number = try #require(try priya.replica.device)
        let gap = try clinic.hub.knownDevice(number).lastGroup + 1
        let made = ChangeGroup(number: gap + 900_000, changes: [make(Notebook.id(8), [:], at: at(5))])
        for _ in 0..<2 {
            let reply = try step(.groups(through: gap + 999_000, [made], corrections: [], rows: VouchedRows()))
            #expect(reply.receipt == gap + 999_000)
        }
        #expect(try clinic.store.fingerprint(device: number, number: gap + 500) == nil)
        #expect(try clinic.store.fingerprint(device: number, number: gap + 900_000) != nil)
        for other in [gap, gap + 899_999, gap + 900_001, gap + 999_000] {
            let group = ChangeGroup(number: other, changes: [make(Notebook.id(9), [:], at: at(6))])
            let acceptance = try clinic.store.transaction {
                try clinic.hub.accept([group], from: number, deviceClock: clinic.now)
            }
            #expect(acceptance.notice == .fork)
        }
    }

    /// Sends Priya's step to a server that waits for her.
    private func step(_ step: HealingRequest.Step) throws -> SyncReply {
        var request = try priya.replica.makeRequest()
        request.groups = []
        request.cursors = []
        request.epoch = try clinic.hub.epoch
        request.set(HealingRequest(receipt: 0, step: step))
        return try clinic.answer(request.encoded(), token: priya.token)
    }

    @Test("G2: who is waited for brings nothing else in under a time of their own that stands first-hand")
    func equalTime() throws {
        let id = try priya.add("first")
        try settle(priya, sam)
        let backup = try clinic.backUp()
        let stands = try #require(try clinic.hub.record(table: Notebook.book, id: id)?.field(Notebook.title))
        try priya.edit(id, "second")
        try settle(priya)
        try clinic.restore(backup)
        try clinic.store.transaction { try clinic.hub.beginHealing() }
        let number = try #require(try priya.replica.device)
        let next = try clinic.hub.knownDevice(number).lastGroup + 1
        let forged = ChangeGroup(
            number: next,
            changes: [edit(id, .text("forged"), at: stands.stamp.time, base: .none)])
        let reply = try step(.groups(through: next, [forged], corrections: [], rows: VouchedRows()))
        #expect(reply.notice == .none)
        #expect(try clinic.value(id) == .text("first"))
        #expect(try clinic.hub.quarantine().map(\.reason) == [.malformed])
    }
}
