import SyncCore
import Testing

@testable import SyncHub
@testable import SyncReplica

/// Known cases of sync engines that lose data: deletes, parents and children, lost areas.
@Suite("Known cases: deletes and areas")
struct KnownDeleteTests {
    private let town: Town
    private let ada: TownLaptop
    private let ben: TownLaptop
    private let cleo: TownLaptop
    private let id: RecordID

    init() throws {
        town = try Town()
        ada = try town.laptop("Ada")
        ben = try town.laptop("Ben")
        cleo = try town.laptop("Cleo")
        id = try ada.add("old")
        try town.settle()
    }

    private func titles() throws -> Set<String?> {
        Set(try [ada, ben, cleo].map { try $0.title(id) } + [town.office.title(id)])
    }

    @Test(
        "A delete here and an edit there, in both orders: the record lives and the conflict names both",
        arguments: [true, false])
    func deleteAndEdit(_ deleteFirst: Bool) throws {
        try ada.delete(id)
        try ben.edit(id, "Ben's")
        for laptop in deleteFirst ? [ada, ben] : [ben, ada] { try laptop.sync() }
        try town.settle()
        #expect(try titles() == ["Ben's"])
        let conflicts = try cleo.replica.conflicts()
        #expect(conflicts.count == 1)
        #expect(conflicts.first?.a.value == nil && conflicts.first?.b.value == .text("Ben's"))
    }

    @Test(
        "Deleted, brought back and edited on one device, deleted and edited on others: one outcome in every order",
        arguments: [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]])
    func outOfOrder(_ order: [Int]) throws {
        try ada.delete(id)
        try ada.replica.freeze()
        try ada.restore(id)
        try ada.replica.freeze()
        try ada.edit(id, "Ada's")
        try ben.delete(id)
        try cleo.edit(id, Notebook.count, .integer(3))
        let laptops = [ada, ben, cleo]
        for index in order { try laptops[index].sync() }
        try town.settle()
        #expect(try titles() == ["Ada's"])
        let state = try ben.replica.record(table: Notebook.book, id: id)
        #expect(state?.field(Notebook.count).value == .integer(3))
    }

    @Test("Created and deleted before any sync: it goes up dead, shows nowhere, and can be restored")
    func bornDead() throws {
        let new = try ada.add("short")
        try ada.delete(new)
        try town.settle()
        for laptop in [ada, ben] { #expect(try laptop.title(new) == nil) }
        #expect(try town.office.hub.conflicts(openOnly: false).isEmpty)
        try ada.restore(new)
        try town.settle()
        #expect(try ben.title(new) == "short")
    }

    @Test("A child arrives before its parent, and one is added under a parent that was deleted: both stay")
    func children() throws {
        func addPage(_ laptop: TownLaptop, under parent: RecordID) throws -> RecordID {
            try laptop.replica.write { work in
                try work.create(
                    table: Notebook.page, area: Office.main,
                    values: [(1, .text("\(parent)")), (3, .blob(parent.bytes))])
            }
        }
        func isThere(_ page: RecordID, _ laptop: TownLaptop) throws -> Bool {
            try laptop.replica.record(table: Notebook.page, id: page)?.isLiving == true
        }
        // The parent is made first and comes to the office last.
        let parent = RecordID(milliseconds: 5, random: (1, 2))
        let early = try addPage(ben, under: parent)
        try ben.sync()
        try cleo.sync()
        #expect(try isThere(early, cleo))
        _ = try ada.replica.write { work in
            try work.create(
                table: Notebook.book, area: Office.main, values: [(Notebook.title, .text("parent"))], id: parent)
        }
        try ada.delete(id)
        let late = try addPage(ben, under: id)
        try town.settle()
        for laptop in [ada, ben, cleo] {
            #expect(try isThere(early, laptop) && isThere(late, laptop))
            #expect(try laptop.title(parent) == "parent" && laptop.title(id) == nil)
        }
        #expect(try town.office.hub.conflicts(openOnly: false).isEmpty)
    }

    @Test("G7 a lost area with unsent work: what was saved goes to the office for checking, and the area leaves")
    func lostArea() throws {
        let other = try ben.add("Ben's unsent")
        try ben.edit(id, "Ben's unsent edit")
        try town.office.hub.take(person: "Ben", area: Office.main)
        let summary = try ben.sync()
        #expect(summary.lostAreas == [Office.main, Office.mainRestricted])
        #expect(try town.office.store.quarantined(device: ben.number).count == 2)
        try ben.sync()
        #expect(try ben.replica.record(table: Notebook.book, id: id) == nil)
        #expect(try ada.title(other) == nil && ada.title(id) == "old")
        for group in try town.office.store.quarantined(device: ben.number) {
            try town.office.hub.give(person: "Ben", area: Office.main)
            try town.office.acceptHeld(group.id)
        }
        try town.settle()
        for laptop in [ada, ben] {
            #expect(try laptop.title(other) == "Ben's unsent" && laptop.title(id) == "Ben's unsent edit")
        }
    }
}
