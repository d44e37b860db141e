import Database
import SyncCore

/// The directory of people, devices and areas as the server sent it last.
struct DirectoryTable {
    let database: Database

    /// All areas that the server told this device of, by number.
    func areas() throws -> [Int: Directory.Area] {
        let statement = try database.statement(
            "SELECT number, name, can_read, can_write, twin_of, is_of_member FROM directory_area")
        defer { statement.reset() }
        var areas: [Int: Directory.Area] = [:]
        while try statement.step() {
            let number = Int(statement.integer(0))
            areas[number] = Directory.Area(
                number: number, name: statement.text(1), canRead: statement.integer(2) != 0,
                canWrite: statement.integer(3) != 0, twinOf: statement.isNull(4) ? nil : Int(statement.integer(4)),
                isOfMember: statement.integer(5) != 0)
        }
        return areas
    }

    func readableAreas() throws -> Set<Int> { Set(try areas().values.filter(\.canRead).map(\.number)) }

    /// The areas in which this device keeps its own work that is not in force.
    func areasOfOwnWork() throws -> AreasOfOwnWork { AreasOfOwnWork(try Array(areas().values)) }

    func load(_ standing: Standing) throws -> Directory {
        let devices = try database.query("SELECT number, name, person FROM directory_device ORDER BY number").map {
            row throws(ReplicaError) in
            guard case .integer(let number) = row[0], case .text(let name) = row[1], case .text(let person) = row[2]
            else { throw ReplicaError.damaged("a device of the directory") }
            return Directory.Device(number: UInt32(truncatingIfNeeded: number), name: name, person: person)
        }
        return Directory(
            version: standing.directoryVersion, role: standing.role, person: standing.person, devices: devices,
            areas: try areas().values.sorted { $0.number < $1.number })
    }

    func replace(with directory: Directory) throws {
        try database.run("DELETE FROM directory_device")
        try database.run("DELETE FROM directory_area")
        for device in directory.devices {
            try database.run(
                "INSERT INTO directory_device VALUES (?, ?, ?)", .integer(Int64(device.number)), .text(device.name),
                .text(device.person))
        }
        for area in directory.areas {
            try database.run(
                "INSERT INTO directory_area VALUES (?, ?, ?, ?, ?, ?)", .integer(Int64(area.number)), .text(area.name),
                .integer(area.canRead ? 1 : 0), .integer(area.canWrite ? 1 : 0),
                area.twinOf.map { .integer(Int64($0)) } ?? .null, .integer(area.isOfMember ? 1 : 0))
        }
    }
}

/// Where a device keeps its own work that is not in force: in areas that it may read, and in those that it may write, such
/// as a restricted twin, only for records that it made itself. Of others' records nothing may stay there.
struct AreasOfOwnWork {
    private let readable: Set<Int>
    private let writable: Set<Int>

    init(_ areas: [Directory.Area]) {
        readable = Set(areas.filter(\.canRead).map(\.number))
        writable = Set(areas.filter(\.canWrite).map(\.number))
    }

    /// Whether work on a record of an area stays.
    ///
    /// - Parameter isOwn: whether the record is this device's own and the server has nothing of it.
    func keep(_ area: Int, isOwn: Bool) -> Bool { readable.contains(area) || isOwn && writable.contains(area) }
}
