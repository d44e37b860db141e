import OutreachModel
import SyncCore
import SyncHub
import Terminal

/// `kith-server conflicts`: see what two people wrote without seeing each other, and decide.
enum ConflictsCommand {
    static let command = Command<ServerContext>(
        name: "conflicts", summary: "See conflicts, with both sides named, and decide them.",
        example: "kith-server conflicts list --data office",
        subcommands: [
            Command(
                name: "list", summary: "List the open conflicts.",
                example: "kith-server conflicts list --data office", options: [.flag("all", "Resolved ones too.")],
                run: list),
            Command(
                name: "show", summary: "Show one conflict.", example: "kith-server conflicts show k7m2 --data office",
                arguments: [id], run: show),
            Command(
                name: "resolve", summary: "Decide a conflict; the decision reaches every device and can be reopened.",
                discussion: "Say one of --keep, --value and --combine.",
                example: "kith-server conflicts resolve k7m2 --keep a --why \"Asked Priya.\" --data office",
                arguments: [id],
                options: [
                    .choice("keep", ["a", "b", "before"], "Keep this side, or what both had seen."),
                    .text("value", "TEXT", "Another value."),
                    .flag("combine", "Text only: a, a blank line, b."),
                    .text("why", "TEXT", "Why, for those who read it later."),
                ],
                run: resolve),
            Command(
                name: "reopen", summary: "Open a decided conflict again.",
                example: "kith-server conflicts reopen k7m2 --data office", arguments: [id],
                options: [.text("why", "TEXT", "Why.")], run: reopen),
        ])

    private static let id = Argument("id", "The conflict, or the first letters of its id.")

    // MARK: Looking

    private static func list(_ arguments: ParsedArguments, _ context: ServerContext) throws {
        let office = try Office(context)
        let reports = ConflictReport.sorted(
            try office.hub.conflicts(openOnly: !arguments.hasFlag("all")).map { try office.report($0) })
        if context.console.settings.isJSON {
            return try context.console.output.write(ConflictReport.json(reports) + "\n")
        }
        if reports.isEmpty { return try context.console.note("No conflict is open.") }
        for report in reports { try office.show(report, on: context.console) }
    }

    private static func show(_ arguments: ParsedArguments, _ context: ServerContext) throws {
        let office = try Office(context)
        let conflict = try office.find(arguments.argument("id") ?? "")
        try office.answer(conflict, on: context.console)
    }

    // MARK: Deciding

    private static func resolve(_ arguments: ParsedArguments, _ context: ServerContext) throws {
        let office = try Office(context)
        let conflict = try office.find(arguments.argument("id") ?? "")
        let choice = try choice(arguments, conflict: conflict, console: context.console)
        let why = arguments.value(of: "why")
        let before = try office.report(conflict)
        try office.decide(conflict, words: "conflicts resolve", dryRun: context.console.settings.isDryRun) { hub in
            let companions = try office.companions(of: before, keeping: choice)
            return try hub.decide(conflict.id, keep: choice, why: why, with: companions)
        }
        try office.answer(try office.find(ConflictReport.text(of: conflict.id)), on: context.console)
    }

    private static func reopen(_ arguments: ParsedArguments, _ context: ServerContext) throws {
        let office = try Office(context)
        let conflict = try office.find(arguments.argument("id") ?? "")
        try office.decide(conflict, words: "conflicts reopen", dryRun: context.console.settings.isDryRun) { hub in
            try hub.reopen(conflict.id, why: arguments.value(of: "why"))
        }
        try office.answer(try office.find(ConflictReport.text(of: conflict.id)), on: context.console)
    }

    private static func choice(
        _ arguments: ParsedArguments, conflict: Conflict, console: Console
    ) throws -> ConflictChoice {
        let keep = arguments.value(of: "keep")
        let value = arguments.value(of: "value")
        let isCombined = arguments.hasFlag("combine")
        guard [keep != nil, value != nil, isCombined].count(where: { $0 }) == 1 else {
            throw CommandFailure(
                exitCode: .usage,
                message: "Say one of --keep a|b|before, --value TEXT and --combine. Nothing was decided.")
        }
        switch keep {
        case "a": return .a
        case "b": return .b
        case "before": return .before
        default: break
        }
        if let value { return .value(try typed(value, for: conflict)) }
        guard case .text(let a)? = conflict.a.value, case .text(let b)? = conflict.b.value else {
            throw CommandFailure(
                exitCode: .usage, message: "Only two texts can be combined. Nothing was decided.",
                next: "kith-server conflicts show \(ConflictReport.text(of: conflict.id))")
        }
        return .value(.text(a + "\n\n" + b))
    }

