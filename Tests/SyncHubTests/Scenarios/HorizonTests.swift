import Database
import SyncCore
import Testing

@testable import SyncHub
@testable import SyncReplica

@Suite("Deletions that are collected")
struct HorizonTests {
    private static let day: Int64 = 86_400_000
    private let town: Town
    private let office: Office
    private let ada: TownLaptop
    private let ben: TownLaptop

    init() throws {
        town = try Town()
        office = town.office
        ada = try town.laptop("Ada")
        ben = try town.laptop("Ben")
    }

    private func collect() throws -> FeedCollection.Report { try FeedCollection(hub: office.hub).run() }

    /// Deletes records on Ada's laptop, and lets the office collect them when their time has come.
    private func deleteAndCollect(_ ids: RecordID...) throws {
        for id in ids { try ada.delete(id) }
        try ada.sync()
        _ = try collect()
        office.now += 181 * Self.day
        let report = try collect()
        #expect(report.deleted == ids.count)
    }

    @Test("A deletion stays 180 days in the feed, then it is collected; the server keeps the record and its history")
    func collected() throws {
        let (kept, gone) = (try ada.add("kept"), try ada.add("gone"))
        try ada.sync()
        try ada.edit(gone, "really gone")
        try town.settle()
        try ada.delete(gone)
        try ada.sync()
        #expect(try collect().deleted == 0)
        office.now += 179 * Self.day
        #expect(try collect().deleted == 0)
        #expect(try office.store.horizon(area: Office.main) == 0)
        office.now += 2 * Self.day
        #expect(try collect().deleted == 1)
        #expect(try office.store.horizon(area: Office.main) > 0)
        #expect(try collect() == FeedCollection.Report())
        #expect(try office.store.entryCount(area: Office.main) == 1)
        let versions = try office.hub.history(table: Notebook.book, record: gone, for: ada.number)?.versions ?? []
        #expect(versions.filter { $0.field == Notebook.title }.map(\.value) == [.text("gone"), .text("really gone")])
        try town.settle()
        for laptop in [ada, ben] {
            #expect(try laptop.replica.record(table: Notebook.book, id: gone) == nil)
            #expect(try laptop.title(kept) == "kept")
        }
    }

    @Test("A device from before the horizon fetches the area again, in small pages and over cuts; nothing rises")
    func beforeTheHorizon() throws {
        let ids = try (1...20).map { try ada.add("book \($0)") }
        try town.settle()
        let own = try ben.add("written on the way")
        try deleteAndCollect(ids[0], ids[1], ids[19])
        try ben.syncIsCut(.arrives, .arrives, .replyLost, pageBytes: 300)
        #expect(try ben.replica.refetches().map(\.purpose) == [.horizon])
        try ben.syncIsCut(.arrives, .requestLost, pageBytes: 300)
        try town.settle()
        for laptop in [ada, ben] {
            #expect(try laptop.replica.livingCount(table: Notebook.book) == 18)
            #expect(try laptop.title(own) == "written on the way")
            #expect(try laptop.replica.record(table: Notebook.book, id: ids[0]) == nil)
        }
        #expect(try office.title(ids[0]) == nil)
        #expect(try ben.replica.refetches() == [])
        let requests = ben.requests.count
        try ben.sync()
        #expect(ben.requests.count == requests + 1)
    }

    @Test(
        "G3: of a group whose reply was lost, the record whose deletion was collected does not come back with the others",
        arguments: [false, true])
    func collectedFromItsGroup(hasCursor: Bool) throws {
        if hasCursor {
            _ = try ada.add("first")
            try town.settle()
        }
        let (kept, gone) = try ben.replica.write { work in
            func make(_ title: String) throws -> RecordID {
                try work.create(table: Notebook.book, area: Office.main, values: [(Notebook.title, .text(title))])
            }
            return (try make("kept"), try make("gone"))
        }
        try ben.syncIsCut(.replyLost)
        try ben.delete(gone)
        try ben.syncIsCut(.replyLost)
        _ = try collect()
        office.now += 181 * Self.day
        #expect(try collect().deleted == 1)
        try town.settle()
        for laptop in [ada, ben] {
            #expect(try laptop.replica.record(table: Notebook.book, id: gone)?.isLiving != true)
            #expect(try laptop.title(kept) == "kept")
        }
    }

