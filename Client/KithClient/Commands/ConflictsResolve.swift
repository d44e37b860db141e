import OutreachModel
import SyncCore
import SyncReplica
import Terminal

/// `kith conflicts resolve ID`
enum ConflictsResolve {
    static let command = Command<ClientContext>(
        name: "resolve", summary: "Decide a conflict; leads and admins only.",
        discussion: "It works without a connection and is sent with the next sync. The same command decides anew.",
        example: "kith conflicts resolve f3kq7xzm --keep a --why \"Priya was there\"",
        arguments: [ConflictsCommand.idArgument],
        options: [
            .choice("keep", ["a", "b", "before"], "Which side stays.", isPromptable: true),
            .text("value", "TEXT", "Neither: this stays."),
            .flag("combine", "Both texts, one after the other."),
            .text("why", "TEXT", "Why, for those who read it later."),
        ], run: run)

    @Sendable private static func run(_ arguments: ParsedArguments, _ context: ClientContext) throws {
        let presenter = try ConflictPresenter(context)
        let conflict = try presenter.find(arguments.argument("id") ?? "")
        let shown = try context.laptop().replica.shown(conflict: conflict.id)
        try requireDecider(context)
        let choice = try choice(conflict, arguments, context, presenter)
        let why = try arguments.value(of: "why") ?? askWhy(arguments, context)
        let before = try presenter.report(conflict)
        let done: Void? = try RecordSaving(context: context).save { work in
            let record = try context.laptop().replica.record(table: conflict.table, id: conflict.record)
            try work.decide(conflict.id, keep: choice, why: why, shown: shown)
            try KnownRisks.follow(before, keep: choice, why: why, of: record, in: &work, context)
        }
        guard done != nil else { return }
        try tell(conflict.id, context)
        try tellReplaced(before, context)
    }

    /// Names what had stood as neither side, as what a decision on another conflict had made, and does not stand any more.
    private static func tellReplaced(_ before: ConflictReport, _ context: ClientContext) throws {
        guard let replaced = before.now, !context.isJSON else { return }
        let now = try context.laptop().replica.record(table: before.conflict.table, id: before.conflict.record)
        guard let now, now.field(before.conflict.field).value != replaced.value else { return }
        try context.console.show(
            "It took the place of what \(replaced.person) had written, \(replaced.when). "
                + "See it: kith history \(ShortID.display(before.conflict.record))")
    }

    /// Says no before anything is asked.
    static func requireDecider(_ context: ClientContext) throws {
        let directory = try context.laptop().replica.directory()
        guard directory?.role.mayDecide == true else { throw ReplicaError.roleNotAllowed }
    }

    /// Shows the conflict as it is now.
    static func tell(_ id: UInt128, _ context: ClientContext) throws {
        guard let conflict = try context.laptop().replica.conflict(id) else { return }
        let presenter = try ConflictPresenter(context)
        // The decision that the office knows is a former one.
        let report = try presenter.report(conflict).withoutDecision
        if context.isJSON { return try context.console.output.write(report.json + "\n") }
        for line in try presenter.lines(report) { try context.console.show(line) }
        try context.console.show("The conflict is \(report.status). It is saved here and waits to be sent.")
    }

    private static func choice(
        _ conflict: Conflict, _ arguments: ParsedArguments, _ context: ClientContext, _ presenter: ConflictPresenter
    ) throws -> ConflictChoice {
        let given = [
            arguments.value(of: "keep") != nil, arguments.value(of: "value") != nil, arguments.hasFlag("combine"),
        ]
        guard given.filter({ $0 }).count <= 1 else {
            throw usage("Give one of --keep, --value and --combine.")
        }
        if arguments.hasFlag("combine") { return .value(.text(try combined(conflict))) }
        if let typed = arguments.value(of: "value") { return .value(try value(typed, conflict, context)) }
        let keep = try arguments.value(of: "keep") ?? ask(conflict, context, presenter)
        switch keep {
        case combineWord: return .value(.text(try combined(conflict)))
        case valueWord:
            let typed: Value = try context.answer(nil, asking: "What stays", option: "--value") {
                try Self.value($0, conflict, context)
            }
            return .value(typed)
        case "a": return .a
        case "b": return .b
        default: return .before
        }
    }

