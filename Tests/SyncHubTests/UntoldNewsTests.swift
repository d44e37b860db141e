import SyncCore
import Testing

@testable import SyncHub
@testable import SyncReplica

@Suite("What nobody was told yet")
struct UntoldNewsTests {
    @Test("What an order erased is kept until it was told, also where the sync that brought it was cut")
    func erasure() throws {
        let office = try ErasingOffice()
        let sam = try office.laptop("Sam")
        let id = try sam.add("canary")
        try sam.sync()
        try sam.edit(id, .text("canary not yet sent"))
        try office.erase(whole(id))
        var request = try sam.replica.makeRequest()
        request.groups = []
        _ = try sam.replica.apply(try office.office.hub.reply(to: request, device: sam.number, acceptance: nil))
        let summary = try sam.sync()
        #expect(summary.erased == ErasureOutcome(), "no later reply says it again")
        let erased = try sam.replica.untoldNews().erased
        #expect(erased.records == 1 && erased.ownChanges == 1)
        try sam.replica.forgetUntoldNews()
        try sam.sync()
        #expect(try sam.replica.untoldNews().erased == ErasureOutcome())
    }

    @Test("What became of held work is kept until it was told", arguments: [true, false])
    func outcome(isAccepted: Bool) throws {
        let clinic = try Clinic()
        let ben = try clinic.laptop("Ben", role: .worker)
        try ben.sync()
        #expect(try ben.replica.untoldNews().accepted == [])
        try ben.add("first")
        try clinic.hub.take(person: "Ben", area: Office.main)
        try ben.sync()
        try clinic.hub.give(person: "Ben", area: Office.main)
        try ben.sync()
        let held = try #require(try clinic.store.quarantined(device: nil).first)
        clinic.now += 10
        try clinic.store.transaction {
            if isAccepted {
                _ = try clinic.hub.acceptHeld(held.id, why: nil)
            } else {
                _ = try clinic.hub.discardHeld(held.id, why: nil)
            }
        }
        for _ in 1...2 { try ben.sync() }
        let news = try ben.replica.untoldNews()
        #expect(news.accepted == (isAccepted ? [held.number] : []))
        #expect(news.discarded == (isAccepted ? [] : [held.number]))
        try ben.replica.forgetUntoldNews()
        let rest = try ben.replica.untoldNews()
        #expect(rest.accepted + rest.discarded + rest.takenMeanwhile == [])
    }
}
