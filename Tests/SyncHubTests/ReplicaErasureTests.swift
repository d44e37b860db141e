import Cryptography
import Database
import Foundation
import SyncCore
import Testing

@testable import SyncHub
@testable import SyncReplica

@Suite("Orders of erasure on devices")
struct ReplicaErasureTests {
    @Test(
        "G9: erased while a device was away: no byte of it is left there, its unsent changes neither, and it confirms")
    func files() throws {
        let office = try ErasingOffice()
        let (priya, sam) = (try office.laptop("Priya"), try office.laptop("Sam"))
        let id = try priya.add("canary created")
        let other = try priya.add("stays")
        try priya.sync()
        try sam.sync()
        // A conflict, a version in the history, own unsent and in-between values, a log of operations.
        try priya.edit(id, .text("canary from Priya"))
        try sam.edit(id, .text("canary from Sam"))
        try priya.sync()
        try sam.sync()
        #expect(try sam.replica.conflicts().count == 1)
        try sam.edit(id, .text("canary in between"))
        try sam.edit(id, .text("canary unsent"))
        try sam.replica.write { work in
            try work.edit(table: Notebook.book, record: other, values: [(Notebook.count, .integer(7))])
            try work.edit(table: Notebook.book, record: id, values: [(Notebook.count, .integer(8))])
        }
        #expect(try !sam.files(with: "canary").isEmpty)
        var cleanings = 0
        sam.replica.afterErasing = { cleanings += 1 }

        let order = try office.erase(whole(id))
        #expect(try office.state(order, sam) == nil)
        let summary = try sam.sync()

        #expect(try sam.files(with: "canary") == [])
        #expect(try sam.matches(summary))
        // Unsent edits of one record are one change.
        #expect(summary.erased == ErasureOutcome(records: 1, ownChanges: 1))
        #expect(cleanings == 1)
        #expect(try sam.replica.unsentCount == 0)
        #expect(try sam.replica.conflicts(openOnly: false).isEmpty)
        #expect(try sam.replica.history(of: RecordReference(table: Notebook.book, id: id)).isEmpty)
        // What else the same group changed is at the office.
        #expect(try office.office.value(other, Notebook.count) == .integer(7))
        #expect(try office.office.value(id) == nil)
        #expect(try office.state(order, sam) == .confirmed)
        #expect(try office.state(order, priya) == nil)
        // It is said once.
        #expect(try sam.sync().erased == ErasureOutcome())
        #expect(try sam.replica.makeRequest().erasureReports().isEmpty)
    }

    @Test("G3: a record that takes the place of an erased one while its area is fetched again is there for good")
    func placeTakenAgain() throws {
        let office = try ErasingOffice()
        let (priya, sam) = (try office.laptop("Priya"), try office.laptop("Sam"))
        let ids = try (["deleted"] + (1...20).map { "stays \($0)" } + ["erased"]).map { try priya.add($0) }
        try priya.sync()
        try sam.sync()
        try priya.replica.write { try $0.delete(table: Notebook.book, record: ids[0]) }
        let after = try priya.add("came later")
        try priya.sync()
        // Deletions are collected half a year after the office first looked at them, and before Sam hears of this one.
        for days in [0, 181] {
            office.office.now += Int64(days) * 86_400_000
            _ = try FeedCollection(hub: office.office.hub).run()
        }
        try office.erase(whole(ids[21]))
        let summary = try sam.sync(pageBytes: 300)
        #expect(try sam.matches(summary))
        #expect(try sam.title(after) == .text("came later"))
        #expect(try [sam.title(ids[0]), sam.title(ids[21])] == [nil, nil])
        #expect(try sam.sync().receivedCount == 0)
    }

