import Database
import OutreachModel
import SyncCore
import SyncReplica
import Terminal

/// `kith round start|ok|end`: working alone, with somebody who knows.
enum RoundCommands {
    static let all = [
        Command<ClientContext>(
            name: "start", summary: "Set out: leave a plan, a buddy and when you are expected back.",
            discussion: "A plan that was not synced is on this laptop alone: tell your buddy yourself.",
            example: "kith round start \"Castle Street, then the river\" --buddy Sam --back 17:00",
            arguments: [Argument("plan", "Where you go, in words.", isPromptable: true)],
            options: [
                .text("buddy", "NAME", "Who misses you if you don't come back.", isPromptable: true),
                .text("back", "WHEN", "When you are expected back.", isPromptable: true),
                .text("place", "PLACE", "A place of the round."),
                .text("if-overdue", "TEXT", "What your buddy does if you are overdue."),
                AreaChoice.option("The team that the record belongs to."),
            ], run: { arguments, context in try GuidedEntry.run(context) { try start(arguments, context) } }),
        Command<ClientContext>(
            name: "ok", summary: "Say that you are well; --back moves when you are expected.",
            example: "kith round ok --back 18:00",
            options: [.text("back", "WHEN", "When you are expected back now.")],
            run: { arguments, context in try change(.lastOK, arguments.value(of: "back"), context) }),
        Command<ClientContext>(
            name: "end", summary: "Say that you are back.", example: "kith round end",
            run: { _, context in try change(.ended, nil, context) }),
    ]

    @Sendable private static func start(_ arguments: ParsedArguments, _ context: ClientContext) throws {
        let reader = try context.fieldReader()
        let kind = RecordKind.round
        if let open = try open(context) {
            throw CommandFailure(
                exitCode: .failed,
                message:
                    "You are on a round already: \(try RecordPresenter(context).title(of: open)). Nothing was saved.",
                next: "kith round end")
        }
        var values: [Int: Value] = [RoundField.started.rawValue: now(context)]
        func take(_ field: RoundField, _ given: String?, asking question: String, option: String) throws {
            guard let described = kind.field(field.rawValue) else { return }
            values[field.rawValue] = try context.answer(given, asking: question, option: option) { typed in
                try reader.value(described, typed, option: option)
            }
        }
        try take(.plan, arguments.argument("plan"), asking: "Plan", option: "PLAN")
        try take(.buddy, arguments.value(of: "buddy"), asking: "Buddy", option: "--buddy")
        try take(.expectedEnd, arguments.value(of: "back"), asking: "Expected back", option: "--back")
        for (field, name) in [(RoundField.place, "place"), (.ifOverdue, "if-overdue")] {
            if let given = arguments.value(of: name) { try take(field, given, asking: name, option: "--\(name)") }
        }
        if let directory = try context.laptop().replica.directory() {
            values[RoundField.who.rawValue] = .text(directory.person)
        }
        let saving = RecordSaving(context: context)
        try saving.check(kind, values)
        let area = try saving.area(of: kind, values, named: arguments.value(of: AreaChoice.optionName))
        let id = try saving.save { work in
            try work.create(table: kind.number, area: area.area, values: values.map { ($0.key, $0.value) })
        }
        guard let id else { return }
        try saving.remember(area)
        try tell("Started", id, context)
    }

    @Sendable private static func change(
        _ field: RoundField, _ back: String?, _ context: ClientContext
    ) throws {
        let kind = RecordKind.round
        guard let round = try open(context),
            let seen = try context.laptop().replica.snapshot(table: kind.number, record: round.id)
        else {
            throw CommandFailure(
                exitCode: .notFound, message: "You are on no round. Nothing was saved.", next: "kith round start")
        }
        var values: [Int: Value] = [field.rawValue: now(context)]
        if let back, let described = kind.field(RoundField.expectedEnd.rawValue) {
            values[described.number] = try context.fieldReader().value(described, back, option: "--back")
        }
        let saving = RecordSaving(context: context)
        try saving.check(kind, round.values.merging(values) { $1 }, changed: Set(values.keys))
        let done: Void? = try saving.save { work in
            try work.edit(table: kind.number, record: round.id, values: values.map { ($0.key, $0.value) }, seen: seen)
        }
        if done != nil { try tell(field == .ended ? "Ended" : "Well:", round.id, context) }
    }

    /// The newest round of this person that has begun and has no end; one that is planned for tomorrow is not meant.
    private static func open(_ context: ClientContext) throws -> StoredRecord? {
        guard let person = try context.laptop().replica.directory()?.person else { return nil }
        var rounds = try context.reader().records(.round, where: "ended IS NULL AND who = ?1", [.text(person)])
        RecordList.sortNewestFirst(&rounds, started: RoundField.started.rawValue)
        return rounds.first { ($0.text(RoundField.started).map(RecordList.startKey) ?? .min) <= context.clock() }
    }

    private static func now(_ context: ClientContext) -> Value {
        .text(context.local.moment(atMilliseconds: context.clock()).onTheMinute.description)
    }

    /// Says what was saved; and, as long as the office does not have it, that somebody has to be told.
    private static func tell(_ verb: String, _ id: RecordID, _ context: ClientContext) throws {
        guard let round = try context.reader().record(.round, id) else { return }
        try RecordCommands.tell(context, verb, round)
        guard let buddy = round.text(RoundField.buddy), round.isPending else { return }
        let what = verb == "Started" ? "this plan" : "this"
        try context.console.note("The office can't see \(what) yet. Tell your buddy: \(buddy)")
    }
}
