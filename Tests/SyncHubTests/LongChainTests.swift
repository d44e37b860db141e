import SyncCore
import Testing

@testable import SyncHub

@Suite("Fields that were edited thousands of times")
struct LongChainTests {
    private let id = Notebook.id(1)
    private let office: Office
    private let ada: UInt32
    private let ben: UInt32

    init() throws {
        office = try Office()
        (ada, ben) = (try office.join("Ada", role: .lead), try office.join("Ben"))
        try office.push(make(id, [Notebook.title: .text("0")], at: at(0)), from: ada)
    }

    /// Edits of the title, each over the one before.
    private func write(_ count: Int) throws {
        let groups = (1...count).map { (number: Int) -> ChangeGroup in
            let seen = Base.stamp(stamp(Int64(number - 1), ada))
            let change = edit(id, .text("\(number)"), at: at(Int64(number)), base: seen)
            return ChangeGroup(number: UInt64(number + 1), changes: [change])
        }
        for start in stride(from: 0, to: count, by: 500) {
            try office.push(Array(groups[start..<min(start + 500, count)]), from: ada)
        }
    }

    /// A page of edits by somebody who has seen, in turn, nothing and the end of the chain.
    private func page(_ count: Int, end: Int) -> [ChangeGroup] {
        (1...count).map { (number: Int) -> ChangeGroup in
            let seen = number % 2 == 0 ? 0 : end
            let time = at(Int64(end + 1_000 + number))
            let change = edit(id, .text("ben \(number)"), at: time, base: .stamp(stamp(Int64(seen), ada)))
            return ChangeGroup(number: UInt64(number), changes: [change])
        }
    }

    @Test("G6: a page of conflicts over a long history reads that once, not once for each")
    func readOnce() throws {
        try write(2_000)
        let push = try office.store.transaction {
            let push = try Push(hub: office.hub, device: office.hub.knownDevice(ben), deviceClock: office.now)
            #expect(try push.take(page(300, end: 2_000)).receipt == 300)
            return push
        }
        #expect(push.merging.effort.versions < 2_000 + 8 * 300, "\(push.merging.effort.versions)")
        #expect(try office.value(id) == .text("ben 300"))
        #expect(try office.hub.conflicts(openOnly: false).count >= 299)
    }

    @Test(
        "what both sides of a conflict had seen is told where it lies near, and left out where it lies a thousand edits back"
    )
    func before() throws {
        try write(2_500)
        for (number, seen) in [(UInt64(1), Int64(2_000)), (2, 100)] {
            let change = edit(
                id, .text("ben \(number)"), at: at(5_000 + Int64(number)), base: .stamp(stamp(seen, ada)))
            try office.push([ChangeGroup(number: number, changes: [change])], from: ben)
        }
        let told = try office.hub.conflicts(openOnly: false).map(\.before)
        #expect(told.contains(.text("2000")) && told.contains(.null), "\(told)")
    }

    @Test(
        "G6: a group whose merge would read too much is held, what comes behind it is taken, and the office can accept it"
    )
    func tooMuch() throws {
        try write(600)
        office.hub.largestGroupEffort = 300
        let other = ChangeGroup(number: 3, changes: [make(Notebook.id(2), [:], at: at(5_000))])
        let groups = [
            ChangeGroup(number: 1, changes: [make(Notebook.id(3), [:], at: at(4_000))]), page(2, end: 600)[1], other,
        ]
        let first = try office.push(groups, from: ben)
        #expect(
            first.notice == .gap && first.receipt == 2 && first.held == [HeldGroup(number: 2, reason: .historyTooLong)])
        let second = try office.push([other], from: ben)
        #expect(second.receipt == 3 && second.held.map(\.number) == [2])
        #expect(try office.value(id) == .text("600"))
        #expect(try office.hub.record(table: Notebook.book, id: Notebook.id(2)) != nil)
        let held = try #require(try office.store.quarantined(device: ben).first)
        _ = try office.store.transaction { try office.hub.acceptHeld(held.id, why: nil) }
        #expect(try office.value(id) == .text("ben 2"))
        #expect(try office.hub.head(area: Office.main).digest == office.recomputedDigest(area: Office.main))
    }

    @Test(
        "what is remembered of links is what is stored, whatever is asked, added and removed in between",
        arguments: 1...5)
    func remembered(seed: UInt64) throws {
        var dice = Dice(seed: seed)
        let store = office.store
        try store.transaction {
            let key: Int64 = 77
            func version(_ time: Int64) -> FieldState {
                let base = Bool.random(using: &dice) ? stamp(Int64.random(in: 0...time, using: &dice), ben) : nil
                return FieldState(number: 1, value: .integer(time), stamp: stamp(time, ada), base: base)
            }
            for time in stride(from: Int64(3), to: 3_000, by: 3) {
                try store.addVersion(version(time), table: Notebook.book, key: key)
            }
            let (links, effort) = (RememberedLinks(), MergeEffort())
            for _ in 0..<400 {
                let time = Int64.random(in: 0...3_100, using: &dice)
                switch Int.random(in: 0..<8, using: &dice) {
                case 0:
                    let version = version(time)
                    try store.addVersion(version, table: Notebook.book, key: key)
                    links.add(version, table: Notebook.book, key: key)
                case 1:
                    try store.removeVersion(1, stamp(time, ada), table: Notebook.book, key: key)
                    links.remove(1, stamp(time, ada), table: Notebook.book, key: key)
                default:
                    let asked = stamp(time / 3 * 3, ada)
                    let stored = try store.version(table: Notebook.book, key: key, field: 1, stamp: asked)
                    let told = try links.link(
                        table: Notebook.book, key: key, field: 1, stamp: asked, in: store, effort: effort)
                    #expect(told == stored.map { VersionLink(base: $0.base) }, "\(asked)")
                }
            }
            #expect(effort.versions < 4 * 1_000)
        }
    }
}
