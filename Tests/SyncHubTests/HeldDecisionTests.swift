import SyncCore
import Testing

@testable import SyncHub

@Suite("What the office decides on held groups")
struct HeldDecisionTests {
    private let id = Notebook.id(1)
    private let other = Notebook.id(2)
    private let title = Notebook.title

    private func office() throws -> (Office, UInt32, UInt32) {
        let office = try Office(tablesInEveryone: [Notebook.page])
        let (ada, ben) = (try office.join("Ada", role: .lead), try office.join("Ben"))
        try office.push(make(id, [title: .text("old"), Notebook.count: .integer(1)], at: at(0)), from: ada)
        return (office, ada, ben)
    }

    private func accept(_ office: Office, _ id: Int64, why: String? = nil) throws -> HeldDecision {
        try office.store.transaction { try office.hub.acceptHeld(id, why: why) }
    }

    private func discard(_ office: Office, _ id: Int64, why: String? = nil) throws -> HeldDecision {
        try office.store.transaction { try office.hub.discardHeld(id, why: why) }
    }

    private func outcomes(_ office: Office, _ device: UInt32) throws -> [HeldOutcome] {
        try office.store.heldOutcomes(device: device, after: 0, limit: 100)
    }

    // MARK: What may be overruled

    /// Groups that are held, and whether the office may take them all the same.
    private static let cases: [(reason: HoldReason, isAcceptable: Bool, changes: [Change])] = {
        let (id, other) = (Notebook.id(1), Notebook.id(2))
        let seen = Base.stamp(stamp(0, 1))
        return [
            (.areaNotGranted, true, [make(other, area: Office.south, [:], at: at(1))]),
            (.areaNotGranted, false, [make(other, area: 99, [:], at: at(1))]),
            (.roleNotAllowed, true, [make(other, area: Area.everyone, [:], at: at(1))]),
            (.recordUnknown, false, [edit(other, .text("x"), at: at(1), base: .none)]),
            (.areaChanged, false, [make(id, area: Office.south, [:], at: at(1))]),
            (.malformed, false, [edit(id, Notebook.count, .text("three"), at: at(1), base: seen)]),
            (.malformed, false, [edit(id, .text("x"), at: at(1), base: .stamp(stamp(10_000_000, 9)))]),
        ]
    }()

    @Test(
        "the office overrules what a person may not do, and nothing else; what is refused stays held as it was",
        arguments: 0..<7)
    func overruling(_ index: Int) throws {
        let (reason, isAcceptable, changes) = Self.cases[index]
        let (office, _, ben) = try office()
        let good = edit(id, .text("good"), at: at(1), base: .stamp(stamp(0, 1)))
        let group = ChangeGroup(number: 1, changes: changes.contains { $0.record == id } ? changes : [good] + changes)
        #expect(try office.push([group], from: ben).held.map(\.reason) == [reason.told])
        let held = try #require(try office.hub.quarantine().first)
        #expect(try (office.hub.obstacle(toAccepting: held.id) == nil) == isAcceptable)
        if isAcceptable {
            #expect(try accept(office, held.id).groups == [held])
            #expect(try office.value(id) == .text("good"))
            #expect(try office.hub.quarantine().isEmpty)
            #expect(try office.reply(to: ben).held.isEmpty)
        } else {
            #expect(throws: HubError.heldNotAcceptable(held.id, reason)) { try accept(office, held.id) }
            #expect(try office.value(id) == .text("old"), "G6: nothing of it")
            #expect(try office.hub.quarantine() == [held])
        }
        #expect(try office.hub.areasWithWrongDigest().isEmpty)
    }

