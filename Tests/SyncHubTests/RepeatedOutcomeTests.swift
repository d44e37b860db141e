import SyncCore
import SyncReplica
import Testing

@testable import SyncHub

@Suite("What became of held work, told by a restored server")
struct RepeatedOutcomeTests {
    @Test(
        "G10: what became of held work is told once, also where a restored server tells it again",
        arguments: [true, false])
    func toldOnce(isAccepted: Bool) throws {
        let clinic = try Clinic()
        let ben = try clinic.laptop("Ben", role: .worker)
        try ben.sync()
        func hold(_ title: String) throws -> (id: Int64, group: UInt64) {
            try ben.add(title)
            try clinic.hub.take(person: "Ben", area: Office.main)
            try ben.sync()
            try clinic.hub.give(person: "Ben", area: Office.main)
            try ben.sync()
            let held = try #require(try clinic.store.quarantined(device: nil).first)
            return (held.id, held.number)
        }
        func decide(_ id: Int64) throws {
            clinic.now += 10
            try clinic.store.transaction {
                if isAccepted {
                    _ = try clinic.hub.acceptHeld(id, why: nil)
                } else {
                    _ = try clinic.hub.discardHeld(id, why: nil)
                }
            }
        }
        func told(_ summary: SyncSummary) -> [UInt64] { isAccepted ? summary.accepted : summary.discarded }
        let first = try hold("first")
        try decide(first.id)
        #expect(told(try ben.sync()) == [first.group])
        // By now the laptop has forgotten that work.
        clinic.now += 100 * 86_400_000
        try ben.sync()
        let second = try hold("second")
        let backup = try clinic.backUp()
        try ben.add("lost")
        try ben.sync()
        try clinic.restore(backup)
        try decide(second.id)
        let summary = try ben.sync()
        #expect(summary.hasHealed)
        #expect(told(summary) == [second.group])
        #expect(told(try ben.sync()) == [])
    }
}
