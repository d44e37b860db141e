package import Database
package import SyncCore

/// The rows of a schema's tables in one database: one plain SQL table for each kind of record.
///
/// Beside the typed columns of its fields each row has the columns of `RecordColumn`. Tables that the schema does not
/// know share one SQL table and keep all their fields in `more`, so that nothing is lost until an upgrade.
package final class RecordTables {
    /// A row of a replica.
    package struct Row {
        package let key: Int64
        package let state: RecordState
        /// The newest group of this device that touched the record, settled or not.
        package let touchedBy: Int64?
    }

    /// Whose rows these are.
    package enum Side: Sendable {
        /// The server: rows keep what the writer of each value had seen.
        case hub
        /// A device: rows have a column `pending`, the newest group of its own that touched them.
        case replica
    }

    /// The SQL table of records whose kind this version does not know.
    package static let unknownTable = "unknown_record"

    let database: Database
    let schema: Schema
    let side: Side
    /// Made when a table is first used: most commands use few of them, and its SQL is long.
    private var layouts: [Int: RecordLayout] = [:]
    private(set) lazy var unknown = RecordLayout(table: nil, side: side)

    package init(database: Database, schema: Schema, side: Side) {
        self.database = database
        self.schema = schema
        self.side = side
    }

    /// The key of a record's row, or nil where there is none.
    package func key(table: Int, id: RecordID) throws(DatabaseError) -> Int64? {
        let statement = try database.statement(layout(table).selectKey)
        defer { statement.reset() }
        try statement.bind(1, id.number)
        return try statement.step() ? statement.integer(0) : nil
    }

    /// The record with this key, or nil where there is none.
    package func load(table: Int, key: Int64) throws -> RecordState? {
        let layout = layout(table)
        let statement = try database.statement(layout.selectByKey)
        defer { statement.reset() }
        try statement.bind(1, key)
        return try statement.step() ? read(statement, layout: layout) : nil
    }

    /// The record with this id and the key of its row.
    package func find(table: Int, id: RecordID) throws -> (key: Int64, state: RecordState)? {
        let layout = layout(table)
        let statement = try database.statement(layout.selectByID)
        defer { statement.reset() }
        try statement.bind(1, id.number)
        guard try statement.step() else { return nil }
        return (statement.integer(0), try read(statement, layout: layout))
    }

    /// The id of the record with this key, or nil where there is none.
    package func id(table: Int, key: Int64) throws -> RecordID? {
        let statement = try database.statement(layout(table).selectID)
        defer { statement.reset() }
        try statement.bind(1, key)
        return try statement.step() ? id(statement, column: 0) : nil
    }

    /// The record with this key and the newest group that touched it, or nil where there is none; replicas only.
    package func row(table: Int, key: Int64) throws -> Row? {
        let layout = layout(table)
        let statement = try database.statement(layout.selectByKey)
        defer { statement.reset() }
        try statement.bind(1, key)
        return try statement.step() ? row(statement, layout: layout) : nil
    }

    /// The record with this id, its key and the newest group that touched it, or nil; replicas only.
    package func row(table: Int, id: RecordID) throws -> Row? {
        let layout = layout(table)
        let statement = try database.statement(layout.selectByID)
        defer { statement.reset() }
        try statement.bind(1, id.number)
        return try statement.step() ? row(statement, layout: layout) : nil
    }

    /// Removes the row.
    package func delete(table: Int, key: Int64) throws {
        let statement = try database.statement(layout(table).delete)
        try statement.bind(1, key)
        try statement.run()
    }

    /// Calls `body` with each record of a table; stops when it returns false.
    ///
    /// - Parameters:
    ///   - condition: SQL over the columns of the row, without values, such as `living` or `area = ?1`.
    ///   - column: what they are ordered by.
    package func forEach(
        table: Int, where condition: String = "1", integers: [Int64] = [], by column: String = "record_key",
        _ body: (Int64, RecordState) throws -> Bool
    ) throws {
        let layout = layout(table)
        let statement = try database.statement("\(layout.select) WHERE \(condition) ORDER BY \(column)")
        defer { statement.reset() }
        for (offset, value) in integers.enumerated() { try statement.bind(offset + 1, value) }
        while try statement.step() {
            guard try body(statement.integer(0), read(statement, layout: layout)) else { return }
        }
    }

    /// Calls `body` with each record in a range of keys, by ascending keys.
    package func forEach(
        table: Int, keys: ClosedRange<Int64>, _ body: (Int64, RecordState) throws -> Void
    ) throws {
        let layout = layout(table)
        let statement = try database.statement(layout.selectRange)
        defer { statement.reset() }
        try statement.bind(1, keys.lowerBound)
        try statement.bind(2, keys.upperBound)
        while try statement.step() { try body(statement.integer(0), read(statement, layout: layout)) }
    }

    /// Calls `body` with table and key of each record that does not live; 0 stands for all unknown tables.
    package func forEachDeadKey(table: Int, _ body: (_ table: Int, _ key: Int64) throws -> Void) throws {
        let layout = layout(table)
        let statement = try database.prepare("SELECT \(layout.number), record_key FROM \(layout.name) WHERE living = 0")
        defer { statement.reset() }
        while try statement.step() { try body(Int(statement.integer(0)), statement.integer(1)) }
    }

    // MARK: Rows

    func layout(_ table: Int) -> RecordLayout {
        if let made = layouts[table] { return made }
        guard let described = schema.table(table) else { return unknown }
        let layout = RecordLayout(table: described, side: side)
        layouts[table] = layout
        return layout
    }

    func row(_ statement: Statement, layout: RecordLayout) throws -> Row {
        let pending = layout.pendingColumn
        return Row(
            key: statement.integer(0), state: try read(statement, layout: layout),
            touchedBy: statement.isNull(pending) ? nil : statement.integer(pending))
    }

    private func id(_ statement: Statement, column: Int) throws -> RecordID {
        guard let id = unsafe statement.withBlob(column, { unsafe RecordID(bytes: $0) }) else {
            throw RecordStorageError.damagedRow
        }
        return id
    }

    func read(_ statement: Statement, layout: RecordLayout) throws -> RecordState {
        var state = RecordState(
            table: Int(statement.integer(2)), id: try id(statement, column: 1), area: Int(statement.integer(3)),
            created: Stamp(
                time: UInt64(bitPattern: statement.integer(4)), device: UInt32(truncatingIfNeeded: statement.integer(5))
            ),
            fields: [], isLiving: statement.integer(6) != 0)
        state.fields.reserveCapacity(layout.numbers.count)
        for (offset, number) in layout.numbers.enumerated() {
            let value = value(statement, RecordLayout.firstFieldColumn + offset)
            if !value.isNull { state.fields.append(FieldState(number: number, value: value, stamp: state.created)) }
        }
        if !statement.isNull(8) {
            for (number, value) in try MoreBlob.decode(statement.blob(8)) {
                state.set(FieldState(number: number, value: value, stamp: state.created))
            }
        }
        if !statement.isNull(7) { try StampsBlob.decode(statement.blob(7), into: &state) }
        return state
    }

    private func value(_ statement: Statement, _ column: Int) -> Value {
        switch statement.type(column) {
        case .null: .null
        case .integer: .integer(statement.integer(column))
        case .real: .real(statement.double(column))
        case .text: .text(statement.text(column))
        case .blob: .blob(statement.blob(column))
        }
    }
}
