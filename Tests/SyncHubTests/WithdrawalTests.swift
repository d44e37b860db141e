import SyncCore
import Testing

@testable import SyncHub

@Suite("What authors take back, or send in place of held groups")
struct WithdrawalTests {
    private let id = Notebook.id(1)
    private let other = Notebook.id(2)
    private typealias Withdrawal = HeldGroupsRequest.Withdrawal

    /// An office where Ben's first group is held: he may not write in the area south.
    private func office() throws -> (Office, UInt32, UInt32) {
        let office = try Office()
        let (ada, ben) = (try office.join("Ada", role: .lead), try office.join("Ben"))
        try office.push(make(other, area: Office.south, [Notebook.title: .text("first")], at: at(10)), from: ben)
        return (office, ada, ben)
    }

    private func send(
        _ office: Office, _ groups: [ChangeGroup], _ withdrawals: [Withdrawal], from device: UInt32
    ) throws -> Acceptance {
        try office.store.transaction {
            try office.hub.accept(groups, from: device, deviceClock: office.now, withdrawals: withdrawals)
        }
    }

    /// The same record in the area that Ben may write.
    private var corrected: ChangeGroup {
        ChangeGroup(number: 2, changes: [make(id, [Notebook.title: .text("second")], at: at(20))])
    }

    private let replacing = [Withdrawal(number: 1, replacement: 2)]

    /// What the office does before the corrected work arrives, and how many times that arrives.
    @Test(
        "exactly one of a held group and its replacement comes into force, whatever the office decides meanwhile",
        arguments: ["nothing", "accept", "discard"], [1, 2])
    func replacement(_ meanwhile: String, _ times: Int) throws {
        let (office, _, ben) = try office()
        try office.store.transaction {
            if meanwhile == "accept" { _ = try office.hub.acceptHeld(1, why: nil) }
            if meanwhile == "discard" { _ = try office.hub.discardHeld(1, why: nil) }
        }
        var acceptance: Acceptance?
        for _ in 0..<times { acceptance = try send(office, [corrected], replacing, from: ben) }
        let isFirstInForce = try office.hub.record(table: Notebook.book, id: other) != nil
        let isSecondInForce = try office.hub.record(table: Notebook.book, id: id) != nil
        #expect(isFirstInForce == (meanwhile == "accept") && isSecondInForce == !isFirstInForce)
        #expect(acceptance?.receipt == 2)
        let held = meanwhile == "accept" ? [HeldGroup(number: 2, reason: .replacedInForce)] : []
        #expect(acceptance?.held == held)
        #expect(try office.hub.quarantine().map(\.number) == held.map(\.number))
        // The office's word after that is about what is still held alone.
        if meanwhile == "accept" {
            _ = try office.store.transaction { try office.hub.acceptHeld(2, why: nil) }
            #expect(try office.hub.record(table: Notebook.book, id: id) != nil)
        }
    }

    @Test("a replacement that is held itself takes the place of what it replaces: one of them waits for the office")
    func heldReplacement() throws {
        let (office, _, ben) = try office()
        let again = ChangeGroup(number: 2, changes: [make(id, area: Office.south, [:], at: at(20))])
        #expect(try send(office, [again], replacing, from: ben).held == [HeldGroup(number: 2, reason: .areaNotGranted)])
        let outcome = try #require(try office.store.heldOutcome(device: ben, number: 1))
        #expect(outcome.kind == .withdrawn && outcome.reason == .areaNotGranted)
    }

    @Test("several held groups are replaced together; where one of them is in force, none is touched")
    func several() throws {
        let (office, _, ben) = try office()
        try office.push(edit(other, .text("x"), at: at(12), base: .own(number: 1, time: at(10))), from: ben)
        try office.push(make(Notebook.id(9), [:], at: at(14)), from: ben)
        let all = [1, 2].map { Withdrawal(number: $0, replacement: 4) }
        let replacement = ChangeGroup(number: 4, changes: [make(id, [:], at: at(20))])
        #expect(try send(office, [replacement], all, from: ben).held.isEmpty)
        let inForce = [Withdrawal(number: 3, replacement: 6), Withdrawal(number: 5, replacement: 6)]
        try office.push(
            [ChangeGroup(number: 5, changes: [make(Notebook.id(7), area: Office.south, [:], at: at(30))])], from: ben)
        let next = ChangeGroup(number: 6, changes: [make(Notebook.id(8), [:], at: at(40))])
        #expect(
            try send(office, [next], inForce, from: ben).held == [
                HeldGroup(number: 5, reason: .areaNotGranted), HeldGroup(number: 6, reason: .replacedInForce),
            ])
    }

    @Test("a group is taken back by its own device alone, also one that comes with the same request")
    func withdrawal() throws {
        let (office, ada, ben) = try office()
        let mine = [Withdrawal(number: 1, replacement: nil), Withdrawal(number: 2, replacement: nil)]
        #expect(try send(office, [], mine, from: ada).held.isEmpty)
        #expect(try office.hub.quarantine().count == 1)
        let next = ChangeGroup(
            number: 2, changes: [edit(other, .text("x"), at: at(20), base: .own(number: 1, time: at(10)))])
        #expect(try send(office, [next], mine, from: ben).held.isEmpty)
        #expect(try office.hub.quarantine().isEmpty)
        let told = try office.store.heldOutcomes(device: ben, after: 0, limit: 9)
        #expect(told.map(\.kind) == [.withdrawn, .withdrawn])
        // Repeated, and for a group that was never held: nothing happens.
        #expect(try send(office, [], mine + [Withdrawal(number: 7, replacement: nil)], from: ben).receipt == 2)
        #expect(try office.store.heldOutcomes(device: ben, after: 0, limit: 9) == told)
    }

    @Test("G8 a revoked device can take nothing back")
    func revoked() throws {
        let (office, _, ben) = try office()
        try office.hub.revoke(ben)
        let request = [Withdrawal(number: 1, replacement: nil)]
        #expect(try send(office, [], request, from: ben).held == [HeldGroup(number: 1, reason: .areaNotGranted)])
        #expect(try send(office, [corrected], replacing, from: ben).held.map(\.number) == [1, 2])
    }

    @Test("a device is told what became of its groups, of no others, and only where it asks")
    func told() throws {
        let (office, ada, ben) = try office()
        _ = try office.store.transaction { try office.hub.discardHeld(1, why: "entered twice") }
        var request = SyncRequest(
            schemaVersion: 1, epoch: [], clockMilliseconds: office.now, lowestOwnGroup: 1, directoryVersion: 0,
            cursors: [], groups: [])
        #expect(try office.hub.reply(to: request, device: ben, acceptance: nil).parts.isEmpty)
        request.set(heldGroups: HeldGroupsRequest(lastOutcome: 0, withdrawals: []))
        let told = try office.hub.reply(to: request, device: ben, acceptance: nil).heldOutcomes()
        #expect(told.map(\.number) == [1] && told.first?.why == "entered twice" && told.first?.kind == .discarded)
        #expect(try office.hub.reply(to: request, device: ada, acceptance: nil).heldOutcomes().isEmpty)
        request.set(heldGroups: HeldGroupsRequest(lastOutcome: told[0].id, withdrawals: []))
        #expect(try office.hub.reply(to: request, device: ben, acceptance: nil).heldOutcomes().isEmpty)
    }
}
