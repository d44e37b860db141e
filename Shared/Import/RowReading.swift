import SyncCore
import Tabular

/// One row of a file as the record that it will be.
struct PlannedRow {
    /// By ascending number; an empty cell is null.
    var values: [(field: Int, value: Value)]
    /// The place that is not here yet.
    var newPlace: NewPlace?
    /// The kind of the place, for a visit whose own is not given.
    var placeKind: PlaceKind?

    /// The value for a field; null where the row has none.
    func value(_ field: Int) -> Value {
        for value in values where value.field == field { return value.value }
        return .null
    }
}

/// A place that an import adds because a row names it.
struct NewPlace {
    let id: RecordID
    let name: RecordNames.Name
    let values: [(field: Int, value: Value)]
}

/// Reads rows by a plan.
struct RowReader {
    /// The value of a target that is the same for all rows.
    private typealias Constant = (value: Value, other: String?)

    let plan: ImportPlan
    private let cells: CellReader
    private let isCSV: Bool
    private let createsPlaces: Bool
    private let places: RecordNames
    private let people: RecordNames
    private let makePlaceID: (RecordNames.Name) -> RecordID
    private var constants: [Int: Constant] = [:]
    /// What stands before the text of each column that has no field: `Header: `.
    private let extraLabels: [[UInt8]]
    private let extrasBytes: Int

    /// Makes a reader.
    ///
    /// - Parameter makePlaceID: the id of a new place, always the same for the same name and district.
    /// - Throws: `ImportError.wrongValue` for a value of `--set` that does not fit, `ImportError.ambiguousSet` for a date of two readings.
    init(
        _ plan: ImportPlan, cells: CellReader, isCSV: Bool, createsPlaces: Bool, places: RecordNames,
        people: RecordNames, makePlaceID: @escaping (RecordNames.Name) -> RecordID
    ) throws(ImportError) {
        self.plan = plan
        self.cells = cells
        self.isCSV = isCSV
        self.createsPlaces = createsPlaces
        self.places = places
        self.people = people
        self.makePlaceID = makePlaceID
        extraLabels = plan.extras.map { Array("\(plan.columns[$0]): ".utf8) }
        extrasBytes = extraLabels.reduce(0) { $0 + $1.count + 1 }
        for target in plan.targets {
            guard case .text(let text) = target.source, target.field.form.referredTable == nil,
                target.field.form != .anyReference
            else { continue }
            if target.field.form == .time, cells.dates.isAmbiguous(text) {
                throw .ambiguousSet(field: target.field.name)
            }
            do throws(RowProblem) {
                constants[target.field.number] =
                    text.isEmpty
                    ? (.null, nil) : try cells.value(text, target.field, hasOther: target.other != nil)
            } catch {
                throw .wrongValue(field: target.field.name, reason: error.reason)
            }
        }
    }

    /// How dates of a row were to be read, where one of them has two readings; nil where none has.
    func orderOfDates(_ row: TableRow) -> DateOrder? {
        guard let order = cells.dates.order else { return nil }
        for target in plan.targets where target.field.form == .time {
            guard case .column(let column) = target.source else { continue }
            if DateCellReader.hasTwoReadings(TableFile.trimmed(row.text(column))) { return order }
        }
        return nil
    }

    /// The record that a row stands for.
    func read(_ row: TableRow) throws(RowProblem) -> PlannedRow {
        try checkShape(row)
        var planned = PlannedRow(values: [])
        planned.values.reserveCapacity(plan.targets.count + 2)
        var others: [(field: Int, value: Value)] = []
        for target in plan.targets {
            let number = target.field.number
            let read: Constant
            if let constant = constants[number] {
                read = constant
            } else if let text = text(of: target, in: row) {
                // An export left these words out: what stands in the record is not touched.
                if target.field.isQuote, text == QuoteGuard.leftOut { continue }
                if let table = try referredTable(target.field, planned) {
                    read = (try reference(text, table, target.field, row, &planned), nil)
                } else {
                    read = try cells.value(
                        text, target.field, hasOther: target.other != nil, inMinorUnits: target.isInMinorUnits)
                }
            } else {
                read = (.null, nil)
            }
            planned.values.append((number, read.value))
            if let other = target.other, !plan.isExact {
                others.append((other, read.other.map { .text($0) } ?? .null))
            }
        }
        try checkSign(row, planned)
        addExtra(row, to: &planned)
        if !others.isEmpty {
            planned.values += others
            planned.values.sort { $0.field < $1.field }
        }
        return planned
    }

