import SyncCore

/// The canonical export of a whole kind, from whatever holds the records: a laptop or the server.
package enum CanonicalExport {
    /// How rows are written.
    package enum Format: String, CaseIterable, Sendable {
        /// Comma-separated, with a header line (RFC 4180).
        case csv
        /// One JSON object a line.
        case jsonl
    }

    /// Hands every living record of a table to the body, by ascending id.
    package typealias Source = (_ table: Int, _ body: (ExportRow) throws -> Void) throws -> Void

    /// The words for what can be exported: every kind, `places`, `people`, `visits` and so on.
    package static let words = RecordKind.all.map(\.plural)

    /// Writes all living records of a kind by ascending id; the same records give the same bytes.
    ///
    /// - Parameters:
    ///   - filter: lets records through; nil for all of them.
    ///   - quotes: leaves words out that may not go to others; nil lets all go.
    ///   - source: asked for the kind, and for places and people where their names stand beside their ids.
    ///   - writers: who has which device, by its number.
    ///   - write: takes the text line by line.
    package static func run(
        _ kind: RecordKind, format: Format, filter: ExportFilter? = nil, quotes: QuoteGuard? = nil,
        writers: [UInt32: ExportWriter] = [:], source: @escaping Source, write: (String) throws -> Void
    ) throws {
        let export = try export(of: kind, writers: writers, source: source)
        if format == .csv { try write(CSVText.line(export.header.map(Value.text))) }
        try forEachRow(export, filter: filter, quotes: quotes, source: source) { cells in
            switch format {
            case .csv: try write(CSVText.line(cells))
            case .jsonl: try write(export.jsonLine(cells))
            }
        }
    }

    /// What leaves words out of the export of a kind; nil where the kind holds no person's own words.
    ///
    /// - Parameter today: the day of the export: consents end.
    package static func quotes(
        of kind: RecordKind, today: CivilDate, source: @escaping Source
    ) throws -> QuoteGuard? {
        guard kind.fields.contains(where: \.isQuote) else { return nil }
        return QuoteGuard(kind, register: try register(today: today, source: source))
    }

    /// What people agree to on a day.
    package static func register(today: CivilDate, source: @escaping Source) throws -> ConsentRegister {
        var people: Set<RecordID> = []
        var gathering = MergedRecords.Gathering(.person)
        try source(RecordKind.person.number) { row in
            people.insert(row.id)
            gathering.add(row.id, row.values)
        }
        let merged = gathering.merged { people.contains($0) }
        var register = ConsentRegister(today: today, people: merged)
        try source(RecordKind.consent.number) { register.add($0.values) }
        return register
    }

    /// The export of a kind with the names that it needs.
    package static func export(
        of kind: RecordKind, writers: [UInt32: ExportWriter] = [:], source: @escaping Source
    ) throws -> OutreachExport {
        var names: [Int: [RecordID: String]] = [:]
        var merged: [Int: MergedRecords] = [:]
        for table in OutreachExport.namedTables(of: kind) {
            guard let named = RecordKind.of(table: table) else { continue }
            var found: [RecordID: String] = [:]
            var gathering = MergedRecords.Gathering(named)
            try source(table) { row in
                if case .text(let name)? = row.values[named.titleField] { found[row.id] = name }
                gathering.add(row.id, row.values)
            }
            names[table] = found
            merged[table] = gathering.merged { found[$0] != nil }
        }
        return OutreachExport(kind, merged: merged, writers: writers) { [names] table, id in names[table]?[id] }
    }

    /// Hands the cells of every record that the filter lets through to the body.
    package static func forEachRow(
        _ export: OutreachExport, filter: ExportFilter?, quotes: QuoteGuard? = nil, source: @escaping Source,
        _ body: ([Value]) throws -> Void
    ) throws {
        try source(export.kind.number) { row in
            guard filter?.isRecent(row) ?? true else { return }
            var row = row
            if let quotes {
                row = row.with(quotes.guarded(row.values))
            }
            let cells = export.cells(row)
            guard let filter else { return try body(cells) }
            if filter.fits(cells) || export.followedCells(row).map(filter.fits) ?? false { try body(cells) }
        }
    }
}
