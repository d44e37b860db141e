import Cryptography
import Database
import KithClient
import OutreachModel
import SyncCore
import SyncReplica

/// What went wrong with fixed work, which must always do the same.
struct BudgetError: Error {
    let reason: String
}

/// A visit as the benchmark's workload has it.
enum FixedVisit {
    static let team = 2
    static let milliseconds: Int64 = 1_795_357_800_000

    static func id(_ number: Int) -> RecordID {
        RecordID(milliseconds: milliseconds, random: (UInt64(number) &* 0x9E37_79B9_7F4A_7C15, UInt64(number)))
    }

    /// Eight fields by ascending number.
    static func values(_ word: Int) -> [(field: Int, value: Value)] {
        [
            (VisitField.started.rawValue, .text("2026-11-22T14:30:00.\(100 + word % 800)Z")),
            (VisitField.ended.rawValue, .text("2026-11-22T15:45:00.\(100 + word % 800)Z")),
            (VisitField.kind.rawValue, .text("training \(word)")), (VisitField.purpose.rawValue, .text("site-\(word)")),
            (
                VisitField.summary.rawValue,
                .text(
                    "Talked about the roof, the bus and a letter with someone new; agreed to meet again on the way back, "
                        + "as before, round \(word)")
            ),
            (VisitField.reflection.rawValue, .text("w-\(word)")),
            (VisitField.outcomeOther.rawValue, .text("moved to day \(word)")),
            (VisitField.headcount.rawValue, .integer(Int64(word))),
        ]
    }
}

/// Two edits of one record with eight fields, of which the second had not seen the first: eight values that follow and
/// eight conflicts.
struct FixedMerge {
    /// Versions that are no longer current.
    private struct History: VersionHistory {
        var kept: [FieldState] = []

        func version(field: Int, stamp: Stamp) -> FieldState? {
            kept.first { $0.number == field && $0.stamp == stamp }
        }

        func versions(field: Int) -> [FieldState] { kept.filter { $0.number == field } }
        func decided(field: Int) -> [(by: Stamp, sides: [Stamp])] { [] }
        func sides(ofConflict id: UInt128) -> [Stamp] { [] }
    }

    private let merge = RecordMerge(
        table: OutreachSchema.current.table(OutreachSchema.Number.visit), hash: Hash128(BLAKE2b.hash128))
    private let created = Stamp(time: StampTime.packed(milliseconds: FixedVisit.milliseconds), device: 2)

    private func change(_ word: Int, device: UInt32, base: Stamp) -> FinalChange {
        let stamp = Stamp(time: created.time + UInt64(word), device: device)
        return FinalChange(
            table: OutreachSchema.Number.visit, record: FixedVisit.id(1), creation: nil,
            fields: FixedVisit.values(word).map {
                FieldState(number: $0.field, value: $0.value, stamp: stamp, base: base)
            }, existence: nil, decisions: [])
    }

    func run(_ steps: Int) throws {
        let fields = FixedVisit.values(0).map { FieldState(number: $0.field, value: $0.value, stamp: created) }
        let state = RecordState(
            table: OutreachSchema.Number.visit, id: FixedVisit.id(1), area: FixedVisit.team, created: created,
            fields: fields)
        let first = change(1, device: 2, base: created)
        let second = change(2, device: 3, base: created)
        for _ in 0..<steps {
            var merged = state
            var history = History()
            let follows = try merge.merge(first, into: &merged, history: history)
            history.kept = follows.superseded
            let meets = try merge.merge(second, into: &merged, history: history)
            guard follows.conflicts.isEmpty, meets.conflicts.count == fields.count else {
                throw BudgetError(reason: "The merge gave \(meets.conflicts.count) conflicts.")
            }
        }
    }
}

/// A request with a hundred new visits, read from its bytes.
struct FixedDecode {
    private static let visitCount = 100

    func run(_ steps: Int) throws {
        let time = StampTime.packed(milliseconds: FixedVisit.milliseconds)
        let groups = (1...Self.visitCount).map { number in
            let fields = FixedVisit.values(number).map {
                FieldChange(field: $0.field, value: $0.value, time: time + UInt64(number), base: .none)
            }
            let change = Change(
                table: OutreachSchema.Number.visit, record: FixedVisit.id(number),
                creation: Creation(area: FixedVisit.team, time: time + UInt64(number)), fields: fields)
            return ChangeGroup(number: UInt64(number), changes: [change])
        }
        let request = SyncRequest(
            schemaVersion: OutreachSchema.current.version, epoch: [UInt8](repeating: 7, count: 16),
            clockMilliseconds: FixedVisit.milliseconds, lowestOwnGroup: 1, directoryVersion: 1,
            cursors: [Cursor(area: 1, sequence: 5, mark: 6)], groups: groups)
        let bytes = request.encoded()
        for _ in 0..<steps {
            guard try SyncRequest(decoding: bytes).groups.count == Self.visitCount else {
                throw BudgetError(reason: "The request was not read whole.")
            }
        }
    }
}

/// A laptop that has joined an office which is never asked.
struct FixedLaptop {
    private let laptop: Laptop

    init(folder: String) throws {
        laptop = try Laptop(
            home: HomeFolder(path: folder), creating: true, clock: { FixedVisit.milliseconds })
        let areas = [
            Directory.Area(number: 1, name: "everyone", canRead: true, canWrite: true, twinOf: nil),
            Directory.Area(number: FixedVisit.team, name: "main", canRead: true, canWrite: true, twinOf: nil),
        ]
        let directory = Directory(
            version: 1, role: .worker, person: "Priya",
            devices: [Directory.Device(number: 2, name: "Priya's laptop", person: "Priya")], areas: areas)
        let reply = JoinReply(
            device: 2, token: [UInt8](repeating: 1, count: 32), epoch: [UInt8](repeating: 7, count: 16),
            directory: directory)
        let address = ServerAddress(host: "127.0.0.1", port: 1, pin: [UInt8](repeating: 2, count: 32))
        try laptop.install(reply, address: address)
    }

    /// Saves visits, each in a transaction of its own.
    func add(_ steps: Int) throws {
        for number in 0..<steps {
            try laptop.replica.write { work in
                _ = try work.create(
                    table: OutreachSchema.Number.visit, area: FixedVisit.team, values: FixedVisit.values(number),
                    id: FixedVisit.id(number))
            }
        }
    }

    func addPlace() throws {
        try laptop.replica.write { work in
            _ = try work.create(
                table: OutreachSchema.Number.place, area: 1,
                values: [
                    (PlaceField.name.rawValue, .text("Castle House")), (PlaceField.kind.rawValue, .text("residential")),
                ])
        }
        try laptop.database.checkpoint(.truncate)
    }
}
