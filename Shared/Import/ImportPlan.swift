import SyncCore
import Tabular

/// Where each column of a file goes.
struct ImportPlan {
    /// Where the value of a field comes from.
    enum Source: Hashable {
        case column(Int)
        /// The same text for all rows, as `--set` gave it.
        case text(String)
    }

    /// A field that the import writes.
    struct Target: Hashable {
        let field: FieldDescription
        let source: Source
        /// The field for one's own words beside a list of words, where nothing else goes there.
        var other: Int?
        /// Whether amounts of money stand there in minor units: in a column that is called as our own exports call it. In any
        /// other they are as people write them, whether the file has our ids or not.
        var isInMinorUnits = false
    }

    /// Columns that an earlier import added to its rejected rows.
    static let rejectColumns = ["line", "reason"]
    /// What `--map` knows beside the fields of the kind.
    private static let placeDistrict = "place_district"

    let kind: RecordKind
    let columns: [String]
    /// By ascending number of the field.
    private(set) var targets: [Target] = []
    /// The columns that are kept as text in `extra`.
    private(set) var extras: [Int] = []
    /// The column with the ids of our own records: the file is an export of ours, read back to the letter.
    private(set) var idColumn: Int?
    private(set) var externalIDColumn: Int?
    /// The column with the district of the place.
    private(set) var districtColumn: Int?
    /// The columns that tell one row from another.
    private(set) var contentColumns: [Int] = []

    private var taken: [Int: String] = [:]
    /// The columns that were mapped to `extra`.
    private var kept: Set<Int> = []
    private var sources: [Int: Source] = [:]

    /// Whether the file is an export of ours.
    var isExact: Bool { idColumn != nil }

    /// Whether the file is CSV with the rejected rows of an earlier import: each of its texts was guarded once more.
    let isRejects: Bool

    /// Plans an import.
    ///
    /// - Parameters:
    ///   - columns: the names of the file's columns.
    ///   - first: the first row that is not blank, if there is one; it tells our own ids from others.
    ///   - isCSV: whether the file is CSV, in whose last columns rejected rows have their line and reason.
    /// - Throws: what does not fit together.
    init(_ request: ImportRequest, columns: [String], first: TableRow?, isCSV: Bool) throws(ImportError) {
        kind = request.kind
        self.columns = columns
        isRejects = isCSV && columns.suffix(Self.rejectColumns.count) == Self.rejectColumns[...]
        try takeMaps(request.maps)
        takeOwnID(first)
        takeRejectColumns()
        takeHeaders()
        try takeSets(request.sets)
        try finish()
    }

    /// A number for what is done with the columns, the same for the same options.
    var signature: [UInt8] {
        var text = "\(kind.number)"
        for target in targets { text += "|\(target.field.number)=\(target.source)" }
        return Array((text + "|\(extras)|\(districtColumn ?? -1)").utf8)
    }

    /// What tells rows without an id from the same ones of another list: what the columns are called, and what or whom `--set` says
    /// that all rows are about. Other values of `--set` may be mended: then the rows are the same.
    var sheet: [UInt8] {
        var text = contentColumns.map { columns[$0] }.joined(separator: "\u{1F}")
        for target in targets {
            guard case .text(let value) = target.source else { continue }
            switch target.field.form {
            case .reference, .anyReference, .table: text += "\u{1E}\(target.field.number)=\(TextMatch.key(value))"
            default: continue
            }
        }
        return Array(text.utf8)
    }

    // MARK: What was asked for

    private mutating func takeMaps(_ maps: [String]) throws(ImportError) {
        for map in maps {
            guard let split = map.lastIndex(of: "=") else { throw .notAPair(option: "map") }
            let name = TableFile.trimmed(String(map[..<split]))
            let word = TableFile.trimmed(String(map[map.index(after: split)...]))
            let column = try column(named: name)
            guard taken.updateValue(word, forKey: column) == nil else { throw .columnTwice(columns[column]) }
            if word == Self.placeDistrict, hasPlace {
                guard districtColumn == nil else { throw .fieldTwice(word) }
                districtColumn = column
                continue
            }
            let field = try field(named: word)
            if field.number == SharedField.extra.rawValue {
                kept.insert(column)
            } else if sources.updateValue(.column(column), forKey: field.number) != nil {
                throw .fieldTwice(field.name)
            }
        }
    }

