import Database
import SyncCore
import Testing

@testable import SyncHub
@testable import SyncReplica

@Suite("Clocks that are wrong")
struct ClockTests {
    private static let hour: Int64 = 3_600_000
    private static let year: Int64 = 365 * 24 * hour
    /// What the clock of a laptop may show less what the office's shows.
    private static let errors: [Int64] = [
        0, 90_000, 121_000, -121_000, 5 * hour, -7 * hour, 10 * year, -10 * year, 75 * year, -(Office.start + year),
    ]

    private let town: Town
    private let ada: TownLaptop
    private let ben: TownLaptop
    private let id: RecordID

    init() throws {
        town = try Town()
        ada = try town.laptop("Ada")
        ben = try town.laptop("Ben")
        id = try ada.add("old")
        try town.settle()
    }

    private func wait(_ milliseconds: Int64) { town.office.now += milliseconds }

    @Test("G5 an edit that saw a value wins, whatever the two clocks say", arguments: errors, errors)
    func sawIt(_ first: Int64, _ second: Int64) throws {
        (ada.clockError, ben.clockError) = (first, second)
        for round in 1...3 {
            try ada.edit(id, "Ada's \(round)")
            try town.settle()
            try ben.edit(id, "Ben's \(round)")
            try town.settle()
            #expect(try ada.title(id) == "Ben's \(round)")
        }
        #expect(try town.office.hub.conflicts(openOnly: false).isEmpty)
    }

    @Test(
        "Between concurrent edits the later one wins where both clocks are wrong by constant hours",
        arguments: [(5, -7), (-7, 5), (5, 9), (-3, -11), (0, -7), (0, 7), (-7, 0), (80_000, -80_000)],
        [true, false])
    func laterWins(_ hours: (Int, Int), _ adaSyncsFirst: Bool) throws {
        ada.clockError = Int64(hours.0) * Self.hour
        ben.clockError = Int64(hours.1) * Self.hour
        let order = adaSyncsFirst ? [ada, ben] : [ben, ada]
        for round in 1...4 {
            // The laptops sync while they are wrong; Ada writes first, and twenty minutes later Ben.
            try town.settle()
            wait(Self.hour)
            try ada.edit(id, "Ada's \(round)")
            wait(Self.hour / 3)
            try ben.edit(id, "Ben's \(round)")
            wait(Self.hour)
            for laptop in order { try laptop.sync() }
            try town.settle()
            #expect(try ada.title(id) == "Ben's \(round)", "\(hours)")
        }
        #expect(try town.office.hub.conflicts(openOnly: false).count == 4)
    }

    @Test("A wrong clock is measured at each exchange, told, and forgotten once it is right", arguments: errors)
    func measured(_ error: Int64) throws {
        ben.clockError = error
        try ben.edit(id, "Ben's")
        let summary = try ben.sync()
        let isWrong = error.magnitude > StampCorrection.toleranceMilliseconds.magnitude
        #expect(summary.clockCorrectionMilliseconds == (isWrong ? -error : nil))
        #expect(try ben.sync().clockCorrectionMilliseconds == (isWrong ? -error : nil))
        ben.clockError = 0
        _ = try ben.sync()
        #expect(try ben.sync().clockCorrectionMilliseconds == nil)
        try ben.edit(id, "and more")
        try town.settle()
        let stamp = try town.office.hub.record(table: Notebook.book, id: id)?.field(Notebook.title).stamp
        #expect((stamp?.milliseconds ?? 0) <= town.office.now + StampCorrection.toleranceMilliseconds)
    }

