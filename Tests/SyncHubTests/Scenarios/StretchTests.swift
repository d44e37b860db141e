import SyncCore
import Testing

@testable import SyncHub
@testable import SyncReplica

@Suite("Devices that are far behind")
struct StretchTests {
    private let town: Town
    private let office: Office
    private let ada: TownLaptop

    init() throws {
        town = try Town()
        office = town.office
        office.hub.stretchCount = 3
        ada = try town.laptop("Ada")
    }

    /// Records that were edited again and again, each edit with a sync of its own.
    private func edited(_ count: Int, times: Int) throws -> [RecordID] {
        let ids = try (0..<count).map { try ada.add("book \($0)") }
        try ada.sync()
        for time in 0..<times {
            for id in ids { try ada.edit(id, "edited \(time)") }
            try ada.sync()
        }
        return ids
    }

    /// How often each record is in the replies of a first sync in small pages; `between` is called after each page.
    private func fetch(
        pageBytes: Int = 300, knowsStretches: Bool = true, between: (Int) throws -> Void = { _ in }
    ) throws -> (counts: [RecordID: Int], last: [RecordID: RecordUpdate]) {
        let device = try office.join("Reader \(knowsStretches)", role: .lead)
        var cursors: [Cursor] = []
        var stretches: [FeedStretch] = []
        var counts: [RecordID: Int] = [:]
        var last: [RecordID: RecordUpdate] = [:]
        for page in 0..<1_000 {
            var request = SyncRequest(
                schemaVersion: 1, epoch: try office.hub.epoch, clockMilliseconds: office.now, lowestOwnGroup: 1,
                directoryVersion: try office.store.counter(.directoryVersion), pageBytes: pageBytes, cursors: cursors,
                groups: [])
            if knowsStretches { request.set(stretches: stretches) }
            let reply = try office.hub.reply(to: request, device: device, acceptance: nil)
            for record in reply.pages.flatMap(\.records) {
                counts[record.record, default: 0] += 1
                last[record.record] = record
            }
            stretches = try reply.stretches()
            cursors = reply.pages.map { Cursor(area: $0.area, sequence: $0.sequence, mark: $0.mark) }
            if reply.pages.allSatisfy(\.isComplete) {
                #expect(stretches == [])
                return (counts, last)
            }
            try between(page)
        }
        Issue.record("the feed has no end")
        return (counts, last)
    }

    @Test("A first sync is sent each record once, whole, however often it was edited")
    func once() throws {
        let ids = try edited(20, times: 10)
        let (counts, last) = try fetch()
        #expect(counts == Dictionary(uniqueKeysWithValues: ids.map { ($0, 1) }))
        for id in ids {
            #expect(last[id]?.isWhole == true)
            #expect(last[id]?.fields.first?.value == .text("edited 9"))
        }
        // A client that says nothing of stretches is told every entry.
        let (plain, _) = try fetch(knowsStretches: false)
        #expect(plain.values.allSatisfy { $0 > 5 })
    }

    @Test("G4 a first sync in small pages is cut anywhere, goes on where it was, and has all of every record")
    func cuts() throws {
        let ids = try edited(12, times: 4)
        for (index, id) in ids.enumerated() { try ada.edit(id, Notebook.count, .integer(Int64(index))) }
        try ada.sync()
        let ben = try town.laptop("Ben")
        try ben.syncIsCut(.arrives, .arrives, .replyLost, pageBytes: 200)
        #expect(try ben.replica.reading { try ben.replica.fetches.stretches().count } == 1)
        try ben.syncIsCut(.repeated, .requestLost, pageBytes: 200)
        try ben.syncIsCut(.arrives, .replyLost, pageBytes: 200)
        try town.settle()
        #expect(try ben.replica.reading { try ben.replica.fetches.stretches() } == [])
        for (index, id) in ids.enumerated() {
            let record = try ben.replica.record(table: Notebook.book, id: id)
            #expect(record?.field(Notebook.title).value == .text("edited 3"))
            #expect(record?.field(Notebook.count).value == .integer(Int64(index)))
        }
    }

