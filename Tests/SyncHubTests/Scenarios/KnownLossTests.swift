import Database
import SyncCore
import Testing

@testable import SyncHub
@testable import SyncReplica

/// Known cases of sync engines that lose data: crashes, cuts, lost and wrong servers.
@Suite("Known cases: crashes, cuts and other servers")
struct KnownLossTests {
    private let town: Town
    private let ada: TownLaptop
    private let ben: TownLaptop
    private let ids: [RecordID]

    init() throws {
        town = try Town()
        ada = try town.laptop("Ada")
        ben = try town.laptop("Ben")
        let ada = ada
        ids = try (1...12).map { try ada.add("book \($0)") }
        try ada.sync()
    }

    private func expectAll(_ laptop: TownLaptop) throws {
        for (number, id) in ids.enumerated() { #expect(try laptop.title(id) == "book \(number + 1)") }
        #expect(try laptop.replica.livingCount(table: Notebook.book) == ids.count)
    }

    @Test(
        "Between rows and cursor nothing can come: where one of them is not written, none is",
        arguments: ["UPDATE ON cursor", "INSERT ON book", "INSERT ON conflict"])
    func rowsAndCursor(_ place: String) throws {
        try ben.sync(pageBytes: 100_000)
        try ada.edit(ids[0], "Ada's")
        try ben.edit(ids[0], "Ben's")
        try ada.add("one more")
        try ada.sync()
        let before = try (ben.replica.cursors(), ben.replica.digests(), ben.replica.livingCount(table: Notebook.book))
        try ben.database.transaction {
            try ben.database.execute(
                "CREATE TRIGGER crash BEFORE \(place) BEGIN SELECT RAISE(ABORT, 'power lost'); END")
        }
        #expect(throws: (any Error).self) { try ben.sync() }
        let after = try (ben.replica.cursors(), ben.replica.digests(), ben.replica.livingCount(table: Notebook.book))
        #expect(after == before)
        #expect(try ben.title(ids[0]) == "Ben's")
        try ben.database.transaction { try ben.database.execute("DROP TRIGGER crash") }
        try town.settle()
        #expect(try town.office.hub.conflicts(openOnly: false).count == 1)
    }

    @Test(
        "Nor between rows, receipt and feed at the office",
        arguments: ["device", "feed", "mark", "area", "fingerprint"])
    func atTheOffice(_ table: String) throws {
        let database = town.office.store.database
        let event = ["device", "area"].contains(table) ? "UPDATE" : "INSERT"
        try database.transaction {
            try database.execute(
                "CREATE TRIGGER crash BEFORE \(event) ON \(table) BEGIN SELECT RAISE(ABORT, 'power lost'); END")
        }
        let new = try ben.add("Ben's")
        #expect(throws: (any Error).self) { try ben.sync() }
        #expect(try town.office.title(new) == nil)
        #expect(try ben.replica.unsentCount == 1)
        try database.transaction { try database.execute("DROP TRIGGER crash") }
        try town.settle()
        #expect(try ada.title(new) == "Ben's")
    }

    @Test("A pull that is cut in mid-page goes on from the last whole page, each record once")
    func cutPull() throws {
        try ben.syncIsCut(.arrives, .arrives, .replyLost, pageBytes: 200)
        let count = try ben.replica.livingCount(table: Notebook.book)
        #expect(count > 0 && count < ids.count)
        let summary = try ben.sync(pageBytes: 200)
        #expect(summary.receivedCount == ids.count - count)
        try expectAll(ben)
    }

    @Test("A write that lands during paging arrives, and its record only once")
    func writeDuringPaging() throws {
        var round = 0
        ben.meanwhile = { [ada, ids] in
            round += 1
            guard round == 2 else { return }
            try ada.edit(ids[0], "changed early")
            try ada.edit(ids[11], "changed late")
            try ada.add("one more")
            try ada.sync()
        }
        let summary = try ben.sync(pageBytes: 200)
        #expect(summary.matches && summary.receivedCount == ids.count + 1)
        #expect(try ben.title(ids[0]) == "changed early" && ben.title(ids[11]) == "changed late")
    }

    @Test("A lost checkpoint: with the cursors back at the start everything is taken again, and nothing is doubled")
    func checkpointLost() throws {
        try ben.sync()
        try ben.edit(ids[3], "Ben's")
        try ben.database.transaction { try ben.database.run("UPDATE cursor SET sequence = 0, mark = 0") }
        let summary = try ben.sync()
        #expect(summary.matches && summary.newConflicts == 0 && summary.receivedCount == 0)
        #expect(try ben.title(ids[3]) == "Ben's")
        #expect(try ben.replica.livingCount(table: Notebook.book) == ids.count)
        try town.settle()
        #expect(try town.office.hub.conflicts(openOnly: false).isEmpty)
    }

    @Test("A wrong or empty server does not wipe a laptop, whatever it answers", arguments: [true, false])
    func wrongServer(_ isSameEpoch: Bool) throws {
        try ben.sync()
        let unsent = try ben.add("unsent")
        let other = try Office(seed: 99)
        _ = try other.join("Somebody")
        _ = try other.join("Somebody else")
        if isSameEpoch { try other.store.transaction { try other.store.setEpoch(town.office.hub.epoch) } }
        let wrong = try Hub(
            store: other.store, schema: Notebook.schema, hash: Notebook.hash, clock: { Office.start }, random: { 7 })
        // It may refuse, or ask for what it lacks; the laptop keeps what it has.
        _ = try? SyncSession(replica: ben.replica).run { request in
            let request = try SyncRequest(decoding: request.encoded())
            let acceptance = try other.store.transaction { try wrong.accept(request, from: ben.number) }
            return try SyncReply(
                decoding: wrong.reply(to: request, device: ben.number, acceptance: acceptance).encoded())
        }
        for (number, id) in ids.enumerated() { #expect(try ben.title(id) == "book \(number + 1)") }
        #expect(try ben.title(unsent) == "unsent")
    }
}
