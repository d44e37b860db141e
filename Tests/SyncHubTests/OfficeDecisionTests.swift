import SyncCore
import Testing

@testable import SyncHub

@Suite("What the office decides")
struct OfficeDecisionTests {
    private let id = Notebook.id(1)
    private let title = Notebook.title

    /// Two titles, "early" and "late", over "old".
    private func conflict() throws -> (Office, Conflict) {
        let office = try Office()
        let (ada, ben) = (try office.join("Ada"), try office.join("Ben"))
        try office.push(make(id, [title: .text("old")], at: at(0)), from: ada)
        try office.push(edit(id, .text("early"), at: at(10), base: .stamp(stamp(0, ada))), from: ada)
        try office.push(edit(id, .text("late"), at: at(20), base: .stamp(stamp(0, ada))), from: ben)
        return (office, try #require(try office.hub.conflicts(openOnly: true).first))
    }

    private func settle(_ office: Office, _ change: Change) throws {
        let acceptance = try office.store.transaction {
            try office.hub.accept([try office.hub.officeGroup([change])], from: DeviceRecord.office, deviceClock: nil)
        }
        #expect(acceptance.held.isEmpty && acceptance.notice == .none)
    }

    @Test(
        "G2 one decision brings back either side, the value before, or another one",
        arguments: [
            (ConflictChoice.a, "early"), (.b, "late"), (.before, "old"), (.value(.text("both")), "both"),
        ])
    func choices(_ choice: ConflictChoice, _ expected: String) throws {
        let (office, conflict) = try conflict()
        let sequence = try office.hub.head(area: Office.main).sequence
        try settle(office, try office.hub.decide(conflict.id, keep: choice, why: "asked"))
        #expect(try office.value(id) == .text(expected))
        let settled = try #require(try office.hub.conflict(conflict.id))
        #expect(settled.status == .resolved && settled.verdict?.why == "asked")
        #expect(try office.hub.conflicts(openOnly: true).isEmpty)
        // Record and conflict both travel, even where the value stays the same.
        #expect(try office.hub.head(area: Office.main).sequence == sequence + 2)
        try settle(office, try office.hub.reopen(conflict.id, why: nil))
        #expect(try office.hub.conflict(conflict.id)?.status == .open)
        #expect(try office.hub.head(area: Office.main).digest == office.recomputedDigest(area: Office.main))
    }

    @Test("a delete against an edit is settled either way", arguments: [true, false])
    func deletion(_ keepsValue: Bool) throws {
        let office = try Office()
        let (ada, ben) = (try office.join("Ada"), try office.join("Ben"))
        try office.push(make(id, [title: .text("old")], at: at(0)), from: ada)
        try office.push(edit(id, .text("edited"), at: at(20), base: .stamp(stamp(0, ada))), from: ben)
        try office.push(erase(id, at: at(30), seen: [:]), from: ada)
        let conflict = try #require(try office.hub.conflicts(openOnly: true).first)
        try settle(office, try office.hub.decide(conflict.id, keep: keepsValue ? .a : .b, why: nil))
        let record = try #require(try office.hub.record(table: Notebook.book, id: id))
        #expect(record.isLiving == keepsValue)
        #expect(record.field(title).value == .text("edited"))
        #expect(record.existence?.isAlive == keepsValue)
        #expect(try office.hub.conflicts(openOnly: true).isEmpty)
    }

    @Test("who lets a deletion stand settles all its conflicts with edits; who keeps an edit settles that one alone")
    func oneDeleteAgainstTwoEdits() throws {
        for keepsValue in [false, true] {
            let office = try Office()
            let (ada, ben) = (try office.join("Ada"), try office.join("Ben"))
            try office.push(make(id, [title: .text("old")], at: at(0)), from: ada)
            try office.push(edit(id, .text("edited"), at: at(20), base: .stamp(stamp(0, ada))), from: ben)
            try office.push(edit(id, Notebook.count, .integer(2), at: at(21), base: .stamp(stamp(0, ada))), from: ben)
            try office.push(erase(id, at: at(30), seen: [:]), from: ada)
            let conflicts = try office.hub.conflicts(openOnly: true)
            let conflict = try #require(conflicts.first { $0.field == title })
            #expect(conflicts.count == 2)
            try settle(office, try office.hub.decide(conflict.id, keep: keepsValue ? .a : .b, why: "asked"))
            #expect(try office.hub.record(table: Notebook.book, id: id)?.isLiving == keepsValue)
            let open = try office.hub.conflicts(openOnly: true)
            #expect(open.map(\.field) == (keepsValue ? [Notebook.count] : []))
            let settled = try office.hub.conflicts(openOnly: false).filter { $0.status == .resolved }
            #expect(settled.allSatisfy { $0.verdict?.why == "asked" })
        }
    }

    @Test("what goes with the value is written and settled with it, and nothing of it where the deletion stays")
    func companions() throws {
        for keepsValue in [true, false] {
            let office = try Office()
            let (ada, ben) = (try office.join("Ada"), try office.join("Ben"))
            try office.push(make(id, [title: .text("old")], at: at(0)), from: ada)
            try office.push(edit(id, .text("edited"), at: at(20), base: .stamp(stamp(0, ada))), from: ben)
            for (number, device) in [ada, ben].enumerated() {
                try office.push(
                    edit(
                        id, Notebook.count, .integer(Int64(number)), at: at(21 + Int64(number)),
                        base: .stamp(stamp(0, ada))), from: device)
            }
            try office.push(erase(id, at: at(30), seen: [:]), from: ada)
            let conflict = try #require(try office.hub.conflicts(openOnly: true).first { $0.field == title })
            try settle(
                office,
                try office.hub.decide(
                    conflict.id, keep: keepsValue ? .a : .b, why: "asked", with: [(Notebook.count, .integer(7))]))
            let record = try #require(try office.hub.record(table: Notebook.book, id: id))
            #expect(record.isLiving == keepsValue)
            #expect(record.field(Notebook.count).value == .integer(keepsValue ? 7 : 1))
            let open = try office.hub.conflicts(openOnly: true).filter { $0.field == Notebook.count }
            #expect(open.contains { $0.a.value != nil && $0.b.value != nil } == !keepsValue)
            let settled = try office.hub.conflicts(openOnly: false).filter { $0.status == .resolved }
            #expect(settled.contains { $0.field == Notebook.count })
            #expect(settled.allSatisfy { $0.verdict?.why == "asked" })
        }
    }

    @Test("what goes with the value is written where it is not in conflict too, unless it says so already")
    func companionsAlone() throws {
        let (office, conflict) = try conflict()
        let companions = [(field: Notebook.count, value: Value.integer(7))]
        let first = try office.hub.decide(conflict.id, keep: .a, why: nil, with: companions)
        #expect(first.fields.map(\.field) == [title, Notebook.count].sorted() && first.decisions.count == 1)
        try settle(office, first)
        #expect(
            try office.hub.record(table: Notebook.book, id: id)?.field(Notebook.count).value == .integer(7))
        let second = try office.hub.decide(conflict.id, keep: .b, why: nil, with: companions)
        #expect(second.fields.map(\.field) == [title])
    }

    @Test("a choice that the conflict does not have is refused")
    func impossible() throws {
        let (office, conflict) = try conflict()
        #expect(throws: HubError.choiceImpossible) {
            try office.hub.decide(conflict.id, keep: .value(.integer(1)), why: nil)
        }
        #expect(throws: HubError.conflictUnknown) { try office.hub.decide(1, keep: .a, why: nil) }
        #expect(throws: HubError.quarantineUnknown(5)) { try office.hub.quarantineGroup(5) }
    }
}
