import Database
import SyncCore

/// The office's ledger.
extension SQLiteHubStore {
    package func lastLedgerEntry() throws -> LedgerEntry? {
        let statement = try database.statement("SELECT entry FROM ledger ORDER BY number DESC LIMIT 1")
        defer { statement.reset() }
        return try statement.step() ? Self.entry(statement) : nil
    }

    package func ledgerEntries(after number: UInt64, limit: Int) throws -> [LedgerEntry] {
        let statement = try database.statement("SELECT entry FROM ledger WHERE number > ?1 ORDER BY number LIMIT ?2")
        defer { statement.reset() }
        try statement.bind(1, Int64(clamping: number))
        try statement.bind(2, Int64(limit))
        var entries: [LedgerEntry] = []
        while try statement.step() { entries.append(try Self.entry(statement)) }
        return entries
    }

    package func addLedgerEntry(_ entry: LedgerEntry) throws {
        hasLedgerGrown = true
        try database.run(
            "INSERT INTO ledger VALUES (?1, ?2, ?3)", .integer(Int64(clamping: entry.number)),
            .integer(Int64(entry.kind)), .blob(entry.encoded()))
    }

    package func tokenHash(ofDevice number: UInt32) throws -> [UInt8]? {
        let statement = try database.statement("SELECT token_hash FROM device WHERE number = ?1")
        defer { statement.reset() }
        try statement.bind(1, Int64(number))
        guard try statement.step(), !statement.isNull(0) else { return nil }
        return statement.blob(0)
    }

    package func setOriginal(_ original: UInt32, ofDevice number: UInt32) throws {
        try database.run(
            "INSERT OR REPLACE INTO device_copy VALUES (?1, ?2)", .integer(Int64(number)), .integer(Int64(original)))
    }

    package func originals() throws -> [UInt32: UInt32] {
        let statement = try database.statement("SELECT device, original FROM device_copy")
        defer { statement.reset() }
        var originals: [UInt32: UInt32] = [:]
        while try statement.step() {
            originals[UInt32(truncatingIfNeeded: statement.integer(0))] = UInt32(
                truncatingIfNeeded: statement.integer(1))
        }
        return originals
    }

    package func original(ofDevice number: UInt32) throws -> UInt32? {
        let original = try database.integer(
            "SELECT original FROM device_copy WHERE device = ?1", .integer(Int64(number)))
        return original.map { UInt32(truncatingIfNeeded: $0) }
    }

    static func entry(_ statement: Statement) throws -> LedgerEntry {
        do throws(CBORError) {
            return try LedgerEntry(decoding: statement.blob(0))
        } catch {
            throw HubError.damagedRow(table: "ledger")
        }
    }
}
