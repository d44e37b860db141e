import OutreachModel
import SyncCore
import SyncHub
import Terminal

/// `kith-server quarantine`: groups that the server could not accept. Nothing in them is lost.
enum QuarantineCommand {
    static let command = Command<ServerContext>(
        name: "quarantine", summary: "See what is held for checking.",
        example: "kith-server quarantine list --data office",
        subcommands: [
            Command(
                name: "list", summary: "List the held groups.", example: "kith-server quarantine list --data office",
                run: list),
            Command(
                name: "show", summary: "Show what a held group says.",
                example: "kith-server quarantine show 1 --data office",
                arguments: [Argument("id", "The number of the held group.")], run: show),
        ])

    private static func list(_ arguments: ParsedArguments, _ context: ServerContext) throws {
        let hub = try context.folder.open().hub
        let names = Dictionary(uniqueKeysWithValues: try hub.devices().map { ($0.number, $0) })
        let groups = try hub.quarantine()
        if context.console.settings.isJSON {
            try context.console.show(
                .array(
                    groups.map { group in
                        [
                            "id": .integer(group.id), "device": .string(names[group.device]?.name ?? "?"),
                            "person": .string(names[group.device]?.person ?? "?"),
                            "reason": .string(words(for: group.reason)), "changes": JSONValue(group.changeCount),
                            "at": .string(TimeText.rfc3339(group.arrivedMilliseconds)),
                        ]
                    }))
            return
        }
        var table = Table([
            Table.Column("ID", .right), Table.Column("Device"), Table.Column("Person"), Table.Column("Arrived"),
            Table.Column("Changes", .right), Table.Column("Why"),
        ])
        for group in groups {
            table.add([
                String(group.id), names[group.device]?.name ?? "?", names[group.device]?.person ?? "?",
                TimeText.local(group.arrivedMilliseconds), String(group.changeCount), words(for: group.reason),
            ])
        }
        if groups.isEmpty { return try context.console.note("Nothing is held.") }
        try context.console.show(table)
    }

    private static func show(_ arguments: ParsedArguments, _ context: ServerContext) throws {
        guard let id = Int64(arguments.argument("id") ?? "") else {
            throw CommandFailure(
                exitCode: .usage, message: "A held group is called by its number.", next: "kith-server quarantine list")
        }
        let hub = try context.folder.open().hub
        let group = try hub.quarantineGroup(id)
        let changes = group.changes.map { describe($0) }
        if context.console.settings.isJSON {
            try context.console.show(["id": .integer(id), "changes": .array(changes)])
            return
        }
        for change in group.changes {
            let table = OutreachSchema.current.table(change.table)
            try context.console.showHeading("\(table?.name ?? "table \(change.table)") \(change.record)")
            for field in change.fields {
                let name = table?.field(field.field)?.name ?? "field \(field.field)"
                try context.console.show("\(name): \(ValueText.plain(field.value))")
            }
            if let existence = change.existence { try context.console.show(existence.isAlive ? "restored" : "deleted") }
        }
    }

    private static func describe(_ change: Change) -> JSONValue {
        let table = OutreachSchema.current.table(change.table)
        var members: [JSONValue.Member] = [
            .init("table", .string(table?.name ?? String(change.table))),
            .init("record", .string(change.record.description)),
        ]
        if let existence = change.existence { members.append(.init("exists", .boolean(existence.isAlive))) }
        let fields = change.fields.map { field in
            JSONValue.Member(table?.field(field.field)?.name ?? String(field.field), ValueText.json(field.value))
        }
        members.append(.init("fields", .object(fields)))
        return .object(members)
    }

    /// Why a group is held, in words for the office.
    static func words(for reason: HoldReason) -> String {
        switch reason {
        case .areaNotGranted: "the person may not write in that area"
        case .roleNotAllowed: "the person's role may not do this"
        case .recordUnknown: "it changes a record that the server does not have"
        case .malformed: "it holds a value or a time that can't be"
        case .revoked: "the device was revoked"
        case .areaChanged: "it would move a record to another area"
        }
    }
}
