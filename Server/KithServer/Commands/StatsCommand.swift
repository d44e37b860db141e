import SyncCore
import SyncHub
import Terminal

/// `kith-server stats`: how much there is.
enum StatsCommand {
    static let command = Command<ServerContext>(
        name: "stats", summary: "Count records, conflicts, held groups and devices.",
        example: "kith-server stats --data office", run: run)

    private static func run(_ arguments: ParsedArguments, _ context: ServerContext) throws {
        let hub = try context.folder.open().hub
        let statistics = try hub.statistics()
        let healing = try HealingReport(hub)
        let checks = try hub.areaChecks()
        let backup = try BackupAge(hub, folder: context.folder, now: WallClock.milliseconds())
        let repairCount = checks.reduce(0) { $0 + $1.repairCount }
        let differingCount = checks.count { $0.outcome == .differs }
        if context.console.settings.isJSON {
            let tables = statistics.tables.map { table in
                JSONValue.Member(
                    table.table, ["living": JSONValue(table.living), "deleted": JSONValue(table.deleted)])
            }
            try context.console.show([
                "records": .object(tables), "conflicts_open": JSONValue(statistics.openConflicts),
                "held": JSONValue(statistics.heldGroups), "feed_entries": JSONValue(statistics.feedEntries),
                "devices": JSONValue(statistics.devices), "healing": healing.json, "repairs": JSONValue(repairCount),
                "areas_differing": JSONValue(differingCount),
                "free_bytes": context.folder.freeBytes.map { JSONValue($0) } ?? .null,
                "last_backup": backup.last.map { .string(TimeText.rfc3339($0)) } ?? .null,
            ])
            return
        }
        var table = Table([Table.Column("What"), Table.Column("Living", .right), Table.Column("Deleted", .right)])
        for count in statistics.tables { table.add([count.table, String(count.living), String(count.deleted)]) }
        try context.console.show(table)
        try context.console.show("Open conflicts: \(statistics.openConflicts)")
        try context.console.show("Held for checking: \(statistics.heldGroups)")
        try context.console.show("Devices: \(statistics.devices)")
        try context.console.show(backup.line)
        for line in ServerSurroundings.room(context.folder) { try context.console.show(line) }
        for line in healing.lines { try context.console.show(line) }
        try context.console.show("Areas that devices fetched again, because records differed: \(repairCount)")
        if differingCount > 0 {
            try context.console.show(
                "Areas of devices whose records still differ: \(differingCount). Which: \(context.command("devices list")). "
                    + "Is the fault here: \(context.command("doctor"))")
        }
    }
}
