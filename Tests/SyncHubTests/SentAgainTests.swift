import Database
import SyncCore
import SyncReplica
import Testing

@testable import SyncHub

@Suite("Work whose author sends it again under another time after a restore, and who had seen it under the first")
struct SentAgainTests {
    private let clinic: Clinic
    private let priya: FieldLaptop
    private let sam: FieldLaptop

    init() throws {
        clinic = try Clinic()
        priya = try clinic.laptop("Priya")
        sam = try clinic.laptop("Sam")
    }

    private func loseReply(to laptop: FieldLaptop) {
        #expect(throws: Clinic.Lost.self) {
            try laptop.sync { send in
                _ = try send()
                throw Clinic.Lost()
            }
        }
    }

    private func edit(_ id: RecordID, count: Int64, on laptop: FieldLaptop) throws {
        clinic.now += 10
        try laptop.replica.write {
            try $0.edit(table: Notebook.book, record: id, values: [(Notebook.count, .integer(count))])
        }
    }

    @Test(
        "G5 G10: an edit of what its author sends again under a later time comes after it, and makes no conflict",
        arguments: [true, false])
    func laterThanTheEdit(isNew: Bool) throws {
        var id = try priya.add("first")
        try clinic.settle(priya, sam)
        let backup = try clinic.backUp()
        if isNew { id = try sam.add("Sam's") } else { try sam.edit(id, "Sam's") }
        loseReply(to: sam)
        try priya.sync()
        try priya.edit(id, "Priya's")
        try edit(id, count: 7, on: priya)
        try clinic.restore(backup)
        // By a clock that has stood still since, Sam's work was saved only now.
        clinic.now += 3_600_000
        sam.clockError = -3_600_000
        try sam.sync()
        try clinic.settle(priya, sam)
        #expect(try clinic.hub.conflicts(openOnly: false) == [])
        #expect(try clinic.value(id) == .text("Priya's"))
        #expect(try clinic.value(id, Notebook.count) == .integer(7))
    }

    @Test("G5 G10: an edit of what its author has sent again wins, though somebody tells of the first, later time")
    func earlierThanTold() throws {
        let robin = try clinic.laptop("Robin")
        let id = try priya.add("first")
        try clinic.settle(priya, sam, robin)
        let backup = try clinic.backUp()
        try sam.edit(id, "Sam's")
        loseReply(to: sam)
        try priya.sync()
        try clinic.restore(backup)
        // By a clock that is far ahead, Sam's work was saved long before it was.
        sam.clockError = 3_600_000_000
        try sam.sync()
        try robin.sync()
        try robin.edit(id, "Robin's")
        try priya.sync()
        try clinic.settle(robin, priya, sam)
        #expect(try clinic.hub.conflicts(openOnly: false) == [])
        #expect(try clinic.value(id) == .text("Robin's"))
    }

    @Test(
        "G5 G10: what its author wrote after seeing it stays, though somebody tells of it under a time later than both",
        arguments: [true, false], [true, false])
    func laterThanWhatFollowed(isNew: Bool, hasGoneOn: Bool) throws {
        var id = try priya.add("first")
        try clinic.settle(priya, sam)
        let backup = try clinic.backUp()
        if isNew { id = try sam.add("Sam's") } else { try sam.edit(id, "Sam's") }
        loseReply(to: sam)
        try priya.sync()
        try sam.edit(id, "Sam's second")
        try clinic.restore(backup)
        // By a clock that is far ahead now, both were saved long before they were.
        sam.clockError = 3_600_000_000
        try sam.sync()
        if hasGoneOn { try sam.edit(id, "Sam's third") }
        try clinic.settle(priya, sam)
        #expect(try clinic.value(id) == .text(hasGoneOn ? "Sam's third" : "Sam's second"))
        try priya.edit(id, "Priya's")
        try clinic.settle(priya, sam)
        #expect(try clinic.value(id) == .text("Priya's"))
        #expect(try clinic.hub.conflicts(openOnly: false) == [])
    }

    @Test("G5 G10: it stays too where the first time was a corrected one, and the clock is right when it comes again")
    func laterThanCorrected() throws {
        let robin = try clinic.laptop("Robin")
        let (id, other) = (try priya.add("first"), try priya.add("other"))
        try clinic.settle(priya, sam, robin)
        let backup = try clinic.backUp()
        try priya.edit(other, "lost")
        try clinic.settle(priya, robin)
        // By a clock that is far behind; the server gives it the time of now.
        sam.clockError = -3_600_000_000
        try sam.edit(id, "Sam's")
        loseReply(to: sam)
        try priya.sync()
        try sam.edit(id, "Sam's second")
        try clinic.restore(backup)
        // The clock is right again, so that what comes now keeps its times.
        sam.clockError = 0
        try sam.sync()
        for laptop in [robin, priya, sam] { try laptop.sync() }
        try clinic.settle(priya, sam, robin)
        #expect(try clinic.value(id) == .text("Sam's second"))
        try sam.edit(id, "Sam's third")
        try clinic.settle(sam, priya, robin)
        #expect(try clinic.value(id) == .text("Sam's third"))
        #expect(try clinic.hub.conflicts(openOnly: true) == [])
    }

    @Test("G5 G10: it stays where two laptops tell of two of its author's words, the earlier one first")
    func twoTold() throws {
        let robin = try clinic.laptop("Robin")
        let id = try priya.add("first")
        try clinic.settle(priya, sam, robin)
        let backup = try clinic.backUp()
        for (title, teller) in [("Sam's", robin), ("Sam's second", priya)] {
            clinic.now += 60_000
            try sam.edit(id, title)
            loseReply(to: sam)
            try teller.sync()
        }
        try sam.edit(id, "Sam's third")
        try clinic.restore(backup)
        sam.clockError = 3_600_000_000
        for laptop in [sam, robin, priya] { try laptop.sync() }
        try clinic.settle(robin, priya, sam)
        #expect(try clinic.value(id) == .text("Sam's third"))
        #expect(try clinic.hub.conflicts(openOnly: true) == [])
    }

    @Test("G2 G5 G10: a word written once more, and sent later than its time says, stands where its author tells of it")
    func wroteTheSameAgainBefore() throws {
        let robin = try clinic.laptop("Robin")
        let id = try priya.add("first")
        try clinic.settle(priya, sam, robin)
        for title in ["Sam's", "Sam's second", "Sam's"] {
            try sam.edit(id, title)
            try sam.replica.freeze()
        }
        clinic.now += 3_600_000
        // The line is cut: two groups come in, the third after the backup.
        var count = 0
        #expect(throws: Clinic.Lost.self) {
            try sam.sync(limitCount: 1) { send in
                count += 1
                if count == 3 { throw Clinic.Lost() }
                return try send()
            }
        }
        let backup = try clinic.backUp()
        try clinic.settle(sam, priya)
        try #require(try priya.title(id) == "Sam's")
        try clinic.restore(backup)
        for laptop in [priya, sam, robin] { try laptop.sync() }
        try clinic.settle(priya, sam, robin)
        #expect(try clinic.value(id) == .text("Sam's"))
        for laptop in [priya, sam, robin] { #expect(try laptop.title(id) == "Sam's") }
    }

    @Test("G5 G10: what its author writes over it before hearing of either time comes after both")
    func overItsOwnUnheard() throws {
        let id = try priya.add("first")
        try clinic.settle(priya, sam)
        let backup = try clinic.backUp()
        try sam.edit(id, "Sam's")
        loseReply(to: sam)
        try priya.sync()
        try clinic.restore(backup)
        sam.clockError = 3_600_000_000
        loseReply(to: sam)
        try sam.edit(id, "Sam's second")
        try priya.sync()
        #expect(try clinic.value(id) == .text("Sam's"))
        try clinic.settle(sam, priya)
        #expect(try clinic.value(id) == .text("Sam's second"))
        #expect(try clinic.hub.conflicts(openOnly: false) == [])
    }

    @Test("G2 G5 G10: a word that its author wrote once more is another one than what was sent before the restore")
    func wroteTheSameAgain() throws {
        let id = try priya.add("first")
        try clinic.settle(priya, sam)
        try sam.edit(id, "Sam's")
        try clinic.settle(sam, priya)
        try sam.edit(id, "Sam's second")
        try sam.sync()
        let backup = try clinic.backUp()
        try sam.edit(id, "Sam's")
        try clinic.settle(sam, priya)
        try clinic.restore(backup)
        try clinic.settle(priya, sam)
        #expect(try clinic.value(id) == .text("Sam's"))
        #expect(try clinic.hub.conflicts(openOnly: true) == [])
    }

    @Test(
        "G10: an edit that the office had taken before the restore makes no conflict with what its author sends again",
        arguments: [true, false], [true, false])
    func takenBefore(isNew: Bool, isAuthorFirst: Bool) throws {
        var id = try priya.add("first")
        try clinic.settle(priya, sam)
        let backup = try clinic.backUp()
        sam.clockError = 3_600_000
        if isNew { id = try sam.add("Sam's") } else { try sam.edit(id, "Sam's") }
        loseReply(to: sam)
        try priya.sync()
        clinic.now += 60_000
        try priya.edit(id, "Priya's")
        try priya.sync()
        for _ in 0..<2 {
            try clinic.restore(backup)
            // Now his clock is less wrong: what he sends again comes out later than before, and before Priya's.
            sam.clockError = 3_550_000
            if isAuthorFirst { try clinic.settle(sam, priya) } else { try clinic.settle(priya, sam) }
            #expect(try clinic.hub.conflicts(openOnly: true) == [])
            #expect(try clinic.value(id) == .text("Priya's"))
        }
    }

    @Test("G2 G10: who saw a record that its author sends again under an earlier time has not seen his later words")
    func unseenAfterCreation() throws {
        let backup = try clinic.backUp()
        let id = try sam.add("Sam's")
        loseReply(to: sam)
        try priya.sync()
        try edit(id, count: 7, on: sam)
        try clinic.restore(backup)
        sam.clockError = 3_600_000_000
        try sam.sync()
        try edit(id, count: 8, on: priya)
        try clinic.settle(priya, sam)
        #expect(try clinic.value(id, Notebook.count) == .integer(8))
        let conflict = try #require(try clinic.hub.conflicts(openOnly: true).first)
        #expect(conflict.field == Notebook.count)
        #expect(conflict.a.value == .integer(7))
        #expect(try clinic.hub.conflicts(openOnly: false).count == 1)
    }

    @Test(
        "G5 G10: who wrote over a new record had seen it, though its author sends it again under another time than was told",
        arguments: [3_600_000_000, -3_600_000_000])
    func newRecordWrittenOver(error: Int64) throws {
        let robin = try clinic.laptop("Robin")
        _ = try priya.add("first")
        try clinic.settle(priya, sam, robin)
        let backup = try clinic.backUp()
        let id = try sam.add("Sam's")
        loseReply(to: sam)
        try priya.sync()
        try priya.edit(id, "Priya's")
        try clinic.settle(priya, robin)
        try clinic.restore(backup)
        sam.clockError = error
        for laptop in [robin, sam, priya] { try laptop.sync() }
        try clinic.settle(priya, sam, robin)
        #expect(try clinic.hub.conflicts(openOnly: false) == [])
        for laptop in [priya, sam, robin] { #expect(try laptop.title(id) == "Priya's") }
    }

    @Test("G5 G10: a delete by a clock that stood in 1969 counts after a restore, though somebody holds the record")
    func deletedIn1969() throws {
        try clinic.settle(priya, sam)
        let backup = try clinic.backUp()
        sam.clockError = -clinic.now
        let id = try sam.add("Sam's")
        try sam.replica.freeze()
        try sam.delete(id)
        sam.clockError = 0
        #expect(throws: Clinic.Lost.self) {
            try sam.sync(limitCount: 1) { send in
                _ = try send()
                throw Clinic.Lost()
            }
        }
        try priya.sync()
        try #require(try priya.title(id) == "Sam's")
        try sam.sync()
        try clinic.restore(backup)
        try clinic.settle(sam, priya)
        #expect(try clinic.hub.record(table: Notebook.book, id: id)?.isLiving == false)
        #expect(try clinic.hub.conflicts(openOnly: false) == [])
    }

    @Test(
        "G5 G10: a delete that somebody tells of, or makes, has seen a creation that its author sends again under an earlier time",
        arguments: [true, false])
    func deletedAndTold(isOwn: Bool) throws {
        try clinic.settle(priya, sam)
        let backup = try clinic.backUp()
        let id = try sam.add("Sam's")
        try sam.replica.freeze()
        if isOwn { try sam.delete(id) }
        loseReply(to: sam)
        try priya.sync()
        if !isOwn { try priya.delete(id) }
        try clinic.restore(backup)
        sam.clockError = 3_600_000_000
        try sam.sync()
        try clinic.settle(priya, sam)
        #expect(try clinic.hub.record(table: Notebook.book, id: id)?.isLiving == false)
        #expect(try clinic.hub.conflicts(openOnly: false) == [])
    }

    @Test("G5 G10: a delete has seen what its author sends again under another time")
    func delete() throws {
        let id = try priya.add("first")
        try clinic.settle(priya, sam)
        let backup = try clinic.backUp()
        try sam.edit(id, "Sam's")
        loseReply(to: sam)
        try priya.sync()
        try priya.delete(id)
        try clinic.restore(backup)
        clinic.now += 3_600_000
        sam.clockError = -3_600_000
        try sam.sync()
        try clinic.settle(priya, sam)
        #expect(try clinic.hub.record(table: Notebook.book, id: id)?.isLiving == false)
        #expect(try clinic.hub.conflicts(openOnly: false) == [])
    }

    @Test(
        "G4 G10: an editor that was opened over a new record knows it again after a restore, whatever time it was given"
    )
    func editorOverNewRecord() throws {
        let backup = try clinic.backUp()
        sam.clockError = 3_600_000
        let id = try sam.add("Sam's")
        let shown = try #require(try sam.replica.snapshot(table: Notebook.book, record: id))
        try sam.sync()
        try clinic.restore(backup)
        clinic.now += 10
        try sam.replica.write {
            try $0.edit(
                table: Notebook.book, record: id, values: [(Notebook.title, .text("Sam's second"))], seen: shown)
        }
        try clinic.settle(sam, priya)
        #expect(try clinic.hub.conflicts(openOnly: false) == [])
        #expect(try priya.title(id) == "Sam's second")
    }

    @Test(
        "G5 G10: a restriction that its author sends again after a restore and lifts then is lifted, whoever tells of it",
        arguments: [3_600_000, -3_600_000], [true, false])
    func lifted(error: Int64, isNew: Bool) throws {
        let backup = try clinic.backUp()
        let id = try sam.add("Sam's")
        if !isNew { try sam.sync() }
        clinic.now += 60_000
        try edit(id, sealed: 1, on: sam)
        loseReply(to: sam)
        try priya.sync()
        #expect(try priya.replica.record(table: Notebook.book, id: id)?.field(Notebook.sealed).value == .integer(1))
        try clinic.restore(backup)
        sam.clockError = error
        try edit(id, sealed: 2, on: sam)
        try sam.sync()
        try clinic.settle(priya, sam)
        #expect(try clinic.value(id, Notebook.sealed) == .integer(2))
        #expect(try clinic.hub.conflicts(openOnly: false) == [])
    }

    private func edit(_ id: RecordID, sealed: Int64, on laptop: FieldLaptop) throws {
        clinic.now += 10
        try laptop.replica.write {
            try $0.edit(table: Notebook.book, record: id, values: [(Notebook.sealed, .integer(sealed))])
        }
    }

    @Test("G10: what was written before its record was made again is handed over after another restore too")
    func writtenBeforeCreation() throws {
        let backup = try clinic.backUp()
        let id = try sam.add("Sam's")
        loseReply(to: sam)
        try priya.sync()
        try edit(id, count: 7, on: priya)
        try priya.sync()
        try clinic.restore(backup)
        clinic.now += 3_600_000
        sam.clockError = -3_600_000
        try sam.sync()
        try clinic.settle(priya, sam)
        let before = try #require(try clinic.hub.record(table: Notebook.book, id: id))
        #expect(before.field(Notebook.count).stamp < before.created)
        try clinic.restore(backup)
        try clinic.settle(priya, sam)
        #expect(try clinic.value(id, Notebook.count) == .integer(7))
        #expect(try priya.title(id) == "Sam's")
    }
}
