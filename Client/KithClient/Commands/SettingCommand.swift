import OutreachModel
import SyncCore
import SyncReplica
import Terminal

/// Commands that set a day in a record, and what goes with it: `kith promise kept ID`, `kith insight told ID`.
struct SettingCommand {
    let kind: RecordKind
    /// The field with the day.
    let day: Int
    /// What is set too, unless it says something already.
    let also: [Int: Value]
    /// A field that an option fills in.
    let option: (name: String, field: Int)?

    static let kept = SettingCommand(
        kind: .promise, day: PromiseField.kept.rawValue, also: [PromiseField.outcome.rawValue: .text("kept")],
        option: nil
    ).command("kept", "Say that a promise was kept.", "kith promise kept f3kq7xzm yesterday")

    static let told = SettingCommand(
        kind: .insight, day: InsightField.fedBack.rawValue, also: [:],
        option: ("to", InsightField.fedBackTo.rawValue)
    ).command(
        "told", "Say that people were told what became of an insight.",
        "kith insight told f3kq7xzm today --to \"the house meeting\"")

    private func command(_ name: String, _ summary: String, _ example: String) -> Command<ClientContext> {
        Command(
            name: name, summary: summary, example: example,
            arguments: [
                RecordCommands.idArgument(kind),
                Argument("when", "On which day; today if not given.", count: .optional),
            ],
            options: option.map { [.text($0.name, "WHOM", "\(kind.field($0.field)?.label ?? $0.name).")] } ?? [],
            run: { arguments, context in try run(arguments, context) })
    }

    private static func isDecided(_ record: StoredRecord) -> Bool {
        !["pending", nil].contains(record.text(InsightField.decision))
    }

    /// Throws where nothing is decided that could have been told.
    private func checkIsDecided(_ record: StoredRecord) throws(CommandFailure) {
        guard !Self.isDecided(record) else { return }
        throw CommandFailure(
            exitCode: .usage,
            message:
                "Nothing is decided on this yet: there is nothing that people could have been told. Nothing was saved.",
            next: "kith insight edit \(ShortID.display(record.id)) --decision accepted")
    }

    /// Whoever says again that a promise was kept, without a day, moves no day.
    private func tellKept(_ record: StoredRecord, _ kept: String, _ context: ClientContext) throws {
        if context.isJSON { return try RecordCommands.tell(context, "Kept", record) }
        let when = try RecordPresenter(context).when(kept) ?? kept
        try context.console.show(
            "Nothing to change: that promise was kept on \(when). "
                + "On another day: kith promise kept \(ShortID.display(record.id)) DAY")
    }

    private func run(_ arguments: ParsedArguments, _ context: ClientContext) throws {
        let record = try RecordChoice(kind: kind, context: context).find(arguments.argument("id")) { record in
            record.values[day] == nil && (kind != .insight || Self.isDecided(record))
        }
        guard let seen = try context.laptop().replica.snapshot(table: kind.number, record: record.id),
            let field = kind.field(day)
        else {
            throw CommandFailure(exitCode: .notFound, message: "That \(kind.name) is gone. Nothing was saved.")
        }
        if kind == .insight { try checkIsDecided(record) }
        if kind == .promise, arguments.argument("when") == nil, let kept = record.text(PromiseField.kept) {
            return try tellKept(record, kept, context)
        }
        try StaleNote(context: context).tell(record)
        var values: [Int: Value] = [
            day: try context.fieldReader().value(field, arguments.argument("when") ?? "today", option: "WHEN")
        ]
        for (number, value) in also where record.values[number] == nil { values[number] = value }
        if let option, let text = arguments.value(of: option.name) {
            values[option.field] = .text(text)
        }
        let saving = RecordSaving(context: context)
        try saving.check(kind, record.values.merging(values) { $1 }, changed: Set(values.keys))
        let done: Void? = try saving.save { work in
            try work.edit(
                table: kind.number, record: record.id, values: values.map { ($0.key, $0.value) }, seen: seen)
        }
        if done != nil { try RecordCommands.tell(context, "Changed", kind, record.id) }
    }
}