    @Test("An unsent edit of a record that was collected meanwhile becomes a conflict, and reaches everybody whole")
    func unsentEdit() throws {
        let id = try ada.add("old")
        try ada.edit(id, Notebook.count, .integer(3))
        try town.settle()
        try ben.edit(id, "Ben's")
        try deleteAndCollect(id)
        try ada.sync()
        #expect(try ada.replica.record(table: Notebook.book, id: id) == nil)
        try ben.sync()
        try town.settle()
        for laptop in [ada, ben] {
            #expect(try laptop.title(id) == "Ben's")
            let state = try laptop.replica.record(table: Notebook.book, id: id)
            #expect(state?.field(Notebook.count).value == .integer(3))
            #expect(try laptop.replica.conflicts().count == 1)
        }
    }

    @Test("An unsent delete of a record that was collected meanwhile is no conflict")
    func unsentDelete() throws {
        let id = try ada.add("old")
        try town.settle()
        try ben.delete(id)
        try deleteAndCollect(id)
        try town.settle()
        #expect(try office.title(id) == nil)
        #expect(try office.hub.conflicts(openOnly: false).isEmpty)
    }

    @Test("A collected record that the office restores reaches all devices whole, with its conflicts")
    func restored() throws {
        let id = try ada.add("old")
        try ada.edit(id, Notebook.count, .integer(3))
        try town.settle()
        try ada.edit(id, "Ada's")
        try ben.edit(id, "Ben's")
        try town.settle()
        try deleteAndCollect(id)
        try town.settle()
        let cleo = try town.laptop("Cleo")
        try cleo.sync()
        #expect(try cleo.replica.record(table: Notebook.book, id: id) == nil)
        #expect(try cleo.replica.conflicts(openOnly: false).isEmpty)
        try office.restore(id)
        try town.settle()
        for laptop in [ada, ben, cleo] {
            #expect(try laptop.title(id) == "Ben's")
            let state = try laptop.replica.record(table: Notebook.book, id: id)
            #expect(state?.field(Notebook.count).value == .integer(3))
            #expect(try laptop.replica.conflicts(openOnly: false).count == 1)
        }
    }

