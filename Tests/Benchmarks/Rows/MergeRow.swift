import Cryptography
import Database
import Foundation
import KithClient
import OutreachModel
import SyncCore
import SyncHub

/// P6 and P7: the server's merge on its real tables, in process and on one thread: taking a group apart, looking up,
/// merging, keeping what was replaced, feed and digest, and the commit.
final class MergeRow: BenchmarkRow {
    private static let (recordCount, changeCount, transactionCount) = (100_000, 1_000, 10)
    /// Every so many changes one was made without having seen the value that it meets.
    private static let conflictDistance = 100
    private static let fields: [VisitField] = [
        .started, .ended, .kind, .purpose, .summary, .reflection, .outcomeOther, .headcount,
    ]
    private static let fewFields: [VisitField] = [.summary, .headcount]

    let name = "P6 P7"
    private var many = Finding(
        "P6", "merge, 8 fields a record, 1,000 changes a transaction, 1 % conflicts: field changes", unit: "/s",
        target: .atLeast(250_000))
    private var manyShare = Finding(
        "P6", "the same against SELECT, UPDATE and INSERT in C", unit: "/s", target: .atLeastFloor(0.85))
    private var few = Finding(
        "P7", "merge, 2 fields of random records: field changes", unit: "/s", target: .atLeast(100_000))
    private var fewShare = Finding("P7", "the same against C", unit: "/s")
    private var office: MergingOffice?

    var findings: [Finding] { [many, manyShare, few, fewShare] }

    func prepare(_ stage: Stage) throws {
        let count = stage.settings.isQuick ? 10_000 : Self.recordCount
        let office = try MergingOffice(path: stage.newPath("merge.sqlite"), records: stage.workload.records(count))
        self.office = office
        // Once, so that rows have stamps of their own, as they have after years.
        _ = try merge(office, Self.fields, round: 0, isRandom: false)
    }

    func turn(_ number: Int, _ stage: Stage) throws {
        guard let office else { return }
        for (fields, isRandom) in [(Self.fields, false), (Self.fewFields, true)] {
            let changes = Double(fields.count * Self.changeCount * Self.transactionCount)
            let ours = changes / (try merge(office, fields, round: number, isRandom: isRandom) / 1_000)
            let floor = changes / (try floor(office, fields.count, round: number, isRandom: isRandom, stage) / 1_000)
            if isRandom {
                few.ours.add(ours)
                fewShare.ours.add(ours)
                fewShare.plain.add(floor)
            } else {
                many.ours.add(ours)
                manyShare.ours.add(ours)
                manyShare.plain.add(floor)
            }
        }
        let conflicts = try office.database.integer("SELECT count(*) FROM conflict") ?? 0
        many.note = "\(conflicts) conflicts were kept so far in the last turn"
    }

    private func merge(_ office: MergingOffice, _ fields: [VisitField], round: Int, isRandom: Bool) throws -> Double {
        var time = 0.0
        for transaction in 0..<Self.transactionCount {
            let device = transaction % 2
            let indices = (0..<Self.changeCount).map { change in
                isRandom
                    ? office.random.next(below: office.ids.count)
                    : change * (office.ids.count / Self.changeCount) + transaction
            }
            let group = office.group(
                device: device, records: Set(indices).sorted(), fields: fields,
                conflictDistance: isRandom ? nil : Self.conflictDistance, word: round * 100 + transaction)
            time += try office.accept(group, from: device)
        }
        return time
    }

    private func floor(
        _ office: MergingOffice, _ fieldCount: Int, round: Int, isRandom: Bool, _ stage: Stage
    ) throws -> Double {
        try office.database.checkpoint(.truncate)
        let copy = stage.newPath("merge-floor.sqlite")
        try FileManager.default.copyItem(atPath: office.database.path, toPath: copy)
        stage.settle()
        let time = try stage.plainFloor([
            "merge", "\(Self.transactionCount)", "\(Self.changeCount)", "\(fieldCount)", "\(round)",
            isRandom ? "random" : "spread", copy,
        ])
        try stage.removeDatabase(copy)
        return time
    }
}

/// A server's database in this process, with two devices that change its records in turns.
final class MergingOffice {
    let database: Database
    let ids: [RecordID]
    var random = SeededNumbers(state: 7)
    private let store: SQLiteHubStore
    private let hub: Hub
    private var devices: [UInt32] = []
    private var numbers: [UInt64] = [0, 0]
    private var time = StampTime.packed(milliseconds: LiveLaptop.now())
    /// Who wrote each field of a record last.
    private var stamps: [[Int: Stamp]] = []
    private let team: Int

