import OutreachModel
import SyncCore
import SyncReplica
import Terminal

/// `kith place add` and `kith resource add`: records that everybody in the office reads.
struct SharedAdd {
    let kind: RecordKind
    /// What the record is called, for people: `name`, `title`.
    let naming: FieldDescription
    /// The field for the kind, which is asked for where nothing was given.
    let kinds: FieldDescription
    let options: FieldOptions

    /// - Parameter kind: has a field `kind` with words, and a field of words as its title.
    private init?(_ kind: RecordKind) {
        guard let naming = kind.field(kind.titleField), let kinds = kind.field(named: "kind") else { return nil }
        self.kind = kind
        self.naming = naming
        self.kinds = kinds
        options = FieldOptions(kind, excluding: [naming.number])
    }

    /// The command for a kind.
    static func command(_ kind: RecordKind, summary: String, example: String) -> Command<ClientContext> {
        let add = SharedAdd(kind)
        let name = add?.naming.name ?? "name"
        return Command(
            name: "add", summary: summary, example: example,
            arguments: [Argument(name, "What the \(kind.name) is called.", isPromptable: true)],
            options: (add?.options.declared ?? []) + (kind.isMergeable ? [DuplicateCheck.option(kind)] : []),
            run: { arguments, context in try add?.run(arguments, context) })
    }

    private func run(_ arguments: ParsedArguments, _ context: ClientContext) throws {
        let saving = RecordSaving(context: context)
        try saving.checkMayWrite(kind)
        let reader = try context.fieldReader()
        let prompter = context.console.prompter
        let given = arguments.argument(naming.name)
        let name =
            try given
            ?? prompter.text("\(naming.label) of the \(kind.name)", option: naming.name.uppercased())
        var values = try reader.values(options, arguments)
        if given == nil, values[kinds.number] == nil {
            let choices = kinds.form.words.map { Prompter.Choice($0, label: Words.plain($0)) }
            values[kinds.number] = .text(try prompter.choice(kinds.label, option: "--kind", among: choices))
        }
        values[naming.number] = .text(name)
        try saving.check(kind, values)
        if kind.isMergeable {
            let check = DuplicateCheck(kind: kind, context: context)
            var district: String?
            if case .text(let text)? = values[PlaceField.district.rawValue] { district = text }
            let meant = try check.meant(name, district: district, isNew: arguments.hasFlag("new"))
            if let meant { return try check.tell(meant) }
        } else {
            try warnAboutSameName(name, context)
        }
        let id = try saving.save { work in
            try work.create(table: kind.number, area: AreaChoice.everyone, values: values.map { ($0.key, $0.value) })
        }
        if let id { try RecordCommands.tell(context, "Added", kind, id) }
    }

    /// Two may share a name; whoever adds the second one should know.
    private func warnAboutSameName(_ name: String, _ context: ClientContext) throws {
        let names = try context.reader().texts(kind, field: naming.number, .living)
        guard let same = names.first(where: { TextMatch.key($0.text) == TextMatch.key(name) }) else { return }
        try context.console.note(
            "There is a \(kind.name) of that \(naming.name) already: \(ShortID.display(same.id)). "
                + "This one is added beside it.")
    }
}
