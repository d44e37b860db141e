import Database
import SyncCore
import SyncReplica

/// A laptop as it ships, on a disk in memory, with a clock of its own.
final class SimulatedDevice {
    static let path = "laptop.db"

    /// What a prompt or an editor shows.
    struct Shown {
        let table: Int
        let record: RecordID
        let snapshot: RecordSnapshot
        let sightings: [NaiveModel.Place: NaiveModel.Sighting]
    }

    let number: UInt32
    let role: Role
    let disk: SimulatedDisk
    private(set) var schema: Schema
    private var process: (database: Database, replica: Replica)?
    private let office: () -> Int64
    private let dice: Dice
    private let wall: Wall
    private let keys: OfficeKeys

    /// What the clock on this laptop shows less the true time, or the time at which it stands.
    private final class Wall {
        var error: Int64 = 0
        var stoppedAt: Int64?
    }

    /// What the person has before their eyes.
    var shown: Shown?
    /// How many more syncs fail for want of a network.
    var partitionLeft = 0
    /// Requests that may still arrive once more.
    var sent: [[UInt8]] = []
    var isRevoked = false
    /// What each group said when it was sent first; it may never say anything else.
    var groups: [UInt64: [UInt8]] = [:]
    var receipt: UInt64 = 0

    init(
        number: UInt32, role: Role, disk: SimulatedDisk, schema: Schema, keys: OfficeKeys,
        office: @escaping () -> Int64, dice: Dice
    ) throws {
        self.keys = keys
        self.number = number
        self.role = role
        self.disk = disk
        self.schema = schema
        self.office = office
        self.dice = dice
        wall = Wall()
        try restart()
    }

    private var running: (database: Database, replica: Replica) {
        guard let process else { preconditionFailure("the device is off") }
        return process
    }

    var replica: Replica { running.replica }
    var database: Database { running.database }

    private static func open(
        _ disk: SimulatedDisk, _ schema: Schema, _ keys: OfficeKeys, _ clock: @escaping () -> Int64,
        _ dice: Dice
    ) throws -> (Database, Replica) {
        let database = try Database(path: path, fileLayer: disk.name, applicationID: Ledger.applicationID)
        let replica = Replica(
            database: database, schema: schema, hash: SimulatedServer.hash, clock: clock, random: { dice.next() },
            verifier: keys.verifier)
        return (database, replica)
    }

    /// The file of a laptop that has not joined.
    static func newImage(on disk: SimulatedDisk, schema: Schema) throws -> [UInt8] {
        disk.load([])
        let (database, replica) = try open(disk, schema, .pretended, { 0 }, Dice(1))
        try replica.createTables()
        try database.checkpoint(.truncate)
        return disk.image
    }

    /// What the clock shows.
    var clock: Int64 { wall.stoppedAt ?? office() &+ wall.error }

    func setClock(error: Int64) { (wall.error, wall.stoppedAt) = (error, nil) }

    func stopClock() { wall.stoppedAt = clock }

    /// Ends the process and starts it again, after the disk was told what becomes of it.
    func restart() throws {
        process = nil
        precondition(!disk.isInUse, "a process that has ended still has files open")
        let (office, wall) = (office, wall)
        process = try Self.open(disk, schema, keys, { wall.stoppedAt ?? office() &+ wall.error }, dice)
    }

    /// Starts a newer program on the same files.
    func upgrade() throws {
        schema = Ledger.new
        try restart()
        try replica.createTables()
    }
}
