import SyncCore
import Testing

@testable import SyncHub
@testable import SyncReplica

@Suite("Held work and areas that are lost")
struct HeldAreaTests {
    private let field: HeldFixture
    private let ben: HeldFixture.Laptop

    init() throws {
        field = try HeldFixture()
        ben = try field.laptop("Ben", areas: [Office.main, Office.south])
    }

    @Test(
        "G7 held work in an area that was lost is at the office alone: no word of it stays, and it can't be sent again")
    func lostArea() throws {
        let south = try field.create("rescued", on: ben, area: Office.south)
        try field.office.hub.take(person: "Ben", area: Office.south)
        #expect(try field.sync(ben).held == [HeldGroup(number: 1, reason: .areaNotGranted)])
        #expect(try ben.replica.record(table: Notebook.book, id: south) == nil)
        #expect(throws: ReplicaError.heldNotHere(1)) { try ben.replica.resend(1) }
        try field.decide(.accepted, 1, of: ben)
        #expect(try field.sync(ben).accepted == [1], "told all the same")
        #expect(try field.title(south) == "rescued")
        #expect(try ben.replica.record(table: Notebook.book, id: south) == nil)
        try field.office.hub.give(person: "Ben", area: Office.south)
        #expect(try field.sync(ben).matches)
        #expect(try field.title(south, on: ben) == "rescued")
    }

    @Test("G7 words that came back go with their area")
    func returnedAreaLost() throws {
        _ = try field.create("south", on: ben, area: Office.south)
        try field.sync(ben, isHeld: true)
        try field.decide(.discarded, 1, of: ben)
        try field.sync(ben)
        #expect(try ben.replica.heldItems().first?.changes.count == 1)
        try field.office.hub.take(person: "Ben", area: Office.south)
        try field.sync(ben)
        let item = try #require(try ben.replica.heldItems().first)
        #expect(item.changes.isEmpty && !item.isWhole)
        #expect(throws: ReplicaError.heldNotHere(1)) { try ben.replica.resend(1) }
    }

    @Test(
        "G7 what a worker wrote into a restricted twin shows as held to nobody else, and leaves the laptop once it is in"
    )
    func restrictedTwin() throws {
        let ada = try field.laptop("Ada", role: .lead)
        let concern = try field.create("concern", on: ben, area: Office.mainRestricted)
        try field.sync(ben, isHeld: true)
        #expect(try ben.replica.heldItems().first?.changes.first?.record == concern)
        #expect(try field.sync(ada).held.isEmpty && ada.replica.heldItems(all: true).isEmpty)
        #expect(try field.title(concern, on: ada) == nil, "held: not in force for those who may read it")
        try field.decide(.accepted, 1, of: ben)
        #expect(try field.sync(ben).accepted == [1])
        #expect(try ben.replica.record(table: Notebook.book, id: concern) == nil, "a worker does not read it")
        #expect(try ben.replica.heldItems(all: true).isEmpty)
        #expect(try field.sync(ada).matches)
        #expect(try field.title(concern, on: ada) == "concern")
    }
}
