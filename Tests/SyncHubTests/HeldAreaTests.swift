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

    @Test("G7 what lay in a restricted twin goes to a restricted twin where it is sent again to another team")
    func resentFromTwin() throws {
        _ = try field.create("note about a concern", on: ben, area: Office.mainRestricted)
        try field.sync(ben, isHeld: true)
        let made = try #require(try ben.replica.resend(1, area: Office.south).records.first)
        try field.sync(ben)
        let state = try #require(try field.office.hub.record(table: Notebook.book, id: made.id))
        #expect(state.area == Office.south + 1, "the twin of south, which workers don't read")
    }

    @Test(
        "G7 who may not read a restricted twin any more keeps nothing of others' records there, held work on them included"
    )
    func heldOnOthersRecord() throws {
        let ada = try field.laptop("Ada", role: .lead)
        let liam = try field.laptop("Liam", role: .lead)
        let concern = try field.create("first words", on: ada, area: Office.mainRestricted)
        try field.sync(ada)
        try field.sync(liam)
        try field.edit(concern, Notebook.count, .integer(7), on: liam)
        try field.sync(liam, isHeld: true)
        #expect(try field.title(concern, on: liam) == "first words")
        try field.office.hub.change(role: .worker, ofPerson: "Liam")
        #expect(try field.sync(liam).held.map(\.number) == [1])
        #expect(try liam.replica.record(table: Notebook.book, id: concern) == nil)
        try field.decide(.discarded, 1, of: liam)
        try field.sync(liam)
        #expect(try liam.replica.heldItems(all: true).allSatisfy { $0.changes.isEmpty })
        let own = try field.create("own", on: liam, area: Office.mainRestricted)
        #expect(try field.sync(liam, isHeld: true).held.map(\.number) == [2])
        #expect(try field.title(own, on: liam) == "own", "what is one's own waits here until it is answered")
    }
}
