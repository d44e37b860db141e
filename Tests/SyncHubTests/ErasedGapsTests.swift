import Database
import Foundation
import SyncCore
import SyncReplica
import Testing

@testable import SyncHub

/// `secure_delete` overwrites a row where it stands. SQLite moves rows between pages as these fill, and what is left of a moved
/// row in the gap of its former page is overwritten by nothing but later rows.
@Suite("Gaps of pages in which erased rows once stood")
struct ErasedGapsTests {
    private static let count = 300
    private static let rounds = 3

    private let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    /// Titles of many lengths, so that rows move between pages as they are written again.
    private static func title(_ number: Int, _ round: Int) -> String {
        "canary \(number) of \(round)." + String(repeating: " more", count: (number * 37 + round * 11) % 60)
    }

    /// All numbers in an order of their own.
    private static let shuffled = (0..<count).map { $0 * 149 % count }
    private static let erased = Array(stride(from: 0, to: count, by: 3))

    /// The erased numbers of which some file has a word.
    private static func found(_ files: [URL]) throws -> [Int] {
        let bytes = try files.map { try Data(contentsOf: $0) }
        #expect(bytes.contains { $0.range(of: Data("canary 1 of".utf8)) != nil }, "what stays is there")
        return erased.filter { number in
            bytes.contains { $0.range(of: Data("canary \(number) of".utf8)) != nil }
        }
    }

    private static func order(_ targets: [ErasureTarget], at time: UInt64) -> ErasureOrder {
        ErasureOrder(id: Notebook.id(90_000), time: time, targets: targets)
    }

    @Test("G9: no gap of the server's file has a word of an erased record")
    func server() throws {
        defer { #expect(throws: Never.self) { try FileManager.default.removeItem(at: folder) } }
        let file = folder.appendingPathComponent("hub.sqlite")
        let database = try Notebook.database(path: file.path)
        let office = try Office(database: database)
        let sam = try office.join("Sam")
        for round in 0..<Self.rounds {
            for number in Self.shuffled {
                let (id, time) = (Notebook.id(UInt64(number)), at(Int64(round) * 100))
                let title = Value.text(Self.title(number, round))
                let change =
                    round == 0
                    ? make(id, [Notebook.title: title], at: time)
                    : edit(id, title, at: time, base: .stamp(stamp(Int64(round - 1) * 100, sam)))
                try office.push(change, from: sam)
            }
        }
        try office.store.transaction {
            let targets = Self.erased.map { ErasureTarget(table: Notebook.book, record: Notebook.id(UInt64($0))) }
            _ = try office.hub.carryOut(Self.order(targets, at: at(1_000)))
        }
        #expect(try database.checkpoint(.truncate))
        #expect(try Self.found([file]) != [], "there is something to remove")
        #expect(try office.store.leavesGaps())
        let outcome = try office.store.cleanAfterErasure()
        #expect(outcome.hasNoGaps && outcome.isLogEmpty)
        #expect(try !office.store.leavesGaps())
        #expect(try Self.found([file]) == [])
        #expect(try office.hub.areasWithWrongDigest() == [])
    }

    @Test("G9: a server whose file a version before left as it was notes that it must be written anew")
    func upgrade() throws {
        defer { #expect(throws: Never.self) { try FileManager.default.removeItem(at: folder) } }
        let database = try Notebook.database(path: folder.appendingPathComponent("hub.sqlite").path)
        let office = try Office(database: database)
        #expect(try !office.store.leavesGaps())
        try office.store.transaction {
            _ = try office.hub.carryOut(
                Self.order([ErasureTarget(table: Notebook.book, record: Notebook.id(1))], at: at(1)))
        }
        try office.store.writeAnew()
        #expect(try office.store.leavesGaps(), "the log holds what stood in the file")
        let outcome = try office.store.cleanAfterErasure()
        #expect(try outcome.hasNoGaps && outcome.isLogEmpty && !office.store.leavesGaps())
        // Tables are looked at whenever the file is opened.
        try database.transaction { try HubTables.create(in: database) }
        #expect(try !office.store.leavesGaps())
        let sam = try office.join("Sam")
        try office.push(make(Notebook.id(2), [Notebook.title: .text("stays")], at: at(2)), from: sam)
        let known = try #require(try office.store.fingerprint(device: sam, number: 1))
        try database.transaction { try HubTables.create(in: database) }
        #expect(try office.store.fingerprint(device: sam, number: 1) == known)
        try database.transaction { try database.run("DELETE FROM server WHERE name = 'fingerprints_erased'") }
        try database.transaction { try HubTables.create(in: database) }
        #expect(try office.store.fingerprint(device: sam, number: 1) == 0 && office.store.leavesGaps())
        _ = try office.store.cleanAfterErasure()
        #expect(try !office.store.leavesGaps())
        try database.transaction { try database.run("DELETE FROM server WHERE name = 'removals'") }
        try database.transaction { try HubTables.create(in: database) }
        #expect(try office.store.leavesGaps())
    }

    @Test("G9: no gap of a laptop's file has a word of an erased record")
    func laptop() throws {
        let office = try ErasingOffice()
        let (sam, kim) = (try office.laptop("Sam"), try office.laptop("Kim"))
        var ids: [Int: RecordID] = [:]
        for number in Self.shuffled { ids[number] = try sam.add(Self.title(number, 0)) }
        for laptop in [sam, kim] { try laptop.sync() }
        for round in 1..<Self.rounds {
            for number in Self.shuffled {
                try sam.edit(try #require(ids[number]), .text(Self.title(number, round)))
            }
            for laptop in [sam, kim] { try laptop.sync() }
        }
        let order = try office.erase(
            try Self.erased.map { ErasureTarget(table: Notebook.book, record: try #require(ids[$0])) })
        for laptop in [sam, kim] {
            try laptop.sync()
            // It is so much that the user is asked.
            _ = try laptop.replica.carryOutWaitingErasures()
            try laptop.sync()
            #expect(try office.state(order, laptop) == .confirmed)
        }
        for name in ["Sam", "Kim"] {
            #expect(try Self.found([office.folder.appendingPathComponent("\(name).sqlite")]) == [])
        }
    }
}
