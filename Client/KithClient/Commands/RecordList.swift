import OutreachModel
import SyncCore
import Terminal

/// `kith visit list` and its like: all living records unless limited.
struct RecordList {
    /// The longest text in a cell, in characters, before the table is fitted to the terminal.
    private static let longestCell = 200
    /// Up to so many records the names that they refer to are looked up one by one; for more, all are read at once.
    private static let fewRecords = 200
    /// The width in columns below which a cell is not cut.
    private static let narrowestCell = 16

    let kind: RecordKind

    static func command(_ kind: RecordKind) -> Command<ClientContext> {
        let order = kind.dayField == nil ? "by name" : "the newest first"
        return Command(
            name: "list", summary: "List \(kind.plural), \(order).",
            example: kind.dayField == nil
                ? "kith \(kind.name) list" : "kith \(kind.name) list --since \"last monday\"",
            options: options(kind),
            run: { arguments, context in try context.reading { try RecordList(kind: kind).run(arguments, context) } })
    }

    private static func options(_ kind: RecordKind) -> [CommandOption] {
        var options: [CommandOption] = []
        if let day = kind.dayField.flatMap({ kind.field($0) }) {
            let when = day.name == "started" ? "that started on" : "of"
            options += [
                .text("since", "WHEN", "Only those \(when) that day or later."),
                .text("until", "WHEN", "Only those \(when) that day or before."),
            ]
        }
        if kind.field(named: "place") != nil { options.append(.text("place", "PLACE", "Only those at that place.")) }
        if kind.field(named: "person") != nil {
            options.append(.text("person", "PERSON", "Only those about that person."))
        }
        if kind.isMergeable {
            let moved = kind.movedTo == nil ? "" : " or moved"
            options.append(.flag("all", "Also those that were merged into another\(moved)."))
        }
        options.append(.integer("limit", in: 1...1_000_000, "At most so many."))
        return options
    }

    private func run(_ arguments: ParsedArguments, _ context: ClientContext) throws {
        var listed = ListedRecords(kind, try context.reader())
        let reader = try context.fieldReader()
        for target in [RecordKind.place, .person] {
            guard let field = kind.field(named: target.name), let typed = arguments.value(of: target.name) else {
                continue
            }
            // Whoever stands for merged records stands for all of them.
            let id = try reader.finder.find(target, named: typed).id
            listed.keep(field: field, among: try reader.finder.identities.merged(target).members(of: id))
        }
        let limit = arguments.integer(of: "limit")
        guard kind.dayField == nil else {
            listed.keep(
                since: try arguments.value(of: "since").map { try reader.time($0, option: "--since").date },
                until: try arguments.value(of: "until").map { try reader.time($0, option: "--until").date })
            return try Self.show(try listed.newestFirst(limit: limit), kind, context)
        }
        var records = try listed.all()
        if kind.isMergeable, !arguments.hasFlag("all") {
            let merged = try context.finder().identities.merged(kind)
            if !merged.isEmpty { records.removeAll { !merged.isShown($0.id) } }
        }
        let presenter = try RecordPresenter(context)
        if !kind.hasName { try presenter.loadNames() }
        let keyed = try records.map { record in
            let title = kind.hasName ? Self.text(record, kind.titleField) : try presenter.title(of: record)
            return (TextMatch.key(title), record)
        }
        records = keyed.sorted { ($0.0, $0.1.id) < ($1.0, $1.1.id) }.map(\.1)
        if let limit { records = Array(records.prefix(limit)) }
        try Self.show(records, kind, context)
    }

    /// Prints records as a JSON array or as a table.
    static func show(_ all: [StoredRecord], _ kind: RecordKind, _ context: ClientContext) throws {
        let presenter = try RecordPresenter(context)
        if all.count > Self.fewRecords { try presenter.loadNames() }
        let isMerged = kind.isMergeable ? try !presenter.identities.merged(kind).isEmpty : false
        let records = isMerged ? try all.map { try presenter.identities.shown($0) } : all
        if context.isJSON {
            try context.console.show(.array(records.map { try presenter.json($0) }))
            return
        }
        if kind.isRestricted { try PassedOn.note(context, here: Set(records.map(\.id))) }
        guard !records.isEmpty else {
            try context.console.note("There are no \(kind.plural) here. Add one: kith \(kind.name) add")
            return
        }
        let used = Set(records.flatMap(\.values.keys))
        let fields = kind.listFields.compactMap { kind.field($0) }.filter { used.contains($0.number) }
        var rows: [[String]] = []
        for record in records {
            var cells = try fields.map { firstLine(try presenter.cell(record, $0)) }
            if isMerged, !cells.isEmpty { cells[0] += try presenter.standing(of: record) }
            rows.append([ShortID.display(record.id)] + cells + [try presenter.state(of: record)])
        }
        let columns = ["Id"] + fields.map(\.label) + ["State"]
        let width = context.console.streams.tableWidth
        if !context.console.settings.isPlain, width >= Terminal.Table.narrowestWidth {
            shorten(&rows, columns, width: width)
        }
        try context.console.show(Terminal.Table(columns.map { .init($0) }, rows: rows))
    }

    /// Cuts the cells of the widest columns until a row fits, unless too little of them would remain.
    static func shorten(_ rows: inout [[String]], _ columns: [String], width: Int) {
        var widths = columns.indices.map { index in
            rows.reduce(displayWidth(columns[index])) { max($0, displayWidth($1[index])) }
        }
        var excess = widths.reduce(0, +) + 2 * (columns.count - 1) - width
        while excess > 0, let widest = widths.indices.max(by: { widths[$0] < widths[$1] }) {
            guard widths[widest] > narrowestCell else { return }
            widths[widest] -= 1
            excess -= 1
        }
        for row in rows.indices {
            for column in columns.indices where displayWidth(rows[row][column]) > widths[column] {
                rows[row][column] = cut(rows[row][column], width: widths[column] - 1) + "…"
            }
        }
    }

    /// As many characters from the beginning as fit into a width in columns.
    private static func cut(_ text: String, width: Int) -> String {
        var (kept, used) = ("", 0)
        for character in text {
            used += displayWidth(String(character))
            if used > width { break }
            kept.append(character)
        }
        return kept
    }

    /// The first line; an ellipsis stands for what follows.
    static func firstLine(_ text: String) -> String {
        guard let end = text.firstIndex(where: \.isNewline) else { return String(text.prefix(longestCell)) }
        return text[..<end].prefix(longestCell) + "…"
    }

    /// Sorts by the moment of the start, whatever offsets it was entered with; equal ones by id.
    static func sortNewestFirst(_ records: inout [StoredRecord], started: Int) {
        let keyed = records.map { (key: startKey(text($0, started)), record: $0) }
        records = keyed.sorted { ($0.key, $0.record.id) > ($1.key, $1.record.id) }.map(\.record)
    }

    /// The moment of a stored start in milliseconds since 1970, for ordering; that of midnight for a date alone.
    static func startKey(_ stored: String) -> Int64 {
        switch ParsedDate(stored: stored) {
        case .moment(let moment): moment.milliseconds
        case .day(let day): Int64(day.daysSince1970) * 86_400_000
        case nil: .min
        }
    }

    private static func text(_ record: StoredRecord, _ field: Int) -> String {
        if case .text(let text)? = record.values[field] { text } else { "" }
    }
}
