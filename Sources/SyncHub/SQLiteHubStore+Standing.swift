import Database
import SyncCore

/// What devices say of themselves.
extension SQLiteHubStore {
    package func standing(ofDevice number: UInt32) throws -> ReportedStanding? {
        let statement = try database.statement("SELECT disk, wiped, at FROM device_standing WHERE device = ?1")
        defer { statement.reset() }
        try statement.bind(1, Int64(number))
        guard try statement.step() else { return nil }
        let standing = DeviceStanding(disk: Int(statement.integer(0)), isWiped: statement.integer(1) != 0)
        return ReportedStanding(standing: standing, milliseconds: statement.integer(2))
    }

    package func setStanding(_ reported: ReportedStanding, ofDevice number: UInt32) throws {
        try database.run(
            "INSERT OR REPLACE INTO device_standing VALUES (?1, ?2, ?3, ?4)", .integer(Int64(number)),
            .integer(Int64(reported.standing.disk)), .integer(reported.standing.isWiped ? 1 : 0),
            .integer(reported.milliseconds))
    }
}