    private static let combineWord = "combine"
    private static let valueWord = "value"

    /// Asks why where what stays was asked for as well: whose words were not kept will read it.
    private static func askWhy(_ arguments: ParsedArguments, _ context: ClientContext) throws -> String? {
        let isAnswered = arguments.value(of: "keep") != nil || arguments.value(of: "value") != nil
        guard !isAnswered, !arguments.hasFlag("combine"), context.console.prompter.canAsk else { return nil }
        let why = try context.console.prompter.text(
            "Why, for those who read it later (may stay empty)", option: "--why", allowsEmpty: true, takesLines: true)
        return why.isEmpty ? nil : why
    }

    private static func ask(
        _ conflict: Conflict, _ context: ClientContext, _ presenter: ConflictPresenter
    ) throws -> String {
        let report = try presenter.report(conflict)
        let lines = try presenter.lines(report).map { $0.drop { $0 == " " } }
        let choices = ["a", "b", "before"].map { word in
            Prompter.Choice(
                word, label: String(lines.first { $0.hasPrefix(word + " ") || $0.hasPrefix(word + ":") } ?? ""))
        }
        var shown = choices.filter { !$0.label.isEmpty }
        if isFreeText(conflict) {
            // What can't be put together is not offered.
            if (try? combined(conflict)) != nil {
                shown.append(Prompter.Choice(combineWord, label: "both, one after the other"))
            }
            shown.append(Prompter.Choice(valueWord, label: "something else"))
        }
        return try context.console.prompter.choice(lines.first.map(String.init) ?? "", option: "--keep", among: shown)
    }

    /// Side a, a blank line, side b; on one line where lists show it as the title. Two names are none together.
    private static func combined(_ conflict: Conflict) throws(CommandFailure) -> String {
        guard case .text(let a)? = conflict.a.value, case .text(let b)? = conflict.b.value,
            isFreeText(conflict)
        else { throw usage("Only two texts can be combined.") }
        if let kind = RecordKind.of(table: conflict.table), conflict.field == kind.titleField {
            guard !kind.hasName else { throw usage("Two names can't be combined: say --keep or --value.") }
            return "\(a); \(b)"
        }
        return "\(a)\n\n\(b)"
    }

    private static func isFreeText(_ conflict: Conflict) -> Bool {
        switch RecordKind.of(table: conflict.table)?.field(conflict.field)?.form {
        case .text?: true
        case .answer(let words)?: words.isEmpty
        default: false
        }
    }

    private static func value(_ typed: String, _ conflict: Conflict, _ context: ClientContext) throws -> Value {
        guard let field = RecordKind.of(table: conflict.table)?.field(conflict.field) else {
            throw usage("This conflict takes --keep alone.")
        }
        return try context.fieldReader().value(field, typed, option: "--value")
    }

    private static func usage(_ message: String) -> CommandFailure {
        CommandFailure(
            exitCode: .usage, message: "\(message) Nothing was changed.", next: "kith conflicts resolve --help")
    }
}

/// `kith conflicts reopen ID`
enum ConflictsReopen {
    static let command = Command<ClientContext>(
        name: "reopen", summary: "Open a settled conflict again; leads and admins only.",
        example: "kith conflicts reopen f3kq7xzm --why \"Alex remembers it differently\"",
        arguments: [ConflictsCommand.idArgument],
        options: [.text("why", "TEXT", "Why, for those who read it later.")], run: run)

    @Sendable private static func run(_ arguments: ParsedArguments, _ context: ClientContext) throws {
        let conflict = try ConflictPresenter(context).find(arguments.argument("id") ?? "")
        try ConflictsResolve.requireDecider(context)
        let why = arguments.value(of: "why")
        let done: Void? = try RecordSaving(context: context).save { work in
            try work.reopen(conflict.id, why: why)
        }
        if done != nil { try ConflictsResolve.tell(conflict.id, context) }
    }
}