    @Test("G3: a reply of which only the receipt counts does not end the stretch that a laptop is in")
    func onlyReceipt() throws {
        let ids = try (0..<12).map { try ada.add("book \($0)") }
        let ben = try town.laptop("Ben")
        try town.settle()
        // Of the first record one entry is left out; the one at the end says what it would have said.
        try ada.edit(ids[0], Notebook.count, .integer(7))
        try ada.sync()
        for id in ids.dropFirst() + [ids[0]] {
            try ada.edit(id, "edited")
            try ada.sync()
        }
        for number in 0..<2 {
            try ben.add("Ben's \(number)")
            try ben.replica.freeze()
        }
        try ben.syncIsCut(.arrives, .replyLost, limitCount: 1, pageBytes: 200)
        #expect(try ben.replica.reading { try ben.replica.fetches.stretches().count } == 1)
        try ben.add("Ben's third")
        try ben.syncIsCut(.replyLost)
        // The office has more than the first page brings again: of its answer the receipt alone is believed.
        #expect(try ben.sync(limitCount: 1).repairs == [])
        #expect(try ben.replica.record(table: Notebook.book, id: ids[0])?.field(Notebook.count).value == .integer(7))
        try town.settle()
    }

    @Test("G3 what is changed, made and deleted during the paging arrives, with the fields of all entries left out")
    func during() throws {
        let ids = try edited(12, times: 2)
        let cleo = try town.laptop("Cleo")
        try cleo.sync()
        var made: [RecordID] = []
        let ben = try town.laptop("Ben")
        var request = 0
        ben.meanwhile = {
            request += 1
            guard request < 10 else { return }
            try cleo.edit(ids[request], Notebook.count, .integer(7))
            try cleo.edit(ids[11 - request], "by Cleo \(request)")
            if request == 4 { try cleo.delete(ids[0]) }
            made.append(try cleo.add("new \(request)"))
            try cleo.sync()
        }
        #expect(try ben.sync(pageBytes: 200).repairs == [])
        ben.meanwhile = nil
        #expect(request > 9)
        try town.settle()
        for id in ids + made {
            #expect(try ben.title(id) == cleo.title(id))
            let counts = try [ben, cleo].map {
                try $0.replica.record(table: Notebook.book, id: id)?.field(Notebook.count).value
            }
            #expect(counts[0] == counts[1])
        }
        #expect(try ben.title(ids[0]) == nil)
    }

