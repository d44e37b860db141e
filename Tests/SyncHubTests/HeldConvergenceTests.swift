import SyncCore
import Testing

@testable import SyncHub
@testable import SyncReplica

/// Random histories with groups that are held, accepted, discarded, sent again and taken back in any order, beside lost
/// and repeated messages and wrong clocks; the promises are checked as `merge_model.py` checks the rules.
@Suite("Held work in random histories")
struct HeldConvergenceTests {
    @Test(
        "G2 G3 G4 G5 G6: whatever is held and decided, at rest all agree and no conflict is false",
        arguments: Array(0..<80) + [494, 603, 1102, 1421])
    func convergence(seed: Int) throws {
        var world = try HeldWorld(seed: UInt64(seed))
        for _ in 0..<100 { try world.step() }
        try world.settle()
        let problems = try world.problems()
        #expect(problems.isEmpty, "seed \(seed): \(problems)")
    }
}

private struct HeldWorld {
    private struct Place: Hashable {
        let record: RecordID
        let field: Int
    }

    private var dice: Dice
    private let field: HeldFixture
    private var laptops: [HeldFixture.Laptop] = []
    private var count = 0
    /// Every value that was ever written in a place, and what its writer had seen there.
    private var written: [Place: [String: Set<String>]] = [:]
    /// Values of groups that were discarded or taken back: they are in no log and in no record.
    private var gone: Set<String> = []
    /// Values that were sent again: a later writing of the same word.
    private var rewritten: Set<String> = []

    init(seed: UInt64) throws {
        dice = Dice(seed: seed &* 104_729 &+ 3)
        field = try HeldFixture(seed: seed)
        let errors: [Int64] = [0, 0, 500, 90_000, 1_000_000_000, -1_000_000_000]
        for index in 1...Int.random(in: 2...3, using: &dice) {
            let error = errors.randomElement(using: &dice) ?? 0
            laptops.append(try field.laptop("person \(index)", role: .admin, clockError: error))
        }
    }

    // MARK: Work

    mutating func step() throws {
        field.office.now += Int64.random(in: 1...50_000, using: &dice)
        guard let laptop = laptops.randomElement(using: &dice) else { return }
        switch Int.random(in: 0..<100, using: &dice) {
        case 0..<50: try work(on: laptop)
        case 50..<80: try sync(laptop)
        case 80..<90: try decideAtTheOffice()
        default: try decideOnTheLaptop(laptop)
        }
    }

    private mutating func work(on laptop: HeldFixture.Laptop) throws {
        let records = Array(Set(written.keys.map(\.record))).sorted { $0.description < $1.description }
        guard records.count >= 3 || Int.random(in: 0..<4, using: &dice) > 0,
            let id = records.randomElement(using: &dice),
            let state = try laptop.replica.record(table: Notebook.book, id: id)
        else { return try create(on: laptop) }
        let choice = Int.random(in: 0..<20, using: &dice)
        if !state.isLiving {
            // A record that is hidden, for its making will not come into force, can't be restored.
            let isHidden = state.existence == nil
            if choice < 10, !isHidden { try laptop.replica.write { try $0.restore(table: Notebook.book, record: id) } }
        } else if choice == 0 {
            try laptop.replica.write { try $0.delete(table: Notebook.book, record: id) }
        } else {
            let number = choice < 12 ? Notebook.title : Notebook.count
            count += 1
            let value = number == Notebook.title ? Value.text("v\(count)") : .integer(Int64(count))
            note("\(value)", at: Place(record: id, field: number), after: "\(state.field(number).value)")
            try laptop.replica.write { try $0.edit(table: Notebook.book, record: id, values: [(number, value)]) }
        }
    }

    private mutating func create(on laptop: HeldFixture.Laptop) throws {
        guard Set(written.keys.map(\.record)).count < 6 else { return }
        count += 1
        let title = Value.text("v\(count)")
        let id = try field.create("v\(count)", on: laptop)
        note("\(title)", at: Place(record: id, field: Notebook.title), after: nil)
    }

