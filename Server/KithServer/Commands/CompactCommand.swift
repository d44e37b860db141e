import Database
import SyncHub
import Terminal

/// `kith-server compact`: the database takes no more room than what is kept in it.
enum CompactCommand {
    static let command = Command<ServerContext>(
        name: "compact", summary: "Make the database as small as what is kept in it.",
        discussion:
            "It does what collect does, then writes the database anew without the room that was left free. Nothing "
            + "that is kept here is lost: history, conflicts and deleted records stay. A server may run meanwhile; laptops "
            + "wait for some seconds. With a large database stop the server first. The disk needs twice the room of the "
            + "database for a moment.",
        example: "kith-server compact --data office", run: run)

    private static func run(_ arguments: ParsedArguments, _ context: ServerContext) throws {
        let folder = context.folder
        folder.keepTemporaryFiles()
        let connection = try folder.open()
        if context.console.settings.isDryRun { return try tryOut(connection, context) }
        let lock = try folder.backupLock()
        defer { withExtendedLifetime(lock) {} }
        let before = try connection.database.room()
        try checkRoom(before, folder)
        let held = try holdStill(folder, before)
        defer { withExtendedLifetime(held) {} }
        let (report, isWhole) = try WorkingLine.during("Writing the database anew", on: context.console) {
            let report = try FeedCollection(hub: connection.hub).run()
            try connection.store.writeAnew()
            let isWhole = try connection.database.checkpoint(.truncate)
            if isWhole { try connection.store.noteEmptyLog() }
            return (report, isWhole)
        }
        try tell(Outcome(before: before.totalBytes, report: report), isWhole, try connection.database.room(), context)
    }

    private struct Outcome {
        let before: Int
        let report: FeedCollection.Report
    }

    /// Refuses where the disk has too little room, before anything is written.
    private static func checkRoom(_ room: FileRoom, _ folder: ServerFolder) throws {
        guard let free = folder.freeBytes else { return }
        let needed = 2 * (room.totalBytes - room.freeBytes)
        guard free < needed else { return }
        throw CommandFailure(
            exitCode: .failed,
            message:
                "\(megabytes(needed)) must be free on the disk of \(folder.path) for a moment, and \(megabytes(free)) are. "
                + "Nothing was changed. Make room, then try again.")
    }

    /// Keeps servers from starting meanwhile; beside one that answers already, only a small database is written anew.
    private static func holdStill(_ folder: ServerFolder, _ room: FileRoom) throws -> FolderLock? {
        do {
            return try FolderLock(path: folder.serveLockPath, waits: false)
        } catch is FolderLock.Taken {
            guard room.totalBytes - room.freeBytes > HubConnection.largestServedBytes else { return nil }
            throw CommandFailure(
                exitCode: .refused,
                message: "A server answers devices from \(folder.path) now, and the database has "
                    + "\(megabytes(room.totalBytes)): laptops would wait too long while it is written anew. Nothing was "
                    + "changed. Stop the server first.")
        }
    }

    private static func tryOut(_ connection: HubConnection, _ context: ServerContext) throws {
        let room = try connection.database.room()
        let report = try FeedCollection(hub: connection.hub).run(isTrial: true)
        if context.console.settings.isJSON {
            return try context.console.show([
                "before_bytes": JSONValue(room.totalBytes), "free_bytes": JSONValue(room.freeBytes),
                "deleted": JSONValue(report.deleted), "needless": JSONValue(report.needless), "dry_run": .boolean(true),
            ])
        }
        try context.console.show(
            "The database has \(megabytes(room.totalBytes)), of which \(megabytes(room.freeBytes)) are free. Would let go of "
                + "\(words(report)), and write it anew. Nothing was changed.")
    }

    private static func tell(
        _ outcome: Outcome, _ isWhole: Bool, _ room: FileRoom, _ context: ServerContext
    ) throws {
        if context.console.settings.isJSON {
            return try context.console.show([
                "before_bytes": JSONValue(outcome.before), "after_bytes": JSONValue(room.totalBytes),
                "deleted": JSONValue(outcome.report.deleted), "needless": JSONValue(outcome.report.needless),
                "dry_run": .boolean(false),
            ])
        }
        try context.console.show(
            "Let go of \(words(outcome.report)). The database had \(megabytes(outcome.before)) and has "
                + "\(megabytes(room.totalBytes)). Nothing that is kept here was lost.")
        if !isWhole {
            try context.console.note(
                "The running server still reads the larger file; it gets smaller with its next pause.")
        }
    }

    private static func words(_ report: FeedCollection.Report) -> String {
        let deleted = report.deleted == 1 ? "1 record" : "\(report.deleted) records"
        let needless = report.needless == 1 ? "1 needless line" : "\(report.needless) needless lines"
        return "\(deleted) deleted long ago and \(needless) of what devices follow"
    }

    private static func megabytes(_ bytes: Int) -> String {
        let tenths = (bytes * 10 + (1 << 19)) >> 20
        return "\(tenths / 10).\(tenths % 10) MB"
    }
}
