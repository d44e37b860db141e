import Compression
import SyncCore

/// What runs use one after the other on one thread: disks, and files of new servers and laptops to begin with.
final class Stage {
    let link: MessageLink
    let keys: OfficeKeys
    /// An older copy of the server's folder.
    let backup: SimulatedDisk
    /// An older copy of a laptop's folder.
    let laptopBackup: SimulatedDisk
    private let serverDisk: SimulatedDisk
    private let deviceDisks: [SimulatedDisk]
    /// Files of new servers and laptops, by the version of their tables.
    private var serverImages: [Int: [UInt8]] = [:]
    private var deviceImages: [Int: [UInt8]] = [:]

    /// - Parameter number: tells the disks of several stages in one process apart.
    init(number: Int) throws {
        link = try MessageLink()
        keys = try OfficeKeys(seed: 7)
        backup = SimulatedDisk(name: "kith-\(number)-backup")
        laptopBackup = SimulatedDisk(name: "kith-\(number)-laptop-backup")
        serverDisk = SimulatedDisk(name: "kith-\(number)-server")
        deviceDisks = (1...Settings.deviceCounts.upperBound + Settings.largestCopyCount).map {
            SimulatedDisk(name: "kith-\(number)-\($0)")
        }
        for schema in [Ledger.old, Ledger.new] {
            serverImages[schema.version] = try SimulatedServer.newImage(on: serverDisk, schema: schema)
            deviceImages[schema.version] = try SimulatedDevice.newImage(on: deviceDisks[0], schema: schema)
        }
    }

    func makeServer(schema: Schema, keys: OfficeKeys, clock: @escaping () -> Int64, dice: Dice) throws
        -> SimulatedServer
    {
        serverDisk.load(serverImages[schema.version] ?? [])
        return try SimulatedServer(disk: serverDisk, schema: schema, keys: keys, clock: clock, dice: dice)
    }

    func makeDevice(
        _ machine: UInt32, family: UInt32, role: Role, schema: Schema, keys: OfficeKeys, office: @escaping () -> Int64,
        dice: Dice
    ) throws -> SimulatedDevice {
        let disk = deviceDisks[Int(machine) - 1]
        disk.load(deviceImages[schema.version] ?? [])
        return try SimulatedDevice(
            machine: machine, family: family, role: role, disk: disk, schema: schema, keys: keys, office: office,
            dice: dice)
    }
}

extension Stage {
    /// The file of a laptop that has not joined.
    func newImage(of schema: Schema) -> [UInt8] { deviceImages[schema.version] ?? [] }
}

/// The form that messages have on their way.
final class MessageLink {
    private static let limitBytes = 64 << 20

    private let compressor: Compressor
    private let decompressor: Decompressor

    init() throws {
        compressor = try Compressor()
        decompressor = try Decompressor()
    }

    /// A message as it arrives: the same, after it was compressed and decompressed.
    func carry(_ message: [UInt8]) throws -> [UInt8] {
        try decompressor.decompress(compressor.compress(message), limitBytes: Self.limitBytes)
    }
}