    @Test("What is saved while a clock that stands still is corrected stays before what follows", arguments: errors)
    func savedMeanwhile(_ error: Int64) throws {
        let stopped = town.office.now + error
        func edit(_ title: String) throws {
            // An edit takes ten milliseconds of the office's time.
            ada.clockError = stopped - (town.office.now + 10)
            try ada.edit(id, title)
        }
        try edit("one")
        var during: Stamp?
        ada.meanwhile = {
            self.ada.meanwhile = nil
            try edit("two")
            during = try self.ada.stamp(self.id)
        }
        try ada.sync()
        try edit("three")
        let after = try ada.stamp(id)
        #expect(after > (try #require(during)))
        try town.settle()
        #expect(try ada.title(id) == "three" && ben.title(id) == "three")
        #expect(try town.office.hub.conflicts(openOnly: false).isEmpty)
    }

    @Test("A clock that stands still, or goes back by years between two edits, keeps their order")
    func standsOrGoesBack() throws {
        for error in [0, -Self.year, -20 * Self.year, Self.year, 0] {
            ben.clockError = error
            for word in ["one", "two", "three"] {
                // No time passes at all.
                try ben.replica.write { work in
                    try work.edit(table: Notebook.book, record: id, values: [(Notebook.title, .text(word))])
                }
                try ben.replica.freeze()
            }
        }
        try town.settle()
        #expect(try ada.title(id) == "three")
        let history = try town.office.hub.history(table: Notebook.book, record: id, for: ada.number)
        let stamps = history?.versions.filter { $0.field == Notebook.title }.map(\.stamp) ?? []
        #expect(stamps.count == 16 && stamps == stamps.sorted())
        #expect(try town.office.hub.conflicts(openOnly: false).isEmpty)
    }

    @Test("A counter that is full carries into the milliseconds, and the largest time of all stops nobody")
    func overflow() throws {
        for time in [StampTime.packed(milliseconds: town.office.now) | 0xFFFE, UInt64.max - 1] {
            try ben.database.transaction {
                try ben.database.run(
                    "UPDATE replica_standing SET clock = ?", .integer(Int64(bitPattern: time)))
            }
            for word in ["one", "two", "three"] {
                try ben.edit(id, "\(word) \(time)")
                try ben.replica.freeze()
            }
            try town.settle()
            #expect(try ada.title(id) == "three \(time)")
            try ada.edit(id, "Ada's \(time)")
            try town.settle()
            #expect(try ben.title(id) == "Ada's \(time)")
        }
        #expect(try town.office.hub.conflicts(openOnly: false).isEmpty)
        #expect(try ben.replica.heldGroups().isEmpty)
    }

    @Test("Far-future, malformed and overflowing stamps of a strange client come into force as now, or are held")
    func strangeStamps() throws {
        let office = town.office
        let cleo = try office.join("Cleo", role: .lead)
        let seen = Base.stamp(
            try #require(try office.hub.record(table: Notebook.book, id: id)).field(Notebook.title).stamp)
        let future = StampTime.packed(milliseconds: office.now + 100 * Self.year)
        for (number, time) in [future, .max, 0, 1].enumerated() {
            let new = Notebook.id(UInt64(700 + number))
            try office.push(make(new, [Notebook.title: .text("new")], at: time), from: cleo)
            let stamp = try #require(try office.hub.record(table: Notebook.book, id: new)).created
            #expect(stamp.milliseconds <= office.now + StampCorrection.toleranceMilliseconds)
        }
        try office.push(edit(id, .text("Cleo's"), at: 5, base: seen), from: cleo)
        #expect(try office.title(id) == "Cleo's")
        let held = try office.push(
            edit(id, .text("x"), at: at(1), base: .stamp(Stamp(time: future, device: 1))), from: cleo)
        #expect(held.held.map(\.reason) == [.malformed])
        try town.settle()
        try ada.edit(id, "Ada's")
        try town.settle()
        #expect(try ben.title(id) == "Ada's")
    }
}

extension TownLaptop {
    /// The stamp of the title that the person sees.
    fileprivate func stamp(_ id: RecordID) throws -> Stamp {
        try #require(try replica.record(table: Notebook.book, id: id)).field(Notebook.title).stamp
    }
}