    @Test("a revoked device's groups are taken one by one, and a worker's decision counts once the office says so")
    func revokedAndRoles() throws {
        let (office, ada, ben) = try office()
        for (device, time) in [(ada, 10), (ben, 20)] {
            try office.push(
                edit(id, .text("\(time)"), at: at(Int64(time)), base: .stamp(stamp(0, ada))), from: device)
        }
        let conflict = try #require(try office.hub.conflicts(openOnly: true).first)
        try office.push(
            edit(
                id, .text("10"), at: at(30), base: .stamp(stamp(20, ben)),
                decisions: [Decision(conflict: conflict.id, action: .resolve, why: nil, time: at(30))]), from: ben)
        _ = try accept(office, 1)
        #expect(try office.hub.conflict(conflict.id)?.status == .resolved)
        #expect(try office.value(id) == .text("10"))
        try office.hub.revoke(ben)
        try office.push(make(other, [:], at: at(40)), from: ben)
        #expect(try accept(office, 2).groups.map(\.reason) == [.revoked])
        #expect(try office.hub.record(table: Notebook.book, id: other) != nil)
        #expect(throws: HubError.quarantineUnknown(9)) { try accept(office, 9) }
        #expect(throws: HubError.quarantineUnknown(9)) { try discard(office, 9) }
    }

    // MARK: Order

    @Test("G4 a held group accepted after a later one of its device that built on it makes no conflict, in any field")
    func lateAncestor() throws {
        let (office, ada, ben) = try office()
        try office.push(
            edit(id, .text("held"), at: at(10), base: .stamp(stamp(0, ada))),
            make(other, area: Office.south, [:], at: at(10)), from: ben)
        try office.push(edit(id, .text("next"), at: at(20), base: .own(number: 1, time: at(10))), from: ben)
        let decision = try accept(office, 1)
        #expect(decision.conflictCount == 0)
        #expect(try office.value(id) == .text("next"), "G5: the later edit had seen the held one")
        let history = try #require(try office.hub.history(table: Notebook.book, record: id, for: ada))
        #expect(history.versions.contains { $0.value == .text("held") && !$0.isCurrent }, "G2")
    }

    @Test(
        "a held group that is concurrent to what came in meanwhile makes a conflict, decided by the stamps it was given"
    )
    func concurrent() throws {
        let (office, ada, ben) = try office()
        let day: Int64 = 86_400_000
        office.now += 1_000
        // Ben's clock is a day ahead: the server gave other stamps when the group arrived.
        try office.push(
            edit(id, .text("held"), at: at(day + 1_000), base: .stamp(stamp(0, ada))),
            make(other, area: Office.south, [:], at: at(day + 1_000)), from: ben, clock: office.now + day)
        office.now += 5_000
        try office.push(edit(id, .text("later"), at: at(6_000), base: .stamp(stamp(0, ada))), from: ada)
        #expect(try accept(office, 1).conflictCount == 1)
        #expect(try office.value(id) == .text("later"))
        let conflict = try #require(try office.hub.conflicts(openOnly: true).first)
        #expect(conflict.a == Conflict.Side(value: .text("held"), stamp: stamp(1_000, ben)))
        #expect(conflict.before == .text("old") && conflict.kept == .b)
        let reply = try office.reply(to: ada, cursors: [Cursor(area: Office.main, sequence: 0, mark: 0)])
        #expect(reply.pages.first { $0.area == Office.main }?.conflicts == [conflict])
    }

    @Test(
        "an edit that was held until its record had been deleted by somebody who had seen it does not come back exact")
    func deletedMeanwhile() throws {
        let (office, ada, ben) = try office()
        try office.push(
            edit(id, .text("held"), at: at(10), base: .stamp(stamp(0, ada))),
            make(other, area: Office.south, [:], at: at(10)), from: ben)
        try office.push(erase(id, at: at(20), seen: [title: .own(number: 1, time: at(10))]), from: ben)
        #expect(try accept(office, 1).conflictCount == 0)
        #expect(try office.hub.record(table: Notebook.book, id: id)?.isLiving == false)
        let reply = try office.reply(
            to: ben, cursors: [Cursor(area: Office.main, sequence: 0, mark: 0)], lowestOwnGroup: 1)
        let page = try #require(reply.pages.first { $0.area == Office.main })
        #expect(page.asSent == [2...2] && page.records.map(\.record) == [id])
        #expect(page.records.first?.isLiving == false)
    }

