import Database
import OutreachModel
import SyncCore
import SyncReplica
import Terminal

/// `kith consent withdraw PERSON PURPOSE`: every consent of the person for it, in one step.
enum ConsentWithdraw {
    static let command = Command<ClientContext>(
        name: "withdraw", summary: "Record that a person takes a consent back.",
        discussion:
            "Whatever they agreed to for that purpose is withdrawn; where nothing was recorded, that they don't "
            + "agree is. Nobody's other answer of the same time undoes it.",
        example: "kith consent withdraw Alex quotes",
        arguments: [
            Argument("person", "Name or id.", isPromptable: true),
            Argument(
                "purpose", "One of: \(RecordKind.consentPurposes.joined(separator: ", ")).", isPromptable: true,
                completes: .words(RecordKind.consentPurposes)),
        ],
        options: [AreaChoice.option("The team that a new record belongs to.")],
        run: { arguments, context in try GuidedEntry.run(context) { try run(arguments, context) } })

    @Sendable private static func run(_ arguments: ParsedArguments, _ context: ClientContext) throws {
        let kind = RecordKind.consent
        let reader = try context.fieldReader()
        let person = try context.answer(arguments.argument("person"), asking: "Person", option: "PERSON") { typed in
            try reader.finder.find(.person, named: typed).id
        }
        guard let field = kind.field(ConsentField.purpose.rawValue) else { return }
        let choices = field.form.words.map { Prompter.Choice($0, label: Words.plain($0)) }
        let typed =
            try arguments.argument("purpose")
            ?? context.console.prompter.choice(field.label, option: "PURPOSE", among: choices)
        let purpose = try reader.value(field, typed, option: "PURPOSE")
        let members = try reader.finder.identities.merged(.person).members(of: person)
        let standing = try context.reader().records(
            kind, where: RecordReader.isAmong("person", members.count), members.map { .blob($0.bytes) }
        ).filter { $0.values[ConsentField.purpose.rawValue] == purpose }
        // A refusal is withdrawn too: a colleague who has not heard of it may write "given" at the same time.
        let given = standing.filter {
            $0.text(ConsentField.answer) != "withdrawn" && $0.text(ConsentField.withdrawn) == nil
        }
        // What was taken back before stays as it was said, and when.
        if given.isEmpty, let known = standing.first {
            if context.isJSON { return try RecordCommands.tell(context, "Kept", known) }
            let id = ShortID.display(known.id)
            return try context.console.show(
                "Nothing to change: they don't agree since before. See: kith consent show \(id)")
        }
        let today = Value.text(context.local.moment(atMilliseconds: context.clock()).date.description)
        let set: [Int: Value] = [
            ConsentField.answer.rawValue: .text("withdrawn"), ConsentField.withdrawn.rawValue: today,
        ]
        let saving = RecordSaving(context: context)
        let fresh = set.merging([
            ConsentField.person.rawValue: .blob(person.bytes), ConsentField.purpose.rawValue: purpose,
        ]) { $1 }
        let area =
            standing.isEmpty ? try saving.area(of: kind, fresh, named: arguments.value(of: AreaChoice.optionName)) : nil
        let changed = try saving.save { work in
            for record in given {
                try work.edit(table: kind.number, record: record.id, values: set.map { ($0.key, $0.value) })
            }
            guard let area else { return given.map(\.id) }
            return [try work.create(table: kind.number, area: area.area, values: fresh.map { ($0.key, $0.value) })]
        }
        for id in changed ?? [] { try RecordCommands.tell(context, "Withdrawn:", kind, id) }
    }
}
