import SyncCore

/// One record as it goes into an export.
package struct ExportRow: Hashable, Sendable {
    /// The record's id.
    package let id: RecordID
    /// By field number; a field that is not named is null.
    package let values: [Int: Value]
    /// When the record was made, in milliseconds since 1970.
    package let createdMilliseconds: Int64
    /// The number of the device that made it.
    package let device: UInt32
    /// Whether it lies in an area that leads and admins alone read.
    package let isInTwin: Bool

    /// Makes a row.
    package init(
        id: RecordID, values: [Int: Value], createdMilliseconds: Int64 = 0, device: UInt32 = 0, isInTwin: Bool = false
    ) {
        self.id = id
        self.values = values
        self.createdMilliseconds = createdMilliseconds
        self.device = device
        self.isInTwin = isInTwin
    }

    /// The same record with other values.
    func with(_ values: [Int: Value]) -> ExportRow {
        ExportRow(
            id: id, values: values, createdMilliseconds: createdMilliseconds, device: device, isInTwin: isInTwin)
    }

    /// Whether few may read it though its kind is for many: it tells of a concern, wherever it lies, as a note about one
    /// does, or it lies where the concerns lie.
    func isRestricted(as kind: RecordKind) -> Bool {
        isInTwin
            || kind == .note && RecordKind.of(storedTable: values[NoteField.aboutTable.rawValue])?.isRestricted == true
    }
}

extension RecordKind {
    /// The kind whose number a field holds.
    fileprivate static func of(storedTable value: Value?) -> RecordKind? {
        if case .integer(let number)? = value { Int(exactly: number).flatMap(of(table:)) } else { nil }
    }
}

/// Who recorded something.
package struct ExportWriter: Hashable, Sendable {
    /// Whose device it was.
    package let person: String
    /// What the device is called.
    package let device: String

    /// Makes a writer.
    package init(person: String, device: String) {
        self.person = person
        self.device = device
    }
}