    @Test("A second deletion of a collected record shows nothing of it to devices that dropped it")
    func deletedTwice() throws {
        let id = try ada.add("old")
        try town.settle()
        try deleteAndCollect(id)
        try town.settle()
        try office.restore(id)
        try ben.sync()
        try ben.delete(id)
        try town.settle()
        for laptop in [ada, ben] { #expect(try laptop.title(id) == nil) }
        #expect(try office.title(id) == nil)
    }

    @Test("The horizon moves while a device is fetching: it begins again")
    func horizonMoves() throws {
        let ids = try (1...20).map { try ada.add("book \($0)") }
        try town.settle()
        try deleteAndCollect(ids[0])
        try ben.syncIsCut(.arrives, .requestLost, pageBytes: 300)
        #expect(try ben.title(ids[3]) == "book 4")
        try ada.sync()
        try deleteAndCollect(ids[3], ids[17])
        try town.settle()
        #expect(try ben.replica.livingCount(table: Notebook.book) == 17)
    }

    @Test("A new device takes a feed that has a horizon in pages, and does not begin again")
    func newDevice() throws {
        let ids = try (1...20).map { try ada.add("book \($0)") }
        try town.settle()
        try deleteAndCollect(ids[0], ids[19])
        let cleo = try town.laptop("Cleo")
        let summary = try cleo.sync(pageBytes: 300)
        #expect(summary.matches && summary.receivedCount == 18)
        let places = cleo.requests.map { request in request.cursors.first { $0.area == Office.main }?.sequence ?? 0 }
        #expect(places == places.sorted() && places.count > 3)
    }

    @Test("A client that knows nothing of horizons is served on, and does not begin again for ever")
    func olderClient() throws {
        let ids = try (1...20).map { try ada.add("book \($0)") }
        try town.settle()
        try deleteAndCollect(ids[0])
        let reply = try office.reply(to: ada.number, cursors: [Cursor(area: Office.main, sequence: 0, mark: 0)])
        #expect(try reply.fetchStarts() == [])
        #expect(reply.pages.first { $0.area == Office.main }?.records.count == 19)
    }

    @Test("Entries that later ones make needless leave the feed, wherever a device stands in it")
    func needless() throws {
        let ids = try (1...5).map { try ada.add("book \($0)") }
        try town.settle()
        for round in 1...20 {
            for id in ids { try ada.edit(id, "round \(round)") }
            try ada.edit(ids[0], Notebook.count, .integer(Int64(round)))
            try ada.sync()
        }
        try ben.edit(ids[2], "Ben's")
        #expect(try collect().needless >= 100)
        #expect(try office.store.entryCount(area: Office.main) == 5)
        #expect(try collect() == FeedCollection.Report())
        // Ben stands before all of it, Cleo at the start, Ada at the end.
        _ = try town.laptop("Cleo")
        try town.settle()
        for laptop in town.laptops.values {
            #expect(try laptop.title(ids[0]) == "round 20")
            #expect(try laptop.title(ids[2]) != "book 3")
            #expect(try laptop.replica.record(table: Notebook.book, id: ids[0])?.field(2).value == .integer(20))
        }
        #expect(try office.hub.conflicts(openOnly: false).count == 1)
    }

    @Test("G4 a collection between a push and its lost reply changes nothing for the sender")
    func duringPush() throws {
        let id = try ada.add("first")
        try ada.syncIsCut(.replyLost)
        try ada.edit(id, "second")
        try ada.syncIsCut(.replyLost)
        try ada.edit(id, Notebook.count, .integer(1))
        #expect(try collect().needless == 1)
        try town.settle()
        #expect(try ada.title(id) == "second")
        #expect(try ben.title(id) == "second")
        #expect(try office.hub.conflicts(openOnly: false).isEmpty)
    }

    @Test("G3: a record that is restored after its deletion was collected comes whole to the laptop that restores it")
    func restoredBySender() throws {
        let shared = try ada.add("shared")
        try town.settle()
        let made = try ada.add("made and deleted")
        try ada.syncIsCut(.replyLost)
        try ada.delete(made)
        try ada.delete(shared)
        try ben.edit(shared, Notebook.count, .integer(7))
        try ben.delete(shared)
        try ben.sync()
        try ada.syncIsCut(.replyLost)
        _ = try collect()
        office.now += 181 * Self.day
        #expect(try collect().deleted == 2)
        for id in [made, shared] { try ada.restore(id) }
        try town.settle()
        for laptop in [ada, ben] {
            #expect(try laptop.title(made) == "made and deleted")
            let state = try laptop.replica.record(table: Notebook.book, id: shared)
            #expect(state?.isLiving == true && state?.field(Notebook.count).value == .integer(7))
        }
    }

    @Test("G15: a late decision about a collected record shows nobody a conflict that they can't decide")
    func decidedLate() throws {
        let id = try ada.add("old")
        try town.settle()
        try ada.edit(id, "Ada's")
        try ben.edit(id, "Ben's")
        try town.settle()
        let conflict = try #require(try ada.replica.conflicts().first).id
        try ada.replica.write { try $0.decide(conflict, keep: .a) }
        try town.settle()
        try ben.replica.write { try $0.reopen(conflict) }
        try deleteAndCollect(id)
        try town.settle()
        for laptop in [ada, ben] {
            #expect(try laptop.replica.record(table: Notebook.book, id: id) == nil)
            #expect(try laptop.replica.conflicts(openOnly: false).isEmpty)
        }
        #expect(try office.hub.conflicts(openOnly: true).map(\.id) == [conflict])
    }

    @Test("Two processes that collect at once lose no field")
    func twoCollections() throws {
        let id = try ada.add("first")
        try ada.sync()
        let one = FeedCollection(hub: office.hub)
        try ada.edit(id, Notebook.count, .integer(1))
        try ada.sync()
        for _ in 0..<2 { _ = try one.step() }
        // The first has its plan for this area, or will have; the second does all of its own.
        try ada.edit(id, Notebook.sealed, .integer(1))
        try ada.sync()
        let other = FeedCollection(hub: office.hub)
        _ = try other.run()
        while try one.step() {}
        try town.settle()
        let state = try ben.replica.record(table: Notebook.book, id: id)
        #expect(state?.fields.map(\.value) == [.text("first"), .integer(1), .integer(1)])
    }
}

extension Office {
    /// Restores a record as the office.
    func restore(_ id: RecordID) throws {
        now += 10
        try store.transaction {
            guard let state = try store.record(table: Notebook.book, id: id)?.state else { return }
            let change = try OfficeWriter(hub).edit(state, values: [], restores: true)
            _ = try hub.accept([try hub.officeGroup([change])], from: DeviceRecord.office, deviceClock: nil)
        }
    }
}