    private mutating func note(_ value: String, at place: Place, after old: String?) {
        var seen: Set<String> = []
        if let old, let before = written[place]?[old] { seen = before.union([old]) }
        written[place, default: [:]][value] = seen
    }

    // MARK: Decisions

    private mutating func decideAtTheOffice() throws {
        guard let group = try field.office.hub.quarantine().randomElement(using: &dice) else { return }
        let kind: HeldOutcome.Kind = Int.random(in: 0..<3, using: &dice) > 0 ? .accepted : .discarded
        let contents = try field.office.hub.heldTogether(with: group.id).map {
            try field.office.hub.quarantineGroup($0.id)
        }
        do {
            try field.office.store.transaction {
                _ =
                    try kind == .accepted
                    ? field.office.hub.acceptHeld(group.id, why: nil) : field.office.hub.discardHeld(group.id, why: nil)
            }
            if kind == .discarded { contents.forEach { forget($0.changes) } }
        } catch HubError.heldNeedsEarlier, HubError.heldNotAcceptable {
            // Its turn comes with the group that makes the record, or never: then it is discarded at the end.
        }
    }

    private mutating func decideOnTheLaptop(_ laptop: HeldFixture.Laptop) throws {
        guard let item = try laptop.replica.heldItems().randomElement(using: &dice), item.isWhole else { return }
        if item.state == .held, Int.random(in: 0..<3, using: &dice) == 0 {
            let selection = try HeldSelection(
                item.number, in: laptop.replica, followsReferences: false, goesBack: false)
            for part in selection.parts { forget(part.changes) }
            _ = try laptop.replica.withdraw(item.number)
            return
        }
        do {
            let selection = try HeldSelection(item.number, in: laptop.replica, followsReferences: false, goesBack: true)
            let records = Set(selection.parts.flatMap(\.changes).map(\.record))
            let before = try Dictionary(
                uniqueKeysWithValues: records.map { ($0, try laptop.replica.record(table: Notebook.book, id: $0)) })
            let group = Int64(clamping: try laptop.replica.resend(item.number).number)
            let changes = try laptop.replica.outbox.entries(in: group...group).map {
                try laptop.replica.content(of: $0)
            }
            // What came back is written anew, over whatever is there now.
            for change in changes {
                for field in change.fields {
                    let place = Place(record: change.record, field: field.field)
                    rewritten.insert("\(field.value)")
                    guard let state = before[change.record] ?? nil else { continue }
                    let current = "\(state.field(field.field).value)"
                    let seen = (written[place]?[current] ?? []).union([current]).subtracting(["\(field.value)"])
                    written[place]?["\(field.value)"]?.formUnion(seen)
                }
            }
        } catch ReplicaError.nothingToSend, ReplicaError.heldNotHere {
            // Later work says it already.
        }
    }

    private mutating func forget(_ changes: [Change]) {
        for change in changes { for field in change.fields { gone.insert("\(field.value)") } }
    }

    // MARK: Sync

    private mutating func sync(_ laptop: HeldFixture.Laptop, isLossy: Bool = true) throws {
        field.office.now += Int64.random(in: 0...2_000, using: &dice)
        let session = SyncSession(
            replica: laptop.replica, limitCount: isLossy ? Int.random(in: 1...5, using: &dice) : 100,
            pageBytes: isLossy ? Int.random(in: 100...900, using: &dice) : 100_000)
        var lostDice = dice
        defer { dice = lostDice }
        let field = field
        do {
            let summary = try session.run { request in
                func isUnlucky(_ sides: Int) -> Bool { isLossy && Int.random(in: 0..<sides, using: &lostDice) == 0 }
                if isUnlucky(6) { throw HeldFixture.Lost() }
                let isHeld = isUnlucky(4)
                var reply = try field.deliver(request, from: laptop, isHeld: isHeld)
                if isUnlucky(6) { reply = try field.deliver(request, from: laptop, isHeld: isHeld) }
                if isUnlucky(6) { throw HeldFixture.Lost() }
                return reply
            }
            #expect(summary.matches, "digests of laptop \(laptop.number)")
        } catch is HeldFixture.Lost {
            // Lost on the way, as it is meant to be.
        }
    }

