import Database
import SyncCore
import SyncReplica
import Testing
@testable import SyncHub

extension CopiedDatabaseTests {
    @Test("G10: what was written over own work that waits has seen it, also under a new number")
    func overWaiting() throws {
        let id = try priya.add("shared")
        let old = try priya.copy()
        try settle(priya, sam)
        try old.edit(id, "first")
        #expect(throws: Clinic.Lost.self) {
            try old.sync { send in
                _ = try send()
                throw Clinic.Lost()
            }
        }
        try old.edit(id, "second")
        try settle(old, priya, sam)
        #expect(try titles() == ["second"])
        #expect(try clinic.hub.conflicts(openOnly: false) == [])
    }

    @Test("G5 G10: an editor that was open while the laptop got a number of its own still says what it showed")
    func editorOpen() throws {
        let id = try priya.add("shared")
        try settle(priya, sam)
        let twin = try priya.copy()
        try priya.add("of the first")
        try priya.sync()
        try twin.add("of the second")
        try twin.edit(id, "shown")
        let shown = try #require(try twin.replica.snapshot(table: Notebook.book, record: id))
        #expect(try twin.sync().hasNewIdentity)
        try twin.replica.write {
            try $0.edit(table: Notebook.book, record: id, values: [(Notebook.title, .text("typed"))], seen: shown)
        }
        try settle(twin, priya, sam)
        #expect(try sam.title(id) == "typed")
        #expect(try clinic.hub.conflicts(openOnly: false) == [])
        #expect(try clinic.hub.quarantine().isEmpty)
    }

    @Test("G2 G10: an editor over a new record with a new number has not seen a field that was emptied again since")
    func editorOverEmptyField() throws {
        try settle(priya, sam)
        let twin = try priya.copy()
        try priya.add("of the first")
        try priya.sync()
        let id = try twin.add("of the second")
        let shown = try #require(try twin.replica.snapshot(table: Notebook.book, record: id))
        #expect(try twin.sync().hasNewIdentity)
        func count(_ value: Value, seen: RecordSnapshot? = nil) throws {
            clinic.now += 10
            try twin.replica.write {
                try $0.edit(table: Notebook.book, record: id, values: [(Notebook.count, value)], seen: seen)
            }
            try twin.sync()
        }
        try count(.integer(5))
        try count(.null)
        try count(.integer(7), seen: shown)
        try settle(twin, priya, sam)
        let conflict = try #require(try clinic.hub.conflicts(openOnly: true).first)
        #expect([conflict.a.value, conflict.b.value] == [.null, .integer(7)])
        #expect(try clinic.hub.quarantine().isEmpty)
    }

    @Test("G2 G10: what one copy undid before it wrote has been seen, and stays in the history where the other sent it")
    func undone() throws {
        let id = try priya.add("shared")
        try settle(priya, sam)
        priya.replica.command = "edit"
        try priya.edit(id, "waits")
        let twin = try priya.copy()
        #expect(try twin.replica.reverse(.undo) != nil)
        #expect(try twin.title(id) == "shared")
        try twin.edit(id, "second")
        try priya.sync()
        #expect(try twin.sync().hasNewIdentity)
        try settle(twin, priya, sam)
        #expect(try titles() == ["second"])
        #expect(try clinic.hub.conflicts(openOnly: false) == [])
        let device = try #require(try sam.replica.device)
        let history = try #require(try clinic.hub.history(table: Notebook.book, record: id, for: device))
        #expect(history.versions.contains { $0.value == .text("waits") && !$0.isCurrent })
    }

    @Test("G5: an edit in a copy, of a record that had been sent before and may not be read, makes no conflict")
    func unreadable() throws {
        let restricted = Office.main + 1
        for number in 0..<5 { try priya.add("fills a page \(number)") }
        try priya.sync()
        let robin = try clinic.laptop("Robin", role: .worker)
        let id = try robin.replica.write {
            try $0.create(
                table: Notebook.book, area: restricted,
                values: [(Notebook.title, .text("told")), (Notebook.sealed, .integer(1))])
        }
        var count = 0
        #expect(throws: Clinic.Lost.self) {
            try robin.sync(pageBytes: 1) { send in
                count += 1
                guard count == 1 else { throw Clinic.Lost() }
                return try send()
            }
        }
        let twin = try robin.copy()
        try robin.add("of the first")
        try robin.sync()
        clinic.now += 10
        try twin.replica.write {
            try $0.edit(table: Notebook.book, record: id, values: [(Notebook.sealed, .integer(7))])
        }
        #expect(try twin.sync().hasNewIdentity)
        #expect(try clinic.value(id, Notebook.sealed) == .integer(7))
        #expect(try clinic.hub.conflicts(openOnly: false) == [])
        #expect(try clinic.hub.quarantine().isEmpty)
    }
}
