import SyncCore
import Testing

@testable import SyncHub
@testable import SyncReplica

/// Known cases of sync engines that lose data: edits that meet.
@Suite("Known cases: edits")
struct KnownEditTests {
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

    private static let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]]

    private func syncInOrder(_ order: [Int]) throws {
        let laptops = [ada, ben, cleo]
        for index in order { try laptops[index].sync() }
        try town.settle()
    }

    private func conflicts() throws -> [Conflict] { try town.office.hub.conflicts(openOnly: false) }

    /// What everybody sees, office included; it must be one thing.
    private func titles() throws -> Set<String?> {
        Set(try [ada, ben, cleo].map { try $0.title(id) } + [town.office.title(id)])
    }

    @Test("Different fields edited on two devices are both kept, in both orders", arguments: [[0, 1, 2], [1, 0, 2]])
    func differentFields(_ order: [Int]) throws {
        try ada.edit(id, "Ada's")
        try ben.edit(id, Notebook.count, .integer(7))
        try syncInOrder(order)
        for laptop in [ada, ben, cleo] {
            #expect(try laptop.title(id) == "Ada's")
            let state = try laptop.replica.record(table: Notebook.book, id: id)
            #expect(state?.field(Notebook.count).value == .integer(7))
        }
        #expect(try conflicts().isEmpty)
    }

    @Test("The same field on three devices: one winner and one log in every order of arrival", arguments: orders)
    func sameField(_ order: [Int]) throws {
        try ada.edit(id, "Ada's")
        try ben.edit(id, "Ben's")
        try cleo.edit(id, "Cleo's")
        try syncInOrder(order)
        #expect(try titles() == ["Cleo's"])
        let named = Set(try conflicts().flatMap { [$0.a.value, $0.b.value] })
        #expect(named == [.text("Ada's"), .text("Ben's"), .text("Cleo's")])
    }

    @Test("Identical time and counter on three devices: the same one stays in every order", arguments: orders)
    func identicalStamps(_ order: [Int]) throws {
        for laptop in [ada, ben, cleo] {
            try laptop.replica.write { work in
                try work.edit(
                    table: Notebook.book, record: id, values: [(Notebook.title, .text("\(laptop.name)'s"))])
            }
        }
        let times = try [ada, ben, cleo].map { laptop in
            try laptop.replica.record(table: Notebook.book, id: id)?.field(Notebook.title).stamp.time
        }
        #expect(Set(times).count == 1)
        try syncInOrder(order)
        #expect(try titles() == ["Cleo's"], "the greatest device number")
    }

    @Test("The same value written twice is no conflict")
    func sameValue() throws {
        try ada.edit(id, "new")
        try ben.edit(id, "new")
        try syncInOrder([0, 1, 2])
        #expect(try titles() == ["new"])
        #expect(try conflicts().isEmpty)
    }

    @Test("Reply lost, another overwrites, replay: the other's value stays, without a conflict or a copy")
    func replyLost() throws {
        try ada.edit(id, "Ada's")
        try ada.syncIsCut(.replyLost)
        try ben.sync()
        try ben.edit(id, "Ben's, who saw Ada's")
        try ben.sync()
        ada.fates = [.repeated]
        try ada.sync()
        try town.settle()
        #expect(try titles() == ["Ben's, who saw Ada's"])
        #expect(try conflicts().isEmpty)
    }

    @Test("An edit that is made during a push waits for the next one, and none is lost")
    func editDuringPush() throws {
        try ada.edit(id, "first")
        var isEdited = false
        ada.meanwhile = { [ada, id] in
            if isEdited { return }
            isEdited = true
            try ada.edit(id, "second")
        }
        try ada.sync()
        #expect(try ada.title(id) == "second" && town.office.title(id) == "first")
        #expect(try ada.replica.unsentCount == 1)
        try town.settle()
        #expect(try titles() == ["second"])
        #expect(try conflicts().isEmpty)
    }

    @Test("One refused among many: the others are in force, and the held one shows only where it was written")
    func oneRefused() throws {
        let dan = try town.laptop("Dan", areas: [Office.main, Office.south])
        let ids = try (1...5).map { try dan.add("good \($0)") }
        let bad = try dan.add("not allowed", area: Office.south)
        let more = try (6...9).map { try dan.add("good \($0)") }
        try town.office.hub.take(person: "Dan", area: Office.south)
        let summary = try dan.sync()
        #expect(summary.held.map(\.reason) == [.areaNotGranted])
        try town.settle()
        for good in ids + more { #expect(try ada.title(good) != nil) }
        #expect(try town.office.title(bad) == nil)
    }

    @Test("Refused, edited, accepted: edits that build on held work make no false conflict, and the last one stays")
    func refusedEditedAccepted() throws {
        try town.office.hub.take(person: "Ben", area: Office.main)
        try ben.edit(id, "Ben's first")
        try ben.replica.freeze()
        try ben.edit(id, "Ben's second")
        try ben.syncIsCut(.replyLost)
        try town.office.hub.give(person: "Ben", area: Office.main)
        try ben.sync()
        for group in try town.office.store.quarantined(device: ben.number) {
            try town.office.acceptHeld(group.id)
        }
        try town.settle()
        #expect(try titles() == ["Ben's second"])
        #expect(try conflicts().isEmpty)
    }
}