    private mutating func takeSets(_ sets: [String]) throws(ImportError) {
        var given: Set<Int> = []
        for set in sets {
            guard let split = set.firstIndex(of: "=") else { throw .notAPair(option: "set") }
            let field = try field(named: TableFile.trimmed(String(set[..<split])))
            guard given.insert(field.number).inserted else { throw .fieldTwice(field.name) }
            sources[field.number] = .text(TableFile.trimmed(String(set[set.index(after: split)...])))
        }
    }

    private func column(named name: String) throws(ImportError) -> Int {
        if let column = columns.firstIndex(of: name) { return column }
        let key = TextMatch.key(name)
        let near = columns.indices.filter { TextMatch.key(columns[$0]) == key }
        guard near.count == 1 else { throw .unknownColumn(name, known: columns) }
        return near[0]
    }

    private func field(named word: String) throws(ImportError) -> FieldDescription {
        let key = TextMatch.key(Words.plain(word))
        guard let field = kind.fields.first(where: { TextMatch.key(Words.plain($0.name)) == key }) else {
            throw .unknownField(word, known: kind.fields.map(\.name) + (hasPlace ? [Self.placeDistrict] : []))
        }
        return field
    }

    private var hasPlace: Bool { kind.fields.contains { $0.form == .reference(OutreachSchema.Number.place) } }

    // MARK: What the header says

    /// A column `id` with an id of ours in its first row makes the file an export of ours.
    private mutating func takeOwnID(_ first: TableRow?) {
        guard let column = columns.firstIndex(of: "id"), taken[column] == nil, let first,
            RecordID(first.text(column)) != nil
        else { return }
        idColumn = column
        taken[column] = "id"
        // The names beside references are for readers of the export.
        for field in kind.fields where columns.contains(field.name) {
            switch field.form {
            case .reference, .anyReference:
                if let names = columns.firstIndex(of: "\(field.name)_name") { taken[names] = "a name" }
            default: break
            }
        }
        for name in OutreachExport.recordingColumns {
            if let column = columns.firstIndex(of: name) { taken[column] = "who recorded it" }
        }
    }

    /// The last two columns of a file of rejected rows are not the user's.
    private mutating func takeRejectColumns() {
        guard isRejects else { return }
        for column in columns.indices.suffix(2) where taken[column] == nil { taken[column] = "a reject" }
    }

    private mutating func takeHeaders() {
        for (column, name) in columns.enumerated() where taken[column] == nil {
            let key = TextMatch.key(Words.plain(name))
            if key == TextMatch.key(Words.plain(Self.placeDistrict)), hasPlace, districtColumn == nil {
                districtColumn = column
                taken[column] = name
                continue
            }
            let field = kind.fields.first {
                TextMatch.key(Words.plain($0.name)) == key || TextMatch.key($0.label) == key
            }
            guard let field, sources[field.number] == nil, isExact || field.number != SharedField.extra.rawValue else {
                continue
            }
            sources[field.number] = .column(column)
            taken[column] = field.name
        }
    }

    // MARK: The plan

    private mutating func finish() throws(ImportError) {
        extras = columns.indices.filter { taken[$0] == nil || kept.contains($0) }
        let numbers = sources.keys.sorted()
        for number in numbers {
            guard let field = kind.field(number), let source = sources[number] else { continue }
            var target = Target(field: field, source: source)
            if let other = kind.field(named: "\(field.name)_other"), field.form.words.contains(Words.other),
                sources[other.number] == nil
            {
                target.other = other.number
            }
            if field.form == .money, case .column(let column) = source {
                target.isInMinorUnits =
                    TextMatch.key(Words.plain(columns[column])) == TextMatch.key(Words.plain(field.name))
            }
            targets.append(target)
        }
        if case .column(let column)? = sources[SharedField.externalID.rawValue] { externalIDColumn = column }
        let ignored = isRejects ? Self.rejectColumns.count : 0
        contentColumns = Array(columns.indices.dropLast(ignored))
        try checkRequired()
    }

    private func checkRequired() throws(ImportError) {
        var groups = kind.fields.filter(\.isRequired).map { [$0.number] }
        groups += kind.needsOneOf
        for group in groups where group.allSatisfy({ sources[$0] == nil }) {
            let fields = group.compactMap { kind.field($0) }
            throw .missingField(
                labels: fields.map(\.label), fields: fields.map(\.name), kind: kind.name, columns: columns)
        }
    }
}