    /// An amount with a sign is in the currency of that sign, whatever the row says beside it.
    private func checkSign(_ row: TableRow, _ planned: PlannedRow) throws(RowProblem) {
        guard plan.kind == .payment,
            let target = plan.targets.first(where: { $0.field.form == .money }), let amount = text(of: target, in: row),
            case .text(let currency) = planned.value(PaymentField.currency.rawValue),
            let sign = MoneyText.wrongSign(amount, currency: currency)
        else { return }
        throw RowProblem("“\(target.field.label)” is in \(sign), and the currency is \(currency).")
    }

    private func checkShape(_ row: TableRow) throws(RowProblem) {
        if let problem = row.problem { throw RowProblem(problem) }
        let count = plan.columns.count
        if row.count > count {
            for index in count..<row.count where !row.cell(index).isEmpty {
                throw RowProblem("The row has \(row.count) cells, the header \(count). The surplus stands behind this.")
            }
        }
        if isHeader(row) { throw RowProblem("This is the header again.") }
        // In CSV none gets so far.
        if !isCSV, let column = plan.columns.indices.first(where: { row.cell($0).contains(0) }) {
            throw RowProblem("“\(plan.columns[column])” holds a NUL, which is no text.")
        }
    }

    private func isHeader(_ row: TableRow) -> Bool {
        guard plan.columns.count > 1, TableFile.trimmed(row.text(0)) == plan.columns[0] else { return false }
        return plan.columns.indices.allSatisfy { column in
            let text = TableFile.trimmed(row.text(column))
            return text.isEmpty || text == plan.columns[column]
        }
    }

    // MARK: Cells

    /// The text for a target; nil where there is none.
    private func text(of target: ImportPlan.Target, in row: TableRow) -> String? {
        switch target.source {
        case .text(let text): return text.isEmpty ? nil : text
        case .column(let column):
            if plan.isExact { return exactText(row, column, target.field) }
            let text = self.text(row, column)
            if text.isEmpty { return nil }
            return target.field.form == .time && cells.dates.isAbsent(text) ? nil : text
        }
    }

    /// The text of a cell of our own export, to the letter.
    private func exactText(_ row: TableRow, _ column: Int, _ field: FieldDescription) -> String? {
        if row.isNull(column) { return nil }
        let text = cellText(row, column)
        if text.isEmpty, field.form.type != .text { return nil }
        return isCSV ? CSVText.unguarded(text) : text
    }

    /// The text of a cell as it stood in the file that somebody gave us.
    private func cellText(_ row: TableRow, _ column: Int) -> String {
        let text = row.text(column)
        return plan.isRejects && isCSV ? CSVText.unguarded(text) : text
    }

    /// The text of a cell without white space around it, with line feeds alone between lines, and without the
    /// apostrophe that keeps spreadsheets from running it.
    func text(_ row: TableRow, _ column: Int) -> String {
        let cell = row.cell(column)
        guard !cell.isEmpty else { return "" }
        var text = TableFile.trimmed(cellText(row, column))
        if text.utf8.contains(UInt8(ascii: "\r")) {
            var lines = ""
            for character in text { lines.append(character == "\r\n" || character == "\r" ? "\n" : character) }
            text = lines
        }
        // Nothing runs a text of JSON.
        if isCSV, text.utf8.first == UInt8(ascii: "'"), CSVText.guarded(String(text.dropFirst())) != text.dropFirst(),
            text.dropFirst().first != "'"
        {
            return String(text.dropFirst())
        }
        return text
    }

