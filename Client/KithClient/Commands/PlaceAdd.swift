import OutreachModel
import SyncCore
import SyncReplica
import Terminal

/// `kith place add`
enum PlaceAdd {
    static let options = FieldOptions(.place, excluding: [PlaceField.name.rawValue])

    static let command = Command<ClientContext>(
        name: "add", summary: "Add a place, for everybody in the office.",
        example: "kith place add \"Castle House\" --kind residential --district Canterbury",
        arguments: [Argument("name", "What the place is called.", isPromptable: true)],
        options: options.declared, run: run)

    @Sendable private static func run(_ arguments: ParsedArguments, _ context: ClientContext) throws {
        let reader = try context.fieldReader()
        let prompter = context.console.prompter
        let name = try arguments.argument("name") ?? prompter.text("Name of the place", option: "NAME")
        var values = try reader.values(options, arguments)
        if arguments.argument("name") == nil, values[PlaceField.kind.rawValue] == nil {
            let choices = RecordKind.placeKinds.map { Prompter.Choice($0, label: Words.plain($0)) }
            values[PlaceField.kind.rawValue] = .text(try prompter.choice("Kind", option: "--kind", among: choices))
        }
        values[PlaceField.name.rawValue] = .text(name)
        let saving = RecordSaving(context: context)
        try saving.check(.place, values)
        try warnAboutSameName(name, context)
        let id = try saving.save { work in
            try work.create(
                table: OutreachSchema.Number.place, area: AreaChoice.everyone, values: values.map { ($0.key, $0.value) }
            )
        }
        if let id { try RecordCommands.tell(context, "Added", .place, id) }
    }

    /// Two places may share a name; whoever adds the second one should know.
    private static func warnAboutSameName(_ name: String, _ context: ClientContext) throws {
        let names = try context.reader().texts(.place, field: PlaceField.name.rawValue, .living)
        guard let same = names.first(where: { TextMatch.key($0.text) == TextMatch.key(name) }) else { return }
        try context.console.note(
            "There is a place of that name already: \(ShortID.display(same.id)). This one is added beside it.")
    }
}
