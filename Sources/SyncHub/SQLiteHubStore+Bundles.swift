import Database
import SyncCore

/// What devices sign with, and the bundles that they send.
extension SQLiteHubStore {
    package func deviceKey(ofDevice number: UInt32) throws -> [UInt8]? {
        let statement = try database.statement("SELECT public_key FROM device_key WHERE device = ?1")
        defer { statement.reset() }
        try statement.bind(1, Int64(number))
        return try statement.step() ? statement.blob(0) : nil
    }

    package func setDeviceKey(_ key: [UInt8], ofDevice number: UInt32) throws {
        try database.run("INSERT OR REPLACE INTO device_key VALUES (?1, ?2)", .integer(Int64(number)), .blob(key))
    }

    package func bundleStanding(ofDevice number: UInt32) throws -> BundleStanding? {
        let statement = try database.statement("SELECT made, request, file FROM bundle_standing WHERE device = ?1")
        defer { statement.reset() }
        try statement.bind(1, Int64(number))
        guard try statement.step() else { return nil }
        return BundleStanding(
            made: statement.integer(0), request: statement.blob(1), file: statement.isNull(2) ? nil : statement.blob(2))
    }

    package func setBundleStanding(_ standing: BundleStanding, ofDevice number: UInt32) throws {
        try database.run(
            "INSERT OR REPLACE INTO bundle_standing (device, made, request, file) VALUES (?1, ?2, ?3, ?4)",
            .integer(Int64(number)), .integer(standing.made), .blob(standing.request),
            standing.file.map { .blob($0) } ?? .null)
    }

    package func removeBundleStanding(ofDevice number: UInt32) throws {
        try database.run("DELETE FROM bundle_standing WHERE device = ?1", .integer(Int64(number)))
    }

    package func waitingBundles(ofDevice number: UInt32) throws -> [WaitingBundle] {
        let statement = try database.statement(
            """
            SELECT first_group, last_group, arrived, length(body), is_forked FROM sealed_bundle
            WHERE device = ?1 ORDER BY first_group
            """)
        defer { statement.reset() }
        try statement.bind(1, Int64(number))
        var bundles: [WaitingBundle] = []
        while try statement.step() {
            bundles.append(
                WaitingBundle(
                    device: number, first: UInt64(bitPattern: statement.integer(0)),
                    last: UInt64(bitPattern: statement.integer(1)), arrived: statement.integer(2),
                    bytes: Int(statement.integer(3)), isForked: statement.integer(4) != 0))
        }
        return bundles
    }

    package func addWaitingBundle(_ bundle: WaitingBundle, body: [UInt8]) throws {
        try database.run(
            """
            INSERT OR REPLACE INTO sealed_bundle (device, first_group, arrived, body, last_group, is_forked)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6)
            """, .integer(Int64(bundle.device)), .integer(Int64(bitPattern: bundle.first)), .integer(bundle.arrived),
            .blob(body), .integer(Int64(bitPattern: bundle.last)), .integer(bundle.isForked ? 1 : 0))
    }

    package func waitingBundleBody(first: UInt64, ofDevice number: UInt32) throws -> [UInt8]? {
        let statement = try database.statement("SELECT body FROM sealed_bundle WHERE device = ?1 AND first_group = ?2")
        defer { statement.reset() }
        try statement.bind(1, Int64(number))
        try statement.bind(2, Int64(bitPattern: first))
        return try statement.step() ? statement.blob(0) : nil
    }

    package func removeWaitingBundle(first: UInt64, ofDevice number: UInt32) throws {
        try database.run(
            "DELETE FROM sealed_bundle WHERE device = ?1 AND first_group = ?2", .integer(Int64(number)),
            .integer(Int64(bitPattern: first)))
    }
}
