import Database
import SyncHub
import Terminal

/// `kith-server doctor`: is the office's data sound, and is its folder closed to others?
enum DoctorCommand {
    static let command = Command<ServerContext>(
        name: "doctor", summary: "Check the database, its digests and the folder.",
        example: "kith-server doctor --data office", run: run)

    private static func run(_ arguments: ParsedArguments, _ context: ServerContext) throws {
        let connection = try context.folder.open()
        var problems = try connection.database.integrityCheck()
        let differing = try connection.hub.areasWithWrongDigest()
        problems += differing.map { "The digest of the area \($0) does not fit its records." }
        let warnings = context.folder.openModes()
        let healing = try HealingReport(connection.hub)
        if context.console.settings.isJSON {
            try context.console.show([
                "sqlite": .string(Database.libraryVersion), "damaged": .boolean(!problems.isEmpty),
                "problems": .array(problems.map { .string($0) }), "warnings": .array(warnings.map { .string($0) }),
                "wal_bytes": JSONValue(connection.database.walBytes), "healing": healing.json,
            ])
        } else {
            try context.console.show("SQLite \(Database.libraryVersion), one writer at a time by the commit lock.")
            for line in problems + warnings + healing.lines { try context.console.show(line) }
            if problems.isEmpty { try context.console.show("The database is sound, and every digest fits.") }
        }
        guard problems.isEmpty else {
            throw CommandFailure(
                exitCode: .damaged, message: "The database is damaged. Nothing was changed. Keep a copy of the folder.")
        }
    }
}
