import Database
import OutreachModel
import SyncCore
import SyncReplica

/// Reads records from the plain typed tables of this laptop's database.
struct RecordReader {
    /// Which records are asked for.
    enum Which {
        case living, deleted, all

        fileprivate var condition: String {
            switch self {
            case .living: "living"
            // Written as in the index of deleted records.
            case .deleted: "living = 0"
            case .all: "1"
            }
        }
    }

    fileprivate static let columns = "id, area, created_time, created_device, living, \(Replica.mayWaitSQL)"
    private static let firstField = 6

    let database: Database

    /// The record with this id.
    ///
    /// - Parameter fields: those that are read; all if not given.
    func record(_ kind: RecordKind, _ id: RecordID, fields: [FieldDescription]? = nil) throws -> StoredRecord? {
        var found: StoredRecord?
        try walk(kind, .all, where: "id = ?1", [.blob(id.bytes)], fields: fields) { record in
            found = record
            return false
        }
        return found
    }

    /// All records of a kind by ascending id unless their order does not matter, or those that a condition over the columns lets through.
    func records(
        _ kind: RecordKind, _ which: Which = .living, where condition: String = "1", _ values: [SQLValue] = [],
        isOrdered: Bool = true
    ) throws -> [StoredRecord] {
        var records: [StoredRecord] = []
        try forEach(kind, which, where: condition, values, isOrdered: isOrdered) { records.append($0) }
        return records
    }

    /// Hands the same records to the body one by one.
    func forEach(
        _ kind: RecordKind, _ which: Which = .living, where condition: String = "1", _ values: [SQLValue] = [],
        isOrdered: Bool = true, _ body: (StoredRecord) throws -> Void
    ) throws {
        // In the order of the ids' index every row is looked for on its own, several times slower than sorting the few
        // that a condition leaves; all of them are too many to be sorted in memory.
        let order = isOrdered ? condition == "1" ? "id" : "+id" : nil
        try walk(kind, which, where: condition, values, order: order) { record in
            try body(record)
            return true
        }
    }

    /// Hands records to the body one by one until it returns false.
    ///
    /// - Parameters:
    ///   - fields: those that are read; all if not given.
    ///   - order: what they are ordered by, in SQL; nil for any order.
    func walk(
        _ kind: RecordKind, _ which: Which = .living, where condition: String = "1", _ values: [SQLValue] = [],
        fields: [FieldDescription]? = nil, order: String? = nil, _ body: (StoredRecord) throws -> Bool
    ) throws {
        let fields = fields ?? kind.fields
        let statement = try database.statement(
            select(kind, fields) + " WHERE \(which.condition) AND (\(condition))"
                + (order.map { " ORDER BY \($0)" } ?? ""))
        defer { statement.reset() }
        for (offset, value) in values.enumerated() { try statement.bind(offset + 1, value) }
        let numbers = fields.map(\.number)
        while try statement.step() {
            guard let record = read(statement, kind, numbers) else { continue }
            guard try body(record) else { return }
        }
    }

    /// Hands key, id and name of the living records of a kind to the body, in any order; the name is empty where there is
    /// none.
    func forEachName(
        _ kind: RecordKind, where condition: String, _ values: [SQLValue],
        _ body: (_ key: Int64, _ id: RecordID, _ name: String) throws -> Void
    ) throws {
        guard let column = kind.field(kind.titleField)?.name else { return }
        let statement = try database.statement(
            "SELECT record_key, id, \"\(column)\" FROM \"\(kind.name)\" WHERE living AND (\(condition))")
        defer { statement.reset() }
        for (offset, value) in values.enumerated() { try statement.bind(offset + 1, value) }
        while try statement.step() {
            guard let id = id(statement, 1) else { continue }
            try body(statement.integer(0), id, statement.isNull(2) ? "" : statement.text(2))
        }
    }

    /// Hands key and id of the living records of a kind to the body, the last that was made first.
    func forEachLatest(
        _ kind: RecordKind, where condition: String, _ values: [SQLValue],
        _ body: (_ key: Int64, _ id: RecordID) throws -> Void
    ) throws {
        let statement = try database.statement(
            """
            SELECT record_key, id FROM "\(kind.name)" WHERE living AND (\(condition))
            ORDER BY created_time DESC, id DESC
            """)
        defer { statement.reset() }
        for (offset, value) in values.enumerated() { try statement.bind(offset + 1, value) }
        while try statement.step() {
            if let id = id(statement, 1) { try body(statement.integer(0), id) }
        }
    }

