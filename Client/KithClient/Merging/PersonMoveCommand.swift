import OutreachModel
import SyncCore
import SyncReplica
import Terminal

/// `kith person move ID --team NAME`
enum PersonMoveCommand {
    static let command = Command<ClientContext>(
        name: "move", summary: "Move a person to another team, as a new record with a link back.",
        discussion:
            "What was written about them stays with the team that wrote it; whoever has both teams sees it with "
            + "the person. Moving them back brings back the record that they had. With --dry-run it says what would stay.",
        example: "kith person move Alex --team whitstable",
        arguments: [
            Argument("id", "Their name, or the beginning of the id.", completes: RecordCommands.names(.person))
        ],
        options: [AreaChoice.option("The team that they move to.", isPromptable: true)], run: run)

    @Sendable private static func run(_ arguments: ParsedArguments, _ context: ClientContext) throws {
        let finder = try context.finder()
        let id = arguments.argument("id") ?? ""
        let presenter = try RecordPresenter(context)
        let asked = try person(id, finder)
        try checkMayLeave(asked, presenter)
        let area = try area(arguments.value(of: AreaChoice.optionName), asked, presenter, context)
        // A sync may have come in while the team was asked for.
        let person = try person(asked.id.description, context.finder())
        try checkMayLeave(person, presenter)
        guard area.area != person.area else {
            if context.isJSON { return try RecordCommands.tell(context, "Kept", person) }
            return try context.console.show("They belong to \(area.name) already. Nothing was changed.")
        }
        try announce(PersonMove(of: person, to: area.area, context), person, area.name, presenter, context)
        // What has come in by now moves along.
        let current = try Self.person(person.id.description, context.finder())
        guard current.area == person.area else {
            throw CommandFailure(
                exitCode: .refused, message: "Somebody has moved them meanwhile. Nothing was changed.",
                next: "kith person show \(ShortID.display(current.id))")
        }
        let move = try PersonMove(of: current, to: area.area, context)
        let seen = try snapshots(move, context)
        let done: Void? = try RecordSaving(context: context).save { work in try move.write(&work, seen: seen) }
        try tell(move, person, area.name, isDone: done != nil, context)
    }

    /// The record that stands for the person, where this laptop sees it.
    private static func person(_ id: String, _ finder: RecordFinder) throws -> StoredRecord {
        let found = try finder.find(.person, id: id)
        let merged = try finder.identities.merged(.person)
        let person = try finder.reader.record(.person, merged.survivor(of: found.id)) ?? found
        guard !merged.isAway(person.id) else {
            throw CommandFailure(
                exitCode: .refused,
                message: "They were moved to another team, where this laptop does not see them. Nothing was changed.",
                next: "kith person show \(ShortID.display(person.id))")
        }
        return person
    }

    private static func checkMayLeave(_ person: StoredRecord, _ presenter: RecordPresenter) throws {
        guard try presenter.staff().areas.contains(where: { $0.number == person.area && $0.canWrite }) else {
            throw CommandFailure(
                exitCode: .refused,
                message: "You may not write in \(try presenter.areaName(person.area)), where they are kept. "
                    + "Nothing was changed. Ask a lead or the office.", next: "kith status")
        }
    }

    private static func area(
        _ named: String?, _ person: StoredRecord, _ presenter: RecordPresenter, _ context: ClientContext
    ) throws -> AreaChoice.Decision {
        let choice = AreaChoice(directory: try presenter.staff())
        if let named { return try choice.decide(named: named, lastUsed: nil) }
        let others = choice.areas.filter { $0.number != person.area }
        guard !others.isEmpty else {
            throw CommandFailure(
                exitCode: .refused, message: "You have no other team to move them to. Nothing was changed.",
                next: "kith status")
        }
        let name = try context.console.prompter.choice(
            "Which team do they move to?", option: "--\(AreaChoice.optionName)",
            among: others.map { Prompter.Choice($0.name) })
        return try choice.decide(named: name, lastUsed: nil)
    }

    private static func snapshots(_ move: PersonMove, _ context: ClientContext) throws -> [RecordID: RecordSnapshot] {
        let replica = try context.laptop().replica
        var seen: [RecordID: RecordSnapshot] = [:]
        var unknown: Set<Int> = []
        for step in move.steps {
            let snapshot = try replica.snapshot(table: RecordKind.person.number, record: step.record.id)
            seen[step.record.id] = snapshot
            let fields = snapshot?.state.fields.filter { $0.value != .null }.map(\.number) ?? []
            unknown.formUnion(fields.filter { RecordKind.person.field($0) == nil })
        }
        if !unknown.isEmpty {
            try context.console.note(
                "A newer version of kith wrote \(unknown.count) more of their fields: they stay with the old record. "
                    + "Update this program first to take them along.")
        }
        return seen
    }

    /// Says what will happen and asks.
    private static func announce(
        _ move: PersonMove, _ person: StoredRecord, _ area: String, _ presenter: RecordPresenter,
        _ context: ClientContext
    ) throws {
        let console = context.console
        let name = try presenter.title(of: person)
        let team = try presenter.areaName(person.area)
        var lines: [String] = []
        if move.steps.count > 1 { lines.append("\(move.steps.count - 1) merged with them move along.") }
        lines.append(
            move.staysWords.map {
                "\($0) \(move.staysCount == 1 ? "stays" : "stay") with \(team). Whoever has both teams sees them with \(name); \(area) alone does not."
            } ?? "Nothing else is written about them in \(team).")
        let isAsked = console.prompter.canAsk && !console.settings.assumesYes
        for line in lines where !context.isJSON {
            if isAsked {
                try console.errorOutput.write(escapeControls(line) + "\n")
            } else {
                try console.show(line)
            }
        }
        // A dry run changes nothing, so there is nothing to ask.
        if console.settings.isDryRun { return }
        guard try console.prompter.confirm("Move \(name) (\(ShortID.display(person.id))) to \(area)?") else {
            throw CommandFailure(exitCode: .failed, message: "Nobody was moved.")
        }
    }

    private static func tell(
        _ move: PersonMove, _ person: StoredRecord, _ area: String, isDone: Bool, _ context: ClientContext
    ) throws {
        if context.isJSON {
            let record = isDone ? try context.reader().record(.person, move.target) : nil
            return try context.console.show([
                "from": .string(person.id.description), "to": .string(move.target.description), "area": .string(area),
                "records": JSONValue(move.steps.count),
                "stays": .object(move.stays.map { .init($0.kind.plural, JSONValue($0.count)) }),
                "person": try record.map { try RecordPresenter(context).json($0) } ?? .null,
                "dry_run": .boolean(!isDone),
            ])
        }
        guard isDone, let record = try context.reader().record(.person, move.target) else { return }
        let presenter = try RecordPresenter(context)
        let name = try presenter.title(of: record)
        let id = ShortID.display(record.id)
        try context.console.show(
            "\(name) belongs to \(area) now, as person \(id). It is saved here and waits to be sent.")
        let team = try presenter.areaName(person.area)
        try context.console.note("Take it back: kith undo, or later: kith person move \(id) --team \"\(team)\"")
    }
}
