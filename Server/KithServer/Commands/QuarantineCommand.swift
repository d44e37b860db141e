import OutreachModel
import SyncCore
import SyncHub
import Terminal

/// `kith-server quarantine`: groups that the server could not accept. Nothing in them is lost until somebody discards
/// them.
enum QuarantineCommand {
    static let command = Command<ServerContext>(
        name: "quarantine", summary: "See what is held for checking, and accept or discard it.",
        example: "kith-server quarantine list --data office\nkith-server quarantine accept 1 --data office",
        subcommands: [
            Command(
                name: "list", summary: "List the held groups.", example: "kith-server quarantine list --data office",
                run: list),
            Command(
                name: "show", summary: "Show what a held group says.",
                example: "kith-server quarantine show 1 --data office",
                arguments: [Argument("id", "The number of the held group.")], run: show),
            QuarantineDeciding.accept, QuarantineDeciding.discard,
        ])

    private static func list(_ arguments: ParsedArguments, _ context: ServerContext) throws {
        let hub = try context.folder.open().hub
        let names = Dictionary(uniqueKeysWithValues: try hub.devices().map { ($0.number, $0) })
        let records = try OfficeNames(hub)
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
            Table.Column("Changes", .right), Table.Column("About"), Table.Column("Why"),
        ])
        for group in groups {
            table.add([
                String(group.id), names[group.device]?.name ?? "?", names[group.device]?.person ?? "?",
                TimeText.local(group.arrivedMilliseconds), String(group.changeCount),
                try hub.quarantineGroup(group.id).changes.first.map { try records.line(of: $0) } ?? "",
                words(for: group.reason),
            ])
        }
        if groups.isEmpty { return try context.console.note("Nothing is held.") }
        try context.console.show(table)
    }

    private static func show(_ arguments: ParsedArguments, _ context: ServerContext) throws {
        let id = try id(arguments)
        let hub = try context.folder.open().hub
        let content = try hub.quarantineGroup(id)
        let obstacle = try hub.obstacle(toAccepting: id)
        let names = try OfficeNames(hub)
        let others = try hub.heldTogether(with: id).dropFirst().map(\.id)
        if context.console.settings.isJSON {
            try context.console.show([
                "id": .integer(id), "acceptable": .boolean(obstacle == nil),
                "together_with": .array(others.map { .integer($0) }),
                "changes": .array(try content.changes.map { try describe($0, names) }),
            ])
            return
        }
        for change in content.changes { try show(change, names, context.console) }
        if !others.isEmpty {
            try context.console.show("Goes together with: \(others.map(String.init).joined(separator: ", "))")
        }
        if let obstacle { return try context.console.note(obstacle.description) }
        try context.console.note("Take it: \(context.command("quarantine accept \(id)"))")
    }

    private static func show(_ change: Change, _ names: OfficeNames, _ console: Console) throws {
        let record = RecordReference(table: change.table, id: change.record)
        try console.showHeading(try names.line(of: change))
        if let area = try names.area(of: change) { try console.show("Area: \(area)") }
        for field in change.fields {
            let known = RecordKind.of(table: change.table)?.field(field.field)
            let value = try known.map { try names.shown(field.value, $0, of: record) } ?? ""
            try console.show(
                "\(known?.label ?? "field \(field.field)"): \(value.isEmpty ? ValueText.plain(field.value) : value)")
        }
        if let existence = change.existence { try console.show(existence.isAlive ? "restored" : "deleted") }
        for decision in change.decisions {
            let word = decision.action == .resolve ? "settles" : "opens again"
            try console.show("\(word) conflict \(ConflictReport.text(of: decision.conflict).prefix(ShortID.length))")
        }
    }

    /// The number of a held group on the command line.
    static func id(_ arguments: ParsedArguments) throws(CommandFailure) -> Int64 {
        guard let id = Int64(arguments.argument("id") ?? "") else {
            throw CommandFailure(
                exitCode: .usage, message: "A held group is called by its number. Nothing was changed.",
                next: "kith-server quarantine list")
        }
        return id
    }

    private static func describe(_ change: Change, _ names: OfficeNames) throws -> JSONValue {
        let table = OutreachSchema.current.table(change.table)
        var members: [JSONValue.Member] = [
            .init("table", .string(table?.name ?? String(change.table))),
            .init("record", .string(change.record.description)),
            .init("title", .string(try names.line(of: change))), .init("area", JSONValue(try names.area(of: change))),
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
        case .areaChanged: "a record of another area has the id of one that it makes"
        case .replacedInForce: "it was sent in place of a held group that was accepted meanwhile"
        case .historyTooLong: "what it changes was edited so often that merging it takes long"
        case .unknown(let number): "for a reason that this version does not know (\(number))"
        }
    }
}
