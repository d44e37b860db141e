import Cryptography
import OutreachModel
import SyncCore
import Terminal

/// `kith import visits FILE`
enum ImportCommand {
    static let command = Command<ClientContext>(
        name: "import", summary: "Take in a spreadsheet or another program's records.",
        discussion: "The file is CSV or JSON lines; how it is encoded and separated is found out. Columns that are "
            + "called like a field go there, others where --map says, and the rest is kept with the record as text. "
            + "Rows that can't be taken in go to FILE.rejects.csv, or .jsonl, ready to be mended. The same file again "
            + "changes nothing. What: \(ImportRequest.words.joined(separator: ", ")).",
        example: "kith import visits visits.csv --map Date=started --map Where=place --create-places "
            + "--date-format dmy",
        arguments: ImportRequest.arguments,
        options: ImportRequest.options(area: AreaChoice.option("The team that new records belong to.")), run: run)

    @Sendable private static func run(_ arguments: ParsedArguments, _ context: ClientContext) throws {
        let request = try ImportRequest(arguments, areaOption: AreaChoice.optionName)
        let saving = RecordSaving(context: context)
        try saving.checkMayWrite(request.kind)
        let area = request.kind.isForEveryone ? nil : try saving.area(named: arguments.value(of: AreaChoice.optionName))
        let session = ImportSession(request, console: context.console, clock: context.clock)
        try session.run(
            store: LaptopImport(try context.laptop(), request.kind), area: area?.area ?? AreaChoice.everyone,
            placesArea: AreaChoice.everyone, hash: Hash128(BLAKE2b.hash128), local: context.local)
        try saving.afterSaving { try context.laptop().tidy() }
        guard !context.console.settings.isDryRun, let area else { return }
        try saving.remember(area, named: arguments.value(of: AreaChoice.optionName))
    }
}
