import SyncCore
import SyncReplica
import Testing

@testable import SyncHub

/// Restored servers and copied laptops under random work, lost and repeated messages and wrong clocks.
@Suite("Restores and copies, at random")
struct HealingConvergenceTests {
    @Test("G2 G3 G5 G10: at rest all agree, nothing is lost, and a restore makes up no conflict", arguments: 0..<60)
    func convergence(seed: Int) throws {
        var world = try RestoreWorld(seed: UInt64(seed))
        for _ in 0..<70 { try world.step() }
        try world.settle()
        let problems = try world.problems()
        #expect(problems == [], "seed \(seed)")
    }
}

/// One office, three laptops and their copies, and a record of who had seen what.
private struct RestoreWorld {
    private var dice: Dice
    private let clinic: Clinic
    private var laptops: [FieldLaptop] = []
    private var backups: [String] = []
    private var records: [RecordID] = []
    private var count = 0
    private var restoreCount = 0
    /// Every title that was ever written in a record, and what its writer had seen there.
    private var written: [RecordID: [String: Set<String>]] = [:]

    init(seed: UInt64) throws {
        dice = Dice(seed: seed &* 7_919 &+ 5)
        clinic = try Clinic(seed: seed)
        let errors: [Int64] = [0, 0, 500, -500, 90_000, 1_000_000_000, -1_000_000_000]
        for name in ["Priya", "Sam", "Alex"] {
            let laptop = try clinic.laptop(name, role: .admin)
            laptop.clockError = errors.randomElement(using: &dice) ?? 0
            laptops.append(laptop)
        }
        backups.append(try clinic.backUp())
    }

    mutating func step() throws {
        clinic.now += Int64.random(in: 1...50_000, using: &dice)
        guard let laptop = laptops.randomElement(using: &dice) else { return }
        switch Int.random(in: 0..<100, using: &dice) {
        case 0..<55: try work(on: laptop)
        case 55..<90: try sync(laptop, isLossy: true)
        case 90..<94:
            backups.append(try clinic.backUp())
        case 94..<97:
            guard restoreCount < 3, let backup = backups.randomElement(using: &dice) else { return }
            restoreCount += 1
            try clinic.restore(backup)
        default:
            guard laptops.count < 5 else { return }
            let twin = try laptop.copy(seed: UInt64(200 + count))
            twin.clockError = laptop.clockError
            laptops.append(twin)
        }
    }

    private mutating func work(on laptop: FieldLaptop) throws {
        count += 1
        let title = "v\(count)"
        guard records.count >= 3 || Int.random(in: 0..<3, using: &dice) > 0,
            let id = records.randomElement(using: &dice),
            let state = try laptop.replica.record(table: Notebook.book, id: id)
        else {
            guard records.count < 3 else { return }
            let id = try laptop.add(title)
            records.append(id)
            written[id] = [title: []]
            return
        }
        guard case .text(let old) = state.field(Notebook.title).value else { return }
        written[id, default: [:]][title] = (written[id]?[old] ?? []).union([old])
        try laptop.edit(id, title)
    }

    private mutating func sync(_ laptop: FieldLaptop, isLossy: Bool) throws {
        var lostDice = dice
        defer { dice = lostDice }
        do {
            let limitCount = isLossy ? Int.random(in: 1...6, using: &lostDice) : 100
            let summary = try laptop.sync(limitCount: limitCount) { send in
                if isLossy, Int.random(in: 0..<8, using: &lostDice) == 0 { throw Clinic.Lost() }
                var reply = try send()
                if isLossy, Int.random(in: 0..<8, using: &lostDice) == 0 { reply = try send() }
                if isLossy, Int.random(in: 0..<8, using: &lostDice) == 0 { throw Clinic.Lost() }
                return reply
            }
            #expect(summary.matches)
        } catch is Clinic.Lost {
            // Lost on the way, as it is meant to be.
        }
    }

    mutating func settle() throws {
        for _ in 0..<4 { for laptop in laptops { try sync(laptop, isLossy: false) } }
    }

    // MARK: Promises

    func problems() throws -> [String] {
        var problems: [String] = []
        if try !clinic.hub.areasWithWrongDigest().isEmpty { problems.append("the hub's digest is wrong") }
        let conflicts = try clinic.hub.conflicts(openOnly: false).filter { $0.status != .withdrawn }
        for (index, laptop) in laptops.enumerated() {
            if try laptop.replica.unsentCount > 0 { problems.append("stuck: an outbox does not empty") }
            if try laptop.replica.recomputeDigests() != laptop.replica.digests() {
                problems.append("a digest that is kept differs from one that is worked out")
            }
            for id in records {
                let own = try laptop.replica.record(table: Notebook.book, id: id)?.field(Notebook.title)
                let all = try clinic.hub.record(table: Notebook.book, id: id)?.field(Notebook.title)
                if own?.value != all?.value || own?.stamp != all?.stamp {
                    problems.append("G3: laptop \(index) differs from the hub")
                }
            }
        }
        for (id, values) in written { try check(id, values, conflicts, &problems) }
        return problems
    }

    private func check(
        _ id: RecordID, _ values: [String: Set<String>], _ conflicts: [Conflict], _ problems: inout [String]
    ) throws {
        guard case .text(let current)? = try clinic.value(id) else { return problems.append("G2: a record is gone") }
        for (value, seen) in values where seen.contains(current) {
            problems.append("G5: \(current) beat \(value), whose writer had seen it")
        }
        var logged: Set<String> = []
        for conflict in conflicts where conflict.record == id {
            let sides = [conflict.a.value, conflict.b.value].compactMap {
                if case .text(let text)? = $0 { text } else { nil }
            }
            logged.formUnion(sides)
            // A value that a copy carried on from work that was not sent may have come under two numbers.
            guard sides.count == 2, laptops.count == 3 else { continue }
            if values[sides[0]]?.contains(sides[1]) == true || values[sides[1]]?.contains(sides[0]) == true {
                problems.append("exactness: \(sides) in conflict though one had seen the other")
            }
        }
        for value in values.keys where value != current && !logged.contains(value) {
            if !values.values.contains(where: { $0.contains(value) }) {
                problems.append("G2: \(value) lost, nobody had seen it, and no conflict names it")
            }
        }
    }
}
