import OutreachModel
import SyncCore
import SyncReplica
import Terminal

/// `kith visit list` and its like: all living records unless limited.
struct RecordList {
    /// The longest text in a cell, in characters, before the table is fitted to the terminal.
    private static let longestCell = 200
    /// How many records are listed on a terminal where nothing else is said.
    private static let terminalLimit = 50

    /// From so many records on the names of all whom they may be about are read at once.
    private static let manyCount = 1_000

    let kind: RecordKind

    static func command(_ kind: RecordKind) -> Command<ClientContext> {
        let isByTime = kind.dayField != nil || kind == .note
        let order = isByTime ? "the newest first" : kind.hasName ? "by name" : "by their first words"
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
        if isGathering(kind) {
            options.append(.text("person", "PERSON", "Only those with that person."))
        } else if kind.field(named: "person") != nil {
            options.append(.text("person", "PERSON", "Only those about that person."))
        }
        if kind.isMergeable {
            let moved = kind.movedTo == nil ? "" : " or moved"
            options.append(.flag("all", "Also those that were merged into another\(moved)."))
        }
        if kind == .note { options.append(.flag("all", "Also those that a later note corrects.")) }
        options.append(.flag("deleted", "Those that were deleted instead, the latest first."))
        options.append(
            .integer("limit", in: 0...1_000_000, "At most so many, 0 for all; on a terminal \(terminalLimit)."))
        return options
    }

    /// Whether people take part in it, as `--with` says when it is added.
    private static func isGathering(_ kind: RecordKind) -> Bool { kind == .visit || kind == .meeting }

    private func run(_ arguments: ParsedArguments, _ context: ClientContext) throws {
        var listed = ListedRecords(kind, try context.reader())
        let reader = try context.fieldReader()
        for target in [RecordKind.place, .person] {
            let fields =
                target == .person ? kind.fieldsAboutPeople : [kind.field(named: target.name)].compactMap(\.self)
            let isTakingPart = target == .person && Self.isGathering(kind)
            guard !fields.isEmpty || isTakingPart, let typed = arguments.value(of: target.name) else { continue }
            // Whoever stands for merged records stands for all of them.
            let id = try reader.finder.find(target, named: typed).id
            let members = try reader.finder.identities.merged(target).members(of: id)
            if isTakingPart {
                listed.keep(with: members)
            } else {
                listed.keep(fields: fields, among: members)
            }
        }
        if kind.dayField != nil {
            let days = try reader.days(since: arguments.value(of: "since"), until: arguments.value(of: "until"))
            listed.keep(since: days.since, until: days.until)
        }
        if arguments.hasFlag("deleted") { return try showDeleted(listed, arguments, context) }
        try show(listed, arguments, context)
    }

    /// Lists what was deleted, the latest first, with who did it.
    private func showDeleted(_ listed: ListedRecords, _ arguments: ParsedArguments, _ context: ClientContext) throws {
        let laptop = try context.laptop()
        let deleted = try listed.deleted().map { record in
            (record: record, stamp: try laptop.replica.record(table: kind.number, id: record.id)?.existence?.stamp)
        }.sorted { left, right in
            let stamps = (left.stamp ?? left.record.created, right.stamp ?? right.record.created)
            return stamps.0 == stamps.1 ? left.record.id < right.record.id : stamps.0 > stamps.1
        }
        let shown = deleted.prefix(limit(arguments, context))
        if context.isJSON {
            let presenter = try RecordPresenter(context)
            return try context.console.show(.array(try shown.map { try presenter.json($0.record) }))
        }
        guard let first = shown.first else {
            return try context.console.note("No deleted \(kind.plural) are on this laptop.")
        }
        let presenter = try RecordPresenter(context)
        var table = Terminal.Table([
            .init("Id", isWhole: true), .init(kind.name.capitalizedFirst), .init("Deleted", isWhole: true),
            .init("By"),
        ])
        for (record, stamp) in shown {
            let when = stamp.map { context.local.moment(atMilliseconds: $0.milliseconds).onTheMinute.description }
            table.add([
                ShortID.display(record.id), Self.firstLine(try presenter.title(of: record)),
                when.map(presenter.shortWhen) ?? "", try stamp.map { try presenter.writer($0.device).person } ?? "",
            ])
        }
        table.fit(on: context.console)
        try context.console.show(table)
        let rest = deleted.count - shown.count
        if rest > 0 { try context.console.note("There are \(rest) more. Show all: \(allCommand(context))") }
        try context.console.note(
            "Bring one back: kith \(kind.name) restore \(ShortID.display(first.record.id))")
    }