    @Test("G9: an older copy of a device's database brings nothing back, and erases too")
    func oldCopy() throws {
        let office = try ErasingOffice()
        let priya = try office.laptop("Priya")
        let id = try priya.add("canary")
        try priya.sync()
        try priya.edit(id, .text("canary not yet sent"))
        #expect(try priya.replica.database.checkpoint(.truncate))
        let copy = office.folder.appendingPathComponent("copy.sqlite")
        try FileManager.default.copyItem(at: office.folder.appendingPathComponent("Priya.sqlite"), to: copy)
        try office.erase(whole(id))
        let restored = try ErasingLaptop(priya.number, office, file: "copy")
        let summary = try restored.sync()
        #expect(summary.erased == ErasureOutcome(records: 1, ownChanges: 1))
        #expect(try restored.matches(summary))
        #expect(try restored.files(with: "canary") == [])
        #expect(try office.office.value(id) == nil)
    }

    @Test("G9: a lost reply between the order and the rest makes no fork, and everything arrives")
    func lostReply() throws {
        struct Cut: Error {}
        let office = try ErasingOffice()
        let sam = try office.laptop("Sam")
        let id = try sam.add("canary")
        try sam.sync()
        let other = try sam.replica.write { work in
            try work.edit(table: Notebook.book, record: id, values: [(Notebook.title, .text("canary 2"))])
            return try work.create(table: Notebook.book, area: Office.main, values: [(Notebook.title, .text("new"))])
        }
        #expect(throws: Cut.self) { try sam.sync { _ in throw Cut() } }
        try office.erase(whole(id))
        #expect(throws: Cut.self) { try sam.sync { _ in throw Cut() } }
        let summary = try sam.sync()
        #expect(try sam.matches(summary))
        #expect(try office.office.value(other) == .text("new"))
        #expect(try sam.title(id) == nil)
        #expect(try sam.files(with: "canary") == [])
        let last = try sam.add("later")
        #expect(try sam.matches(try sam.sync()))
        #expect(try office.office.value(last) == .text("later"))
    }

    @Test("a group of which nothing is left keeps its number, so that later ones go up")
    func emptied() throws {
        let office = try ErasingOffice()
        let (priya, sam) = (try office.laptop("Priya"), try office.laptop("Sam"))
        let id = try priya.add("canary")
        try priya.sync()
        try sam.sync()
        try sam.edit(id, .text("canary again"))
        try sam.replica.freeze()
        let later = try sam.add("later")
        // Sam's laptop has the order before it can send.
        try office.erase(whole(id))
        _ = try sam.replica.apply(
            try office.office.hub.reply(to: try emptyRequest(sam), device: sam.number, acceptance: nil))
        #expect(try sam.replica.unsentCount == 1)
        let summary = try sam.sync()
        #expect(try sam.matches(summary))
        #expect(try office.office.value(later) == .text("later"))
    }

    /// A request that sends no group.
    private func emptyRequest(_ laptop: ErasingLaptop) throws -> SyncRequest {
        var request = try laptop.replica.makeRequest()
        request.groups = []
        return request
    }

    @Test("what a cut left in the files is removed by the next sync before it is confirmed")
    func unfinished() throws {
        struct Cut: Error {}
        let office = try ErasingOffice()
        let sam = try office.laptop("Sam")
        let id = try sam.add("canary")
        try sam.sync()
        let order = try office.erase(whole(id))
        sam.replica.afterErasing = { throw Cut() }
        #expect(throws: Cut.self) { try sam.sync() }
        #expect(try sam.title(id) == nil)
        #expect(try sam.replica.makeRequest().erasureReports().isEmpty)
        sam.replica.afterErasing = nil
        let summary = try sam.sync()
        #expect(try sam.matches(summary))
        #expect(try office.state(order, sam) == .confirmed)
        #expect(try sam.files(with: "canary") == [])
    }

    @Test("what a user begins to write after an erasure stays, however long the files can't be cleaned")
    func emptiedOnce() throws {
        let office = try ErasingOffice()
        let sam = try office.laptop("Sam")
        let id = try sam.add("canary")
        try sam.sync()
        let order = try office.erase(whole(id))
        var emptied = 0
        sam.replica.afterErasing = { emptied += 1 }
        let reader = try Notebook.database(path: office.folder.appendingPathComponent("Sam.sqlite").path)
        try reader.readTransaction {
            #expect(try reader.integer("SELECT count(*) FROM erased") == 0)
            for _ in 0..<3 {
                try sam.sync()
                #expect(try sam.replica.leavesRemoved())
                #expect(try office.state(order, sam) != .confirmed)
                #expect(emptied == 1)
            }
        }
        try sam.sync()
        #expect(emptied == 1)
        #expect(try office.state(order, sam) == .confirmed)
        #expect(try sam.files(with: "canary") == [])
    }

