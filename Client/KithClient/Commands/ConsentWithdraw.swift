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
            try reader.finder.find(.person, named: typed, isToBeThere: true).id
        }
        guard let field = kind.field(ConsentField.purpose.rawValue) else { return }
        let choices = field.form.words.map { Prompter.Choice($0, label: Words.plain($0)) }
        let typed =
            try arguments.argument("purpose")
            ?? context.console.prompter.choice(field.label, option: "PURPOSE", among: choices)
        let members = try reader.finder.identities.merged(.person).members(of: person)
        let known = try context.reader().records(
            kind, where: RecordReader.isAmong("person", members.count), members.map { .blob($0.bytes) })
        let own = try ownPurpose(typed, field, known, context)
        let purpose = own == nil ? try reader.value(field, typed, option: "PURPOSE") : .text(Words.other)
        let standing = known.filter { record in
            record.values[ConsentField.purpose.rawValue] == purpose
                && (own == nil || key(record) == own.map(TextMatch.key))
        }
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
        var fresh = set.merging([
            ConsentField.person.rawValue: .blob(person.bytes), ConsentField.purpose.rawValue: purpose,
        ]) { $1 }
        if let own { fresh[ConsentField.purposeOther.rawValue] = .text(own) }
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

    /// The own words of the purpose that is meant; nil where it is one of the list. Of several that were asked in own words
    /// one is taken back, not all.
    private static func ownPurpose(
        _ typed: String, _ field: FieldDescription, _ known: [StoredRecord], _ context: ClientContext
    ) throws -> String? {
        let asked = known.filter { $0.text(ConsentField.purpose) == Words.other }
        if let own = words(of: asked).first(where: { TextMatch.key($0) == TextMatch.key(typed) }) { return own }
        // What was taken back before need not be told apart.
        let standing = asked.filter {
            $0.text(ConsentField.answer) != "withdrawn" && $0.text(ConsentField.withdrawn) == nil
        }
        let words = words(of: standing)
        guard field.word(typed) == Words.other, words.count > 1 else { return nil }
        guard context.console.prompter.canAsk else {
            let names = words.map { "\"\(escapeControls($0))\"" }.joined(separator: ", ")
            throw CommandFailure(
                exitCode: .usage, message: "Which other purpose? Nothing was saved. Say one of: \(names).",
                next: "the same command with these words")
        }
        return try context.console.prompter.choice(
            "Which other purpose?", option: "PURPOSE", among: words.map { Prompter.Choice($0) })
    }

    /// The own words of these, each once, by the alphabet.
    private static func words(of records: [StoredRecord]) -> [String] {
        let words = records.compactMap { $0.text(ConsentField.purposeOther) }.filter { !$0.isEmpty }
        return Dictionary(words.map { (TextMatch.key($0), $0) }, uniquingKeysWith: { first, _ in first })
            .sorted { $0.key < $1.key }.map(\.value)
    }

    private static func key(_ record: StoredRecord) -> String? {
        record.text(ConsentField.purposeOther).map(TextMatch.key)
    }
}
