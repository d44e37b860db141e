import SyncCore
import Terminal

/// A new file with a table for each kind, complete or not there.
package protocol ExportTables {
    /// Adds a table with its rows; the first column is the key.
    ///
    /// - Returns: how many rows there were.
    func add(
        _ name: String, columns: [(name: String, type: FieldType)],
        rows: (_ insert: ([Value]) throws -> Void) throws -> Void
    ) throws -> Int
    /// Gives the file its name; it is on the disk then.
    func finish() throws
}

/// Where an export takes its records from: a laptop's database, or the server's.
package protocol ExportStore {
    /// Hands every living record of a table to the body, by ascending id.
    func forEachRow(_ kind: RecordKind, _ body: (ExportRow) throws -> Void) throws
    /// Who has which device, by its number.
    func writers() throws -> [UInt32: ExportWriter]
    /// Lets the body see one state of all records.
    func reading(_ body: () throws -> Void) throws
    /// Begins a file of tables.
    func tables(at path: String) throws -> any ExportTables
}

/// One export as a person asks for it, the same in both programs.
package struct ExportSession {
    /// The arguments of the command `export`.
    package static let arguments = [
        Argument("kind", "One of: \(words).", count: .optional, completes: .words(CanonicalExport.words))
    ]

    /// The options of the command `export`.
    package static let options: [CommandOption] = [
        .choice("format", CanonicalExport.Format.allCases.map(\.rawValue), "How rows are written; csv if not given."),
        .text("sqlite", "FILE", "Make this SQLite file, with a table for each kind."),
        .text("since", "WHEN", "Only those that started then or later; of kinds without a start, those recorded then."),
        .text("where", "FIELD=VALUE", "Only those with this value in a column.", isRepeatable: true),
        .flag("restricted", "Also notes about concerns, which few may read; with a kind alone."),
        .flag("all-words", "Also people's own words without their consent: for a copy of your own, not for others."),
    ]

    /// What the help says of it.
    package static let discussion =
        "As CSV or JSON lines the same records give the same bytes on every laptop and on the server. In CSV a text that a "
        + "spreadsheet would run gets an apostrophe in front. With --sqlite a new file with plain tables is made, for any "
        + "tool; without a kind it holds all kinds but concerns. Nothing in either is encrypted. "
        + "Notes about concerns are in neither unless --restricted asks for them. People's own words are left out unless they agreed to quotes; how many is told."

    private static let words = CanonicalExport.words.joined(separator: ", ")

    private let arguments: ParsedArguments
    private let console: Console
    private let local: LocalTime
    private let now: Int64
    private let program: String
    private let progress: ExportProgress

    /// Makes a session.
    ///
    /// - Parameters:
    ///   - clock: milliseconds since 1970.
    ///   - program: the name of the program, for what to type next.
    package init(
        _ arguments: ParsedArguments, console: Console, local: LocalTime, clock: @escaping () -> Int64, program: String
    ) {
        self.arguments = arguments
        self.console = console
        self.local = local
        now = clock()
        self.program = program
        // Rows that are shown on the terminal are progress enough.
        let isShown = arguments.value(of: "sqlite") == nil && console.streams.outputIsTerminal
        progress = ExportProgress(isShown ? nil : ProgressLine(console: console, clock: clock))
    }

    /// Prints the records, or writes the file.
    ///
    /// - Throws: a usage failure for what does not fit together, else what the store throws.
    package func run(_ store: some ExportStore) throws {
        do {
            try export(store)
        } catch {
            try progress.end()
            throw error
        }
    }

    private func export(_ store: some ExportStore) throws {
        let kind = try kind()
        if let path = arguments.value(of: "sqlite") { return try writeTables(kind, path, store) }
        guard let kind else { throw usage("What can be exported is one of: \(Self.words).") }
        let filter = try filter(kind)
        let format = arguments.value(of: "format").flatMap(CanonicalExport.Format.init(rawValue:)) ?? .csv
        let writers = try store.writers()
        try store.reading {
            let restriction = restriction(kind)
            let source = source(store, restriction)
            let quotes = try quotes(of: kind, source)
            var lineCount = 0
            try CanonicalExport.run(
                kind, format: format, filter: filter, quotes: quotes, writers: writers, source: source
            ) { line in
                lineCount += 1
                try console.output.write(line)
            }
            try progress.end()
            if lineCount == (format == .csv ? 1 : 0) { try tellNothingFits(kind) }
            try tellLeftOut(quotes?.leftOutCount ?? 0)
            try tellLeftOut(restriction)
        }
    }

    private func quotes(
        of kind: RecordKind, _ source: @escaping CanonicalExport.Source
    ) throws -> QuoteGuard? {
        guard !arguments.hasFlag("all-words") else { return nil }
        return try CanonicalExport.quotes(of: kind, today: local.moment(atMilliseconds: now).date, source: source)
    }

    /// A file without records reads as if there were none of somebody: who asked by a part of a name is told.
    private func tellNothingFits(_ kind: RecordKind) throws {
        guard !arguments.values(of: "where").isEmpty else { return }
        try console.note(
            "None of the \(kind.plural) fits. A value, and so a name, is given in full; an id by its beginning.")
    }

    private func tellLeftOut(_ count: Int) throws {
        guard count > 0 else { return }
        let what = count == 1 ? "1 text in a person's own words was" : "\(count) texts in people's own words were"
        try console.note("\(what) left out: no consent of theirs to be quoted is in force. See: kith consent list")
    }

    private func restriction(_ kind: RecordKind?) -> RestrictionGuard {
        RestrictionGuard(kind, letsThrough: arguments.hasFlag("restricted"))
    }

    private func tellLeftOut(_ restriction: RestrictionGuard) throws {
        for (kind, count) in restriction.leftOut {
            let next = "\(program) export \(kind.plural) --restricted"
            try console.note(
                "Without \(count) \(count == 1 ? kind.name : kind.plural) about concerns, which few may read. Alone: \(next)"
            )
        }
    }

    private func source(_ store: some ExportStore, _ restriction: RestrictionGuard) -> CanonicalExport.Source {
        { table, body in
            guard let kind = RecordKind.of(table: table) else { return }
            try store.forEachRow(kind) { row in
                try progress.note()
                if restriction.lets(row, of: kind) { try body(row) }
            }
        }
    }

    private func kind() throws(CommandFailure) -> RecordKind? {
        guard let word = arguments.argument("kind") else { return nil }
        guard CanonicalExport.words.contains(word), let kind = RecordKind.named(word) else {
            throw usage("What can be exported is one of: \(Self.words).")
        }
        return kind
    }

    // MARK: Choosing

    private func filter(_ kind: RecordKind) throws -> ExportFilter? {
        let conditions = arguments.values(of: "where")
        let since = try since()
        guard since != nil || !conditions.isEmpty else { return nil }
        do throws(ExportFilter.Problem) {
            return try ExportFilter(kind, since: since, conditions: conditions, local: local)
        } catch {
            throw usage("--where: \(error)")
        }
    }

    /// Says on standard error how the date was understood.
    private func since() throws(CommandFailure) -> ParsedDate? {
        guard let typed = arguments.value(of: "since") else { return nil }
        let parsed: ParsedDate
        do throws(DateParseError) {
            parsed = try DateParser(local: local).parse(typed, now: now)
        } catch {
            throw usage("--since: \(error)")
        }
        if !console.settings.isJSON { try console.note(parsed.echo(in: local)) }
        return parsed
    }

    // MARK: SQLite

    private func writeTables(_ only: RecordKind?, _ path: String, _ store: some ExportStore) throws {
        guard arguments.value(of: "format") == nil else { throw usage("Give one of --format and --sqlite.") }
        guard only != nil || arguments.values(of: "where").isEmpty else { throw usage("--where needs a kind.") }
        guard only != nil || !arguments.hasFlag("restricted") else { throw usage("--restricted needs a kind.") }
        let kinds = only.map { [$0] } ?? RecordKind.all.filter { !$0.isRestricted }
        let filters = try kinds.map { try filter($0) }
        guard !console.settings.isDryRun else { return try console.note("Nothing was written: this was a dry run.") }
        let file = try store.tables(at: path)
        let restriction = restriction(only)
        let source = source(store, restriction)
        var counts: [JSONValue.Member] = []
        var leftOutCount = 0
        let writers = try store.writers()
        try store.reading {
            for (kind, filter) in zip(kinds, filters) {
                let export = try CanonicalExport.export(of: kind, writers: writers, source: source)
                let quotes = try quotes(of: kind, source)
                let columns = zip(export.header, export.types).map { (name: $0, type: $1) }
                let count = try file.add(kind.name, columns: columns) { insert in
                    try CanonicalExport.forEachRow(export, filter: filter, quotes: quotes, source: source, insert)
                }
                if count == 0 { try tellNothingFits(kind) }
                leftOutCount += quotes?.leftOutCount ?? 0
                counts.append(.init(kind.name, JSONValue(count)))
            }
        }
        try file.finish()
        try progress.end()
        try tellLeftOut(leftOutCount)
        try tellLeftOut(restriction)
        if console.settings.isJSON { return try console.show(["file": .string(path), "records": .object(counts)]) }
        let words = zip(kinds, counts).map { kind, count in "\(kind.plural): \(count.value.encoded())" }
        try console.show("Written to \(path). \(words.joined(separator: ", ")).")
        let restricted = only == nil ? RecordKind.all.filter(\.isRestricted).map(\.plural) : []
        for plural in restricted {
            try console.note("Without \(plural), which few may read. Alone: \(program) export \(plural) --sqlite FILE")
        }
    }

    private func usage(_ message: String) -> CommandFailure {
        CommandFailure(
            exitCode: .usage, message: "\(message) Nothing was written.", next: "\(program) export --help")
    }
}
