import Database
import Foundation
import SyncCore
import Testing

@testable import SyncHub
@testable import SyncReplica

/// The notebook of the next version: more fields, up to the last number, one of them restrictive, and a new table.
private enum NextNotebook {
    static let shelf = 3
    static let colour = 4
    static let closed = 61
    static let last = 62

    static let schema = Schema(
        version: 2,
        tables: [
            Table(
                Notebook.book, "book",
                [
                    Field(Notebook.title, "title"), Field(Notebook.count, "count", .integer),
                    Field(Notebook.sealed, "sealed", .integer, policy: .mostRestrictive([.integer(1)])),
                    Field(colour, "colour"),
                    Field(closed, "closed", .integer, policy: .mostRestrictive([.integer(1)])),
                    Field(last, "last", .blob),
                ]),
            Table(Notebook.page, "page", [Field(1, "words"), Field(2, "weight", .real), Field(3, "picture", .blob)]),
            Table(shelf, "shelf", [Field(1, "room"), Field(last, "height", .real)]),
        ])
}

@Suite("Versions of the tables meet")
struct SchemaTests {
    private let folder: URL
    private let town: Town
    /// Ada has the next version, Ben and the office have this one.
    private let ada: TownLaptop
    private let ben: TownLaptop

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("kith-schema-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let path = { [folder] (name: String) in folder.appendingPathComponent(name).path }
        town = try Town(office: Office(database: Notebook.database(path: path("hub.sqlite"))))
        ada = try town.laptop("Ada", schema: NextNotebook.schema, path: path("ada.sqlite"))
        ben = try town.laptop("Ben", path: path("ben.sqlite"))
    }

