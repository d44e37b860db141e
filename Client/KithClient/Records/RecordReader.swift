import Database
import OutreachModel
import SyncCore

/// Reads records from the plain typed tables of this laptop's database.
struct RecordReader {
    /// Which records are asked for.
    enum Which {
        case living, deleted, all

        fileprivate var condition: String {
            switch self {
            case .living: "living"
            case .deleted: "NOT living"
            case .all: "1"
            }
        }
    }

    private static let columns = "id, area, created_time, created_device, living, pending"
    private static let firstField = 6

    let database: Database

    /// The record with this id.
    func record(_ kind: RecordKind, _ id: RecordID) throws -> StoredRecord? {
        try records(kind, .all, where: "id = ?1", [.blob(id.bytes)]).first
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
        let fields = kind.fields.map { "\"\($0.name)\"" }.joined(separator: ", ")
        // In the order of ids every row is looked for on its own: several times slower.
        let order = isOrdered ? "ORDER BY id" : ""
        let statement = try database.statement(
            "SELECT \(Self.columns), \(fields) FROM \"\(kind.name)\" WHERE \(which.condition) AND (\(condition)) \(order)"
        )
        defer { statement.reset() }
        for (offset, value) in values.enumerated() { try statement.bind(offset + 1, value) }
        let numbers = kind.fields.map(\.number)
        while try statement.step() {
            if let record = read(statement, kind, numbers) { try body(record) }
        }
    }

    /// The ids of a kind, ascending.
    func ids(_ kind: RecordKind, _ which: Which) throws(DatabaseError) -> [RecordID] {
        let statement = try database.statement("SELECT id FROM \"\(kind.name)\" WHERE \(which.condition) ORDER BY id")
        defer { statement.reset() }
        var ids: [RecordID] = []
        while try statement.step() {
            if let id = RecordID(bytes: statement.blob(0)) { ids.append(id) }
        }
        return ids
    }

    /// The text of one field of the living records that a condition lets through, in no order; empty where they have none.
    func texts(
        _ kind: RecordKind, field: Int, where condition: String, _ values: [SQLValue]
    ) throws(DatabaseError) -> [(id: RecordID, text: String)] {
        guard let column = kind.field(field)?.name else { return [] }
        let statement = try database.statement(
            "SELECT id, \"\(column)\" FROM \"\(kind.name)\" WHERE living AND (\(condition))")
        defer { statement.reset() }
        for (offset, value) in values.enumerated() { try statement.bind(offset + 1, value) }
        var texts: [(RecordID, String)] = []
        while try statement.step() {
            if let id = RecordID(bytes: statement.blob(0)) { texts.append((id, statement.text(1))) }
        }
        return texts
    }

    /// The text of one field of every record that has it, by ascending id.
    func texts(_ kind: RecordKind, field: Int, _ which: Which) throws(DatabaseError) -> [(id: RecordID, text: String)] {
        guard let column = kind.field(field)?.name else { return [] }
        let statement = try database.statement(
            "SELECT id, \"\(column)\" FROM \"\(kind.name)\" WHERE \(which.condition) AND \"\(column)\" NOT NULL ORDER BY id"
        )
        defer { statement.reset() }
        var texts: [(RecordID, String)] = []
        while try statement.step() {
            if let id = RecordID(bytes: statement.blob(0)) { texts.append((id, statement.text(1))) }
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
            "SELECT id, \"\(column)\" FROM \"\(kind.name)\" WHERE \"\(column)\" NOT NULL AND living ORDER BY id")
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
    private func read(_ statement: Statement, _ kind: RecordKind, _ numbers: [Int]) -> StoredRecord? {
        guard let id = RecordID(bytes: statement.blob(0)) else { return nil }
        var values: [Int: Value] = [:]
        values.reserveCapacity(numbers.count)
        for offset in numbers.indices where !statement.isNull(Self.firstField + offset) {
            values[numbers[offset]] = value(statement, Self.firstField + offset)
        }
        let stamp = Stamp(
            time: UInt64(bitPattern: statement.integer(2)), device: UInt32(truncatingIfNeeded: statement.integer(3)))
        return StoredRecord(
            kind: kind, id: id, area: Int(statement.integer(1)), isLiving: statement.integer(4) != 0, created: stamp,
            isPending: !statement.isNull(5), values: values)
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