    mutating func settle() throws {
        for laptop in laptops { try sync(laptop, isLossy: false) }
        // In the end the office accepts what can be accepted, in order, and discards the rest.
        for group in try field.office.hub.quarantine().sorted(by: { ($0.device, $0.number) < ($1.device, $1.number) }) {
            guard try field.office.store.quarantined(id: group.id) != nil else { continue }
            let isAcceptable = try field.office.hub.obstacle(toAccepting: group.id) == nil
            let contents = try field.office.hub.heldTogether(with: group.id).map {
                try field.office.hub.quarantineGroup($0.id)
            }
            try field.office.store.transaction {
                _ =
                    try isAcceptable
                    ? field.office.hub.acceptHeld(group.id, why: nil) : field.office.hub.discardHeld(group.id, why: nil)
            }
            if !isAcceptable { contents.forEach { forget($0.changes) } }
        }
        for _ in 0..<3 { for laptop in laptops { try sync(laptop, isLossy: false) } }
    }

    // MARK: Promises

    func problems() throws -> [String] {
        var problems: [String] = []
        if try !field.office.hub.quarantine().isEmpty { problems.append("G6: something is held for ever") }
        for laptop in laptops {
            if try laptop.replica.unsentCount > 0 { problems.append("stuck: an outbox does not empty") }
            if try !laptop.replica.heldLog.withdrawals().isEmpty { problems.append("a withdrawal is never confirmed") }
            if try !field.isSound(laptop) {
                problems.append("a digest that is kept differs from one that is worked out")
            }
            for id in Set(written.keys.map(\.record)) { try compare(id, on: laptop, &problems) }
        }
        let conflicts = try field.office.hub.conflicts(openOnly: false)
        for (place, values) in written {
            guard let state = try field.office.hub.record(table: Notebook.book, id: place.record) else { continue }
            check(place, values, current: "\(state.field(place.field).value)", conflicts, &problems)
        }
        return problems
    }

    private func compare(_ id: RecordID, on laptop: HeldFixture.Laptop, _ problems: inout [String]) throws {
        let own = try laptop.replica.record(table: Notebook.book, id: id)
        let all = try field.office.hub.record(table: Notebook.book, id: id)
        guard let own, let all else {
            if own != nil || all != nil {
                problems.append("G3: a record is on one side alone, laptop \(laptop.number)")
            }
            return
        }
        let isSame =
            own.fields.map(\.stamp) == all.fields.map(\.stamp) && own.fields.map(\.value) == all.fields.map(\.value)
        if !isSame || own.isLiving != all.isLiving {
            problems.append("G3: laptop \(laptop.number) differs from the hub")
        }
    }

    /// Whether a value never came into force, itself or what its own writer joined it to.
    private func isGone(_ value: String, _ values: [String: Set<String>]) -> Bool {
        gone.contains(value) || gone.contains { values[$0]?.contains(value) == true }
    }

    private func check(
        _ place: Place, _ values: [String: Set<String>], current: String, _ conflicts: [Conflict],
        _ problems: inout [String]
    ) {
        for (value, seen) in values
        where seen.contains(current) && !isGone(value, values) && !rewritten.contains(current) {
            problems.append("G5: \(current) beat \(value), whose writer had seen it")
        }
        var logged: Set<String> = []
        for conflict in conflicts where conflict.record == place.record && conflict.field == place.field {
            let sides = [conflict.a.value, conflict.b.value].compactMap { $0.map { "\($0)" } }
            logged.formUnion(sides)
            guard sides.count == 2, rewritten.isDisjoint(with: sides) else { continue }
            if values[sides[0]]?.contains(sides[1]) == true || values[sides[1]]?.contains(sides[0]) == true {
                problems.append("exactness: a conflict between \(sides), of which one writer had seen the other")
            }
        }
        // Who sent a value again has seen what was there.
        if rewritten.contains(current) { return }
        for value in values.keys where value != current && !logged.contains(value) && !gone.contains(value) {
            if !values.values.contains(where: { $0.contains(value) }) {
                problems.append("G2: \(value) lost, nobody had seen it, and no conflict names it")
            }
        }
    }
}