    private func clean() { #expect(throws: Never.self) { try FileManager.default.removeItem(at: folder) } }

    private func addNew() throws -> (book: RecordID, shelf: RecordID) {
        town.office.now += 10
        return try ada.replica.write { work in
            (
                try work.create(
                    table: Notebook.book, area: Office.main,
                    values: [
                        (Notebook.title, .text("new")), (NextNotebook.colour, .text("blue")),
                        (NextNotebook.last, .blob([1, 2])),
                    ]),
                try work.create(
                    table: NextNotebook.shelf, area: Office.main,
                    values: [(1, .text("hall")), (NextNotebook.last, .real(2))])
            )
        }
    }

    private func value(_ laptop: TownLaptop, _ id: RecordID, _ field: Int, table: Int = Notebook.book) throws -> Value?
    {
        try laptop.replica.record(table: table, id: id)?.field(field).value
    }

    @Test(
        "G16 unknown fields and tables are kept by older laptops and an older office, passed on, and appear after an upgrade"
    )
    func passedOn() throws {
        defer { clean() }
        let (book, shelf) = try addNew()
        try town.settle()
        // Another laptop of the next version gets everything through the older office.
        let cleo = try town.laptop("Cleo", schema: NextNotebook.schema)
        try town.settle()
        #expect(try value(cleo, book, NextNotebook.colour) == .text("blue"))
        #expect(try value(cleo, shelf, NextNotebook.last, table: NextNotebook.shelf) == .real(2))
        try cleo.replica.write { work in
            try work.edit(table: NextNotebook.shelf, record: shelf, values: [(1, .text("cellar"))])
            try work.edit(table: Notebook.book, record: book, values: [(NextNotebook.last, .blob([3]))])
        }
        try town.settle()
        // Then the upgrades, first of a laptop, then of the office.
        try ben.upgrade(to: NextNotebook.schema)
        for laptop in [ada, ben] {
            #expect(try value(laptop, book, NextNotebook.colour) == .text("blue"))
            #expect(try value(laptop, book, NextNotebook.last) == .blob([3]))
            #expect(try value(laptop, shelf, 1, table: NextNotebook.shelf) == .text("cellar"))
        }
        #expect(try ben.database.query("SELECT room, height FROM shelf").count == 1)
        #expect(try ben.database.query("SELECT colour FROM book") == [[.text("blue")]])
        try town.settle()
        try town.office.upgrade(to: NextNotebook.schema)
        #expect(try town.office.store.database.query("SELECT room FROM shelf") == [[.text("cellar")]])
        #expect(try town.office.store.database.integer("SELECT count(*) FROM unknown_record") == 0)
        try ben.replica.write { work in
            try work.edit(table: NextNotebook.shelf, record: shelf, values: [(1, .text("attic"))])
        }
        try town.settle()
        #expect(try value(ada, shelf, 1, table: NextNotebook.shelf) == .text("attic"))
        #expect(try town.office.hub.conflicts(openOnly: false).isEmpty)
        let history = try town.office.hub.history(table: NextNotebook.shelf, record: shelf, for: ada.number)
        let rooms = history?.versions.filter { $0.field == 1 }.map(\.value)
        #expect(rooms == [.text("hall"), .text("cellar"), .text("attic")])
    }

    @Test("G16 an older laptop edits, deletes and restores a record with new fields, and does not harm them")
    func olderEdits() throws {
        defer { clean() }
        let (book, _) = try addNew()
        try town.settle()
        try ben.edit(book, "Ben's")
        try ben.edit(book, Notebook.count, .integer(2))
        try town.settle()
        try ben.delete(book)
        try town.settle()
        #expect(try ada.title(book) == nil)
        try ben.restore(book)
        try town.settle()
        for laptop in [ada, ben] {
            #expect(try laptop.title(book) == "Ben's")
            #expect(try value(laptop, book, NextNotebook.colour) == .text("blue"))
            #expect(try value(laptop, book, NextNotebook.last) == .blob([1, 2]))
        }
        #expect(try town.office.hub.conflicts(openOnly: false).isEmpty)
    }

    @Test("G16 unsent edits of new fields survive, and so does an upgrade with a full outbox")
    func upgradeWithOutbox() throws {
        defer { clean() }
        let (book, shelf) = try addNew()
        try town.settle()
        try ben.edit(book, "Ben's")
        let own = try ben.add("Ben's own")
        try ben.syncIsCut(.requestLost)
        try ben.upgrade(to: NextNotebook.schema)
        try ben.replica.write { work in
            try work.edit(table: Notebook.book, record: own, values: [(NextNotebook.colour, .text("red"))])
            try work.delete(table: NextNotebook.shelf, record: shelf)
        }
        try town.settle()
        #expect(try ada.title(book) == "Ben's")
        #expect(try value(ada, own, NextNotebook.colour) == .text("red"))
        #expect(try ada.replica.record(table: NextNotebook.shelf, id: shelf)?.isLiving == false)
    }

    @Test("A conflict about a field that nobody here knows is kept, sent, and can be seen after an upgrade")
    func unknownConflicts() throws {
        defer { clean() }
        let (book, _) = try addNew()
        let cleo = try town.laptop("Cleo", schema: NextNotebook.schema)
        try town.settle()
        try ada.edit(book, NextNotebook.colour, .text("red"))
        try cleo.edit(book, NextNotebook.colour, .text("green"))
        // The office does not know that 1 is the restrictive value: the later one stays, and the other is in the log.
        try ada.edit(book, NextNotebook.closed, .integer(1))
        try cleo.edit(book, NextNotebook.closed, .integer(0))
        try town.settle()
        for laptop in [ada, ben, cleo] {
            let conflicts = try laptop.replica.conflicts()
            #expect(Set(conflicts.map(\.field)) == [NextNotebook.colour, NextNotebook.closed])
        }
        let sealed = try ben.replica.conflicts().first { $0.field == NextNotebook.closed }
        #expect(sealed?.a.value == .integer(1) || sealed?.b.value == .integer(1))
        // After the upgrade the restrictive one stays whichever is later.
        try town.office.upgrade(to: NextNotebook.schema)
        try ada.edit(book, NextNotebook.closed, .integer(1))
        try ada.sync()
        try cleo.edit(book, NextNotebook.closed, .integer(3))
        try town.settle()
        #expect(try value(ben, book, NextNotebook.closed) == .integer(1))
        #expect(try ben.replica.conflicts().count == 3)
    }

    @Test("A field whose type has changed: no value is changed by a column, and an upgrade takes over what it can")
    func changedType() throws {
        defer { clean() }
        let other = Schema(
            version: 3,
            tables: [
                Table(
                    Notebook.book, "book", [Field(Notebook.title, "title", .integer), Field(Notebook.count, "count")])
            ])
        let id = try ben.add("17")
        try ben.edit(id, Notebook.count, .integer(5))
        let eve = try town.laptop("Eve", schema: other)
        try town.settle()
        #expect(try value(eve, id, Notebook.title) == .text("17"))
        #expect(try value(eve, id, Notebook.count) == .integer(5))
        // What it writes is held by an office with the other type, as a whole.
        try eve.edit(id, Notebook.count, .text("five"))
        #expect(try eve.sync().held.map(\.reason) == [.malformed])
        try ben.upgrade(to: other)
        #expect(try value(ben, id, Notebook.title) == .text("17"))
        #expect(try value(ben, id, Notebook.count) == .integer(5))
        try ben.edit(id, Notebook.title, .integer(18))
        #expect(try value(ben, id, Notebook.title) == .integer(18))
        #expect(try ben.replica.damagedAreas() == [])
        try ben.upgrade(to: Notebook.schema)
        #expect(try value(ben, id, Notebook.title) == .integer(18))
        #expect(try ben.replica.damagedAreas() == [])
    }

    @Test("A reply that this version can't read or keep moves no cursor, and the next one that it can is applied whole")
    func neverPast() throws {
        defer { clean() }
        let id = try ada.add("first")
        try town.settle()
        try ada.edit(id, "second")
        try ada.sync()
        let before = try ben.replica.cursors()
        let session = SyncSession(replica: ben.replica)
        let office = town.office
        #expect(throws: (any Error).self) {
            try session.run { request in
                var reply = try SyncReply(decoding: office.answer(request.encoded(), from: ben.number))
                let index = reply.pages.firstIndex { $0.area == Office.main } ?? 0
                reply.pages[index].records[0].fields[0].number = 63
                return try SyncReply(decoding: reply.encoded())
            }
        }
        // A part of a later version is passed over; a message of one is refused.
        #expect(throws: (any Error).self) {
            try session.run { request in
                let bytes = try office.answer(request.encoded(), from: ben.number)
                return try SyncReply(decoding: [bytes[0] + 3] + bytes.dropFirst() + [0, 0, 0])
            }
        }
        #expect(try ben.replica.cursors() == before)
        #expect(try ben.title(id) == "first")
        try town.settle()
        #expect(try ben.title(id) == "second")
    }
}
