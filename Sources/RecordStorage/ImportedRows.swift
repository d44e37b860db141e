package import Database
package import SyncCore

/// What imports on this machine need beside the records: which record has an id of another system, and what the row
/// said that a record was last imported from.
///
/// The latter tells a row that says what it said before, whose record somebody has changed since, from one that says
/// something new. It is a number only, and never leaves this machine.
package struct ImportedRows {
    private let database: Database
    private let table: String
    private let column: String

    /// - Parameters:
    ///   - table: the SQL table of the records, from the schema.
    ///   - column: the column with the ids of other systems.
    package init(_ database: Database, table: String, column: String) {
        self.database = database
        self.table = table
        self.column = column
    }

    /// Makes what is missing; inside a transaction.
    package func createTables() throws(DatabaseError) {
        try database.execute(
            """
            CREATE TABLE IF NOT EXISTS imported_row (
                record BLOB PRIMARY KEY, content INTEGER NOT NULL) WITHOUT ROWID;
            CREATE INDEX IF NOT EXISTS "\(table)_\(column)" ON "\(table)" ("\(column)") WHERE "\(column)" NOT NULL;
            """)
    }

    /// The record with an id of another system, living ones first; nil where there is none.
    package func recordID(externalID: String) throws(DatabaseError) -> RecordID? {
        let statement = try database.statement(
            "SELECT id FROM \"\(table)\" WHERE \"\(column)\" = ?1 ORDER BY living DESC, record_key LIMIT 1")
        defer { statement.reset() }
        try statement.bind(1, externalID)
        return try statement.step() ? RecordID(bytes: statement.blob(0)) : nil
    }

    /// What `keep` was told last; nil where it was told nothing.
    package func content(of id: RecordID) throws(DatabaseError) -> UInt64? {
        let statement = try database.statement("SELECT content FROM imported_row WHERE record = ?1")
        defer { statement.reset() }
        try statement.bind(1, id.bytes)
        return try statement.step() ? UInt64(bitPattern: statement.integer(0)) : nil
    }

    /// Remembers a number for what a row says.
    package func keep(content: UInt64, of id: RecordID) throws(DatabaseError) {
        let statement = try database.statement("INSERT OR REPLACE INTO imported_row VALUES (?1, ?2)")
        try statement.bind(1, id.bytes)
        try statement.bind(2, Int64(bitPattern: content))
        try statement.run()
    }

    /// Forgets what imports know of a record that is erased, where anything was ever imported.
    package static func forget(_ id: RecordID, in database: Database) throws(DatabaseError) {
        guard try database.integer("SELECT 1 FROM sqlite_master WHERE name = 'imported_row'") != nil else { return }
        try database.run("DELETE FROM imported_row WHERE record = ?1", .blob(id.bytes))
    }
}