    // MARK: Dependents

    @Test("later edits of a record that only a held group makes are accepted with it in order, or discarded with it")
    func dependents() throws {
        for isAccepted in [true, false] {
            let (office, _, ben) = try office()
            try office.push(make(other, area: Office.south, [title: .text("one")], at: at(10)), from: ben)
            try office.push(edit(other, .text("two"), at: at(20), base: .own(number: 1, time: at(10))), from: ben)
            try office.push(make(Notebook.id(3), [:], at: at(25)), from: ben)
            try office.push(edit(other, .text("three"), at: at(30), base: .own(number: 2, time: at(20))), from: ben)
            #expect(try office.hub.quarantine().map(\.reason) == [.areaNotGranted, .recordUnknown, .recordUnknown])
            #expect(throws: HubError.heldNeedsEarlier(2, earlier: 1)) { try accept(office, 2) }
            #expect(try office.hub.heldTogether(with: 1).map(\.number) == [1, 2, 4])
            let decision = try isAccepted ? accept(office, 1, why: "yes") : discard(office, 1, why: "no")
            #expect(decision.groups.map(\.number) == [1, 2, 4] && decision.left.isEmpty)
            #expect(try office.value(other) == (isAccepted ? .text("three") : nil))
            #expect(try office.hub.quarantine().isEmpty)
            #expect(try office.hub.conflicts(openOnly: false).isEmpty)
            let told = try outcomes(office, ben)
            #expect(told.map(\.number) == [1, 2, 4])
            #expect(Set(told.map(\.kind)) == [isAccepted ? .accepted : .discarded])
            #expect(Set(told.map(\.why)) == [isAccepted ? "yes" : "no"])
            #expect(try office.hub.areasWithWrongDigest().isEmpty)
        }
    }

    @Test(
        "a later edit that can't be stays held when the record that it changes is accepted, and the office is told why")
    func dependentThatStays() throws {
        let (office, _, ben) = try office()
        try office.push(make(other, area: Office.south, [:], at: at(10)), from: ben)
        try office.push(
            edit(other, Notebook.count, .text("three"), at: at(20), base: .own(number: 1, time: at(10))), from: ben)
        try office.push(edit(other, .text("x"), at: at(30), base: .own(number: 1, time: at(10))), from: ben)
        let decision = try accept(office, 1)
        #expect(decision.groups.map(\.number) == [1, 3] && decision.left.map(\.reason) == [.malformed])
        #expect(try office.value(other) == .text("x"))
        #expect(try discard(office, 2).groups.map(\.number) == [2])
    }

    @Test("discarding one held group keeps what later edits need: they make no false conflict")
    func linksStay() throws {
        let (office, ada, ben) = try office()
        try office.push(
            edit(id, .text("held"), at: at(10), base: .stamp(stamp(0, ada))),
            make(other, area: Office.south, [:], at: at(10)), from: ben)
        #expect(try discard(office, 1).groups.map(\.number) == [1])
        #expect(throws: HubError.quarantineUnknown(1)) { try office.hub.quarantineGroup(1) }
        try office.push(edit(id, .text("next"), at: at(20), base: .own(number: 1, time: at(10))), from: ben)
        #expect(try office.value(id) == .text("next"))
        #expect(try office.hub.conflicts(openOnly: false).isEmpty)
    }

    @Test("words that are too long are refused, and nothing is decided")
    func longReason() throws {
        let (office, _, ben) = try office()
        try office.push(make(other, area: Office.south, [:], at: at(1)), from: ben)
        let long = String(repeating: "x", count: Value.largestBytes + 1)
        #expect(throws: HubError.reasonTooLarge(bytes: long.utf8.count)) { try accept(office, 1, why: long) }
        #expect(throws: HubError.reasonTooLarge(bytes: long.utf8.count)) { try discard(office, 1, why: long) }
        #expect(try office.hub.quarantine().count == 1)
    }
}
