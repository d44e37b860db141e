import Cryptography
import Database
import RecordStorage
import SyncCore

@testable import SyncHub

/// A model of two tables that has nothing to do with the product: the engine is given it as a value.
enum Notebook {
    static let book = 1
    static let page = 2
    static let title = 1
    static let count = 2
    static let sealed = 3

    static let schema = Schema(
        version: 1,
        tables: [
            Table(
                book, "book",
                [
                    Field(title, "title"), Field(count, "count", .integer),
                    Field(sealed, "sealed", .integer, policy: .mostRestrictive([.integer(1)])),
                ]),
            Table(page, "page", [Field(1, "words"), Field(2, "weight", .real), Field(3, "picture", .blob)]),
        ])

    static let hash = Hash128 { BLAKE2b.hash128($0) }
    static let applicationID: Int32 = 0x6B74

    static func database(path: String = Database.memoryPath) throws -> Database {
        try Database(path: path, mode: .readWrite(create: true), applicationID: applicationID)
    }

    static func id(_ number: UInt64) -> RecordID { RecordID(milliseconds: 1_000, random: (number, number)) }
}

/// A repeatable source of bits (SplitMix64; Steele, Lea, Flood 2014).
struct Dice: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var bits = state
        bits = (bits ^ bits >> 30) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ bits >> 27) &* 0x94D0_49BB_1331_11EB
        return bits ^ bits >> 31
    }
}

/// A hub over an empty database in memory, with a clock that only the test moves.
final class Office {
    static let start: Int64 = 1_700_000_000_000
    static let main = 2
    static let mainRestricted = 3
    static let south = 4
    static let southRestricted = 5

    private(set) var hub: Hub
    private(set) var store: SQLiteHubStore
    private let database: Database
    private let roll: () -> UInt64
    private let tablesInEveryone: Set<Int>
    private(set) var numbers: [UInt32: UInt64] = [:]
    private final class Time { var now = Office.start }
    private let time = Time()

    var now: Int64 {
        get { time.now }
        set { time.now = newValue }
    }

    init(
        tablesInEveryone: Set<Int> = [], database: Database? = nil, schema: Schema = Notebook.schema,
        seed: UInt64 = 1, signer: OfficeSigner? = nil
    ) throws {
        self.database = try database ?? Notebook.database()
        self.tablesInEveryone = tablesInEveryone
        store = SQLiteHubStore(database: self.database, schema: schema)
        let dice = DiceBox(seed: seed)
        roll = dice.roll
        try Hub.create(in: store, areas: ["main", "south"], random: dice.roll)
        let time = time
        hub = try Hub(
            store: store, schema: schema, hash: Notebook.hash, tablesInEveryone: tablesInEveryone,
            signer: signer, clock: { time.now }, random: dice.roll)
    }

    /// Opens the same file with another version of the tables, as the next version of the program does.
    func upgrade(to schema: Schema) throws {
        store = SQLiteHubStore(database: database, schema: schema)
        try store.transaction { try store.createTables() }
        let time = time
        hub = try Hub(
            store: store, schema: schema, hash: Notebook.hash, tablesInEveryone: tablesInEveryone,
            clock: { time.now }, random: roll)
    }

    /// The signer of a key that is made from a repeated byte.
    static func signer(seed: UInt8) throws -> OfficeSigner {
        let key = try OfficeKey(seed: [UInt8](repeating: seed, count: OfficeKey.seedLength))
        return OfficeSigner(publicKey: key.publicKey) { key.sign($0) }
    }

    private final class DiceBox {
        private var dice: Dice
        init(seed: UInt64) { dice = Dice(seed: seed) }
        func roll() -> UInt64 { dice.next() }
    }

    /// Invites a person and joins a device; the token's hash is the device's name.
    func join(_ name: String, role: Role = .worker, areas: Set<Int> = [Office.main]) throws -> UInt32 {
        let secret = Array("secret of \(name)".utf8)
        try hub.invite(person: name, role: role, areas: areas, expires: now + 1_000, secretHash: secret)
        return try hub.join(secretHash: secret, deviceName: "laptop of \(name)", tokenHash: Array(name.utf8))
    }

    /// Pushes groups as they are.
    @discardableResult
    func push(_ groups: [ChangeGroup], from device: UInt32, clock: Int64? = nil) throws -> Acceptance {
        for group in groups { numbers[device] = max(numbers[device] ?? 0, group.number) }
        return try store.transaction { try hub.accept(groups, from: device, deviceClock: clock ?? now) }
    }

    /// Pushes one group with the device's next number.
    @discardableResult
    func push(_ changes: Change..., from device: UInt32, clock: Int64? = nil) throws -> Acceptance {
        try push([ChangeGroup(number: (numbers[device] ?? 0) + 1, changes: changes)], from: device, clock: clock)
    }

    func reply(
        to device: UInt32, cursors: [Cursor] = [], lowestOwnGroup: UInt64 = .max, pageBytes: Int = 1 << 18,
        epoch: [UInt8] = [], acceptance: Acceptance? = nil
    ) throws -> SyncReply {
        let request = SyncRequest(
            schemaVersion: 1, epoch: epoch, clockMilliseconds: now, lowestOwnGroup: lowestOwnGroup,
            directoryVersion: try store.counter(.directoryVersion), pageBytes: pageBytes, cursors: cursors, groups: [])
        return try hub.reply(to: request, device: device, acceptance: acceptance)
    }

    /// The digest of an area, worked out from its rows.
    func recomputedDigest(area: Int) throws -> UInt128 {
        var sum: UInt128 = 0
        for table in [Notebook.book, Notebook.page] {
            try store.tables.forEach(table: table, where: "area = ?1", integers: [Int64(area)]) { _, state in
                sum &+= hub.digestHash(of: state)
                return true
            }
        }
        return sum
    }

    func value(_ id: RecordID, _ field: Int = Notebook.title) throws -> Value? {
        try hub.record(table: Notebook.book, id: id)?.field(field).value
    }
}

/// The packed time of some milliseconds after the office's start.
func at(_ milliseconds: Int64) -> UInt64 { StampTime.packed(milliseconds: Office.start + milliseconds) }

func stamp(_ milliseconds: Int64, _ device: UInt32) -> Stamp { Stamp(time: at(milliseconds), device: device) }

/// The change that makes a book.
func make(
    _ id: RecordID, area: Int = Office.main, table: Int = Notebook.book, _ values: [Int: Value], at time: UInt64
) -> Change {
    let fields = values.sorted { $0.key < $1.key }.map {
        FieldChange(field: $0.key, value: $0.value, time: time, base: .none)
    }
    return Change(table: table, record: id, creation: Creation(area: area, time: time), fields: fields)
}

/// The change of one field.
func edit(
    _ id: RecordID, _ field: Int, _ value: Value, at time: UInt64, base: Base, decisions: [Decision] = []
) -> Change {
    Change(
        table: Notebook.book, record: id, fields: [FieldChange(field: field, value: value, time: time, base: base)],
        decisions: decisions)
}

/// The change of a book's title.
func edit(_ id: RecordID, _ value: Value, at time: UInt64, base: Base, decisions: [Decision] = []) -> Change {
    edit(id, Notebook.title, value, at: time, base: base, decisions: decisions)
}

func erase(_ id: RecordID, at time: UInt64, base: Base = .none, seen: [Int: Base]) -> Change {
    let seen = seen.sorted { $0.key < $1.key }.map { ExistenceChange.Seen(field: $0.key, base: $0.value) }
    return Change(
        table: Notebook.book, record: id, fields: [],
        existence: ExistenceChange(isAlive: false, time: time, base: base, seen: seen))
}
