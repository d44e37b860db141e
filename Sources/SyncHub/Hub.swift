import SyncCore

/// The server's side of the engine: takes groups from devices, merges them, and answers with what changed.
///
/// One hub belongs to one thread and its store. It knows no table of the application and no network.
package final class Hub {
    /// The number of bytes of the identity of a history.
    package static let epochLength = 16
    /// The most groups that are held of a device once it is revoked; a worker saves some thousands in a year.
    package static let largestDepositCount = 20_000
    /// The most bytes of encoded groups that are held of a device once it is revoked.
    package static let largestDepositBytes = 64 << 20
    /// The person shown for what is done on the server itself.
    package static let officePerson = "office"

    package let schema: Schema
    let store: any HubStore
    let hash: Hash128
    let form: GroupForm
    let tablesInEveryone: Set<Int>
    /// Tables whose records are made in restricted twins alone.
    let restrictedTables: Set<Int>
    /// The hash of a token, as devices are known by it.
    let tokenHash: ([UInt8]) -> [UInt8]
    /// Without a signer nothing is healed, and nothing need be known again.
    let historyKey: HistoryKey?
    let signer: OfficeSigner?
    let clock: () -> Int64
    let random: () -> UInt64
    /// Tells this opening of the store from every other.
    let incarnation: UInt64
    /// Whether an order of erasure was carried out since somebody emptied the write-ahead log, which still holds the
    /// content: who empties it sets this back.
    package var leavesErasedContent = false
    /// How many former versions the merges of one push may read, about: with more the rest of its groups are asked for again,
    /// so that others have their turn.
    package var largestEffort = 200_000
    /// How many former versions the merge of one group may read, about: one that needs more is held for checking.
    package var largestGroupEffort = 1_000_000
    /// How long after a device began a new history by its word alone it can't begin another one so, in milliseconds.
    package var claimPauseMilliseconds: Int64 = 3_600_000
    /// What was added to each feed last. Where that is taken back, the end of the feed is another one and tells so.
    var tallies: [Int: FeedTally] = [:]
    /// How far a device must be behind the end of a feed, in entries, to be sent each record once.
    package var stretchCount = Hub.defaultStretchCount
    /// What lies ahead of devices that are far behind; the last one used at the end.
    var outlooks: [FeedOutlook] = []
    private var merges: [Int: RecordMerge] = [:]
    private let mergeOfUnknown: RecordMerge
    private var scratch: [UInt8] = []

    /// Opens what `create` made.
    ///
    /// - Parameters:
    ///   - hash: the 128-bit hash of digests and of the ids of conflicts.
    ///   - tablesInEveryone: the tables that workers and leads may write in the area `everyone`.
    ///   - signer: the office's key; without one the hub keeps no ledger.
    ///   - tokenHash: the hash of a token; needed to give a copied database an identity of its own.
    ///   - clock: milliseconds since 1970.
    ///   - random: 64 bits that nobody can guess.
    /// - Throws: `HubError.notCreated` where the store holds no server.
    package init(
        store: any HubStore, schema: Schema, hash: Hash128, tablesInEveryone: Set<Int> = [],
        signer: OfficeSigner? = nil, tokenHash: @escaping ([UInt8]) -> [UInt8] = { $0 }, clock: @escaping () -> Int64,
        random: @escaping () -> UInt64
    ) throws {
        guard try store.epoch() != nil else { throw HubError.notCreated }
        self.store = store
        self.schema = schema
        self.hash = hash
        form = GroupForm(schema)
        restrictedTables = Set(schema.tables.filter(\.isRestricted).map(\.number))
        self.tablesInEveryone = tablesInEveryone
        self.signer = signer
        historyKey = try signer.map { try HistoryKey($0, hash: hash) }
        self.tokenHash = tokenHash
        self.clock = clock
        self.random = random
        incarnation = max(1, random() >> 1)
        mergeOfUnknown = RecordMerge(table: nil, hash: hash)
        for table in schema.tables { merges[table.number] = RecordMerge(table: table, hash: hash) }
    }

    /// The identity of this history. It changes where a restore is noticed, also by another process.
    package var epoch: [UInt8] {
        get throws {
            guard let epoch = try store.epoch() else { throw HubError.notCreated }
            return epoch
        }
    }

    /// Begins a new history in an empty store: its identity, the area `everyone`, the given areas, each with its
    /// restricted twin, and the server itself as device 0.
    ///
    /// - Throws: `HubError.alreadyCreated`, `HubError.areaExists`.
    package static func create(in store: any HubStore, areas names: [String], random: () -> UInt64) throws {
        try store.transaction {
            try store.createTables()
            guard try store.epoch() == nil else { throw HubError.alreadyCreated }
            var epoch: [UInt8] = []
            while epoch.count < epochLength { append(random(), to: &epoch) }
            try store.setEpoch(epoch)
            try store.addArea(Area(number: Area.everyone, name: "everyone"))
            for name in names { _ = try addArea(name, to: store) }
            try store.addPerson(officePerson, role: .admin)
            try store.addDevice(
                DeviceRecord(number: DeviceRecord.office, name: "server", person: officePerson, role: .admin),
                tokenHash: nil)
            try store.setCounter(.directoryVersion, 1)
        }
    }

    /// Appends the eight bytes of a number.
    static func append(_ number: UInt64, to bytes: inout [UInt8]) {
        for shift in stride(from: 0, to: 64, by: 8) { bytes.append(UInt8(truncatingIfNeeded: number >> UInt64(shift))) }
    }

    /// Adds an area and its restricted twin; returns the number of the area.
    ///
    /// - Parameter skipped: how many numbers to leave out.
    static func addArea(_ name: String, to store: any HubStore, skipping skipped: Int = 0) throws -> Int {
        let areas = try store.areas()
        let twin = name + Area.twinSuffix
        guard !areas.contains(where: { $0.name == name || $0.name == twin }) else { throw HubError.areaExists }
        let number = 1 + skipped + areas.reduce(0) { max($0, $1.number) }
        try store.addArea(Area(number: number, name: name))
        try store.addArea(Area(number: number + 1, name: twin, twinOf: number))
        return number
    }

    /// The merge for one table.
    func merge(forTable number: Int) -> RecordMerge { merges[number] ?? mergeOfUnknown }

    /// The hash of a record in its area's digest; 0 for a deleted one.
    func digestHash(of record: RecordState) -> UInt128 {
        RecordDigest.hash(of: record, hash: hash, scratch: &scratch)
    }

    /// What a device may do in each area.
    func access(of device: DeviceRecord, areas: [Area]) -> [Int: AreaAccess] {
        var result: [Int: AreaAccess] = [:]
        for area in areas {
            result[area.number] =
                device.isRevoked
                ? .nothing
                : AreaAccess.of(
                    role: device.role, in: area, grants: device.areas, tablesInEveryone: tablesInEveryone)
            if area.twinOf == nil { result[area.number]?.misplacedTables = restrictedTables }
        }
        return result
    }

    /// The device, which must exist.
    func knownDevice(_ number: UInt32) throws -> DeviceRecord {
        guard let device = try store.device(number) else { throw HubError.deviceUnknown(number) }
        return device
    }
}
