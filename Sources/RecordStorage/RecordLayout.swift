internal import Database
internal import SyncCore

/// The SQL of one table of records.
///
/// Every SELECT gives: 0 key, 1 id, 2 table number, 3 area, 4 and 5 the stamp of the creation, 6 living, 7 stamps,
/// 8 unknown fields, then the fields by ascending number, and last, on a replica, the newest pending group.
final class RecordLayout {
    /// The column of a SELECT in which the first field stands.
    static let firstFieldColumn = 9

    /// The known fields by ascending number.
    let columns: [Field]
    /// The numbers of the known fields, ascending.
    let numbers: [Int]
    let createStatement: String
    /// Deleted records are few, and looked for by every sync; living ones cost nothing in this index.
    let createIndexOfDead: String
    let select: String
    let selectByKey: Query
    let selectByID: Query
    let selectKey: Query
    /// For rows of which none is there; for rows of which some may be.
    let insertion, insertionOfNew: RowInsertion
    /// How many columns stand before the first field in an inserted row.
    let firstInsertedField: Int
    let selectLastKey: Query
    let deleteBehind: Query
    let selectID: Query
    let selectPending: Query
    let updatePending: Query
    let selectRange: Query
    let delete: Query
    let dropBlobs: String
    /// The column of a SELECT in which the newest pending group stands, on a replica.
    var pendingColumn: Int { Self.firstFieldColumn + columns.count }
    /// The name of the table in SQL, quoted.
    let name: String
    /// The table's number, or the column that has it.
    let number: String
    /// Whether this is the table of unknown kinds.
    let isUnknown: Bool
    private let known: UInt64
    /// The type of each known field, by its number.
    private let types: [FieldType?]
    private var updates: [UInt64: Query] = [:]
    private var plainInsertions: [PlainInsertion] = []
    /// The most sets of fields whose UPDATE is kept.
    private static let keptUpdateLimit = 64

    /// - Parameter table: nil for the table of unknown kinds.
    init(table: Table?, side: RecordTables.Side) {
        name = Self.quoted(table?.name ?? RecordTables.unknownTable)
        columns = (table?.fields ?? []).sorted { $0.number < $1.number }
        numbers = columns.map(\.number)
        var types = [FieldType?](repeating: nil, count: Field.largestNumber + 1)
        for column in columns { types[column.number] = column.type }
        self.types = types
        known = columns.reduce(0) { $0 | 1 << UInt64($1.number) }
        let fields = columns.map { Self.quoted($0.name) }
        number = table.map { String($0.number) } ?? "table_number"
        select =
            "SELECT "
            + (["record_key", "id", number, "area", "created_time", "created_device", "living", "stamps", "more"]
            + fields + (side == .replica ? ["pending"] : [])).joined(separator: ", ") + " FROM \(name)"
        selectByKey = Query("\(select) WHERE record_key = ?1")
        selectByID = Query("\(select) WHERE id = ?1")
        selectKey = Query("SELECT record_key FROM \(name) WHERE id = ?1")
        selectID = Query("SELECT id FROM \(name) WHERE record_key = ?1")
        selectPending = Query("SELECT pending FROM \(name) WHERE record_key = ?1")
        updatePending = Query("UPDATE \(name) SET pending = ?1 WHERE record_key = ?2")
        selectRange = Query("\(select) WHERE record_key BETWEEN ?1 AND ?2 ORDER BY record_key")
        delete = Query("DELETE FROM \(name) WHERE record_key = ?1")
        createIndexOfDead =
            "CREATE INDEX IF NOT EXISTS \(Self.quoted((table?.name ?? RecordTables.unknownTable) + "_deleted")) "
            + "ON \(name) (record_key) WHERE living = 0"
        dropBlobs = "UPDATE \(name) SET stamps = NULL, more = NULL WHERE record_key = ?1"
        createStatement = Self.create(table: table, name: name, columns: columns, side: side)
        selectLastKey = Query("SELECT max(record_key) FROM \(name)")
        deleteBehind = Query("DELETE FROM \(name) WHERE record_key > ?1")
        isUnknown = table == nil
        var targets = ["id", "area", "created_time", "created_device", "living", "stamps", "more"]
        if table == nil { targets.insert("table_number", at: 1) }
        if side == .replica { targets.append("pending") }
        firstInsertedField = targets.count
        targets += fields
        let place = "\(name) (\(targets.joined(separator: ", ")))"
        insertion = RowInsertion(into: place, columnCount: targets.count)
        insertionOfNew = RowInsertion(into: place, columnCount: targets.count, meeting: .leaves)
    }

