import Database
import SyncCore
import Testing

@testable import SyncHub
@testable import SyncReplica

@Suite("The office's words about held work, and erasure")
struct ErasedReasonTests {
    private let office: ErasingOffice
    private let sam: ErasingLaptop

    init() throws {
        office = try ErasingOffice()
        sam = try office.laptop("Sam")
    }

    /// Hands in what waits as if the device were shut out at that moment: all of it is held.
    private func handIn() throws {
        func set(isRevoked: Int64) throws {
            try office.office.store.database.run("UPDATE device SET revoked = ?", .integer(isRevoked))
        }
        let request = try sam.replica.makeRequest()
        try office.office.store.transaction {
            try set(isRevoked: 1)
            _ = try office.office.hub.accept(request, from: sam.number)
            try set(isRevoked: 0)
        }
    }

    /// Discards what is held, with words for each title.
    private func discard(_ why: (Value) -> String) throws {
        let store = office.office.store
        for held in try store.quarantined(device: sam.number) {
            let body = try #require(try store.quarantinedBody(held.id))
            let change = try #require(try ChangeGroup(decoding: body).changes.first)
            let title = try #require(change.fields.first { $0.field == Notebook.title }).value
            try store.transaction { _ = try office.office.hub.discardHeld(held.id, why: why(title)) }
        }
    }

    private func words() throws -> (office: [String?], laptop: [String?]) {
        (
            try office.office.store.heldOutcomes(device: sam.number, after: 0, limit: 9).map(\.why),
            try sam.replica.heldItems().map(\.why)
        )
    }

    @Test("G9: they go with the record that they may be about, at the office and on the laptop; others stay")
    func erased() throws {
        var ids: [RecordID] = []
        for title in ["one", "two"] {
            sam.replica.command = title
            ids.append(try sam.add(title))
            try handIn()
        }
        try discard { $0 == .text("one") ? "canary: her ex-partner wrote this" : "Wrong house." }
        try sam.sync()
        #expect(try words().office == ["canary: her ex-partner wrote this", "Wrong house."])
        #expect(try words().laptop == ["canary: her ex-partner wrote this", "Wrong house."])
        try office.erase(whole(ids[0]))
        #expect(try words().office == [nil, "Wrong house."])
        try sam.sync()
        #expect(try words().laptop == [nil, "Wrong house."])
        #expect(try sam.files(with: "canary") == [])
    }

    @Test(
        "G9: the same words about work that was decided together go, too, and those of which nobody knows what they are about"
    )
    func together() throws {
        sam.replica.command = "one"
        let id = try sam.add("one")
        try handIn()
        sam.replica.command = "two"
        _ = try sam.add("two")
        try handIn()
        try discard { _ in "canary" }
        try sam.sync()
        try office.office.store.addHeldOutcome(
            HeldOutcome(id: 0, number: 90, kind: .discarded, reason: .malformed, why: "canary too", milliseconds: 1),
            device: sam.number)
        try office.erase(whole(id))
        #expect(try words().office == [nil, nil, nil])
        try sam.sync()
        #expect(try words().laptop.allSatisfy { $0 == nil })
        #expect(try sam.files(with: "canary") == [])
    }
}
