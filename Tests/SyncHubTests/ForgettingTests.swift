import SyncCore
import Testing

@testable import SyncHub
@testable import SyncReplica

/// What a laptop forgets goes by the time that passed on two clocks, the server's and its own.
@Suite("What is forgotten after 90 days")
struct ForgettingTests {
    private static let day: Int64 = 86_400_000
    private static let year = 365 * day
    private let field: HeldFixture

    init() throws { field = try HeldFixture() }

    /// A sync as the program does it, with what follows it.
    @discardableResult
    private func sync(_ laptop: HeldFixture.Laptop, isHeld: Bool = false) throws -> SyncSummary {
        let summary = try field.sync(laptop, isHeld: isHeld)
        try laptop.replica.forgetOld(serverMilliseconds: try #require(summary.serverMilliseconds))
        return summary
    }

    private func inBetween(_ id: RecordID, on laptop: HeldFixture.Laptop) throws -> [Value] {
        try laptop.replica.history(of: RecordReference(table: Notebook.book, id: id)).filter { $0.kind == .inBetween }
            .map(\.value)
    }

    @Test("G2: the words of work that was not taken stay, whatever the laptop's clock shows", arguments: [1, -1])
    func discardedWork(side: Int64) throws {
        let ben = try field.laptop("Ben", clockError: side * Self.year)
        let id = try field.create("only here", on: ben)
        try sync(ben, isHeld: true)
        try field.decide(.discarded, 1, of: ben)
        #expect(try sync(ben).discarded == [1])
        #expect(try ben.replica.heldItem(1)?.isWhole == true && field.title(id) == nil)
        field.office.now += 91 * Self.day
        try sync(ben)
        #expect(try ben.replica.heldItems(all: true).isEmpty)
    }

    @Test("G2: work that was decided long before the laptop heard of it is kept for 90 days from then")
    func lateWord() throws {
        let ben = try field.laptop("Ben")
        _ = try field.create("only here", on: ben)
        try sync(ben, isHeld: true)
        try field.decide(.discarded, 1, of: ben)
        field.office.now += 100 * Self.day
        #expect(try sync(ben).discarded == [1])
        #expect(try ben.replica.heldItem(1)?.isWhole == true)
    }

    @Test("G2: work that was taken back stays, whatever the laptop's clock shows", arguments: [1, -1])
    func withdrawnWork(side: Int64) throws {
        let ben = try field.laptop("Ben", clockError: side * Self.year)
        _ = try field.create("only here", on: ben)
        try sync(ben, isHeld: true)
        _ = try ben.replica.withdraw(1)
        try sync(ben)
        #expect(try ben.replica.heldItem(1)?.isWhole == true)
    }

    @Test("G2: a device's own in-between values stay for 90 days, whatever its clock shows", arguments: [1, 0, -1])
    func inBetweenValues(side: Int64) throws {
        let ben = try field.laptop("Ben", clockError: side * Self.year)
        try sync(ben)
        let id = try field.create("first", on: ben)
        try field.edit(id, .text("second"), on: ben)
        try sync(ben)
        #expect(try inBetween(id, on: ben) == [.text("first")])
        field.office.now += 60 * Self.day
        try sync(ben)
        #expect(try inBetween(id, on: ben) == [.text("first")])
        // The stamps of a clock that was fast are in the future for so long.
        field.office.now += max(0, side) * Self.year + 31 * Self.day
        try sync(ben)
        #expect(try inBetween(id, on: ben).isEmpty)
    }

    @Test(
        "G2, G10: a server whose clock is wrong for one sync makes nothing go, nor does a laptop's",
        arguments: [91, 365, -365], [false, true])
    func wrongOnce(days: Int64, isServer: Bool) throws {
        let error = days * Self.day
        let ben = try field.laptop("Ben")
        let id = try field.create("first", on: ben)
        try field.edit(id, .text("second"), on: ben)
        try sync(ben)
        _ = try field.create("only here", on: ben)
        try sync(ben, isHeld: true)
        try field.decide(.discarded, 2, of: ben)
        try sync(ben)
        func expectAll() throws {
            #expect(try inBetween(id, on: ben) == [.text("first")])
            #expect(try ben.replica.kept.parts(after: 0)[1] != nil)
            #expect(try ben.replica.heldItem(2)?.isWhole == true)
        }
        try expectAll()
        // The laptop's clock goes by the office's: who is wrong for the server is wrong alone.
        if isServer { field.office.now += error }
        ben.clockError = isServer ? -error : error
        for _ in 1...2 {
            try sync(ben)
            try expectAll()
        }
        if isServer { field.office.now -= error }
        ben.clockError = 0
        for _ in 1...2 {
            field.office.now += Self.day
            try sync(ben)
            try expectAll()
        }
        field.office.now += 91 * Self.day
        try sync(ben)
        #expect(try inBetween(id, on: ben).isEmpty)
        #expect(try ben.replica.heldItems(all: true).isEmpty)
    }

    @Test("G10: groups that were taken while the clock was a year behind can still be given to a restored server")
    func keptGroups() throws {
        let ben = try field.laptop("Ben", clockError: -Self.year)
        let id = try field.create("first", on: ben)
        try sync(ben)
        try field.edit(id, .text("second"), on: ben)
        try sync(ben)
        #expect(try ben.replica.kept.parts(after: 0).keys.sorted() == [1, 2])
        field.office.now += 91 * Self.day
        try sync(ben)
        #expect(try ben.replica.kept.parts(after: 0).isEmpty)
    }
}
