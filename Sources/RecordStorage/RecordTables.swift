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
        /// The newest group of this device that touches the record and is not settled.
        package let pending: Int64?
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
    private let layouts: [Int: RecordLayout]
    let unknown: RecordLayout

    package init(database: Database, schema: Schema, side: Side) {
        self.database = database
        self.schema = schema
        self.side = side
        layouts = Dictionary(
            uniqueKeysWithValues: schema.tables.map { ($0.number, RecordLayout(table: $0, side: side)) })
        unknown = RecordLayout(table: nil, side: side)
    }

    /// The key of a record's row, or nil where there is none.
    package func key(table: Int, id: RecordID) throws(DatabaseError) -> Int64? {
        let statement = try database.statement(layout(table).selectKey)
        defer { statement.reset() }
        try statement.bind(1, id.bytes)
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
        try statement.bind(1, id.bytes)
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

    /// The record with this key and the newest group that touches it, or nil where there is none; replicas only.
    package func row(table: Int, key: Int64) throws -> Row? {
        let layout = layout(table)
        let statement = try database.statement(layout.selectByKey)
        defer { statement.reset() }
        try statement.bind(1, key)
        return try statement.step() ? row(statement, layout: layout) : nil
    }

    /// The record with this id, its key and the newest group that touches it, or nil; replicas only.
    package func row(table: Int, id: RecordID) throws -> Row? {
        let layout = layout(table)
        let statement = try database.statement(layout.selectByID)
        defer { statement.reset() }
        try statement.bind(1, id.bytes)
        return try statement.step() ? row(statement, layout: layout) : nil
    }

    /// Adds a row.
    ///
    /// - Parameter pending: the newest group of this device that touches the record; replicas only.
    /// - Returns: the key of the row.
    @discardableResult
    package func insert(_ state: RecordState, pending: Int64? = nil) throws -> Int64 {
        let layout = layout(state.table)
        let statement = try database.statement(layout.insert)
        // What a failed insert had bound must not turn up in the next row.
        var isDone = false
        defer { if !isDone { statement.reset() } }
        try statement.bind(1, state.id.bytes)
        try statement.bind(2, Int64(state.table))
        try statement.bind(3, Int64(state.area))
        try statement.bind(4, Int64(bitPattern: state.created.time))
        try statement.bind(5, Int64(state.created.device))
        try bindVariable(state, layout: layout, to: statement, from: 6)
        var index = 9
        if side == .replica {
            if let pending { try statement.bind(index, pending) }
            index += 1
        }
        try bindColumns(state, layout: layout, to: statement, from: index)
        try statement.run()
        isDone = true
        return database.lastInsertRowID
    }

    /// Writes the columns of changed fields, the stamps and whether the record lives.
    package func update(_ state: RecordState, key: Int64, changed: FieldMask) throws {
        let layout = layout(state.table)
        let columns = layout.columns(in: changed)
        let statement = try database.statement(layout.update(changed))
        try bindVariable(state, layout: layout, to: statement, from: 1)
        for (offset, column) in columns.enumerated() {
            let field = state.field(column.number)
            try bind(layout.holds(field) ? field.value : .null, to: statement, 4 + offset)
        }
        try statement.bind(4 + columns.count, key)
        try statement.run()
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

    /// Calls `body` with table and key of each record that does not live; 0 stands for all unknown tables.
    package func forEachDeadKey(table: Int, _ body: (_ table: Int, _ key: Int64) throws -> Void) throws {
        let layout = layout(table)
        let statement = try database.prepare("SELECT \(layout.number), record_key FROM \(layout.name) WHERE living = 0")
        defer { statement.reset() }
        while try statement.step() { try body(Int(statement.integer(0)), statement.integer(1)) }
    }

    // MARK: Rows

    func layout(_ table: Int) -> RecordLayout { layouts[table] ?? unknown }

    /// Living, stamps and unknown fields: what changes beside the columns of fields.
    private func bindVariable(
        _ state: RecordState, layout: RecordLayout, to statement: Statement, from index: Int
    ) throws {
        try statement.bind(index, Int64(state.isLiving ? 1 : 0))
        let stamps = StampsBlob.encode(state)
        if stamps.isEmpty { try statement.bindNull(index + 1) } else { try statement.bind(index + 1, stamps) }
        let isInColumns = state.fields.allSatisfy { layout.holds($0) }
        var more = isInColumns ? [] : MoreBlob.encode(state.fields.filter { !layout.holds($0) })
        #if PlantedBugs
            if PlantedBug.isChosen(.unknownFieldDropped) { more = [] }
        #endif
        if more.isEmpty { try statement.bindNull(index + 2) } else { try statement.bind(index + 2, more) }
    }

    /// Binds the known fields in the order of their columns; both lists are sorted alike, so one walk suffices.
    ///
    /// What is not bound is null.
    private func bindColumns(
        _ state: RecordState, layout: RecordLayout, to statement: Statement, from first: Int
    ) throws {
        var offset = 0
        for index in state.fields.indices {
            let number = state.fields[index].number
            while offset < layout.numbers.count, layout.numbers[offset] < number { offset += 1 }
            guard offset < layout.numbers.count else { return }
            if layout.numbers[offset] == number, layout.holds(state.fields[index]) {
                try bind(state.fields[index].value, to: statement, first + offset)
            }
        }
    }

    private func bind(_ value: Value, to statement: Statement, _ index: Int) throws {
        switch value {
        case .null: try statement.bindNull(index)
        case .integer(let number): try statement.bind(index, number)
        case .real(let number): try statement.bind(index, number)
        case .text(let text): try statement.bind(index, text)
        case .blob(let bytes): try statement.bind(index, bytes)
        }
    }

    func row(_ statement: Statement, layout: RecordLayout) throws -> Row {
        let pending = layout.pendingColumn
        return Row(
            key: statement.integer(0), state: try read(statement, layout: layout),
            pending: statement.isNull(pending) ? nil : statement.integer(pending))
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
