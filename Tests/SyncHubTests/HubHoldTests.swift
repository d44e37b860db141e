import Database
import SyncCore
import Testing

@testable import SyncHub

@Suite("Groups that the hub holds")
struct HubHoldTests {
    private let id = Notebook.id(1)
    private let title = Notebook.title

    private func office() throws -> (Office, UInt32, UInt32) {
        let office = try Office(tablesInEveryone: [Notebook.page])
        let (ada, ben) = (try office.join("Ada", role: .lead), try office.join("Ben"))
        try office.push(make(id, [title: .text("old")], at: at(0)), from: ada)
        return (office, ada, ben)
    }

    /// Changes that no honest device sends, or none that may.
    private static func bad() -> [(HoldReason, [Change])] {
        let (id, other) = (Notebook.id(1), Notebook.id(2))
        let (title, count) = (Notebook.title, Notebook.count)
        let seen = Base.stamp(stamp(0, 1))
        let far = Base.stamp(stamp(10_000_000, 9))
        var doubled = make(other, [title: .text("x")], at: at(1))
        doubled.fields += doubled.fields
        return [
            (.areaNotGranted, [make(other, area: Office.south, [:], at: at(1))]),
            (.areaNotGranted, [make(other, area: 99, [:], at: at(1))]),
            (.roleNotAllowed, [make(other, area: Area.everyone, [:], at: at(1))]),
            (.areaNotGranted, [edit(other, .text("x"), at: at(1), base: .none)]),
            (.areaChanged, [make(id, area: Office.south, [:], at: at(1))]),
            (.malformed, [edit(id, count, .text("three"), at: at(1), base: seen)]),
            (.malformed, [edit(id, .text(String(repeating: "x", count: 65_537)), at: at(1), base: seen)]),
            (.malformed, [edit(id, .text("x"), at: at(1), base: far)]),
            (.malformed, [erase(id, at: at(1), seen: [title: far])]),
            (.malformed, [edit(id, .text("x"), at: at(1), base: .own(number: 7, time: at(0)))]),
            (.malformed, [doubled]),
            (.malformed, [edit(id, .text("x"), at: at(1), base: seen), edit(id, count, .null, at: at(1), base: seen)]),
            (.malformed, [make(other, table: Notebook.page, [2: .real(.nan)], at: at(1))]),
            (.malformed, (0...1_000).map { make(Notebook.id(10 + UInt64($0)), [:], at: at(1)) }),
            // No message can carry these: the codec refuses them before the hub sees them.
            (.malformed, [edit(id, 63, .text("x"), at: at(1), base: seen)]),
            (.malformed, [edit(id, 0, .text("x"), at: at(1), base: seen)]),
            (.malformed, [erase(id, at: at(1), seen: [700: seen])]),
        ]
    }

