import OutreachModel
import SyncCore
import Terminal

/// `kith export visits`
enum ExportCommand {
    static let command = Command<ClientContext>(
        name: "export", summary: "Print all records of a kind as CSV or JSON lines.",
        discussion: "The same records give the same bytes on every laptop and on the server. What: "
            + CanonicalExport.words.joined(separator: ", ") + ".",
        example: "kith export visits --format csv > visits.csv",
        arguments: [Argument("what", "One of: \(CanonicalExport.words.joined(separator: ", ")).")],
        options: [.choice("format", CanonicalExport.Format.allCases.map(\.rawValue), "How rows are written.")],
        run: run)

    @Sendable private static func run(_ arguments: ParsedArguments, _ context: ClientContext) throws {
        guard let word = arguments.argument("what"), CanonicalExport.words.contains(word),
            let kind = RecordKind.named(word)
        else {
            throw CommandFailure(
                exitCode: .usage,
                message: "What can be exported is one of: \(CanonicalExport.words.joined(separator: ", ")). "
                    + "Nothing was written.", next: "kith export --help")
        }
        let reader = try context.reader()
        let format = arguments.value(of: "format").flatMap(CanonicalExport.Format.init(rawValue:)) ?? .csv
        try CanonicalExport.run(
            kind, format: format,
            source: { table, body in
                guard let kind = RecordKind.of(table: table) else { return }
                for record in try reader.records(kind) { body(record.id, record.values) }
            },
            write: { line in try context.console.output.write(line) })
    }
}
