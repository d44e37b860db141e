import Cryptography
import Database
import SyncCore
import SyncReplica
import Testing

@testable import SyncHub

/// The real hub and real replicas under random work, lost and repeated messages and wrong clocks; every message goes
/// through the codecs. The promises are checked as `merge_model.py` checks the rules.
@Suite("Replicas and hub together")
struct ReplicaConvergenceTests {
    @Test("G2 G3 G4 G5: at rest all agree, nothing seen wins, and each loser is in the log", arguments: 0..<120)
    func convergence(seed: Int) throws {
        var world = try World(seed: UInt64(seed))
        for _ in 0..<90 { try world.step() }
        try world.settle()
        #expect(try world.problems() == [], "seed \(seed)")
    }
}

/// One office, two to four laptops, and a record of who had seen what.
private struct World {
    private struct Lost: Error {}

    /// One value somewhere: a record's field.
    private struct Place: Hashable {
        let record: RecordID
        let field: Int
    }

    private final class Laptop {
        let number: UInt32
        let replica: Replica
        let error: Int64

        init(number: UInt32, replica: Replica, error: Int64) {
            self.number = number
            self.replica = replica
            self.error = error
        }
    }

    private var dice: Dice
    private let office: Office
    private var laptops: [Laptop] = []
    private var records: [RecordID] = []
    private var count = 0
    /// Every value that was ever written in a place, and what its writer had seen there.
    private var written: [Place: [String: Set<String>]] = [:]

    init(seed: UInt64) throws {
        dice = Dice(seed: seed &* 7_919 &+ 1)
        office = try Office(seed: seed)
        let errors: [Int64] = [0, 0, 500, -500, 90_000, 1_000_000_000, -1_000_000_000, 300_000_000_000]
        for index in 1...Int.random(in: 2...4, using: &dice) {
            let secret = [UInt8](repeating: UInt8(index), count: 16)
            try office.hub.invite(
                person: "person \(index)", role: .admin, areas: [Office.main], expires: .max, secretHash: secret)
            let number = try office.hub.join(secretHash: secret, deviceName: "laptop \(index)", tokenHash: secret)
            let error = errors.randomElement(using: &dice) ?? 0
            let office = office
            var own = Dice(seed: seed &* 31 &+ UInt64(index))
            let replica = Replica(
                database: try Notebook.database(), schema: Notebook.schema, hash: Notebook.hash,
                clock: { office.now + error }, random: { own.next() })
            try replica.createTables()
            try replica.install(
                JoinReply(
                    device: number, token: [], epoch: office.hub.epoch, directory: try office.hub.directory(for: number)
                ))
            laptops.append(Laptop(number: number, replica: replica, error: error))
        }
    }

    // MARK: Work

    mutating func step() throws {
        office.now += Int64.random(in: 1...50_000, using: &dice)
        guard let laptop = laptops.randomElement(using: &dice) else { return }
        if Int.random(in: 0..<10, using: &dice) < 6 { try work(on: laptop) } else { try sync(laptop, isLossy: true) }
    }

    private mutating func work(on laptop: Laptop) throws {
        guard records.count >= 3 || Int.random(in: 0..<3, using: &dice) > 0,
            let id = records.randomElement(using: &dice),
            let state = try laptop.replica.record(table: Notebook.book, id: id)
        else { return try create(on: laptop) }
        let choice = Int.random(in: 0..<20, using: &dice)
        if !state.isLiving {
            if choice < 10 { try laptop.replica.write { try $0.restore(table: Notebook.book, record: id) } }
        } else if choice == 0 {
            try laptop.replica.write { try $0.delete(table: Notebook.book, record: id) }
        } else {
            let field = choice < 12 ? Notebook.title : Notebook.count
            let old = Self.word(state.field(field).value)
            count += 1
            let value = field == Notebook.title ? Value.text("v\(count)") : .integer(Int64(count))
            note(Self.word(value), at: Place(record: id, field: field), after: old)
            try laptop.replica.write { work in
                try work.edit(table: Notebook.book, record: id, values: [(field, value)])
            }
        }
    }

    private mutating func create(on laptop: Laptop) throws {
        guard records.count < 3 else { return }
        count += 1
        let value = Value.text("v\(count)")
        let id = try laptop.replica.write { work in
            try work.create(table: Notebook.book, area: Office.main, values: [(Notebook.title, value)])
        }
        records.append(id)
        note(Self.word(value), at: Place(record: id, field: Notebook.title), after: nil)
    }

    private mutating func note(_ value: String, at place: Place, after old: String?) {
        var seen: Set<String> = []
        if let old, let before = written[place]?[old] { seen = before.union([old]) }
        written[place, default: [:]][value] = seen
    }

