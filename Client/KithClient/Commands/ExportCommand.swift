import Database
import OutreachModel
import RecordStorage
import SyncCore
import Terminal

/// `kith export visits`, and `kith export --sqlite FILE` with every kind.
struct ExportCommand {
    static let command = Command<ClientContext>(
        name: "export", summary: "Print all records of a kind, or write them into an SQLite file.",
        discussion:
            "As CSV or JSON lines the same records give the same bytes on every laptop and on the server. In CSV "
            + "a text that a spreadsheet would run gets an apostrophe in front. With --sqlite a new file with plain "
            + "tables is made, for any tool; without a kind it holds all kinds. Nothing in either is encrypted.",
        example: "kith export visits --since \"1 november\" --where \"place=Castle House\" > visits.csv\n"
            + "kith export --sqlite records.sqlite",
        arguments: [
            Argument("what", "One of: \(CanonicalExport.words.joined(separator: ", ")).", count: .optional)
        ],
        options: [
            .choice(
                "format", CanonicalExport.Format.allCases.map(\.rawValue), "How rows are written; csv if not given."),
            .text("sqlite", "FILE", "Make this SQLite file, with a table for each kind."),
            .text(
                "since", "WHEN", "Only those that started then or later; of kinds without a start, those recorded then."
            ),
            .text("where", "FIELD=VALUE", "Only those with this value in a column.", isRepeatable: true),
        ],
        run: { arguments, context in try ExportCommand(arguments, context).run() })

    private let arguments: ParsedArguments
    private let context: ClientContext
    private let source: CanonicalExport.Source

    private init(_ arguments: ParsedArguments, _ context: ClientContext) throws {
        self.arguments = arguments
        self.context = context
        let reader = try context.reader()
        source = { table, body in
            guard let kind = RecordKind.of(table: table) else { return }
            try reader.forEach(kind) { record in
                try body(
                    ExportRow(id: record.id, values: record.values, createdMilliseconds: record.created.milliseconds))
            }
        }
    }

    private func run() throws {
        let kind = try kind()
        if let path = arguments.value(of: "sqlite") { return try writeTables(kind, path) }
        guard let kind else { throw usage("What can be exported is one of: \(Self.words).") }
        let filter = try filter(kind)
        let format = arguments.value(of: "format").flatMap(CanonicalExport.Format.init(rawValue:)) ?? .csv
        let output = context.console.output
        try context.laptop().database.readTransaction {
            try CanonicalExport.run(kind, format: format, filter: filter, source: source) { line in
                try output.write(line)
            }
        }
    }

    private static let words = CanonicalExport.words.joined(separator: ", ")

    private func kind() throws(CommandFailure) -> RecordKind? {
        guard let word = arguments.argument("what") else { return nil }
        guard CanonicalExport.words.contains(word), let kind = RecordKind.named(word) else {
            throw usage("What can be exported is one of: \(Self.words).")
        }
        return kind
    }

    private func filter(_ kind: RecordKind) throws -> ExportFilter? {
        let conditions = arguments.values(of: "where")
        let since = try arguments.value(of: "since").map { try context.fieldReader().time($0, option: "--since") }
        guard since != nil || !conditions.isEmpty else { return nil }
        do throws(ExportFilter.Problem) {
            return try ExportFilter(kind, since: since, conditions: conditions, local: context.local)
        } catch {
            throw usage("--where: \(error)")
        }
    }

    // MARK: SQLite

    private func writeTables(_ only: RecordKind?, _ path: String) throws {
        guard arguments.value(of: "format") == nil else { throw usage("Give one of --format and --sqlite.") }
        guard only != nil || arguments.values(of: "where").isEmpty else { throw usage("--where needs a kind.") }
        let kinds = only.map { [$0] } ?? RecordKind.all
        let filters = try kinds.map { try filter($0) }
        guard !context.console.settings.isDryRun else {
            return try context.console.note("Nothing was written: this was a dry run.")
        }
        let file = try PlainTables(path: path)
        var counts: [JSONValue.Member] = []
        try context.laptop().database.readTransaction {
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
        if context.isJSON { return try context.console.show(["file": .string(path), "records": .object(counts)]) }
        let words = zip(kinds, counts).map { kind, count in "\(kind.plural): \(count.value.encoded())" }
        try context.console.show("Written to \(path). \(words.joined(separator: ", ")).")
    }

    private func usage(_ message: String) -> CommandFailure {
        CommandFailure(exitCode: .usage, message: "\(message) Nothing was written.", next: "kith export --help")
    }
}