    init(path: String, records: [WorkRecord]) throws {
        database = try Database(path: path, mode: .readWrite(create: true), applicationID: Laptop.applicationID)
        let store = SQLiteHubStore(database: database, schema: OutreachSchema.current)
        var generator = SeededNumbers(state: 11)
        let random: () -> UInt64 = { UInt64(generator.next(below: .max)) }
        try store.widenCache()
        try Hub.create(in: store, areas: ["main"], random: random)
        hub = try Hub(
            store: store, schema: OutreachSchema.current, hash: Hash128(BLAKE2b.hash128),
            tablesInEveryone: OutreachSchema.tablesInEveryone, clock: LiveLaptop.now, random: random)
        self.store = store
        ids = records.map(\.id)
        team = try hub.areas().first { $0.name == "main" }?.number ?? 0
        for number in 0..<2 {
            let secret = BLAKE2b.hash256([UInt8(number)])
            try hub.invite(
                person: "Worker \(number)", role: .worker, areas: [team], expires: .max, secretHash: secret)
            devices.append(try hub.join(secretHash: secret, deviceName: "laptop \(number)", tokenHash: secret))
        }
        for first in stride(from: 0, to: records.count, by: ChangeGroup.largestCount) {
            let batch = records[first..<min(first + ChangeGroup.largestCount, records.count)]
            _ = try accept(creation(of: batch), from: 0)
        }
    }

    private func creation(of records: ArraySlice<WorkRecord>) -> ChangeGroup {
        time += 1
        numbers[0] += 1
        let stamp = Stamp(time: time, device: devices[0])
        let changes = records.map { record in
            stamps.append(Dictionary(uniqueKeysWithValues: record.values.map { ($0.field, stamp) }))
            return Change(
                table: OutreachSchema.Number.visit, record: record.id, creation: Creation(area: team, time: time),
                fields: record.values.map { FieldChange(field: $0.field, value: $0.value, time: time, base: .none) })
        }
        return ChangeGroup(number: numbers[0], changes: changes)
    }

    /// A group that changes fields of records.
    ///
    /// - Parameter conflictDistance: every so many records one whose writer had seen none of the values.
    func group(
        device: Int, records: [Int], fields: [VisitField], conflictDistance: Int?, word: Int
    ) -> ChangeGroup {
        time = max(time + 1, StampTime.packed(milliseconds: LiveLaptop.now()))
        numbers[device] += 1
        let stamp = Stamp(time: time, device: devices[device])
        let changes = records.enumerated().map { place, record in
            let isBlind = conflictDistance.map { place % $0 == 0 } ?? false
            let changed = fields.map { field in
                let base = isBlind ? nil : stamps[record][field.rawValue]
                stamps[record][field.rawValue] = stamp
                return FieldChange(
                    field: field.rawValue, value: Self.value(field, record, word), time: time,
                    base: base.map { .stamp($0) } ?? .none)
            }
            return Change(table: OutreachSchema.Number.visit, record: ids[record], fields: changed)
        }
        return ChangeGroup(number: numbers[device], changes: changes)
    }

    private static func value(_ field: VisitField, _ record: Int, _ word: Int) -> Value {
        switch field {
        case .headcount: .integer(Int64(word + record % 40))
        case .summary:
            .text(
                "Talked about the roof, the bus and a letter with someone new; agreed to meet again on the way back, round "
                    + "\(word), visit \(record)")
        default: .text("round \(word), visit \(record)")
        }
    }

    /// Takes one group in a transaction of its own, as the server's writer does; returns the milliseconds.
    func accept(_ group: ChangeGroup, from device: Int) throws -> Double {
        let number = devices[device]
        var acceptance: Acceptance?
        let time = try Stopwatch.milliseconds {
            let readings = hub.read([group], from: number)
            try store.transaction {
                acceptance = try hub.accept(
                    [group], from: number, deviceClock: LiveLaptop.now(), readings: readings)
            }
        }
        try database.foldWhenLong(limitBytes: 8 << 20, keptBytes: 64 << 20)
        guard let acceptance, acceptance.receipt == group.number, acceptance.held.isEmpty,
            !acceptance.isClockCorrected
        else { throw ChildProcess.Failure(description: "The hub did not take group \(group.number) as it was.") }
        return time
    }
}
