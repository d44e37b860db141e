import SyncCore
import Testing

@testable import SyncHub

@Suite("Taking back what the office did")
struct OfficeUndoTests {
    private let office: Office
    private let ada: UInt32
    private var undo: OfficeUndo { OfficeUndo(office.hub, store: office.store) }

    init() throws {
        office = try Office()
        ada = try office.join("Ada")
    }

    /// One command of the office, each inner list a group in a commit of its own.
    private func command(_ words: String = "import", _ groups: [(OfficeWriter) throws -> [Change]]) throws {
        office.now += 10
        let operation = OfficeOperation(office.hub, store: office.store, words: words)
        for group in groups {
            try office.store.transaction {
                let changes = try group(OfficeWriter(office.hub))
                #expect(try operation.accept(changes))
            }
        }
    }

    private func book(_ writer: OfficeWriter, _ number: UInt64, _ title: String) -> Change {
        writer.create(
            table: Notebook.book, id: Notebook.id(number), area: Office.main,
            values: [(Notebook.title, .text(title))])
    }

    private func edit(_ writer: OfficeWriter, _ number: UInt64, _ title: String) throws -> Change {
        let state = try #require(try office.hub.record(table: Notebook.book, id: Notebook.id(number)))
        return writer.edit(state, values: [(Notebook.title, .text(title))], restores: false)
    }

    private func title(_ number: UInt64) throws -> Value? {
        let state = try office.hub.record(table: Notebook.book, id: Notebook.id(number))
        return state?.isLiving == true ? state?.field(Notebook.title).value : nil
    }

    private func expectTrueDigest() throws {
        #expect(try office.hub.head(area: Office.main).digest == office.recomputedDigest(area: Office.main))
    }

