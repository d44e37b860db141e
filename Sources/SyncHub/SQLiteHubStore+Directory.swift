import Database
import SyncCore

/// Areas, people, devices, invitations.
extension SQLiteHubStore {
    private static let deviceColumns =
        "d.number, d.name, d.person, s.role, d.revoked, d.last_group, d.highest_time, d.seen, d.ledger"
    private static let deviceTables = "device d JOIN staff s ON s.name = d.person"

    package func areas() throws -> [Area] {
        let statement = try database.statement("SELECT number, name, twin_of FROM area ORDER BY number")
        defer { statement.reset() }
        var areas: [Area] = []
        while try statement.step() {
            areas.append(
                Area(
                    number: Int(statement.integer(0)), name: statement.text(1),
                    twinOf: statement.isNull(2) ? nil : Int(statement.integer(2))))
        }
        return areas
    }

    package func addArea(_ area: Area) throws {
        try database.run(
            "INSERT INTO area (number, name, twin_of) VALUES (?1, ?2, ?3)", .integer(Int64(area.number)),
            .text(area.name), area.twinOf.map { .integer(Int64($0)) } ?? .null)
    }

    package func role(ofPerson name: String) throws -> Role? {
        try database.integer("SELECT role FROM staff WHERE name = ?1", .text(name)).map(Self.role)
    }

    package func addPerson(_ name: String, role: Role) throws {
        try database.run("INSERT INTO staff VALUES (?1, ?2)", .text(name), .integer(Int64(role.rawValue)))
    }

    package func set(role: Role, ofPerson name: String) throws {
        try database.run(
            "UPDATE staff SET role = ?2 WHERE name = ?1", .text(name), .integer(Int64(role.rawValue)))
    }

    package func grant(_ area: Int, toPerson name: String) throws {
        try database.run("INSERT OR IGNORE INTO area_grant VALUES (?1, ?2)", .text(name), .integer(Int64(area)))
    }

    package func revokeGrant(_ area: Int, fromPerson name: String) throws {
        try database.run("DELETE FROM area_grant WHERE person = ?1 AND area = ?2", .text(name), .integer(Int64(area)))
    }

    package func devices() throws -> [DeviceRecord] {
        let statement = try database.statement(
            "SELECT \(Self.deviceColumns) FROM \(Self.deviceTables) ORDER BY d.number")
        defer { statement.reset() }
        var devices: [DeviceRecord] = []
        while try statement.step() { devices.append(try device(statement)) }
        return devices
    }

    package func device(_ number: UInt32) throws -> DeviceRecord? {
        let statement = try database.statement(
            "SELECT \(Self.deviceColumns) FROM \(Self.deviceTables) WHERE d.number = ?1")
        defer { statement.reset() }
        try statement.bind(1, Int64(number))
        return try statement.step() ? device(statement) : nil
    }

    package func device(tokenHash: [UInt8]) throws -> DeviceRecord? {
        if let changed = try changedToken(tokenHash) { return try device(changed.device) }
        // The token of its enrolment is good until another one is in use.
        let statement = try database.statement(
            """
            SELECT \(Self.deviceColumns) FROM \(Self.deviceTables) WHERE d.token_hash = ?1
            AND NOT EXISTS (SELECT 1 FROM device_token t WHERE t.device = d.number AND t.is_next = 0)
            """)
        defer { statement.reset() }
        try statement.bind(1, tokenHash)
        return try statement.step() ? device(statement) : nil
    }

    package func isKnown(tokenHash: [UInt8]) throws -> Bool {
        if try changedToken(tokenHash) != nil { return true }
        return try database.integer("SELECT 1 FROM device WHERE token_hash = ?1", .blob(tokenHash)) != nil
    }

    private func device(_ statement: Statement) throws -> DeviceRecord {
        let person = statement.text(2)
        return DeviceRecord(
            number: UInt32(truncatingIfNeeded: statement.integer(0)), name: statement.text(1), person: person,
            role: try Self.role(statement.integer(3)), isRevoked: statement.integer(4) != 0,
            areas: try grants(of: person), lastGroup: UInt64(bitPattern: statement.integer(5)),
            highestTime: UInt64(bitPattern: statement.integer(6)),
            seenMilliseconds: statement.isNull(7) ? nil : statement.integer(7),
            ledgerCount: UInt64(bitPattern: statement.integer(8)))
    }

    private func grants(of person: String) throws -> Set<Int> {
        let statement = try database.statement("SELECT area FROM area_grant WHERE person = ?1")
        defer { statement.reset() }
        try statement.bind(1, person)
        var areas: Set<Int> = []
        while try statement.step() { areas.insert(Int(statement.integer(0))) }
        return areas
    }

    private static func role(_ number: Int64) throws -> Role {
        guard let role = Role(rawValue: Int(number)) else { throw HubError.damagedRow(table: "staff") }
        return role
    }

