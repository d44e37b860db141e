import Cryptography
import OutreachModel
import SyncCore
import SyncHub
import Terminal

/// `kith-server import`: takes in a spreadsheet or another program's records, as the office.
enum ImportCommand {
    static let command = Command<ServerContext>(
        name: "import", summary: "Take in a spreadsheet or another program's records.",
        discussion: "As on a laptop: see docs/import.md. The records reach the devices at their next sync. "
            + "What: \(ImportRequest.words.joined(separator: ", ")).",
        example: "kith-server import places places.csv --data office --map Code=external_id",
        arguments: ImportRequest.arguments,
        options: ImportRequest.options(
            area: .text("area", "NAME", "The team that new records belong to.", completes: .listed("AREA"))), run: run)

    @Sendable private static func run(_ arguments: ParsedArguments, _ context: ServerContext) throws {
        let request = try ImportRequest(arguments, areaOption: "area")
        let connection = try context.folder.open()
        let team =
            request.kind.isForEveryone ? Area.everyone : try area(named: arguments.value(of: "area"), connection.hub)
        let area = try request.kind.isRestricted ? twin(of: team, request.kind, connection.hub) : team
        let session = ImportSession(request, console: context.console, clock: { WallClock.milliseconds() })
        try session.run(
            store: OfficeImport(connection, request.kind), area: area, team: team, placesArea: Area.everyone,
            hash: Hash128 { BLAKE2b.hash128($0) }, local: LocalTime())
    }

    /// The area of a team that leads and admins alone read.
    private static func twin(of team: Int, _ kind: RecordKind, _ hub: Hub) throws -> Int {
        guard let twin = try hub.areas().first(where: { $0.twinOf == team }) else {
            throw CommandFailure(
                exitCode: .failed,
                message: "That area has no part that leads and admins alone read, for \(kind.plural). "
                    + "Nothing was imported.", next: "kith-server areas list")
        }
        return twin.number
    }

    /// The area that new records belong to: the one that is named, or the only one.
    private static func area(named name: String?, _ hub: Hub) throws -> Int {
        let areas = try hub.areas().filter { $0.twinOf == nil && $0.number != Area.everyone }
        let names = areas.map { "\"\($0.name)\"" }.joined(separator: ", ")
        guard let name else {
            if areas.count == 1 { return areas[0].number }
            throw CommandFailure(
                exitCode: .usage, message: "Which area? Nothing was imported. Say one of: \(names).",
                next: "the same command with --area NAME")
        }
        guard let area = areas.first(where: { $0.name.lowercased() == name.lowercased() }) else {
            throw CommandFailure(
                exitCode: .notFound, message: "There is no area of that name. Nothing was imported. Known: \(names).",
                next: "kith-server areas list")
        }
        return area.number
    }
}
