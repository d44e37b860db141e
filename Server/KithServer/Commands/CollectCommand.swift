import SyncHub
import Terminal

/// `kith-server collect`: what `serve` does once a day, now.
enum CollectCommand {
    static let command = Command<ServerContext>(
        name: "collect", summary: "Let go of what devices need no more to follow.",
        discussion: "Records that were deleted more than 180 days ago leave the laptops; the office keeps them and all "
            + "that they said. A running server does the same once a day by itself.",
        example: "kith-server collect --data office", run: run)

    private static func run(_ arguments: ParsedArguments, _ context: ServerContext) throws {
        let connection = try context.folder.open()
        let isTrial = context.console.settings.isDryRun
        let report = try WorkingLine.during("Looking for what nobody needs", on: context.console) {
            try FeedCollection(hub: connection.hub).run(isTrial: isTrial)
        }
        if context.console.settings.isJSON {
            return try context.console.show([
                "deleted": JSONValue(report.deleted), "needless": JSONValue(report.needless),
                "dry_run": .boolean(isTrial),
            ])
        }
        let deleted = report.deleted == 1 ? "1 record" : "\(report.deleted) records"
        let needless = report.needless == 1 ? "1 needless line" : "\(report.needless) needless lines"
        try context.console.show(
            "\(isTrial ? "Would collect" : "Collected") \(deleted) deleted long ago, and \(needless) of what devices "
                + "follow. Nothing that is kept here was lost.")
    }
}