    @Test("G7 what only a restricted twin may hold is held where a device makes it elsewhere, whatever its role")
    func misplaced() throws {
        let secret = Table(9, "secret", [Field(1, "words")], isRestricted: true)
        let schema = Schema(version: 2, tables: Notebook.schema.tables + [secret])
        for area in [Area.everyone, Office.main, Office.south, Office.mainRestricted] {
            let office = try Office(tablesInEveryone: [Notebook.page, 9], schema: schema)
            let admin = try office.join("Ada", role: .admin)
            let change = make(Notebook.id(7), area: area, table: 9, [1: .text("x")], at: at(1))
            let held = try office.push(change, from: admin).held
            #expect(held.map(\.reason) == (area == Office.mainRestricted ? [] : [.areaNotGranted]))
            guard let group = try office.hub.quarantine().last else { continue }
            #expect(
                try office.hub.obstacle(toAccepting: group.id) == .heldNotAcceptable(group.id, .areaNotGranted),
                "nor does the office take it")
        }
    }

    @Test(
        "G6 a group with one bad change is held whole, with its reason, and the next one is taken",
        arguments: 0..<17)
    func held(_ index: Int) throws {
        let (reason, changes) = Self.bad()[index]
        let (office, _, ben) = try office()
        let good = make(Notebook.id(5_000), [title: .text("good")], at: at(1))
        let group = ChangeGroup(number: 1, changes: [good] + changes)
        let next = ChangeGroup(number: 2, changes: [make(Notebook.id(5_001), [:], at: at(2))])
        let acceptance = try office.push([group, next], from: ben)
        #expect(acceptance.receipt == 2)
        #expect(acceptance.held == [HeldGroup(number: 1, reason: reason)])
        #expect(try office.hub.record(table: Notebook.book, id: Notebook.id(5_000)) == nil)
        #expect(try office.hub.record(table: Notebook.book, id: Notebook.id(5_001)) != nil)
        #expect(try office.value(id) == .text("old"))
        let stored = try #require(try office.hub.quarantine().first)
        #expect(stored.changeCount == group.changes.count && stored.device == ben)
        if index < 13 {
            #expect(try office.hub.quarantineGroup(stored.id).changes.map(\.record) == group.changes.map(\.record))
        }
        #expect(try office.reply(to: ben).held == acceptance.held)
    }

    @Test("the table of bad changes is as long as its range of arguments")
    func allBadChanges() { #expect(Self.bad().count == 17) }

    @Test("G4 edits that build on a held one make no false conflict")
    func laterEdits() throws {
        let (office, ada, ben) = try office()
        let held = Notebook.id(9)
        // Held because of its second change; its first is an edit that the next group builds on.
        try office.push(
            edit(id, .text("held"), at: at(10), base: .stamp(stamp(0, ada))),
            make(held, area: Office.south, [:], at: at(10)), from: ben)
        let acceptance = try office.push(
            edit(id, .text("next"), at: at(20), base: .own(number: 1, time: at(10))), from: ben)
        #expect(acceptance.held.map(\.number) == [1])
        #expect(try office.value(id) == .text("next"))
        #expect(try office.hub.conflicts(openOnly: false).isEmpty)
        // An edit of a record that is only in quarantine joins it there.
        let joined = try office.push(
            edit(held, .text("x"), at: at(30), base: .own(number: 1, time: at(10))), from: ben)
        #expect(joined.held.map(\.reason) == [.areaNotGranted, .areaNotGranted])
        let history = try #require(try office.hub.history(table: Notebook.book, record: id, for: ada))
        #expect(!history.versions.contains { $0.value == .text("held") })
    }

    @Test("a worker's decision is held, a lead's is applied")
    func decisions() throws {
        let (office, ada, ben) = try office()
        for (device, time) in [(ada, 10), (ben, 20)] {
            try office.push(
                edit(id, .text("\(time)"), at: at(Int64(time)), base: .stamp(stamp(0, ada))), from: device)
        }
        let conflict = try #require(try office.hub.conflicts(openOnly: true).first)
        let choice = edit(
            id, .text("10"), at: at(30), base: .stamp(stamp(20, ben)),
            decisions: [Decision(conflict: conflict.id, action: .resolve, why: "asked", time: at(30))])
        #expect(try office.push(choice, from: ben).held.map(\.reason) == [.roleNotAllowed])
        #expect(try office.hub.conflict(conflict.id)?.status == .open)
        #expect(try office.push(choice, from: ada).held.isEmpty)
        let settled = try #require(try office.hub.conflict(conflict.id))
        #expect(settled.status == .resolved && settled.verdict?.why == "asked")
        #expect(try office.value(id) == .text("10"))
        let unknown = edit(
            id, .text("z"), at: at(40), base: .stamp(stamp(30, ada)),
            decisions: [Decision(conflict: 5, action: .resolve, why: nil, time: at(40))])
        #expect(try office.push(unknown, from: ada).held.map(\.reason) == [.areaNotGranted])
    }

    @Test("G8 a revoked device's deposit is bounded by count and by size; what is beyond stays on the device")
    func boundedDeposit() throws {
        for fillsBytes in [false, true] {
            let (office, _, ben) = try office()
            try office.hub.revoke(ben)
            let count = fillsBytes ? 64 : Hub.largestDepositCount - 1
            let bytes = fillsBytes ? (1 << 20) - 200 : 1
            try office.store.transaction {
                try office.store.database.run(
                    """
                    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
                    INSERT INTO quarantine (device, number, reason, arrived, changes, body)
                    SELECT ?2, -i, 5, 0, 1, zeroblob(?3) FROM n
                    """, .integer(Int64(count)), .integer(Int64(ben)), .integer(Int64(bytes)))
            }
            let one = ChangeGroup(number: 1, changes: [make(Notebook.id(2), [title: .text("x")], at: at(1))])
            let text = Value.text(String(repeating: "x", count: 20_000))
            let two = ChangeGroup(number: 2, changes: [make(Notebook.id(3), [title: text], at: at(2))])
            #expect(try office.push([one, two], from: ben).receipt == 1)
            #expect(try office.push([two], from: ben).receipt == 1)
            #expect(try office.store.quarantinedSize(device: ben).count == count + 1)
        }
    }

    @Test("G8 a revoked device can only deposit: its groups are held and it gets no pages")
    func revoked() throws {
        let (office, _, ben) = try office()
        try office.hub.revoke(ben)
        let acceptance = try office.push(make(Notebook.id(2), [:], at: at(1)), from: ben)
        #expect(acceptance.held.map(\.reason) == [.revoked])
        let reply = try office.reply(to: ben, acceptance: acceptance)
        #expect(reply.pages.isEmpty && reply.directory == nil && reply.receipt == 1)
        #expect(try office.hub.history(table: Notebook.book, record: id, for: ben) == nil)
        #expect(throws: HubError.officeStays) { try office.hub.revoke(0) }
    }
}
