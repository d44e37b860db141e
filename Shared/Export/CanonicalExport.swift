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

    /// Hands every living record of a table to the body, in any order.
    package typealias Source = (_ table: Int, _ body: (RecordID, [Int: Value]) -> Void) throws -> Void

    /// The words for what can be exported: `visits`, `meetings`, `places`, `people`.
    package static let words = [RecordKind.visit, .meeting, .place, .person].map(\.plural)

    /// Writes all living records of a kind by ascending id; the same records give the same bytes.
    ///
    /// - Parameters:
    ///   - source: asked for the kind and for places and people, whose names stand beside their ids.
    ///   - write: takes the text line by line.
    package static func run(
        _ kind: RecordKind, format: Format, source: Source, write: (String) throws -> Void
    ) throws {
        var places: [RecordID: String] = [:]
        var people: [RecordID: String] = [:]
        try source(OutreachSchema.Number.place) { id, values in places[id] = text(values[PlaceField.name.rawValue]) }
        try source(OutreachSchema.Number.person) { id, values in people[id] = text(values[PersonField.name.rawValue]) }
        let names = [OutreachSchema.Number.place: places, OutreachSchema.Number.person: people]
        let export = OutreachExport(kind) { table, id in names[table]?[id] }
        var rows: [ExportRow] = []
        try source(kind.number) { id, values in rows.append(ExportRow(id: id, values: values)) }
        rows.sort { $0.id < $1.id }
        if format == .csv { try write(CSVText.line(export.header.map(Value.text))) }
        for row in rows {
            try write(format == .csv ? CSVText.line(export.cells(row)) : export.jsonLine(row))
        }
    }

    private static func text(_ value: Value?) -> String? {
        if case .text(let text)? = value { text } else { nil }
    }
}
