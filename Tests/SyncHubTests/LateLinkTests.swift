import SyncCore
import Testing

@testable import SyncHub

@Suite("Links that arrive late")
struct LateLinkTests {
    private let id = Notebook.id(1)
    private let title = Notebook.title

    /// Two versions of the title that were merged as concurrent, for the link between them was not known.
    private func office(restricted: Bool = false) throws -> (Office, UInt32, UInt32) {
        let office = try Office()
        let (ada, ben) = (try office.join("Ada", role: .lead), try office.join("Ben"))
        try office.push(make(id, [title: .text("old")], at: at(0)), from: ada)
        try office.push(edit(id, .text("one"), at: at(10), base: .stamp(stamp(0, ada))), from: ada)
        // What was between: only its stamp is known.
        try office.push(edit(id, .text("two"), at: at(30), base: .stamp(stamp(20, ben))), from: ben)
        return (office, ada, ben)
    }

    private func arrive(_ link: HeldLink, at office: Office) throws -> Int {
        try office.store.transaction {
            try office.store.addHeldLink(link, quarantine: 0)
            let merging = GroupMerging(hub: office.hub)
            defer { withExtendedLifetime(merging) {} }
            let count = try office.hub.withdrawExplained(table: link.table, record: link.record, merging: merging)
            try merging.finish()
            return count
        }
    }

    @Test("a conflict that a late link explains is withdrawn, once, and devices are told")
    func withdrawn() throws {
        let (office, ada, ben) = try office()
        let conflict = try #require(try office.hub.conflicts(openOnly: true).first)
        let head = try office.hub.head(area: Office.main)
        let mark = try #require(try office.store.mark(area: Office.main, atOrAfter: head.sequence))
        let link = HeldLink(
            table: Notebook.book, record: id, field: title, stamp: stamp(20, ben), base: stamp(10, ada))
        #expect(try arrive(link, at: office) == 1)
        #expect(try office.hub.conflict(conflict.id)?.status == .withdrawn)
        #expect(try office.hub.conflicts(openOnly: true).isEmpty)
        let cursor = Cursor(area: Office.main, sequence: head.sequence, mark: mark)
        let page = try #require(try office.reply(to: ada, cursors: [cursor]).pages.first { $0.area == Office.main })
        #expect(page.conflicts.map(\.id) == [conflict.id] && page.conflicts.first?.status == .withdrawn)
        #expect(page.records.isEmpty)
        #expect(try arrive(link, at: office) == 0)
        #expect(try office.hub.head(area: Office.main).sequence == head.sequence + 1)
    }

    @Test("a link that explains nothing leaves the conflict open")
    func unexplained() throws {
        let (office, ada, ben) = try office()
        let link = HeldLink(table: Notebook.book, record: id, field: title, stamp: stamp(20, ben), base: stamp(0, ada))
        #expect(try arrive(link, at: office) == 0)
        #expect(try office.hub.conflicts(openOnly: true).count == 1)
    }

    @Test("a delete that, as a late link shows, had seen the edit against it is in no conflict with it")
    func deletes() throws {
        let office = try Office()
        let (ada, ben) = (try office.join("Ada", role: .lead), try office.join("Ben"))
        try office.push(make(id, [title: .text("old")], at: at(0)), from: ada)
        try office.push(edit(id, .text("one"), at: at(10), base: .stamp(stamp(0, ada))), from: ada)
        try office.push(erase(id, at: at(30), seen: [title: .stamp(stamp(20, ben))]), from: ben)
        let conflict = try #require(try office.hub.conflicts(openOnly: true).first)
        #expect(conflict.b.value == nil)
        let link = HeldLink(
            table: Notebook.book, record: id, field: title, stamp: stamp(20, ben), base: stamp(10, ada))
        #expect(try arrive(link, at: office) == 1)
        #expect(try office.hub.conflict(conflict.id)?.status == .withdrawn)
    }

    @Test(
        "a group that is held anew gives its links to versions of it that are in force because somebody vouched for them"
    )
    func fillsLinks() throws {
        let office = try Office()
        let (ada, ben) = (try office.join("Ada", role: .lead), try office.join("Ben"))
        try office.push(make(id, [title: .text("old")], at: at(0)), from: ada)
        try office.store.transaction {
            var stored = try #require(try office.store.record(table: Notebook.book, id: id))
            stored.state.set(FieldState(number: title, value: .text("two"), stamp: stamp(20, ben)))
            try office.store.update(stored.state, key: stored.key, changed: FieldMask(bits: 1 << UInt64(title)))
        }
        // The same edit, first-hand, in a group that is held for its other change.
        try office.push(
            edit(id, .text("two"), at: at(20), base: .stamp(stamp(10, ada))),
            make(Notebook.id(2), area: Office.south, [:], at: at(20)), from: ben)
        try office.push(edit(id, .text("one"), at: at(10), base: .stamp(stamp(0, ada))), from: ada)
        #expect(try office.value(id) == .text("two"))
        #expect(try office.hub.conflicts(openOnly: false).isEmpty)
    }
}