    @Test(
        "A device that is far behind is sent what changed since, of all entries that were left out, and no other fields"
    )
    func behind() throws {
        let ids = try edited(8, times: 1)
        let ben = try town.laptop("Ben")
        try ben.sync()
        for id in ids { try ada.edit(id, Notebook.count, .integer(1)) }
        try ada.sync()
        for id in ids.dropFirst() { try ada.edit(id, Notebook.sealed, .integer(2)) }
        try ada.sync()
        var masks: [RecordID: Set<Int>] = [:]
        var request = try ben.replica.makeRequest(pageBytes: 100)
        var pages = 0
        while pages < 100 {
            let reply = try SyncReply(decoding: office.answer(request.encoded(), from: ben.number))
            for record in reply.pages.flatMap(\.records) {
                #expect(!record.isWhole)
                #expect(masks.updateValue(Set(record.fields.map(\.number)), forKey: record.record) == nil)
            }
            _ = try ben.replica.apply(reply)
            pages += 1
            if reply.pages.allSatisfy(\.isComplete) { break }
            request = try ben.replica.makeRequest(pageBytes: 100)
        }
        #expect(pages > 3)
        #expect(masks[ids[0]] == [Notebook.count])
        for id in ids.dropFirst() { #expect(masks[id] == [Notebook.count, Notebook.sealed]) }
        try town.settle()
    }

    @Test("A server that was started again, or has looked at the feed before, leaves out nothing that was not said")
    func restarts() throws {
        let ids = try edited(12, times: 3)
        let ben = try town.laptop("Ben")
        var count = 0
        ben.meanwhile = { [office, ada] in
            count += 1
            if count == 3 {
                // Another device's look at the feed, from before what follows.
                _ = try office.reply(to: ada.number)
            }
            if count == 4 { for id in ids { try ada.edit(id, Notebook.count, .integer(5)) } }
            if count == 4 { try ada.sync() }
            if count == 6 { office.hub.outlooks = [] }
        }
        #expect(try ben.sync(pageBytes: 150).repairs == [])
        ben.meanwhile = nil
        for id in ids {
            #expect(try ben.replica.record(table: Notebook.book, id: id)?.field(Notebook.count).value == .integer(5))
        }
        try town.settle()
    }

    @Test("Entries that are collected in the middle of a stretch take nothing with them")
    func collected() throws {
        let ids = try edited(12, times: 3)
        let ben = try town.laptop("Ben")
        var count = 0
        ben.meanwhile = { [office, ada] in
            count += 1
            if count == 3 {
                for id in ids { try ada.edit(id, Notebook.sealed, .integer(3)) }
                try ada.sync()
                #expect(try FeedCollection(hub: office.hub).run().needless > 30)
            }
        }
        #expect(try ben.sync(pageBytes: 150).repairs == [])
        ben.meanwhile = nil
        for id in ids {
            let record = try ben.replica.record(table: Notebook.book, id: id)
            #expect(record?.field(Notebook.title).value == .text("edited 2"))
            #expect(record?.field(Notebook.sealed).value == .integer(3))
        }
        try town.settle()
    }

    @Test("What a device wrote itself stands as sent, with what others wrote before it")
    func ownWork() throws {
        let ids = try edited(6, times: 1)
        let ben = try town.laptop("Ben")
        try ben.sync()
        for id in ids { try ada.edit(id, Notebook.count, .integer(9)) }
        try ada.sync()
        // Ben has not seen Ada's counts when he writes; his titles stand as he sent them.
        for id in ids { try ben.edit(id, "by Ben") }
        try ben.syncIsCut(.replyLost)
        for id in ids { try ada.edit(id, Notebook.sealed, .integer(4)) }
        try ada.sync()
        #expect(try ben.sync(pageBytes: 150).repairs == [])
        for id in ids {
            let record = try ben.replica.record(table: Notebook.book, id: id)
            #expect(record?.field(Notebook.title).value == .text("by Ben"))
            #expect(record?.field(Notebook.count).value == .integer(9))
            #expect(record?.field(Notebook.sealed).value == .integer(4))
        }
        try town.settle()
    }

    @Test("A stretch that can't be is refused, and one that the feed has left behind is over")
    func impossible() throws {
        _ = try edited(6, times: 2)
        let device = try office.join("Reader", role: .lead)
        var request = SyncRequest(
            schemaVersion: 1, epoch: try office.hub.epoch, clockMilliseconds: office.now, lowestOwnGroup: 1,
            directoryVersion: 0, cursors: [], groups: [])
        for stretch in [
            FeedStretch(area: Office.main, after: 1 << 53, through: 1 << 53),
            FeedStretch(area: Office.main, after: 0, through: 1 << 53),
            FeedStretch(area: Office.main, after: 9, through: 2), FeedStretch(area: 77, after: 0, through: 1),
        ] {
            request.set(stretches: [stretch])
            let reply = try office.hub.reply(to: request, device: device, acceptance: nil)
            #expect(reply.pages.flatMap(\.records).count == 6)
            #expect(try reply.stretches() == [])
        }
        // Two numbers are no stretch.
        request.parts[.stretches] = [0x82, 0x01, 0x02]
        #expect(throws: CBORError.self) { try Hub.checkParts(of: request) }
    }
}
