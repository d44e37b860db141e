import OutreachModel
import SyncCore
import SyncHub
import Terminal

/// `kith-server audit list|verify`: who did what, and whether the log of it is whole.
enum AuditCommand {
    /// How many lines are listed where nothing else is said.
    private static let usualCount = 100
    private static let largestCount = 1_000_000

    static let command = Command<ServerContext>(
        name: "audit", summary: "See who did what, and whether the log of it is whole.",
        discussion: "The log names devices and records by their numbers alone. Each line covers the one before it, and "
            + "each laptop holds the last line that it was told.",
        example: "kith-server audit verify --data office",
        subcommands: [
            Command(
                name: "list", summary: "List the last lines.",
                example: "kith-server audit list --last 20 --data office",
                options: [.integer("last", in: 1...largestCount, "How many lines; \(usualCount) if not given.")],
                run: list),
            Command(
                name: "verify", summary: "Find lines that were changed or removed.",
                discussion: "Exit code 7 means that somebody has changed the log.",
                example: "kith-server audit verify --data office", run: verify),
        ])

    // MARK: List

    private static func list(_ arguments: ParsedArguments, _ context: ServerContext) throws {
        let hub = try context.folder.open().hub
        let count = arguments.value(of: "last").flatMap { Int($0) } ?? usualCount
        let last = try hub.lastAuditNumber()
        let entries = try hub.auditEntries(after: last > UInt64(count) ? last - UInt64(count) : 0, limit: count)
        if context.console.settings.isJSON {
            return try context.console.show(.array(entries.map(json)))
        }
        let names = Dictionary(uniqueKeysWithValues: try hub.devices().map { ($0.number, $0.name) })
        var table = Table([
            Table.Column("Line", .right), Table.Column("When"), Table.Column("By"), Table.Column("What"),
            Table.Column("About"), Table.Column("More", .right),
        ])
        for entry in entries {
            table.add([
                String(entry.number), TimeText.rfc3339(entry.time), names[entry.actor] ?? "device \(entry.actor)",
                AuditWording.what(entry), AuditWording.about(entry), AuditWording.more(entry),
            ])
        }
        try context.console.show(table)
    }

    private static func json(_ entry: AuditEntry) -> JSONValue {
        [
            "line": JSONValue(Int(clamping: entry.number)), "at": .string(TimeText.rfc3339(entry.time)),
            "device": .integer(Int64(entry.actor)), "what": .string(AuditWording.what(entry)),
            "about": .string(AuditWording.about(entry)),
            "detail": JSONValue(Int(clamping: entry.detail)),
        ]
    }

    // MARK: Verify

    private static func verify(_ arguments: ParsedArguments, _ context: ServerContext) throws {
        let hub = try context.folder.open().hub
        let faults = try hub.auditFaults()
        let names = Dictionary(uniqueKeysWithValues: try hub.devices().map { ($0.number, $0.name) })
        let lines = faults.map { words($0, names) }
        let unsigned = try hub.unsignedAuditWitnesses()
        let witnesses = try hub.auditWitnesses().count - unsigned.count
        if context.console.settings.isJSON {
            try context.console.show([
                "lines": JSONValue(Int(clamping: try hub.lastAuditNumber())), "whole": .boolean(faults.isEmpty),
                "faults": .array(lines.map { .string($0) }), "devices": JSONValue(witnesses),
                "not_signed": .array(unsigned.map { .string(names[$0.device] ?? "device \($0.device)") }),
            ])
        } else {
            for line in lines { try context.console.show(line) }
            for witness in unsigned {
                try context.console.show(
                    "\(names[witness.device] ?? "Device \(witness.device)") says that it was told line "
                        + "\(witness.head.number), which is not here. It shows no signature of the office for that: an earlier "
                        + "version gave none, and anybody can make such a line up. It counts for nothing.")
            }
        }
        guard faults.isEmpty else {
            throw CommandFailure(
                exitCode: .damaged,
                message:
                    "Somebody has changed the log of who did what. Nothing was changed by this command. Keep a copy "
                    + "of the folder, and compare with a backup.", next: "kith-server audit list")
        }
        if !context.console.settings.isJSON {
            try context.console.show(
                "\(try hub.lastAuditNumber()) lines, each as it was written. Devices that hold a line of it: "
                    + "\(witnesses).")
        }
    }

    private static func words(_ fault: AuditFault, _ names: [UInt32: String]) -> String {
        switch fault {
        case .changed(let number): "Line \(number) was changed."
        case .missing(let lines):
            lines.count == 1
                ? "Line \(lines.lowerBound) is missing."
                : "Lines \(lines.lowerBound) to \(lines.upperBound) are missing."
        case .witnessed(let device, let number):
            "\(names[device] ?? "Device \(device)") holds line \(number), which is not here as it was told: lines up to it "
                + "were changed, or cut off the end."
        }
    }
}
