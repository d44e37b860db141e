import SyncCore
import Testing

@testable import SyncHub
@testable import SyncReplica

/// A server is put back, and one copy of a laptop has sent something else under the numbers of what the other had settled.
@Suite("Settled work under numbers that another copy has used")
struct LostGroupTests {
    private let clinic: Clinic
    private let priya: FieldLaptop
    private let sam: FieldLaptop

    init() throws {
        clinic = try Clinic()
        priya = try clinic.laptop("Priya")
        sam = try clinic.laptop("Sam")
        try priya.add("shared")
        try clinic.settle(priya, sam)
    }

    private func words(_ id: RecordID) throws -> [Value] {
        let number = try #require(try priya.replica.device)
        let history = try #require(try clinic.hub.history(table: Notebook.book, record: id, for: number))
        return history.versions.filter { $0.field == Notebook.title }.map(\.value)
    }

    /// Settles work of a copy, puts the server back to before it, and lets the first laptop use its numbers.
    private func lose(_ count: Int, of twin: FieldLaptop) throws {
        let backup = try clinic.backUp()
        try twin.sync()
        try priya.sync()
        try twin.sync()
        try clinic.restore(backup)
        for index in 0..<count {
            try sam.add("of the first \(index)")
            try sam.replica.freeze()
        }
        try sam.sync()
    }

    @Test("G2: the first word of a record comes back too", arguments: [true, false])
    func firstWord(isToldBefore: Bool) throws {
        let twin = try sam.copy()
        let id = try twin.add("first word")
        try twin.replica.freeze()
        try twin.edit(id, "second word")
        try lose(2, of: twin)
        for laptop in isToldBefore ? [priya, twin] : [twin, priya] { try laptop.sync() }
        try clinic.settle(twin, sam, priya)
        #expect(try words(id).contains(.text("first word")))
        #expect(try clinic.value(id) == .text("second word"))
        #expect(try clinic.hub.conflicts(openOnly: false) == [])
    }

    @Test("G5: a person's own words stand in a row, whoever tells of the last one first", arguments: [true, false])
    func ownRow(isToldBefore: Bool) throws {
        let id = try priya.add("Priya's")
        try clinic.settle(priya, sam)
        let twin = try sam.copy()
        for title in ["earlier", "later"] {
            try twin.edit(id, title)
            try twin.replica.freeze()
        }
        try lose(2, of: twin)
        for laptop in isToldBefore ? [priya, twin] : [twin, priya] { try laptop.sync() }
        try clinic.settle(twin, sam, priya)
        #expect(try words(id).contains(.text("earlier")))
        #expect(try clinic.value(id) == .text("later"))
        #expect(try clinic.hub.conflicts(openOnly: true) == [])
    }

    @Test("G1 G2: of two words that both copies wrote at one time both stay", arguments: [true, false])
    func sameTime(isToldBefore: Bool) throws {
        let id = try priya.add("Priya's")
        try clinic.settle(priya, sam)
        let twin = try sam.copy()
        clinic.now += 10
        for (laptop, word) in [(twin, "of the second"), (sam, "of the first")] {
            try laptop.replica.write {
                try $0.edit(table: Notebook.book, record: id, values: [(Notebook.title, .text(word))])
            }
        }
        let backup = try clinic.backUp()
        try twin.sync()
        if isToldBefore { try priya.sync() }
        try twin.sync()
        try clinic.restore(backup)
        for laptop in isToldBefore ? [priya, sam, twin] : [sam, twin, priya] { try laptop.sync() }
        try clinic.settle(twin, sam, priya)
        let words = try words(id)
        #expect(words.contains(.text("of the first")) && words.contains(.text("of the second")))
        let sides = try clinic.hub.conflicts(openOnly: true).map { Set([$0.a.value, $0.b.value]) }
        #expect(sides.contains([.text("of the first"), .text("of the second")]))
    }

    private func write(_ word: String, on id: RecordID, at moment: Int64, _ laptop: FieldLaptop) throws {
        clinic.now = moment
        try laptop.replica.write {
            try $0.edit(table: Notebook.book, record: id, values: [(Notebook.title, .text(word))])
        }
    }

    @Test("G2: the next word of the other copy does not get the time of one that came back")
    func nextWord() throws {
        let id = try priya.add("Priya's")
        try clinic.settle(priya, sam)
        let twin = try sam.copy()
        let moment = clinic.now + 10
        for word in ["of the second", "of the second, later"] { try write(word, on: id, at: moment, twin) }
        _ = try sam.replica.write { try $0.create(table: Notebook.book, area: Office.main, values: []) }
        let backup = try clinic.backUp()
        for _ in 0..<2 { try twin.sync() }
        try clinic.restore(backup)
        try sam.sync()
        try twin.sync()
        try write("of the first", on: id, at: moment, sam)
        try clinic.settle(sam, twin, priya)
        let words = try words(id)
        #expect(words.contains(.text("of the first")) && words.contains(.text("of the second, later")))
        #expect(try clinic.hub.conflicts(openOnly: true).count > 0)
    }

    @Test("G4 G5: a cut in the middle brings nothing in twice, and a person's words stay in their order")
    func again() throws {
        let id = try priya.add("Priya's")
        try clinic.settle(priya, sam)
        let twin = try sam.copy()
        let moment = clinic.now + 10
        try write("of the second", on: id, at: moment, twin)
        try twin.replica.freeze()
        try write("of the second, later", on: id, at: moment + 1_000, twin)
        try write("of the first", on: id, at: moment, sam)
        try sam.replica.freeze()
        try sam.add("too")
        let backup = try clinic.backUp()
        for _ in 0..<2 { try twin.sync() }
        try clinic.restore(backup)
        try sam.sync()
        var count = 0
        #expect(throws: Clinic.Lost.self) {
            try twin.sync { send in
                let reply = try send()
                count += 1
                // The groups have come in by then.
                if count == 6 { throw Clinic.Lost() }
                return reply
            }
        }
        try clinic.settle(sam, twin, priya)
        #expect(try words(id).filter { $0 == .text("of the second") }.count == 1)
        #expect(try clinic.value(id) == .text("of the second, later"))
        let sides = try clinic.hub.conflicts(openOnly: true).map { [$0.a.value, $0.b.value] }
        #expect(sides.allSatisfy { $0.contains(.text("of the first")) })
    }

    @Test("No time comes in that the server's clock has not reached, nor one that is not later than its base")
    func impossibleTimes() throws {
        let id = try priya.add("Priya's")
        try clinic.settle(priya, sam)
        let number = try #require(try sam.replica.device)
        let device = try #require(try clinic.store.device(number))
        func take(_ time: UInt64, over base: Base) throws {
            let field = FieldChange(field: Notebook.title, value: .text("made up"), time: time, base: base)
            let group = ChangeGroup(
                number: 1, changes: [Change(table: Notebook.book, record: id, fields: [field])])
            try clinic.store.transaction {
                let push = try Push(hub: clinic.hub, device: device, deviceClock: nil)
                push.last = max(push.last, 1)
                try push.takeLost([group], finals: [:])
            }
        }
        #expect(throws: HubError.self) { try take(.max, over: .none) }
        let now = StampTime.packed(milliseconds: clinic.now)
        try take(now, over: .stamp(Stamp(time: now + 1, device: 9)))
        #expect(try clinic.value(id) == .text("Priya's"))
        #expect(try words(id) == [.text("Priya's")])
    }
}
