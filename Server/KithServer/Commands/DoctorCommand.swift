import Database
import SyncCore
import SyncHub
import Terminal

/// `kith-server doctor`: is the office's data sound, and is its folder closed to others?
enum DoctorCommand {
    static let command = Command<ServerContext>(
        name: "doctor",
        summary: "Check the database, its digests, the folder, the clock, and which laptops are behind.",
        discussion: "A digest says what an area's records add up to. Where it does not fit, either it or a record was "
            + "damaged. --recount takes the records for right: compare them with a backup first.",
        example: "kith-server doctor --data office",
        options: [.flag("recount", "Work digests that do not fit out anew from the records.")], run: run)

    private static func run(_ arguments: ParsedArguments, _ context: ServerContext) throws {
        let connection = try context.folder.open()
        let console = context.console
        var problems = try WorkingLine.during("Checking the database", on: console) {
            try connection.database.integrityCheck()
        }
        if arguments.hasFlag("recount"), problems.isEmpty, try recount(connection, context) { return }
        let differing = try WorkingLine.during("Checking the records", on: console) {
            try connection.hub.areasWithWrongDigest()
        }
        problems += differing.map { "The digest of the area \($0) does not fit its records." }
        let backup = try BackupAge(connection.hub, folder: context.folder, now: WallClock.milliseconds())
        var warnings = context.folder.openModes()
        warnings += context.folder.recoveryKeyFile.warnings
        if backup.isTooOld { warnings.append(backup.line) }
        warnings += UnsealedCopies(folder: context.folder).warnings(now: WallClock.milliseconds())
        let surroundings = try ServerSurroundings(context.folder, connection.hub, now: WallClock.milliseconds())
        warnings += surroundings.warnings
        warnings += try LateRecords(connection).lines
        if try connection.store.leavesGaps() {
            warnings.append("The file of the database may still hold what was erased; kith-server erase status")
        }
        if try !context.folder.ledgerFile.isComplete(connection.store) {
            warnings.append("The file ledger does not hold what the database does; kith-server serve writes it anew.")
        }
        let healing = try HealingReport(connection.hub)
        if context.console.settings.isJSON {
            try context.console.show([
                "sqlite": .string(Database.libraryVersion), "damaged": .boolean(!problems.isEmpty),
                "problems": .array(problems.map { .string($0) }), "warnings": .array(warnings.map { .string($0) }),
                "wal_bytes": JSONValue(connection.database.walBytes), "healing": healing.json,
                "pin": .string(surroundings.pin), "certificate": .string(surroundings.fingerprint),
                "behind": .array(surroundings.behind.map { .integer(Int64($0.number)) }),
            ])
        } else {
            try context.console.show(ServerSurroundings.libraryLine)
            try context.console.show("Key that laptops pin: SHA-256 \(surroundings.pin.prefix(16))…")
            try context.console.show("Certificate, as browsers show it: SHA-256 \(surroundings.fingerprint)")
            if !backup.isTooOld { try context.console.show(backup.line) }
            for line in problems + warnings + healing.lines { try context.console.show(line) }
            if problems.isEmpty { try context.console.show("The database is sound, and every digest fits.") }
        }
        guard problems.isEmpty else {
            throw CommandFailure(
                exitCode: .damaged, message: "The database is damaged. Nothing was changed. Keep a copy of the folder.",
                next: problems.count == differing.count
                    ? "kith-server doctor --recount, where the records are right" : nil)
        }
    }

    /// Puts digests right; false where there is none to put right, or nobody confirmed.
    private static func recount(_ connection: HubConnection, _ context: ServerContext) throws -> Bool {
        let console = context.console
        let wrong = try connection.hub.areasWithWrongDigest()
        guard !wrong.isEmpty else { return false }
        let areas = wrong.joined(separator: ", ")
        if console.settings.isDryRun {
            try console.note("Would work out the digests of \(areas) anew.")
            return true
        }
        guard try console.prompter.confirm("Take the records of \(areas) as they are for right?") else { return false }
        _ = try connection.hub.recountDigests()
        if console.settings.isJSON {
            try console.show(["recounted": .array(wrong.map { .string($0) })])
        } else {
            try console.show("The digests of \(areas) were worked out anew. Laptops compare with their next sync.")
        }
        return true
    }
}