    /// Hands living records to the body, the last text of a column first, until it returns false.
    ///
    /// The keys are sorted, not the rows: all rows of a large table at once are too much for the memory.
    func walkDown(
        _ kind: RecordKind, by column: String, where condition: String, _ values: [SQLValue],
        fields: [FieldDescription]?, _ body: (StoredRecord) throws -> Bool
    ) throws {
        let keys = try database.statement(
            "SELECT record_key FROM \"\(kind.name)\" WHERE living AND (\(condition)) ORDER BY \"\(column)\" DESC")
        defer { keys.reset() }
        for (offset, value) in values.enumerated() { try keys.bind(offset + 1, value) }
        let lookup = try RowLookup(self, kind, fields, by: "record_key")
        while try keys.step() {
            guard let record = try lookup.record(.integer(keys.integer(0))) else { continue }
            guard try body(record) else { return }
        }
    }

    fileprivate func select(_ kind: RecordKind, _ fields: [FieldDescription]) -> String {
        let columns = ([Self.columns] + fields.map { "\"\($0.name)\"" }).joined(separator: ", ")
        return "SELECT \(columns) FROM \"\(kind.name)\""
    }

    /// How many living records of a kind a condition lets through.
    func count(_ kind: RecordKind, where condition: String, _ values: [SQLValue]) throws(DatabaseError) -> Int {
        let statement = try database.statement(
            "SELECT count(*) FROM \"\(kind.name)\" WHERE living AND (\(condition))")
        defer { statement.reset() }
        for (offset, value) in values.enumerated() { try statement.bind(offset + 1, value) }
        return try statement.step() ? Int(statement.integer(0)) : 0
    }

    /// What finds the name of one record after the other: its text, empty where it has none, and whether it lives.
    func nameQuery(_ kind: RecordKind) -> Query {
        let column = kind.field(kind.titleField)?.name ?? "NULL"
        return Query("SELECT \"\(column)\", living FROM \"\(kind.name)\" WHERE id = ?1")
    }

    /// The name of the record with this id, by `nameQuery`; nil where there is no such record.
    func name(_ query: Query, _ id: RecordID) throws(DatabaseError) -> (text: String, isLiving: Bool)? {
        let statement = try database.statement(query)
        defer { statement.reset() }
        try statement.bind(1, id.bytes)
        return try statement.step() ? (statement.text(0), statement.integer(1) != 0) : nil
    }

    /// The ids of a kind that begin so, ascending.
    func ids(_ kind: RecordKind, _ which: Which, prefix: RecordIDPrefix) throws(DatabaseError) -> [RecordID] {
        // The index of ids alone is read, and only what begins so is looked for in the table.
        let statement = try database.statement("SELECT id FROM \"\(kind.name)\" ORDER BY id")
        defer { statement.reset() }
        var ids: [RecordID] = []
        while try statement.step() {
            guard let id = id(statement, 0), prefix.begins(id) else { continue }
            switch which {
            case .all: ids.append(id)
            case .living: if try isLiving(kind, id) { ids.append(id) }
            case .deleted: if try !isLiving(kind, id) { ids.append(id) }
            }
        }
        return ids
    }

    /// The ids of the living records whose field has exactly this text, ascending.
    func ids(_ kind: RecordKind, field: Int, text: String) throws(DatabaseError) -> [RecordID] {
        guard let column = kind.field(field)?.name else { return [] }
        let statement = try database.statement(
            "SELECT id FROM \"\(kind.name)\" WHERE living AND \"\(column)\" = ?1 ORDER BY +id")
        defer { statement.reset() }
        try statement.bind(1, text)
        var ids: [RecordID] = []
        while try statement.step() {
            if let id = id(statement, 0) { ids.append(id) }
        }
        return ids
    }

    /// The text of one field of every record that has it, in no order.
    func texts(_ kind: RecordKind, field: Int, _ which: Which) throws(DatabaseError) -> [(id: RecordID, text: String)] {
        guard let column = kind.field(field)?.name else { return [] }
        let statement = try database.statement(
            "SELECT id, \"\(column)\" FROM \"\(kind.name)\" WHERE \(which.condition) AND \"\(column)\" NOT NULL")
        defer { statement.reset() }
        var texts: [(RecordID, String)] = []
        while try statement.step() {
            if let id = id(statement, 0) { texts.append((id, statement.text(1))) }
        }
        return texts
    }