    /// Columns without a field as lines of `extra`, `Header: value`.
    private func addExtra(_ row: TableRow, to planned: inout PlannedRow) {
        guard !plan.extras.isEmpty else { return }
        let number = SharedField.extra.rawValue
        var lines: [UInt8] = []
        lines.reserveCapacity(row.bytes.count + extrasBytes)
        if let last = planned.values.last, last.field == number {
            if case .text(let text) = last.value { lines += text.utf8 }
            planned.values.removeLast()
        }
        for (column, label) in zip(plan.extras, extraLabels) {
            let cell = row.cell(column)
            guard !cell.isEmpty else { continue }
            let isPlain = TableFile.isPlain(cell)
            let text = isPlain ? "" : self.text(row, column)
            if !isPlain, text.isEmpty { continue }
            if !lines.isEmpty { lines.append(UInt8(ascii: "\n")) }
            lines += label
            if isPlain { row.appendCell(column, to: &lines) } else { lines += text.utf8 }
        }
        planned.values.append((number, lines.isEmpty ? .null : .text(String(decoding: lines, as: UTF8.self))))
    }

    // MARK: References

    /// The table that a field's words refer to; nil for a field that refers to no record.
    private func referredTable(_ field: FieldDescription, _ planned: PlannedRow) throws(RowProblem) -> Int? {
        guard field.form == .anyReference else { return field.form.referredTable }
        guard let kind = plan.kind.referredKind(planned.values) else {
            throw RowProblem("“\(field.label)” needs a kind of record beside it: person, place, visit.")
        }
        return kind.number
    }

    private func reference(
        _ text: String, _ table: Int, _ field: FieldDescription, _ row: TableRow, _ planned: inout PlannedRow
    ) throws(RowProblem) -> Value {
        if let id = RecordID(text) { return .blob(id.bytes) }
        switch table {
        case OutreachSchema.Number.place: return try place(text, field, row, &planned)
        case OutreachSchema.Number.person:
            switch people.find(people.name(text)) {
            case .found(let entry): return .blob(entry.id.bytes)
            case .nothing: throw RowProblem("Nobody here is called as “\(field.label)” says: import people first.")
            case .several(let count): throw RowProblem("\(count) people are called so: give the id of one.")
            }
        default: throw RowProblem("“\(field.label)” needs the whole id of a record, 26 letters, as an export has it.")
        }
    }

    private func place(
        _ typed: String, _ field: FieldDescription, _ row: TableRow, _ planned: inout PlannedRow
    ) throws(RowProblem) -> Value {
        let name = TidyName.tidied(typed)
        let district = plan.districtColumn.map { text(row, $0) } ?? ""
        let key = places.name(name, district: district)
        switch places.find(key) {
        case .found(let entry):
            planned.placeKind = entry.kind
            return .blob(entry.id.bytes)
        case .several(let count):
            throw RowProblem("\(count) places are called so: give the district, place_district, or the id of one.")
        case .nothing:
            guard createsPlaces else {
                throw RowProblem("No place here is called as “\(field.label)” says: add it, or use --create-places.")
            }
            guard name.utf8.count <= Value.largestBytes, district.utf8.count <= Value.largestBytes else {
                throw RowProblem("“\(field.label)” is too long for the name of a place.")
            }
            let id = makePlaceID(key)
            var values: [(field: Int, value: Value)] = [(PlaceField.name.rawValue, .text(name))]
            if !district.isEmpty { values.append((PlaceField.district.rawValue, .text(district))) }
            planned.newPlace = NewPlace(id: id, name: key, values: values)
            return .blob(id.bytes)
        }
    }
}

extension FieldForm {
    /// The table whose records a field refers to.
    package var referredTable: Int? { if case .reference(let table) = self { table } else { nil } }
}

extension RecordKind {
    /// The kind of the record that a record of this kind is about, where any may be: another field says its table.
    func referredKind(_ values: [(field: Int, value: Value)]) -> RecordKind? {
        guard let field = fields.first(where: { $0.form == .table }),
            case .integer(let table)? = values.first(where: { $0.field == field.number })?.value
        else { return nil }
        return Int(exactly: table).flatMap(RecordKind.of(table:))
    }
}
