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

    /// A group that has left, and what it said when it did; it may never say anything else.
    struct Sent {
        let bytes: [UInt8]
        let told: NaiveModel.Group
        /// Whether this device was told that the office has it.
        var isReceipted = false
    }

    /// Tells laptops apart; a copy that has not synced bears the number of another one.
    let machine: UInt32
    /// The laptop with whose database it all began; those of a family write as one person.
    let family: UInt32
    /// What the engine calls it: another one once a copied database has become a device of its own.
    private(set) var number: UInt32
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
    /// The office's order to remove everything, as it came with the last refusal.
    var wipeOrder: [UInt8]?
    /// Whether everything was removed by such an order.
    private(set) var isWiped = false
    /// How many more syncs fail for want of a network.
    var partitionLeft = 0
    /// Requests that may still arrive once more.
    var sent: [SimulatedServer.Message] = []
    /// The marks of the sealed files that were made here.
    var files: Set<[UInt8]> = []
    /// By the number of the device and of the group.
    var groups: [NaiveModel.GroupName: Sent] = [:]

    /// - Parameters:
    ///   - machine: which laptop this is.
    ///   - family: the laptop that joined; the same but for a copy.
    init(
        machine: UInt32, family: UInt32, role: Role, disk: SimulatedDisk, schema: Schema, keys: OfficeKeys,
        office: @escaping () -> Int64, dice: Dice
    ) throws {
        self.keys = keys
        self.machine = machine
        self.family = family
        number = family
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
        try learnNumber()
    }

    /// Looks up what this device is called now; a new file has no number yet.
    func learnNumber() throws { number = try replica.device ?? number }

    /// What it shows to be let in.
    func token() throws -> [UInt8] { try replica.identityToken() ?? SimulatedServer.token(family) }

    /// Goes on with other files.
    ///
    /// - Parameter schema: that of the program which wrote them.
    func restart(with files: SimulatedDisk, schema: Schema) throws {
        process = nil
        disk.copy(files)
        _ = disk.disarm()
        isWiped = false
        wipeOrder = nil
        // Nobody goes back to an older program: a newer one reads these files too.
        if self.schema.version > schema.version { try upgrade() } else { try restart() }
    }

    /// Removes everything; what is there then belongs to nobody.
    ///
    /// - Parameter image: the file of a laptop that has not joined.
    func wipe(to image: [UInt8]) throws {
        process = nil
        disk.load(image)
        isWiped = true
        shown = nil
        try restart()
    }

    /// Starts a newer program on the same files.
    func upgrade() throws {
        schema = Ledger.new
        try restart()
        try replica.createTables()
    }
}
