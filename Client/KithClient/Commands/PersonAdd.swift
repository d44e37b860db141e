import OutreachModel
import SyncCore
import SyncReplica
import Terminal

/// `kith person add`
enum PersonAdd {
    static let options = FieldOptions(.person, excluding: [PersonField.name.rawValue])

    static let command = Command<ClientContext>(
        name: "add", summary: RecordKind.person.entry.summary, discussion: RecordKind.person.entry.discussion,
        example: RecordKind.person.entry.example,
        arguments: [Argument("name", "How they are called.", isPromptable: true)],
        options: options.declared + [
            .text(
                "role", "WORD", "What they are to the work: \(RecordKind.roleKinds.joined(separator: ", ")).",
                completes: .words(RecordKind.roleKinds)),
            .text("place", "PLACE", "Where they have that role."),
            AreaChoice.option("The team that the record belongs to."), DuplicateCheck.option(.person),
        ], run: { arguments, context in try GuidedEntry.run(context) { try run(arguments, context) } })

    private static func run(_ arguments: ParsedArguments, _ context: ClientContext) throws {
        let reader = try context.fieldReader()
        let name = try arguments.argument("name") ?? context.console.prompter.text("Name", option: "NAME")
        var values = try reader.values(options, arguments)
        values[PersonField.name.rawValue] = .text(TidyName.tidied(name))
        var role = try role(arguments, reader)
        let saving = RecordSaving(context: context)
        try saving.check(.person, values)
        let area = try saving.area(named: arguments.value(of: AreaChoice.optionName))
        let check = DuplicateCheck(kind: .person, context: context)
        if let meant = try check.meant(name, isNew: arguments.hasFlag("new")) { return try check.tell(meant) }
        let id = try saving.save { work in
            let id = try work.create(
                table: OutreachSchema.Number.person, area: area.area, values: values.map { ($0.key, $0.value) })
            if !role.isEmpty {
                role[RoleField.person.rawValue] = .blob(id.bytes)
                try work.create(
                    table: OutreachSchema.Number.role, area: area.area, values: role.map { ($0.key, $0.value) })
            }
            return id
        }
        guard let id else { return }
        try saving.remember(area)
        try RecordCommands.tell(context, "Added", .person, id)
    }

    private static func role(_ arguments: ParsedArguments, _ reader: FieldReader) throws -> [Int: Value] {
        guard let typed = arguments.value(of: "role") else {
            guard arguments.value(of: "place") == nil else {
                throw CommandFailure(
                    exitCode: .usage, message: "--place says where a person has a role: add --role. Nothing was saved.",
                    next: "kith person add --help")
            }
            return [:]
        }
        var values: [Int: Value] = [:]
        if let kind = RecordKind.role.field(RoleField.kind.rawValue) {
            values[RoleField.kind.rawValue] = try reader.value(kind, typed, option: "--role")
        }
        if let typed = arguments.value(of: "place") {
            values[RoleField.place.rawValue] = .blob(try reader.finder.find(.place, named: typed).id.bytes)
        }
        return values
    }
}
