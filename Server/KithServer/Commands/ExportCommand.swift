import OutreachModel
import RecordStorage
import SyncCore
import SyncHub
import Terminal

/// `kith-server export`: all living records of a kind, in the canonical form that devices give too, or an SQLite file.
struct ExportCommand {
    static let command = Command<ServerContext>(
        name: "export", summary: "Write all records of a kind to standard output, or into an SQLite file.",
        discussion: "As CSV or JSON lines the same records give the same bytes on every laptop and here. In CSV a text "
            + "that a spreadsheet would run gets an apostrophe in front. With --sqlite a new file with plain tables is "
            + "made, for any tool; without a kind it holds all kinds. Nothing in either is encrypted.",
        example: "kith-server export visits --data office --format csv > visits.csv\n"
            + "kith-server export --data office --sqlite records.sqlite",
        arguments: [Argument("kind", "One of: \(words).", count: .optional)],
        options: [
            .choice("format", CanonicalExport.Format.allCases.map(\.rawValue), "csv where it is not given."),
            .text("sqlite", "FILE", "Make this SQLite file, with a table for each kind."),
            .text(
                "since", "WHEN", "Only those that started then or later; of kinds without a start, those recorded then."
            ),
            .text("where", "FIELD=VALUE", "Only those with this value in a column.", isRepeatable: true),
        ],
        run: { arguments, context in try ExportCommand(arguments, context).run() })

    private static let words = CanonicalExport.words.joined(separator: ", ")

    private let arguments: ParsedArguments
    private let console: Console
    private let connection: HubConnection
    private let local = LocalTime()
    private let source: CanonicalExport.Source

    private init(_ arguments: ParsedArguments, _ context: ServerContext) throws {
        self.arguments = arguments
        console = context.console
        let connection = try context.folder.open()
        self.connection = connection
        source = { table, body in
            try connection.store.forEachLivingRecord(table: table) { state in
                let values = state.fields.reduce(into: [:]) { $0[$1.number] = $1.value }
                try body(
                    ExportRow(id: state.id, values: values, createdMilliseconds: state.created.milliseconds))
            }
        }
    }

    private func run() throws {
        let kind = try kind()
        if let path = arguments.value(of: "sqlite") { return try writeTables(kind, path) }
        guard let kind else { throw usage("What can be exported is one of: \(Self.words).") }
        let filter = try filter(kind)
        let format = arguments.value(of: "format").flatMap(CanonicalExport.Format.init(rawValue:)) ?? .csv
        try connection.store.readTransaction {
            try CanonicalExport.run(kind, format: format, filter: filter, source: source) { line in
                try console.output.write(line)
            }
        }
    }

    private func kind() throws(CommandFailure) -> RecordKind? {
        guard let word = arguments.argument("kind") else { return nil }
        guard CanonicalExport.words.contains(word), let kind = RecordKind.named(word) else {
            throw usage("There is nothing to export under this name. Known: \(Self.words).")
        }
        return kind
    }

    private func filter(_ kind: RecordKind) throws(CommandFailure) -> ExportFilter? {
        let conditions = arguments.values(of: "where")
        let since = try since()
        guard since != nil || !conditions.isEmpty else { return nil }
        do throws(ExportFilter.Problem) {
            return try ExportFilter(kind, since: since, conditions: conditions, local: local)
        } catch {
            throw usage("--where: \(error)")
        }
    }

    private func since() throws(CommandFailure) -> ParsedDate? {
        guard let typed = arguments.value(of: "since") else { return nil }
        do throws(DateParseError) {
            return try DateParser(local: local).parse(typed, now: WallClock.milliseconds())
        } catch {
            throw usage("--since: \(error)")
        }
    }

    // MARK: SQLite

    private func writeTables(_ only: RecordKind?, _ path: String) throws {
        guard arguments.value(of: "format") == nil else { throw usage("Give one of --format and --sqlite.") }
        guard only != nil || arguments.values(of: "where").isEmpty else { throw usage("--where needs a kind.") }
        let kinds = only.map { [$0] } ?? RecordKind.all
        let filters = try kinds.map { kind throws(CommandFailure) in try filter(kind) }
        guard !console.settings.isDryRun else {
            return try console.note("Nothing was written: this was a dry run.")
        }
        let file = try PlainTables(path: path)
        var counts: [JSONValue.Member] = []
        try connection.store.readTransaction {
            for (kind, filter) in zip(kinds, filters) {
                let export = try CanonicalExport.export(of: kind, source: source)
                let columns = zip(export.header, export.types).map { PlainTables.Column($0, $1) }
                let count = try file.add(kind.name, columns) { insert in
                    try CanonicalExport.forEachRow(export, filter: filter, source: source, insert)
                }
                counts.append(.init(kind.name, JSONValue(count)))
            }
        }
        try file.finish()
        if console.settings.isJSON {
            return try console.show(["file": .string(path), "records": .object(counts)])
        }
        let words = zip(kinds, counts).map { kind, count in "\(kind.plural): \(count.value.encoded())" }
        try console.show("Written to \(path). \(words.joined(separator: ", ")).")
    }

    private func usage(_ message: String) -> CommandFailure {
        CommandFailure(exitCode: .usage, message: "\(message) Nothing was written.", next: "kith-server export --help")
    }
}