    @Test("a server that tells again of an erased record changes nothing on a device that has erased it")
    func toldAgain() throws {
        let office = try ErasingOffice()
        let sam = try office.laptop("Sam")
        let id = try sam.add("canary")
        try sam.sync()
        try office.erase(whole(id))
        try sam.sync()
        _ = try sam.replica.apply(
            try {
                var reply = try office.office.hub.reply(to: try emptyRequest(sam), device: sam.number, acceptance: nil)
                reply.pages[1].records = [
                    RecordUpdate(
                        table: Notebook.book, record: id, created: stamp(0, 1), isWhole: true,
                        fields: [FieldState(number: Notebook.title, value: .text("canary"), stamp: stamp(0, 1))],
                        existence: nil, isLiving: true)
                ]
                return reply
            }())
        #expect(try sam.title(id) == nil)
        #expect(throws: ReplicaError.recordErased(id)) {
            try sam.replica.write { try $0.create(table: Notebook.book, area: Office.main, values: [], id: id) }
        }
    }

    @Test("G9: of a field that stays, every older value is gone from the device, unsent ones too")
    func fields() throws {
        let office = try ErasingOffice()
        let (priya, sam) = (try office.laptop("Priya"), try office.laptop("Sam"))
        let id = try priya.add("canary created")
        try priya.sync()
        try priya.edit(id, .text("canary second"))
        try priya.sync()
        try sam.sync()
        try sam.edit(id, .text("canary unsent"))
        try sam.edit(id, .integer(3), Notebook.count)
        try priya.edit(id, .text("canary third"))
        try priya.sync()

        let hub = office.office.hub
        office.office.now += 1_000
        let time = try office.office.store.transaction {
            let state = try #require(try office.office.store.record(table: Notebook.book, id: id)?.state)
            let change = try OfficeWriter(hub).edit(
                state, values: [(Notebook.title, .text("[erased]"))], restores: false)
            _ = try hub.accept([hub.officeGroup([change])], from: 0, deviceClock: nil)
            return try #require(try office.office.store.record(table: Notebook.book, id: id)?.state)
                .field(Notebook.title).stamp.time
        }
        let shown = try #require(try sam.replica.snapshot(table: Notebook.book, record: id))
        let order = try office.erase(
            [ErasureTarget(table: Notebook.book, record: id, fields: FieldMask(bits: 1 << UInt64(Notebook.title)))],
            at: time)
        for laptop in [sam, priya, sam] {
            let summary = try laptop.sync()
            #expect(try laptop.matches(summary))
            #expect(try laptop.title(id) == .text("[erased]"))
            #expect(try laptop.files(with: "canary") == [])
            #expect(try office.state(order, laptop) == .confirmed)
            #expect(try laptop.replica.conflicts(openOnly: false).isEmpty)
        }
        #expect(try office.office.value(id, Notebook.count) == .integer(3))
        #expect(try sam.replica.unsentCount == 0)
        // What was written over it in an editor that was open would go with it, and nobody would be told.
        #expect(throws: ReplicaError.wordsErased(id)) {
            try sam.replica.write {
                try $0.edit(
                    table: Notebook.book, record: id, values: [(Notebook.title, .text("canary again"))], seen: shown)
            }
        }
        try sam.replica.write {
            try $0.edit(table: Notebook.book, record: id, values: [(Notebook.count, .integer(3))], seen: shown)
        }
        // It goes on like any record.
        try sam.edit(id, .text("new words"))
        try sam.sync()
        #expect(try office.office.value(id) == .text("new words"))
    }
}
