import OutreachModel
import SyncCore
import SyncHub
import Terminal

/// `kith-server export`: all living records of a kind, in the canonical form that devices give too.
enum ExportCommand {
    static let command = Command<ServerContext>(
        name: "export", summary: "Write all records of a kind to standard output.",
        example: "kith-server export visits --data office --format csv > visits.csv",
        arguments: [Argument("kind", "One of: \(CanonicalExport.words.joined(separator: ", ")).")],
        options: [.choice("format", CanonicalExport.Format.allCases.map(\.rawValue), "csv where it is not given.")],
        run: run)

    private static func run(_ arguments: ParsedArguments, _ context: ServerContext) throws {
        let word = arguments.argument("kind") ?? ""
        guard CanonicalExport.words.contains(word), let kind = RecordKind.named(word) else {
            throw CommandFailure(
                exitCode: .usage,
                message:
                    "There is nothing to export under this name. Known: \(CanonicalExport.words.joined(separator: ", "))."
            )
        }
        let connection = try context.folder.open()
        let format = arguments.value(of: "format").flatMap(CanonicalExport.Format.init(rawValue:)) ?? .csv
        let output = context.console.output
        try connection.store.readTransaction {
            try CanonicalExport.run(
                kind, format: format,
                source: { table, body in
                    try connection.store.forEachLivingRecord(table: table) { state in
                        body(state.id, state.fields.reduce(into: [:]) { $0[$1.number] = $1.value })
                    }
                },
                write: { try output.write($0) })
        }
    }
}