    package func addDevice(_ device: DeviceRecord, tokenHash: [UInt8]?) throws {
        try database.run(
            "INSERT INTO device (number, name, person, token_hash) VALUES (?1, ?2, ?3, ?4)",
            .integer(Int64(device.number)), .text(device.name), .text(device.person),
            tokenHash.map { .blob($0) } ?? .null)
    }

    package func setProgress(ofDevice number: UInt32, lastGroup: UInt64, highestTime: UInt64) throws {
        let statement = try database.statement(
            "UPDATE device SET last_group = ?2, highest_time = ?3 WHERE number = ?1")
        try statement.bind(1, Int64(number))
        try statement.bind(2, Int64(bitPattern: lastGroup))
        try statement.bind(3, Int64(bitPattern: highestTime))
        try statement.run()
    }

    package func setSeen(ofDevice number: UInt32, milliseconds: Int64) throws {
        try database.run(
            "UPDATE device SET seen = ?2 WHERE number = ?1", .integer(Int64(number)), .integer(milliseconds))
    }

    package func rename(device number: UInt32, to name: String) throws {
        try database.run("UPDATE device SET name = ?2 WHERE number = ?1", .integer(Int64(number)), .text(name))
    }

    package func rename(person: String, to name: String) throws {
        for change in [
            "UPDATE staff SET name = ?2 WHERE name = ?1", "UPDATE area_grant SET person = ?2 WHERE person = ?1",
            "UPDATE device SET person = ?2 WHERE person = ?1", "UPDATE invitation SET person = ?2 WHERE person = ?1",
        ] {
            try database.run(change, .text(person), .text(name))
        }
    }

    package func setLedgerCount(_ count: UInt64, ofDevice number: UInt32) throws {
        try database.run(
            "UPDATE device SET ledger = ?2 WHERE number = ?1", .integer(Int64(number)),
            .integer(Int64(bitPattern: count)))
    }

    package func setRevoked(device number: UInt32) throws {
        try database.run("UPDATE device SET revoked = 1 WHERE number = ?1", .integer(Int64(number)))
    }

    // MARK: Invitations

    package func invitation(secretHash: [UInt8]) throws -> Invitation? {
        let statement = try database.statement(
            "SELECT person, role, areas, expires, used_by, failures FROM invitation WHERE secret_hash = ?1")
        defer { statement.reset() }
        try statement.bind(1, secretHash)
        guard try statement.step() else { return nil }
        return Invitation(
            secretHash: secretHash, person: statement.text(0), role: try Self.role(statement.integer(1)),
            areas: Set(statement.text(2).split(separator: " ").compactMap { Int($0) }),
            expiresMilliseconds: statement.integer(3),
            usedBy: statement.isNull(4) ? nil : UInt32(truncatingIfNeeded: statement.integer(4)),
            failures: Int(statement.integer(5)))
    }

    package func unusedInvitations(ofPerson name: String) throws -> [Invitation] {
        let statement = try database.statement(
            "SELECT secret_hash FROM invitation WHERE person = ?1 AND used_by IS NULL ORDER BY secret_hash")
        try statement.bind(1, name)
        return try invitations(statement)
    }

    package func unusedInvitations(role: Role) throws -> [Invitation] {
        let statement = try database.statement(
            "SELECT secret_hash FROM invitation WHERE role = ?1 AND used_by IS NULL ORDER BY secret_hash")
        try statement.bind(1, Int64(role.rawValue))
        return try invitations(statement)
    }

    private func invitations(_ statement: Statement) throws -> [Invitation] {
        var hashes: [[UInt8]] = []
        do {
            defer { statement.reset() }
            while try statement.step() { hashes.append(statement.blob(0)) }
        }
        return try hashes.compactMap { try invitation(secretHash: $0) }
    }

    package func setAreas(_ areas: Set<Int>, ofInvitation secretHash: [UInt8]) throws {
        try database.run(
            "UPDATE invitation SET areas = ?2 WHERE secret_hash = ?1", .blob(secretHash), .text(Self.text(of: areas)))
    }

    private static func text(of areas: Set<Int>) -> String {
        areas.sorted().map { String($0) }.joined(separator: " ")
    }

    package func addInvitation(_ invitation: Invitation) throws {
        try database.run(
            """
            INSERT INTO invitation (secret_hash, person, role, areas, expires, used_by, failures)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
            """,
            .blob(invitation.secretHash), .text(invitation.person), .integer(Int64(invitation.role.rawValue)),
            .text(Self.text(of: invitation.areas)),
            .integer(invitation.expiresMilliseconds), invitation.usedBy.map { .integer(Int64($0)) } ?? .null,
            .integer(Int64(invitation.failures)))
    }

    package func setUse(ofInvitation secretHash: [UInt8], usedBy: UInt32?, failures: Int) throws {
        try database.run(
            "UPDATE invitation SET used_by = ?2, failures = ?3 WHERE secret_hash = ?1", .blob(secretHash),
            usedBy.map { .integer(Int64($0)) } ?? .null, .integer(Int64(failures)))
    }
}