    private static func word(_ value: Value) -> String { "\(value)" }

    // MARK: Sync

    private mutating func sync(_ laptop: Laptop, isLossy: Bool) throws {
        office.now += Int64.random(in: 0...2_000, using: &dice)
        let limitCount = isLossy ? Int.random(in: 1...6, using: &dice) : 100
        let pageBytes = isLossy ? Int.random(in: 100...900, using: &dice) : 100_000
        let session = SyncSession(replica: laptop.replica, limitCount: limitCount, pageBytes: pageBytes)
        var lostDice = dice
        defer { dice = lostDice }
        let office = office
        do {
            let summary = try session.run { request in
                if isLossy, Int.random(in: 0..<6, using: &lostDice) == 0 { throw Lost() }
                let bytes = request.encoded()
                var reply = try Self.deliver(bytes, from: laptop.number, to: office)
                if isLossy, Int.random(in: 0..<6, using: &lostDice) == 0 {
                    reply = try Self.deliver(bytes, from: laptop.number, to: office)
                }
                if isLossy, Int.random(in: 0..<6, using: &lostDice) == 0 { throw Lost() }
                return reply
            }
            #expect(summary.matches, "digests of laptop \(laptop.number)")
            #expect(summary.repairs.isEmpty, "a repair of laptop \(laptop.number) hides a fault")
        } catch is Lost {
            // Lost on the way, as it is meant to be.
        }
    }

    private static func deliver(_ bytes: [UInt8], from device: UInt32, to office: Office) throws -> SyncReply {
        let request = try SyncRequest(decoding: bytes)
        let acceptance = try office.store.transaction { try office.hub.accept(request, from: device) }
        return try SyncReply(
            decoding: office.hub.reply(to: request, device: device, acceptance: acceptance).encoded())
    }

    mutating func settle() throws {
        for _ in 0..<3 { for laptop in laptops { try sync(laptop, isLossy: false) } }
    }

    // MARK: Promises

    func problems() throws -> [String] {
        var problems: [String] = []
        for laptop in laptops {
            if try laptop.replica.unsentCount > 0 { problems.append("stuck: an outbox does not empty") }
            if try laptop.replica.recomputeDigests() != laptop.replica.digests() {
                problems.append("a digest that is kept differs from one that is worked out")
            }
            for id in records { try compare(id, on: laptop, problems: &problems) }
        }
        if try !office.hub.areasWithWrongDigest().isEmpty { problems.append("the hub's digest is wrong") }
        let conflicts = try office.hub.conflicts(openOnly: false)
        for (place, values) in written {
            guard let state = try office.hub.record(table: Notebook.book, id: place.record) else {
                problems.append("G1: a record is missing")
                continue
            }
            check(place, values, current: Self.word(state.field(place.field).value), conflicts, &problems)
        }
        return problems
    }

    private func compare(_ id: RecordID, on laptop: Laptop, problems: inout [String]) throws {
        let own = try laptop.replica.record(table: Notebook.book, id: id)
        guard let all = try office.hub.record(table: Notebook.book, id: id), let own else {
            problems.append("G3: a record is missing on laptop \(laptop.number)")
            return
        }
        let sameFields =
            own.fields.map { [$0.number] + $0.stamp.words } == all.fields.map { [$0.number] + $0.stamp.words }
        if !sameFields || own.fields.map(\.value) != all.fields.map(\.value) || own.isLiving != all.isLiving {
            problems.append("G3: laptop \(laptop.number) differs from the hub")
        }
    }

    private func check(
        _ place: Place, _ values: [String: Set<String>], current: String, _ conflicts: [Conflict],
        _ problems: inout [String]
    ) {
        for (value, seen) in values where seen.contains(current) {
            problems.append("G5: \(current) beat \(value), whose writer had seen it")
        }
        let here = conflicts.filter { $0.record == place.record && $0.field == place.field }
        var logged: Set<String> = []
        for conflict in here {
            let sides = [conflict.a.value, conflict.b.value].compactMap { $0.map(Self.word) }
            logged.formUnion(sides)
            guard sides.count == 2 else { continue }
            if values[sides[0]]?.contains(sides[1]) == true || values[sides[1]]?.contains(sides[0]) == true {
                problems.append("exactness: a conflict between values of which one had seen the other")
            }
        }
        for value in values.keys where value != current && !logged.contains(value) {
            if !values.values.contains(where: { $0.contains(value) }) {
                problems.append("G2: \(value) lost, nobody had seen it, and no conflict names it")
            }
        }
    }
}

extension Stamp {
    fileprivate var words: [Int] { [Int(truncatingIfNeeded: time), Int(device)] }
}