    private func show(_ listed: ListedRecords, _ arguments: ParsedArguments, _ context: ClientContext) throws {
        let limit = limit(arguments, context)
        var output = try ListOutput(kind, context)
        var shownCount = 0
        let fields = output.neededFields
        let show: (StoredRecord) throws -> Bool = { record in
            guard shownCount < limit else { return false }
            shownCount += 1
            return try output.add(record) && shownCount < limit
        }
        var count: Int?
        if kind.dayField != nil {
            try listed.forEachNewestFirst(fields: fields, show)
        } else if kind == .note {
            let shown = try isShown(arguments, try RecordPresenter(context))
            count = try listed.forEachLatest(fields: fields, isShown: shown, show)
        } else {
            let presenter = try RecordPresenter(context)
            if !kind.hasName, try listed.count() > Self.manyCount { try presenter.rememberNames(for: kind) }
            let parts = kind.orderParts
            count = try listed.forEachByTitle(
                limit: limit, fields: fields, title: { try presenter.order(of: $0, parts: parts) },
                isShown: try isShown(arguments, presenter), show)
        }
        try output.finish(isNarrowed: listed.isNarrowed)
        guard arguments.integer(of: "limit") == nil, shownCount == limit else { return }
        let rest = try (count ?? listed.count()) - shownCount
        if rest > 0 { try context.console.note("There are \(rest) more. Show all: \(allCommand(context))") }
    }

    /// Which records of a kind without a day are listed: none that another one stands for, unless all are asked for.
    private func isShown(
        _ arguments: ParsedArguments, _ presenter: RecordPresenter
    ) throws -> (RecordID) -> Bool {
        guard kind.isMergeable || kind == .note, !arguments.hasFlag("all") else { return { _ in true } }
        if kind == .note {
            let corrected = try CorrectedNotes(presenter.reader)
            return { corrected.corrector(of: $0) == nil }
        }
        let merged = try presenter.identities.merged(kind)
        return { merged.isShown($0) }
    }

    /// The same list to its end.
    private func allCommand(_ context: ClientContext) -> String { "kith \(context.commandLine) --limit 0" }

    /// At most so many: as asked for; on a terminal otherwise as many as a person looks through.
    private func limit(_ arguments: ParsedArguments, _ context: ClientContext) -> Int {
        if let limit = arguments.integer(of: "limit") { return limit == 0 ? .max : limit }
        return context.console.streams.outputIsTerminal && !context.isJSON && !context.console.settings.isPlain
            ? Self.terminalLimit : .max
    }

    /// Prints records as a JSON array or as a table.
    ///
    /// - Parameter day: the day of all of them, which is told above; nil where they are of several.
    static func show(
        _ records: [StoredRecord], _ kind: RecordKind, on day: CivilDate?, _ context: ClientContext
    ) throws {
        var output = try ListOutput(kind, context, day: day)
        for record in records {
            guard try output.add(record) else { break }
        }
        try output.finish()
    }

    /// The first line; an ellipsis stands for what follows.
    static func firstLine(_ text: String) -> String {
        // Short and plain, as nearly all are: nothing to look for.
        if text.utf8.count <= longestCell, text.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) { return text }
        guard let end = text.firstIndex(where: \.isNewline) else { return String(text.prefix(longestCell)) }
        return text[..<end].prefix(longestCell) + "…"
    }

    /// Sorts by the moment of the start, whatever offsets it was entered with; equal ones by id.
    static func sortNewestFirst(_ records: inout [StoredRecord], started: Int) {
        let keyed = records.map { (key: startKey(text($0, started)), record: $0) }
        records = keyed.sorted { ($0.key, $0.record.id) > ($1.key, $1.record.id) }.map(\.record)
    }

    /// The moment of a stored start in milliseconds since 1970, for ordering; that of midnight for a date alone.
    static func startKey(_ stored: String) -> Int64 { ParsedDate(stored: stored).map(key) ?? .min }

    /// The same of a time that was read.
    static func key(_ parsed: ParsedDate) -> Int64 {
        switch parsed {
        case .moment(let moment): moment.milliseconds
        case .day(let day): Int64(day.daysSince1970) * 86_400_000
        }
    }

    private static func text(_ record: StoredRecord, _ field: Int) -> String {
        if case .text(let text)? = record.values[field] { text } else { "" }
    }
}
