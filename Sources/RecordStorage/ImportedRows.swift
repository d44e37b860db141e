package import Database
package import SyncCore

/// What imports on this machine need beside the records: which record has an id of another system, and what the row
/// said that a record was last imported from.
///
/// The latter tells what a row said before, and somebody has changed since, from what it says anew: as a whole, and field by
/// field. It is numbers only, and never leaves this machine.
package final class ImportedRows {
    private let database: Database
    private let findExternal: Query
    private let findRow = Query("SELECT content, cells FROM imported_content WHERE record = ?1")
    private let insertion = RowInsertion(into: "imported_content", columnCount: 3, meeting: .replaces)
    /// What was kept and is not written yet.
    private var kept: [(key: Int64, row: ImportedRow)] = []
    /// What rows had said before that say something else now, by the keys of their records.
    private var earlier: [(key: Int64, row: ImportedRow)] = []
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
        earlier.removeAll(keepingCapacity: true)
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
    /// - Parameter operation: the number of the import in the log of this machine, under which what rows said before is found
    ///   when it is taken back; nil where nothing was written.
    package func finish(operation: Int64?) throws {
        try writeKept()
        guard let operation else { return }
        for (key, row) in earlier {
            // What was said before the import began counts, also where it goes on after it was cut off.
            try database.run(
                "INSERT OR IGNORE INTO imported_before VALUES (?1, ?2, ?3, ?4)", .integer(operation), .integer(key),
                .integer(Int64(bitPattern: row.content)), .blob(row.cells))
        }
        earlier.removeAll(keepingCapacity: true)
    }

    /// By ascending keys, as they stand in the table: one after the other is found faster than all over it.
    private func writeKept() throws {
        kept.sort { $0.key < $1.key }
        try insertion.insert(kept.indices, into: database) { statement, first, index in
            try statement.bind(first, kept[index].key)
            try statement.bind(first + 1, Int64(bitPattern: kept[index].row.content))
            try statement.bind(first + 2, kept[index].row.cells)
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
            CREATE TABLE IF NOT EXISTS imported_content (
                record INTEGER PRIMARY KEY, content INTEGER NOT NULL, cells BLOB);
            CREATE TABLE IF NOT EXISTS imported_before (
                operation INTEGER NOT NULL, record INTEGER NOT NULL, content INTEGER NOT NULL, cells BLOB,
                PRIMARY KEY (record, operation)) WITHOUT ROWID;
            CREATE TABLE IF NOT EXISTS open_import (request BLOB PRIMARY KEY, operation INTEGER NOT NULL) WITHOUT ROWID;
            CREATE INDEX IF NOT EXISTS "\(table)_\(column)" ON "\(table)" ("\(column)") WHERE "\(column)" NOT NULL;
            """)
        // What files of earlier versions lack.
        guard version == nil,
            try database.integer("SELECT 1 FROM pragma_table_info('imported_content') WHERE name = 'cells'") == nil
        else { return }
        try database.execute("ALTER TABLE imported_content ADD COLUMN cells BLOB")
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

    /// What the row said that a record was last imported from here; nil where no row of a spreadsheet is known.
    package func row(of id: RecordID) throws -> ImportedRow? {
        try writeKept()
        let statement = try database.statement(findRow)
        defer { statement.reset() }
        try statement.bind(1, Self.key(id))
        guard try statement.step() else { return nil }
        let content = UInt64(bitPattern: statement.integer(0))
        return content == ImportedRow.untold ? nil : ImportedRow(content: content, cells: statement.blob(1))
    }

    /// Remembers what the row says that a record was made from; on the disk with the transaction that `finish` ends.
    package func keep(_ row: ImportedRow, of id: RecordID) { kept.append((Self.key(id), row)) }

    /// Remembers what the row says that a record was changed by, so that it is forgotten when that is taken back.
    ///
    /// - Parameter before: what `row` told of the record.
    package func keep(_ row: ImportedRow, of id: RecordID, insteadOf before: ImportedRow?) {
        kept.append((Self.key(id), row))
        earlier.append((Self.key(id), before ?? ImportedRow(content: ImportedRow.untold)))
    }

    // MARK: Without an import

    /// Whether a record came with an import on this machine, or was changed by one.
    package static func knows(_ id: RecordID, in database: Database) throws(DatabaseError) -> Bool {
        guard try has("imported_content", database) else { return false }
        return try database.integer("SELECT 1 FROM imported_content WHERE record = ?1", .integer(key(id))) != nil
    }

    /// Forgets what imports know of a record that leaves this machine, where anything was ever imported.
    package static func forget(_ id: RecordID, in database: Database) throws(DatabaseError) {
        guard try has("imported_content", database) else { return }
        try database.run("DELETE FROM imported_content WHERE record = ?1", .integer(key(id)))
        guard try has("imported_before", database) else { return }
        try database.run("DELETE FROM imported_before WHERE record = ?1", .integer(key(id)))
    }

    /// Forgets what rows had said before operations that can't be taken back any more: their numbers may be given again.
    package static func forgetEarlier(in database: Database) throws(DatabaseError) {
        guard try has("imported_before", database) else { return }
        try database.run("DELETE FROM imported_before WHERE operation NOT IN (SELECT id FROM operation)")
    }

    private static func has(_ table: String, _ database: Database) throws(DatabaseError) -> Bool {
        try database.integer("SELECT 1 FROM sqlite_master WHERE name = ?1", .text(table)) != nil
    }

    /// What is kept of a row in a table; nil where it has none.
    private static func row(_ query: String, _ values: [SQLValue], _ database: Database) throws(DatabaseError)
        -> ImportedRow?
    {
        guard let row = try database.query(query, values).first, case .integer(let content) = row[0] else { return nil }
        guard case .blob(let cells) = row[1] else { return ImportedRow(content: UInt64(bitPattern: content)) }
        return ImportedRow(content: UInt64(bitPattern: content), cells: cells)
    }

    /// Lets what a row said count again that it had said before an import, which is taken back; or, where that is done again,
    /// what it said in it.
    ///
    /// - Parameters:
    ///   - fields: the fields that are taken back, or written again.
    ///   - operation: the number of the operation in the log of this machine; one that is no import changes nothing.
    package static func reverse(
        _ fields: FieldMask, of id: RecordID, by operation: Int64, in database: Database
    ) throws(DatabaseError) {
        let fields = FieldMask(bits: fields.bits & ~(1 << UInt64(Field.existence)))
        guard !fields.isEmpty, try has("imported_before", database),
            let before = try row(
                "SELECT content, cells FROM imported_before WHERE record = ?1 AND operation = ?2",
                [.integer(key(id)), .integer(operation)], database),
            let after = try row(
                "SELECT content, cells FROM imported_content WHERE record = ?1", [.integer(key(id))], database)
        else { return }
        var (now, other) = (after, before)
        now.take(fields, from: before)
        // What stays of the row is known, though as a whole it was never said.
        now.content = before.content == ImportedRow.untold ? ImportedRow.ofNoRow : before.content
        other.take(fields, from: after)
        other.content = after.content
        try database.run(
            "UPDATE imported_content SET content = ?2, cells = ?3 WHERE record = ?1", .integer(key(id)),
            .integer(Int64(bitPattern: now.content)), .blob(now.cells))
        try database.run(
            "UPDATE imported_before SET content = ?3, cells = ?4 WHERE record = ?1 AND operation = ?2",
            .integer(key(id)), .integer(operation), .integer(Int64(bitPattern: other.content)), .blob(other.cells))
    }

    /// The random half of an id, which tells records apart well enough and is found faster than all of it.
    private static func key(_ id: RecordID) -> Int64 { Int64(bitPattern: id.low) }
}