    /// Whether a value stands in a column of its own: its field is known, and of its type.
    ///
    /// A column would change a value of another type, which a version with other types may write (SQLite, "type
    /// affinity"); such a value is kept like that of an unknown field.
    func holds(_ field: FieldState) -> Bool {
        guard field.number < types.count, let type = types[field.number] else { return false }
        return type.accepts(field.value)
    }

    /// The known fields in a set, by ascending number.
    func columns(in mask: FieldMask) -> [Field] {
        mask.bits & known == known ? columns : columns.filter { mask.contains($0.number) }
    }

    /// How plain records with values in some fields are added; nil where there are enough statements for others.
    func plainInsertion(of fields: FieldMask, meeting: RowInsertion.Meeting, hasPending: Bool) -> PlainInsertion? {
        if let made = plainInsertions.first(where: { $0.serves(fields, meeting: meeting, hasPending: hasPending) }) {
            return made
        }
        guard plainInsertions.count < PlainInsertion.largestFormCount else { return nil }
        let made = PlainInsertion(fields, of: self, meeting: meeting, hasPending: hasPending)
        plainInsertions.append(made)
        return made
    }

    /// The UPDATE for a set of fields: living, stamps, unknown fields, the columns, then the key.
    func update(_ mask: FieldMask) -> Query {
        let bits = mask.bits & known
        if let query = updates[bits] { return query }
        var parts = ["living = ?1", "stamps = ?2", "more = ?3"]
        for (offset, column) in columns(in: mask).enumerated() {
            parts.append("\(Self.quoted(column.name)) = ?\(4 + offset)")
        }
        let query = Query("UPDATE \(name) SET \(parts.joined(separator: ", ")) WHERE record_key = ?\(parts.count + 1)")
        if updates.count >= Self.keptUpdateLimit { updates.removeAll() }
        updates[bits] = query
        return query
    }

    private static func create(table: Table?, name: String, columns: [Field], side: RecordTables.Side) -> String {
        var lines = ["record_key INTEGER PRIMARY KEY", "id BLOB NOT NULL UNIQUE"]
        if table == nil { lines.append("table_number INTEGER NOT NULL") }
        lines += [
            "area INTEGER NOT NULL", "created_time INTEGER NOT NULL", "created_device INTEGER NOT NULL",
            "living INTEGER NOT NULL", "stamps BLOB", "more BLOB",
        ]
        if side == .replica { lines.append("pending INTEGER") }
        lines += columns.map(declaration(of:))
        return "CREATE TABLE IF NOT EXISTS \(name) (\(lines.joined(separator: ", ")))"
    }

    /// The column of a field as a table declares it.
    static func declaration(of field: Field) -> String { declaration(field.name, field.type) }

    /// A column with its type.
    static func declaration(_ name: String, _ type: FieldType) -> String { "\(quoted(name)) \(sqlType(type))" }

    private static func sqlType(_ type: FieldType) -> String {
        switch type {
        case .integer: "INTEGER"
        case .real: "REAL"
        case .text: "TEXT"
        case .blob: "BLOB"
        }
    }

    static func quoted(_ name: String) -> String { "\"\(name)\"" }
}
