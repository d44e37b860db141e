import Database
import SyncCore

/// What devices sign in with once they have changed it.
extension SQLiteHubStore {
    package func changedToken(_ hash: [UInt8]) throws -> ChangedToken? {
        let statement = try database.statement("SELECT device, is_next FROM device_token WHERE token_hash = ?1")
        defer { statement.reset() }
        try statement.bind(1, hash)
        guard try statement.step() else { return nil }
        return ChangedToken(
            device: UInt32(truncatingIfNeeded: statement.integer(0)), isNext: statement.integer(1) != 0)
    }

    /// The hashes of all tokens that are there, in use or not.
    package func tokenHashes() throws -> [[UInt8]] {
        let rows = try database.query(
            "SELECT token_hash FROM device WHERE token_hash NOT NULL UNION SELECT token_hash FROM device_token")
        return rows.compactMap { row in
            guard case .blob(let hash) = row[0] else { return nil }
            return hash
        }
    }

    package func nextToken(ofDevice number: UInt32) throws -> [UInt8]? {
        let statement = try database.statement("SELECT token_hash FROM device_token WHERE device = ?1 AND is_next = 1")
        defer { statement.reset() }
        try statement.bind(1, Int64(number))
        return try statement.step() ? statement.blob(0) : nil
    }

    package func setNextToken(_ hash: [UInt8], ofDevice number: UInt32) throws {
        // What is in use stays so, whatever is told again.
        if try changedToken(hash)?.isNext == false { return }
        try database.run("DELETE FROM device_token WHERE device = ?1 AND is_next = 1", .integer(Int64(number)))
        try addToken(hash, of: number, isNext: true)
    }

    package func setToken(_ hash: [UInt8], ofDevice number: UInt32) throws {
        try database.run("DELETE FROM device_token WHERE device = ?1", .integer(Int64(number)))
        try addToken(hash, of: number, isNext: false)
    }

    private func addToken(_ hash: [UInt8], of number: UInt32, isNext: Bool) throws {
        try database.run(
            "INSERT INTO device_token VALUES (?1, ?2, ?3)", .blob(hash), .integer(Int64(number)),
            .integer(isNext ? 1 : 0))
    }
}
