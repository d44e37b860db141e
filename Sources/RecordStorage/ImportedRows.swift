package import Database
package import SyncCore

/// What imports on this machine need beside the records: which record has an id of another system, and what the row
/// said that a record was last imported from.
///
/// The latter tells a row that says what it said before, whose record somebody has changed since, from one that says
/// something new. It is a number only, and never leaves this machine.
package final class ImportedRows {
    private let database: Database
    private let findExternal: Query
    private let findContent = Query("SELECT content FROM imported_content WHERE record = ?1")
    private let insertion = RowInsertion(into: "imported_content", columnCount: 2, meeting: .replaces)
    /// What was kept and is not written yet.
    private var kept: [(key: Int64, content: Int64)] = []
    private let table: String
    private let column: String
    /// What tells that somebody else has written to the file; nil before the first transaction.
    private var version: Int64?
    /// Whether all records of the table were made by this import: whatever it looks for is not there.
    package private(set) var holdsNothingElse = false

    /// - Parameters:
    ///   - table: the SQL table of the records, from the schema.
    ///   - column: the column with the ids of other systems.
    package init(_ database: Database, table: String, column: String) {
        self.database = database
        self.table = table
        self.column = column
        findExternal = Query(
            """
            SELECT id FROM "\(table)" WHERE "\(column)" = ?1 AND area = ?2 ORDER BY living DESC, record_key LIMIT 1
            """)
    }

    /// What each transaction of the import begins with: makes what is missing, and looks whether anybody else wrote.
    package func begin() throws(DatabaseError) {
        kept.removeAll(keepingCapacity: true)
        try createTables()
        let now = try database.integer("PRAGMA data_version")
        if version == nil {
            holdsNothingElse = try database.integer("SELECT 1 FROM \"\(table)\" LIMIT 1") == nil
        } else if version != now {
            holdsNothingElse = false
        }
        version = now
    }

    /// What each transaction of the import ends with: writes what was kept.
    ///
    /// By ascending keys, as they stand in the table: one after the other is found faster than all over it.
    package func finish() throws {
        kept.sort { $0.key < $1.key }
        try insertion.insert(kept.indices, into: database) { statement, first, index in
            try statement.bind(first, kept[index].key)
            try statement.bind(first + 1, kept[index].content)
        }
        kept.removeAll(keepingCapacity: true)
    }

    // MARK: Imports that were cut off

    /// The operation in the log of this machine that an import began and did not finish; nil where there is none.
    ///
    /// - Parameter request: what tells this import from others.
    package func openOperation(of request: [UInt8]) throws(DatabaseError) -> Int64? {
        guard try database.integer("SELECT 1 FROM sqlite_master WHERE name = 'open_import'") != nil else { return nil }
        return try database.integer("SELECT operation FROM open_import WHERE request = ?1", .blob(request))
    }

    /// Notes what an import has begun; in its first transaction, so that the same import can go on with it.
    package func open(_ operation: Int64, request: [UInt8]) throws(DatabaseError) {
        try database.run("INSERT OR REPLACE INTO open_import VALUES (?1, ?2)", .blob(request), .integer(operation))
    }

    /// Notes that an import is through: all that it kept is on the disk then.
    package func close(request: [UInt8]) throws {
        guard try openOperation(of: request) != nil else { return }
        try database.transaction {
            try database.run("DELETE FROM open_import WHERE request = ?1", .blob(request))
        }
    }

    private func createTables() throws(DatabaseError) {
        try database.execute(
            """
            CREATE TABLE IF NOT EXISTS imported_content (record INTEGER PRIMARY KEY, content INTEGER NOT NULL);
            CREATE TABLE IF NOT EXISTS open_import (request BLOB PRIMARY KEY, operation INTEGER NOT NULL) WITHOUT ROWID;
            CREATE INDEX IF NOT EXISTS "\(table)_\(column)" ON "\(table)" ("\(column)") WHERE "\(column)" NOT NULL;
            """)
    }

    /// The record of an area with an id of another system, living ones first; nil where there is none.
    ///
    /// Spreadsheets of two teams both begin with 1: the same id in another area is another record.
    package func recordID(externalID: String, area: Int) throws(DatabaseError) -> RecordID? {
        let statement = try database.statement(findExternal)
        defer { statement.reset() }
        try statement.bind(1, externalID)
        try statement.bind(2, Int64(area))
        return try statement.step() ? RecordID(bytes: statement.blob(0)) : nil
    }

    /// What `keep` was told last; nil where it was told nothing.
    package func content(of id: RecordID) throws -> UInt64? {
        try finish()
        let statement = try database.statement(findContent)
        defer { statement.reset() }
        try statement.bind(1, Self.key(id))
        return try statement.step() ? UInt64(bitPattern: statement.integer(0)) : nil
    }

    /// Remembers a number for what a row says; on the disk with the transaction that `finish` ends.
    package func keep(content: UInt64, of id: RecordID) {
        kept.append((Self.key(id), Int64(bitPattern: content)))
    }

    /// Whether a record came with an import on this machine, or was changed by one.
    package static func knows(_ id: RecordID, in database: Database) throws(DatabaseError) -> Bool {
        guard try database.integer("SELECT 1 FROM sqlite_master WHERE name = 'imported_content'") != nil else {
            return false
        }
        return try database.integer("SELECT 1 FROM imported_content WHERE record = ?1", .integer(key(id))) != nil
    }

    /// Forgets what imports know of a record that is erased, where anything was ever imported.
    package static func forget(_ id: RecordID, in database: Database) throws(DatabaseError) {
        guard try database.integer("SELECT 1 FROM sqlite_master WHERE name = 'imported_content'") != nil else { return }
        try database.run("DELETE FROM imported_content WHERE record = ?1", .integer(key(id)))
    }

    /// The random half of an id, which tells records apart well enough and is found faster than all of it.
    private static func key(_ id: RecordID) -> Int64 { Int64(bitPattern: id.low) }
}
