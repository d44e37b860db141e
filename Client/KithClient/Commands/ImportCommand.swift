import Cryptography
import OutreachModel
import SyncCore
import SyncReplica
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
        let name = arguments.value(of: AreaChoice.optionName)
        let twin = try request.kind.isRestricted ? restrictedArea(request.kind, named: name, saving) : nil
        let area = try twin == nil && !request.kind.isForEveryone ? saving.area(named: name) : nil
        let before = try comparesNames(request.kind, context) ? named(request.kind, context) : nil
        let payments = try request.kind == .payment ? Set(context.reader().records(.payment).map(\.id)) : []
        let session = ImportSession(request, console: context.console, clock: context.clock)
        try session.run(
            store: LaptopImport(try context.laptop(), request.kind),
            area: twin?.number ?? area?.area ?? AreaChoice.everyone, team: twin?.twinOf,
            placesArea: AreaChoice.everyone, hash: Hash128(BLAKE2b.hash128), local: context.local)
        try saving.afterSaving { try context.laptop().tidy() }
        if request.kind == .payment { try tellAbove(notAmong: payments, context) }
        if let before { try tellDuplicates(request.kind, notAmong: before, context) }
        guard !context.console.settings.isDryRun, let area else { return }
        try saving.remember(area)
    }

    /// The area that leads and admins alone read, for what only they may read. Whoever passes a concern on without reading it again
    /// could not tell what became of a file.
    private static func restrictedArea(
        _ kind: RecordKind, named name: String?, _ saving: RecordSaving
    ) throws -> Directory.Area {
        let area = try saving.area(of: kind, [:], named: name)
        guard
            let twin = try saving.context.laptop().replica.directory()?.areas.first(where: { $0.number == area.area }),
            twin.canRead
        else {
            throw CommandFailure(
                exitCode: .refused,
                message:
                    "A file of \(kind.plural) is taken in by leads and admins, who read them. Nothing was imported.",
                next: "kith \(kind.name) add")
        }
        try saving.tell(area)
        return twin
    }

    /// Says how many people the new payments bring above what the office has set: nobody was asked at each of them.
    private static func tellAbove(notAmong before: Set<RecordID>, _ context: ClientContext) throws {
        let new = try context.reader().records(.payment).filter { !before.contains($0.id) }
        let count = try PaymentCheck(context: context).countAbove(new)
        guard count > 0 else { return }
        let who = count == 1 ? "1 person goes" : "\(ImportResult.grouped(count)) people go"
        try context.console.note(
            "\(who) above a threshold of the office with these payments. See: kith payment thresholds")
    }

    /// The most records whose names are compared after an import: with more it would take longer than the import.
    private static let largestComparedCount = 10_000

    /// Whether anybody would read how many names sound alike.
    private static func comparesNames(_ kind: RecordKind, _ context: ClientContext) -> Bool {
        let settings = context.console.settings
        return kind.isMergeable && !settings.isJSON && !settings.isQuiet && !settings.isDryRun
    }

    /// The records of a kind that have names; nil where they are too many to be compared.
    private static func named(_ kind: RecordKind, _ context: ClientContext) throws -> Set<RecordID>? {
        guard try context.laptop().replica.livingCount(table: kind.number) <= largestComparedCount else { return nil }
        return Set(try DuplicateRecords(kind, context).named().map(\.id))
    }

    /// Says how many of the new records sound like one that is here: two of one name make every later entry ask.
    private static func tellDuplicates(
        _ kind: RecordKind, notAmong before: Set<RecordID>, _ context: ClientContext
    ) throws {
        guard try context.laptop().replica.livingCount(table: kind.number) <= largestComparedCount else {
            return try context.console.note(
                "Names were not compared, there are many. Look: kith \(kind.name) duplicates")
        }
        let records = try DuplicateRecords(kind, context).named()
        guard records.contains(where: { !before.contains($0.id) }) else { return }
        let alike = ProbableDuplicates.pairs(among: records).flatMap { [$0.first, $0.second] }
        let count = Set(alike).subtracting(before).count
        guard count > 0 else { return }
        let sound = count == 1 ? "1 of them sounds" : "\(ImportResult.grouped(count)) of them sound"
        try context.console.note("\(sound) like another \(kind.name) here. Look: kith \(kind.name) duplicates")
    }
}
