import SyncCore
import SyncHub

/// A shipped server with the records of the model's worlds, and what it holds in the model's words.
final class AgreementOffice {
    /// What differs between model and engine.
    struct Difference: Error {
        let text: String
    }

    /// The model's worlds begin at 10^12 ms; its clocks are wrong by less than this is before it.
    static let setUp: Int64 = 900_000_000_000
    static let records = 1...3

    let server: SimulatedServer
    /// The true time, in milliseconds since 1970.
    var now: Int64 {
        get { time.now }
        set { time.now = max(time.now, newValue) }
    }

    private let boss: UInt32
    private let time: Time

    private final class Time { var now = AgreementOffice.setUp }

    init(_ world: ModelWorld, on stage: Stage) throws {
        let time = Time()
        self.time = time
        server = try stage.makeServer(
            schema: Ledger.old, keys: .pretended, clock: { time.now }, dice: Dice(Dice.mix(UInt64(world.seed))))
        boss = UInt32(world.deviceCount + 1)
        for number in 1..<boss { try join(number, role: .worker) }
        try join(boss, role: .admin)
        let changes = Self.records.map {
            Change(
                table: Ledger.book, record: Self.id($0),
                creation: Creation(area: Ledger.main, time: StampTime.packed(milliseconds: Self.setUp)), fields: [])
        }
        _ = try server.store.transaction {
            try server.hub.accept([ChangeGroup(number: 1, changes: changes)], from: boss, deviceClock: time.now)
        }
    }

    private func join(_ number: UInt32, role: Role) throws {
        let token = SimulatedServer.token(number)
        try server.hub.invite(
            person: "person \(number)", role: role, areas: [Ledger.main], expires: .max, secretHash: token)
        let given = try server.hub.join(secretHash: token, deviceName: "laptop \(number)", tokenHash: token)
        precondition(given == number, "devices are numbered as they join")
    }

    /// The current time for whoever has a clock of their own.
    var clock: () -> Int64 { { [time] in time.now } }

    static func id(_ record: Int) -> RecordID { RecordID(milliseconds: 1, random: (0, UInt64(record))) }

    static func record(_ id: RecordID) -> Int? { records.first { Self.id($0) == id } }

    /// A value of the model as the engine has it: one field is a word, of which some differ in capitals alone, the other
    /// a number.
    static func value(_ number: Int, field: Int) -> Value {
        guard field == Ledger.title, Ledger.fewWords.indices.contains(number) else { return .integer(Int64(number)) }
        return .text(Ledger.fewWords[number])
    }

    static func number(_ value: Value) -> Int? {
        switch value {
        case .text(let text): Ledger.fewWords.firstIndex(of: text)
        case .integer(let number): Int(number)
        default: nil
        }
    }

    /// What gets a group held: a record where no worker may make one.
    static func forbidden(device: UInt32, number: UInt64, time: UInt64) -> Change {
        Change(
            table: Ledger.book, record: forbiddenID(device: device, number: number),
            creation: Creation(area: Ledger.everyone, time: time), fields: [])
    }

    static func forbiddenID(device: UInt32, number: UInt64) -> RecordID {
        RecordID(milliseconds: 2, random: (UInt64(device), number))
    }

    /// Sends a message as it ships.
    func exchange(_ request: SyncRequest, from device: UInt32) throws -> SyncReply {
        let message = SimulatedServer.Message(bytes: request.encoded(), token: SimulatedServer.token(device))
        guard case .reply(let bytes) = try server.answer(message) else {
            throw Difference(text: "device \(device) is let in by nobody")
        }
        return try SyncReply(decoding: bytes)
    }

    /// Puts a held group into force, as the office's command does.
    func accept(device: UInt32, number: UInt64) throws {
        guard let held = try server.hub.quarantine().first(where: { $0.device == device && $0.number == number })
        else { throw Difference(text: "group \(number) of device \(device) is not held") }
        _ = try server.store.transaction { try server.hub.acceptHeld(held.id, why: nil) }
    }

    // MARK: The end

    /// Compares what the server holds with the end of the model's world.
    func compare(with world: ModelWorld) throws {
        var current: [ModelWorld.Version] = []
        var versions: [ModelWorld.Version] = []
        for number in Self.records {
            let id = Self.id(number)
            guard let state = try server.hub.record(table: Ledger.book, id: id) else { continue }
            guard state.isLiving == world.living[number] else {
                throw Difference(text: "record \(number) \(state.isLiving ? "lives" : "does not live")")
            }
            for version in try server.hub.history(table: Ledger.book, record: id, for: boss)?.versions ?? [] {
                guard let value = Self.number(version.value) else { continue }
                let version = (
                    ModelWorld.Version(record: number, field: version.field, value: value, stamp: version.stamp),
                    version.isCurrent
                )
                versions.append(version.0)
                if version.1 { current.append(version.0) }
            }
        }
        try Self.compare(current, world.current, "in force")
        try Self.compare(versions, world.versions, "in the history")
        let clashes = try clashes()
        try Self.compare(Array(clashes), Array(world.clashes), "in the conflict log")
        if let held = try server.hub.quarantine().first {
            throw Difference(text: "group \(held.number) of device \(held.device) is held in the end")
        }
    }

    static func compare<Item: Hashable & CustomStringConvertible>(
        _ engine: [Item], _ model: [Item], _ place: String
    ) throws {
        if let more = engine.first(where: { !model.contains($0) }) {
            throw Difference(text: "\(place) the engine has \(more), the model has not")
        }
        if let less = model.first(where: { !engine.contains($0) }) {
            throw Difference(text: "\(place) the model has \(less), the engine has not")
        }
        guard engine.count == model.count else { throw Difference(text: "\(place) something stands twice") }
    }

    /// The conflicts of two values; the model has none between an edit and a deletion that had not seen it.
    private func clashes() throws -> [ModelWorld.Clash] {
        var clashes: [ModelWorld.Clash] = []
        for conflict in try server.hub.conflicts(openOnly: false) {
            guard let record = Self.record(conflict.record) else { continue }
            if conflict.field != Field.existence, conflict.deletion != nil { continue }
            guard conflict.status == .open else { throw Difference(text: "a conflict is not open") }
            clashes.append(
                ModelWorld.Clash(
                    record: record, field: conflict.field, earlier: conflict.a.stamp, later: conflict.b.stamp,
                    keepsEarlier: conflict.kept == .a))
        }
        return clashes
    }
}