    /// Area, name and district of all living records that have a name, in any order.
    ///
    /// - Parameter district: the number of the field with the district; nil for kinds without one.
    func names(
        _ kind: RecordKind, district: Int?
    ) throws(DatabaseError) -> [(id: RecordID, area: Int, name: String, district: String?)] {
        guard let name = kind.field(kind.titleField)?.name else { return [] }
        let other = district.flatMap { kind.field($0)?.name }.map { "\"\($0)\"" } ?? "NULL"
        let statement = try database.statement(
            """
            SELECT id, area, "\(name)", \(other) FROM "\(kind.name)" WHERE living AND "\(name)" NOT NULL
            """)
        defer { statement.reset() }
        var names: [(RecordID, Int, String, String?)] = []
        while try statement.step() {
            guard let id = RecordID(bytes: statement.blob(0)) else { continue }
            let district = statement.isNull(3) ? nil : statement.text(3)
            names.append((id, Int(statement.integer(1)), statement.text(2), district))
        }
        return names
    }

    /// The records of a kind that name another one in a field, by ascending id; living ones only.
    func references(_ kind: RecordKind, field: Int) throws(DatabaseError) -> [(id: RecordID, target: RecordID)] {
        guard let column = kind.field(field)?.name else { return [] }
        let statement = try database.statement(
            "SELECT id, \"\(column)\" FROM \"\(kind.name)\" WHERE \"\(column)\" NOT NULL AND living ORDER BY +id")
        defer { statement.reset() }
        var found: [(RecordID, RecordID)] = []
        while try statement.step() {
            guard let id = RecordID(bytes: statement.blob(0)), let target = RecordID(bytes: statement.blob(1)) else {
                continue
            }
            found.append((id, target))
        }
        return found
    }

    /// Whether a record is here and not deleted.
    func isLiving(_ kind: RecordKind, _ id: RecordID) throws(DatabaseError) -> Bool {
        try database.integer("SELECT living FROM \"\(kind.name)\" WHERE id = ?", .blob(id.bytes)) == 1
    }

    /// `column IN (…)` over ids whose values are bound from a number on.
    static func isAmong(_ column: String, _ count: Int, from first: Int = 1) -> String {
        "\"\(column)\" IN (\((first..<first + count).map { "?\($0)" }.joined(separator: ", ")))"
    }

    /// - Parameter numbers: those of the kind's fields, in the order of the columns; looked up once for all rows.
    fileprivate func read(_ statement: Statement, _ kind: RecordKind, _ numbers: [Int]) -> StoredRecord? {
        guard let id = id(statement, 0) else { return nil }
        var values: [Int: Value] = [:]
        values.reserveCapacity(numbers.count)
        for offset in numbers.indices where !statement.isNull(Self.firstField + offset) {
            values[numbers[offset]] = value(statement, Self.firstField + offset)
        }
        let stamp = Stamp(
            time: UInt64(bitPattern: statement.integer(2)), device: UInt32(truncatingIfNeeded: statement.integer(3)))
        return StoredRecord(
            kind: kind, id: id, area: Int(statement.integer(1)), isLiving: statement.integer(4) != 0, created: stamp,
            isPending: statement.integer(5) != 0, values: values)
    }

    private func id(_ statement: Statement, _ column: Int) -> RecordID? {
        unsafe statement.withBlob(column) { unsafe RecordID(bytes: $0) }
    }

    private func value(_ statement: Statement, _ column: Int) -> Value {
        switch statement.value(column) {
        case .null: .null
        case .integer(let number): .integer(number)
        case .real(let number): .real(number)
        case .text(let text): .text(text)
        case .blob(let bytes): .blob(bytes)
        }
    }
}

/// Finds records of a kind one after the other, with one statement for all.
struct RowLookup {
    private let reader: RecordReader
    private let kind: RecordKind
    private let numbers: [Int]
    private let statement: Statement

    /// - Parameters:
    ///   - fields: those that are read; nil for all.
    ///   - column: what is looked for: `id` or `record_key`.
    init(
        _ reader: RecordReader, _ kind: RecordKind, _ fields: [FieldDescription]?, by column: String
    ) throws(DatabaseError) {
        let fields = fields ?? kind.fields
        self.reader = reader
        self.kind = kind
        numbers = fields.map(\.number)
        statement = try reader.database.statement(reader.select(kind, fields) + " WHERE \(column) = ?1")
    }

    /// The record with this value, or nil where there is none.
    func record(_ value: SQLValue) throws(DatabaseError) -> StoredRecord? {
        defer { statement.reset() }
        try statement.bind(1, value)
        return try statement.step() ? reader.read(statement, kind, numbers) : nil
    }
}
