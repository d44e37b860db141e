import Database
import SyncCore

/// The server's version of records that show the device's own unsent edits.
struct Shadow {
    let database: Database

    func isEmpty() throws -> Bool { try database.integer("SELECT 1 FROM shadow LIMIT 1") == nil }

    func rows() throws -> [RowKey] {
        let statement = try database.statement("SELECT table_number, record_key FROM shadow")
        defer { statement.reset() }
        var rows: [RowKey] = []
        while try statement.step() { rows.append(RowKey(table: Int(statement.integer(0)), key: statement.integer(1))) }
        return rows
    }

    func load(_ row: RowKey, id: RecordID) throws -> RecordState? {
        let statement = try database.statement("SELECT state FROM shadow WHERE table_number = ? AND record_key = ?")
        defer { statement.reset() }
        try statement.bind(1, Int64(row.table))
        try statement.bind(2, row.key)
        guard try statement.step() else { return nil }
        return try StoredState.decode(statement.blob(0), table: row.table, id: id)
    }

    func save(_ state: RecordState, _ row: RowKey) throws {
        let statement = try database.statement("INSERT OR REPLACE INTO shadow VALUES (?, ?, ?)")
        try statement.bind(1, Int64(row.table))
        try statement.bind(2, row.key)
        try statement.bind(3, StoredState.encode(state))
        try statement.run()
    }

    func remove(_ row: RowKey) throws {
        let statement = try database.statement("DELETE FROM shadow WHERE table_number = ? AND record_key = ?")
        try statement.bind(1, Int64(row.table))
        try statement.bind(2, row.key)
        try statement.run()
    }
}