/// The canonical export of one kind of record: the same records give the same bytes on every replica.
///
/// The columns are `id`, then the fields by number, then who recorded it, on which device and when, in UTC. An id stands in
/// its text form; a reference to a place or a person is followed by a column with its name, `place_name`, and so is one to a record
/// of any kind, where the name is null for what has none. `about_table` holds the word for the kind.
package struct OutreachExport: Sendable {
    /// Gives the name of a record in another table, or nil where there is none.
    package typealias Resolver = @Sendable (_ table: Int, _ id: RecordID) -> String?

    /// The last columns, which are nobody's to write: an import passes over them.
    static let recordingColumns = ["recorded_by", "recorded_on", "recorded_at"]

    /// The kind of its records.
    package let kind: RecordKind
    /// What a column needs, looked up once for all rows.
    private struct Column: Sendable {
        let number: Int
        let isTable: Bool
        /// Whose names stand in the next column.
        let naming: Naming?
    }

    /// Where the table of a reference stands.
    private enum Naming {
        case table(Int)
        /// In the field of this number.
        case field(Int)
    }

    /// The names of the columns.
    package let header: [String]
    private let fields: [FieldDescription]
    private let columns: [Column]
    private let jsonKeys: [String]
    private let name: Resolver
    private let merged: [Int: MergedRecords]
    private let writers: [UInt32: ExportWriter]

    /// The same everywhere, whatever the clock of who exports shows.
    private static let utc = LocalTime { _ in 0 }

    /// What stands for the name of a place or person that no living record here has.
    package static let absentName = "(not here)"

    /// Makes an export of one kind.
    ///
    /// - Parameters:
    ///   - merged: which places and people stand for which, by table; for choosing records, not for what is written.
    ///   - writers: who has which device, by its number.
    ///   - name: asked for places and people only.
    package init(
        _ kind: RecordKind, merged: [Int: MergedRecords] = [:], writers: [UInt32: ExportWriter] = [:],
        name: @escaping Resolver
    ) {
        self.kind = kind
        self.writers = writers
        fields = kind.exportFields.compactMap { kind.field($0) }
        header =
            ["id"] + fields.flatMap { Self.naming($0, in: kind) == nil ? [$0.name] : [$0.name, "\($0.name)_name"] }
            + Self.recordingColumns
        jsonKeys = header.map(JSONText.quoted)
        columns = fields.map { field in
            Column(number: field.number, isTable: field.form == .table, naming: Self.naming(field, in: kind))
        }
        self.name = name
        self.merged = merged.filter { !$0.value.isEmpty }
    }

    /// The types of the columns.
    package var types: [FieldType] {
        [.text]
            + fields.flatMap { field in
                let type: FieldType = field.form == .table || field.form.type == .blob ? .text : field.form.type
                return Self.naming(field, in: kind) == nil ? [type] : [type, .text]
            } + Self.recordingColumns.map { _ in FieldType.text }
    }

    /// The tables whose names stand beside ids in the export of a kind.
    static func namedTables(of kind: RecordKind) -> Set<Int> {
        kind.fields.reduce(into: []) { tables, field in
            switch naming(field, in: kind) {
            case .table(let table): tables.insert(table)
            case .field: tables.formUnion(tablesWithNames)
            case nil: break
            }
        }
    }

    /// The cells of one record, as many as the header has; texts, numbers and nulls only.
    package func cells(_ row: ExportRow) -> [Value] {
        var cells: [Value] = []
        cells.reserveCapacity(header.count)
        cells.append(.text(row.id.description))
        for index in columns.indices {
            let column = columns[index]
            let value = row.values[column.number] ?? .null
            cells.append(Self.cell(value, isTable: column.isTable))
            if column.naming != nil { cells.append(nameCell(value, table: namedTable(column, row.values))) }
        }
        let writer = writers[row.device]
        cells.append(writer.map { .text($0.person) } ?? .null)
        cells.append(writer.map { .text($0.device) } ?? .null)
        cells.append(.text(Self.utc.moment(atMilliseconds: row.createdMilliseconds).description))
        return cells
    }

    /// The cells as they would be if the record named what stands for merged places and people; nil where they are the
    /// same as `cells`.
    func followedCells(_ row: ExportRow) -> [Value]? {
        guard !merged.isEmpty else { return nil }
        var values = row.values
        for column in columns {
            guard let table = namedTable(column, values), case .blob(let bytes)? = values[column.number],
                let id = RecordID(bytes: bytes), let survivor = merged[table]?.survivor(of: id), survivor != id
            else { continue }
            values[column.number] = .blob(survivor.bytes)
        }
        guard values != row.values else { return nil }
        return cells(row.with(values))
    }

    /// A header line and a line for each record, by ascending id.
    package func csv(_ rows: [ExportRow]) -> String {
        let lines = rows.sorted { $0.id < $1.id }.map { CSVText.line(cells($0)) }
        return CSVText.line(header.map(Value.text)) + lines.joined()
    }

    /// One JSON object with its line feed for each record, by ascending id.
    package func jsonLines(_ rows: [ExportRow]) -> String {
        rows.sorted { $0.id < $1.id }.map(jsonLine).joined()
    }

    /// One record as a JSON object with its line feed, for exports that are too long for memory.
    package func jsonLine(_ row: ExportRow) -> String { jsonLine(cells(row)) }

    /// The cells of one record as a JSON object with its line feed.
    func jsonLine(_ cells: [Value]) -> String {
        JSONText.object(keys: jsonKeys, values: cells) + "\n"
    }

    private func nameCell(_ value: Value, table: Int?) -> Value {
        guard let table, case .blob(let bytes) = value, let id = RecordID(bytes: bytes) else { return .null }
        return .text(name(table, id) ?? Self.absentName)
    }

    private static func cell(_ value: Value, isTable: Bool) -> Value {
        switch value {
        case .blob(let bytes): .text(RecordID(bytes: bytes)?.description ?? Base16.text(bytes))
        case .integer(let number) where isTable:
            Int(exactly: number).flatMap(RecordKind.of(table:)).map { .text($0.name) } ?? value
        default: value
        }
    }

    /// The tables whose records have names.
    private static let tablesWithNames = [OutreachSchema.Number.place, OutreachSchema.Number.person]

    private static func naming(_ field: FieldDescription, in kind: RecordKind) -> Naming? {
        switch field.form {
        case .reference(let table) where tablesWithNames.contains(table): .table(table)
        case .anyReference: kind.fields.first { $0.form == .table }.map { .field($0.number) }
        default: nil
        }
    }

    /// The table of a record's reference; nil where what it names has no name.
    private func namedTable(_ column: Column, _ values: [Int: Value]) -> Int? {
        switch column.naming {
        case .table(let table): return table
        case .field(let number):
            guard let table = RecordKind.of(storedTable: values[number])?.number else { return nil }
            return Self.tablesWithNames.contains(table) ? table : nil
        case nil: return nil
        }
    }
}