    /// A text as a value of the field's type.
    private static func typed(_ text: String, for conflict: Conflict) throws(CommandFailure) -> Value {
        let type = OutreachSchema.current.table(conflict.table)?.field(conflict.field)?.type ?? .text
        guard let value = FieldValue.parse(text, as: type) else {
            throw CommandFailure(
                exitCode: .usage, message: "This value does not fit the field. Nothing was decided.",
                next: "kith-server conflicts show \(ConflictReport.text(of: conflict.id))")
        }
        return value
    }
}

/// Text from a command line as a value of a field.
enum FieldValue {
    /// Nil where the text is no value of that type; ids are given in their text form.
    static func parse(_ text: String, as type: FieldType) -> Value? {
        switch type {
        case .text: .text(text)
        case .integer: Int64(text).map { .integer($0) }
        case .real: Double(text).map { .real($0) }
        case .blob: RecordID(text).map { .blob($0.bytes) }
        }
    }
}

/// The office at work on its own server.
private struct Office {
    let hub: Hub
    private let store: SQLiteHubStore
    private let staff: [UInt32: DeviceRecord]
    private let names: OfficeNames

    init(_ context: ServerContext) throws {
        let connection = try context.folder.open()
        hub = connection.hub
        store = connection.store
        names = try OfficeNames(connection.hub)
        staff = Dictionary(uniqueKeysWithValues: try connection.hub.devices().map { ($0.number, $0) })
    }

    func report(_ conflict: Conflict) throws -> ConflictReport {
        let record = try store.readTransaction { try store.record(table: conflict.table, id: conflict.record)?.state }
        return ConflictReport(
            conflict, in: record,
            staff: { number in
                let device = staff[number]
                return (device: device?.name ?? "device \(number)", person: device?.person ?? "somebody")
            },
            local: LocalTime(), arrivals: try hub.arrivals(of: conflict))
    }

    /// The only conflict whose id begins so.
    func find(_ prefix: String) throws -> Conflict {
        let folded = prefix.lowercased()
        let matches = try hub.conflicts(openOnly: false).filter {
            !folded.isEmpty && ConflictReport.text(of: $0.id).hasPrefix(folded)
        }
        guard let conflict = matches.first else {
            throw CommandFailure(
                exitCode: .notFound, message: "There is no conflict with this id. Nothing was changed.",
                next: "kith-server conflicts list --all")
        }
        guard matches.count == 1 else {
            throw CommandFailure(
                exitCode: .notFound,
                message: "\(matches.count) conflicts begin with these letters. Nothing was changed.",
                next: "kith-server conflicts list --all")
        }
        return conflict
    }

    /// Makes the office's change and merges it in one transaction.
    func decide(_ conflict: Conflict, words: String, dryRun: Bool, change: (Hub) throws -> Change) throws {
        try store.transaction {
            let change = try change(hub)
            if dryRun { return }
            guard try OfficeOperation(hub, store: store, words: words).accept([change]) else {
                throw CommandFailure(
                    exitCode: .failed, message: "The decision does not fit the record. Nothing was changed.")
            }
        }
    }

    /// What goes with a decision: the author of known risks.
    func companions(of report: ConflictReport, keeping choice: ConflictChoice) throws -> [(field: Int, value: Value)] {
        let conflict = report.conflict
        let current = try hub.record(table: conflict.table, id: conflict.record)?.field(RisksAuthor.field).value
        let author = RisksAuthor.kept(
            by: choice, on: report, current: current, decider: staff[DeviceRecord.office]?.person)
        return author.map { [(RisksAuthor.field, $0)] } ?? []
    }

    func answer(_ conflict: Conflict, on console: Console) throws {
        let report = try report(conflict)
        if console.settings.isJSON { return try console.output.write(report.json + "\n") }
        try show(report, on: console)
    }

    func show(_ report: ConflictReport, on console: Console) throws {
        let record = try names.line(of: RecordReference(table: report.conflict.table, id: report.conflict.record))
        let lines = report.lines(title: "\(report.id.prefix(ShortID.length)) \(report.status). \(record)") { id in
            name(of: id)
        }
        for line in lines { try console.show(line) }
    }

    /// The name of a place or a person.
    private func name(of id: RecordID) -> String? {
        for kind in [RecordKind.place, .person] {
            // A name is a help for the eye; where it can't be read the id is shown.
            guard let state = try? hub.record(table: kind.number, id: id) else { continue }
            if case .text(let name) = state.field(kind.titleField).value { return name }
        }
        return nil
    }
}
