import Database
import SyncCore

/// What this device is and how far it has come: the one row of `replica_standing`.
///
/// It is read anew in every transaction, for another process may have changed it.
struct Standing: Equatable {
    var device: UInt32
    var epoch: [UInt8]
    var clock: HybridClock
    /// The number of the newest group; numbers up to `frozen` may have left the device.
    var lastGroup: Int64 = 0
    var frozen: Int64 = 0
    /// Every group up to this number is on the server's disk.
    var receipt: Int64 = 0
    /// From this number on all groups with final numbers are held here whole.
    var lowestOwn: Int64 = 1
    var directoryVersion: UInt64 = 0
    var role: Role = .worker
    var person = ""

    /// The row, or nil before the device has joined.
    static func load(from database: Database) throws -> Standing? {
        let statement = try database.statement(
            """
            SELECT device, epoch, clock, last_group, frozen, receipt, lowest_own, directory_version, role, person
            FROM replica_standing
            """)
        defer { statement.reset() }
        guard try statement.step() else { return nil }
        var standing = Standing(
            device: UInt32(truncatingIfNeeded: statement.integer(0)), epoch: statement.blob(1),
            clock: HybridClock(highest: UInt64(bitPattern: statement.integer(2))))
        standing.lastGroup = statement.integer(3)
        standing.frozen = statement.integer(4)
        standing.receipt = statement.integer(5)
        standing.lowestOwn = statement.integer(6)
        standing.directoryVersion = UInt64(bitPattern: statement.integer(7))
        guard let role = Role(rawValue: Int(statement.integer(8))) else {
            throw ReplicaError.damaged("an unknown role")
        }
        standing.role = role
        standing.person = statement.text(9)
        return standing
    }

    func save(to database: Database) throws {
        let statement = try database.statement(
            "INSERT OR REPLACE INTO replica_standing VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
        try statement.bind(1, Int64(device))
        try statement.bind(2, epoch)
        try statement.bind(3, Int64(bitPattern: clock.highest))
        try statement.bind(4, lastGroup)
        try statement.bind(5, frozen)
        try statement.bind(6, receipt)
        try statement.bind(7, lowestOwn)
        try statement.bind(8, Int64(bitPattern: directoryVersion))
        try statement.bind(9, Int64(role.rawValue))
        try statement.bind(10, person)
        try statement.run()
    }

    /// Takes over what a directory says about this device's owner.
    mutating func adopt(_ directory: Directory) {
        directoryVersion = directory.version
        role = directory.role
        person = directory.person
    }
}