    @Test("Commands are taken back from the last to the first, and done again in their own order")
    func backAndForth() throws {
        try command("import", [{ [self.book($0, 1, "one")] }, { [self.book($0, 2, "two")] }])
        try command("mend", [{ [try self.edit($0, 1, "uno")] }])
        for _ in 1...2 {
            let mended = try #require(try undo.reverse(.undo))
            #expect(mended.words == "mend")
            #expect(
                mended.entries == [
                    .init(
                        record: .init(table: Notebook.book, id: Notebook.id(1)),
                        step: .field(Notebook.title, .text("one")))
                ])
            let imported = try #require(try undo.reverse(.undo))
            #expect(imported.words == "import" && imported.deleted == [Notebook.book: 2] && imported.kept.isEmpty)
            #expect(try title(1) == nil && title(2) == nil)
            #expect(try undo.reverse(.undo) == nil)
            #expect(try undo.reverse(.redo)?.restored == [Notebook.book: 2])
            #expect(try title(1) == .text("one") && title(2) == .text("two"))
            #expect(try undo.reverse(.redo)?.words == "mend")
            #expect(try title(1) == .text("uno"))
            #expect(try undo.reverse(.redo) == nil)
            try expectTrueDigest()
        }
        #expect(try office.hub.conflicts(openOnly: false).isEmpty)
    }

    @Test("What a device wrote since stays, and is told with its writer; the rest goes")
    func changedSince() throws {
        try command("import", [{ [self.book($0, 1, "one"), self.book($0, 2, "two")] }])
        try command(
            "mend",
            [
                {
                    [
                        try self.edit($0, 1, "uno"), try self.edit($0, 2, "due"),
                    ]
                }
            ])
        let seen = try #require(try office.hub.record(table: Notebook.book, id: Notebook.id(1)))
        office.now += 10
        try office.push(
            SyncHubTests.edit(
                Notebook.id(1), .text("ein"), at: StampTime.packed(milliseconds: office.now),
                base: .stamp(seen.field(Notebook.title).stamp)), from: ada)
        let first = RecordReference(table: Notebook.book, id: Notebook.id(1))
        let mended = try #require(try undo.reverse(.undo))
        #expect(mended.count == 1 && mended.keptCount == 1)
        #expect(mended.kept == [.init(record: first, field: Notebook.title, reason: .changed(device: ada))])
        #expect(try title(1) == .text("ein") && title(2) == .text("two"))
        let imported = try #require(try undo.reverse(.undo))
        #expect(imported.kept == [.init(record: first, field: nil, reason: .changed(device: ada))])
        #expect(imported.deleted == [Notebook.book: 1])
        #expect(try title(1) == .text("ein") && title(2) == nil)
        try expectTrueDigest()
    }

    @Test("What has left the feed since does not keep an edit from being taken back")
    func afterCollection() throws {
        try command("import", [{ [self.book($0, 1, "one")] }])
        try command("mend", [{ [try self.edit($0, 1, "uno")] }])
        let seen = try #require(try office.hub.record(table: Notebook.book, id: Notebook.id(1)))
        office.now += 10
        let count = SyncHubTests.edit(
            Notebook.id(1), Notebook.count, .integer(3), at: StampTime.packed(milliseconds: office.now),
            base: .stamp(seen.created))
        try office.push(count, from: ada)
        _ = try FeedCollection(hub: office.hub).run()
        #expect(try undo.reverse(.undo)?.count == 1)
        #expect(try title(1) == .text("one"))
    }

    @Test("A dry run changes nothing and says the same")
    func trial() throws {
        try command("import", [{ [self.book($0, 1, "one")] }])
        let head = try office.hub.head(area: Office.main)
        #expect(try undo.reverse(.undo, isTrial: true)?.deleted == [Notebook.book: 1])
        #expect(try office.hub.head(area: Office.main) == head)
        #expect(try title(1) == .text("one"))
        #expect(try undo.reverse(.undo)?.deleted == [Notebook.book: 1])
    }

    /// Two devices name the first book: "early" and, kept, "late".
    private func makeConflict() throws -> Conflict {
        let ben = try office.join("Ben")
        let id = Notebook.id(1)
        try office.push(make(id, [Notebook.title: .text("old")], at: at(0)), from: ada)
        try office.push(
            SyncHubTests.edit(id, .text("early"), at: at(10), base: .stamp(stamp(0, ada))), from: ada)
        try office.push(SyncHubTests.edit(id, .text("late"), at: at(20), base: .stamp(stamp(0, ada))), from: ben)
        return try #require(try office.hub.conflicts(openOnly: true).first)
    }

    @Test("A decision is taken back: the conflict is open again and the value is the one before")
    func decision() throws {
        let conflict = try makeConflict()
        for choice in [ConflictChoice.a, .b] {
            try command("decide", [{ _ in [try self.office.hub.decide(conflict.id, keep: choice, why: "asked")] }])
            let decided = try title(1)
            let back = try #require(try undo.reverse(.undo))
            #expect(back.entries.contains { $0.step == .conflict(isOpen: true) })
            #expect(try office.hub.conflict(conflict.id)?.status == .open)
            #expect(try title(1) == .text("late"))
            _ = try undo.reverse(.redo)
            #expect(try office.hub.conflict(conflict.id)?.status == .resolved)
            #expect(try title(1) == decided)
            _ = try undo.reverse(.undo)
        }
        try expectTrueDigest()
    }

    @Test("Decisions on one conflict are taken back one by one, also where it was opened again in between")
    func openedBetween() throws {
        let conflict = try makeConflict()
        try command("decide early", [{ _ in [try self.office.hub.decide(conflict.id, keep: .a, why: nil)] }])
        try command("reopen", [{ _ in [try self.office.hub.reopen(conflict.id, why: nil)] }])
        try command("decide late", [{ _ in [try self.office.hub.decide(conflict.id, keep: .b, why: nil)] }])
        func expect(
            _ direction: OperationReversal.Direction, _ words: String, isOpen: Bool, _ kept: String,
            _ location: SourceLocation = #_sourceLocation
        ) throws {
            let report = try #require(try undo.reverse(direction), sourceLocation: location)
            #expect(report.words == words, sourceLocation: location)
            #expect(report.entries.contains { $0.step == .conflict(isOpen: isOpen) }, sourceLocation: location)
            let status: Conflict.Status = isOpen ? .open : .resolved
            #expect(try office.hub.conflict(conflict.id)?.status == status, sourceLocation: location)
            #expect(try title(1) == .text(kept), sourceLocation: location)
        }
        for _ in 1...2 {
            try expect(.undo, "decide late", isOpen: true, "early")
            try expect(.undo, "reopen", isOpen: false, "early")
            try expect(.undo, "decide early", isOpen: true, "late")
            #expect(try undo.reverse(.undo) == nil)
            try expect(.redo, "decide early", isOpen: false, "early")
            try expect(.redo, "reopen", isOpen: true, "early")
            try expect(.redo, "decide late", isOpen: false, "late")
            #expect(try undo.reverse(.redo) == nil)
        }
        try expectTrueDigest()
    }

    @Test("A reversal that is cut off goes on where it stopped, and one redo brings everything again")
    func cutOff() throws {
        struct Cut: Error {}
        let count = 6_000 as UInt64
        var groups: [(OfficeWriter) throws -> [Change]] = []
        for start in stride(from: 0, to: count, by: 500) {
            groups.append { writer in (start..<(start + 500)).map { self.book(writer, $0, "book \($0)") } }
        }
        try command("import", groups)
        #expect(throws: Cut.self) { try undo.reverse(.undo) { _, _ in throw Cut() } }
        let deleted = try office.store.statistics().tables[0].deleted
        #expect((1..<Int(count)).contains(deleted))
        #expect(try undo.reverse(.undo)?.deleted == [Notebook.book: Int(count) - deleted])
        #expect(try undo.reverse(.undo) == nil)
        #expect(try undo.reverse(.redo)?.restored == [Notebook.book: Int(count)])
        #expect(try office.store.statistics().tables[0].living == Int(count))
        try expectTrueDigest()
    }
}
