import SyncCore
import SyncHub
import Terminal

/// `kith-server quarantine accept|discard`: the office's word on what is held; it also counts while `serve` runs.
enum QuarantineDeciding {
    /// Leaves the transaction without deciding.
    private struct DryRun: Error { let decision: HeldDecision }

    private static let id = Argument("id", "The number of the held group.")
    private static let why = CommandOption.text("why", "TEXT", "Why, for the author.")

    static let accept = Command<ServerContext>(
        name: "accept", summary: "Put a held group into force, as its author sent it.",
        discussion: "What its author may not do is overruled by this; what does not fit the records is refused. "
            + "Held edits of a record that it makes come with it.",
        example: "kith-server quarantine accept 1 --why \"Checked with Priya.\" --data office",
        arguments: [id], options: [why], run: { try run($0, $1, .accepted) })

    static let discard = Command<ServerContext>(
        name: "discard", summary: "Drop a held group for good; its author is told.",
        discussion:
            "The server forgets its content. Where the author's laptop still has the words, they stay there for "
            + "90 days; a laptop that lost the area does not have them. Held edits of a record that it makes go with it.",
        example: "kith-server quarantine discard 1 --why \"Entered twice.\" --data office",
        arguments: [id], options: [why], run: { try run($0, $1, .discarded) })

    private static func run(
        _ arguments: ParsedArguments, _ context: ServerContext, _ kind: HeldOutcome.Kind
    ) throws {
        let console = context.console
        let id = try QuarantineCommand.id(arguments)
        let connection = try context.folder.open()
        let why = arguments.value(of: "why")
        if kind == .discarded, !console.settings.isDryRun {
            try confirm(id, try connection.hub.heldTogether(with: id), connection.hub, console)
        }
        do {
            let decision = try connection.store.transaction {
                let decision =
                    kind == .accepted
                    ? try connection.hub.acceptHeld(id, why: why) : try connection.hub.discardHeld(id, why: why)
                if console.settings.isDryRun { throw DryRun(decision: decision) }
                return decision
            }
            try tell(decision, kind, connection.hub, console)
        } catch let trial as DryRun {
            try tell(trial.decision, kind, connection.hub, console)
            try console.note("Nothing was changed: this was a dry run.")
        }
    }

    private static func confirm(
        _ id: Int64, _ groups: [QuarantinedGroup], _ hub: Hub, _ console: Console
    ) throws {
        for line in try lastCopies(groups, hub) { try console.note(line) }
        let others = groups.filter { $0.id != id }.map { String($0.id) }
        let along = others.isEmpty ? "" : ", and with it \(others.joined(separator: ", "))"
        let count = groups.reduce(0) { $0 + $1.changeCount }
        let words = "\(count) \(count == 1 ? "change" : "changes")"
        guard try console.prompter.confirm("Discard held group \(id)\(along) (\(words)) for good?") else {
            throw CommandFailure(exitCode: .failed, message: "Nothing was changed.")
        }
    }

    /// A line for each group whose words may be nowhere else: a laptop lets go of what belongs to a team that was taken.
    private static func lastCopies(_ groups: [QuarantinedGroup], _ hub: Hub) throws -> [String] {
        let names = Dictionary(uniqueKeysWithValues: try hub.devices().map { ($0.number, $0) })
        return try groups.compactMap { group in
            guard group.reason == .areaNotGranted || group.reason == .revoked, let device = names[group.device] else {
                return nil
            }
            if group.reason == .areaNotGranted, try mayRead(group, hub) { return nil }
            let why = group.reason == .revoked ? "was shut out" : "lost the area"
            return
                "\(device.person)'s laptop \(why), and may not have the words of group \(group.id) any more: they may be "
                + "nowhere else. Read them first: kith-server quarantine show \(group.id)"
        }
    }

    /// Whether the writer reads all areas that a group is about, and only may not write there: then the laptop has its words.
    private static func mayRead(_ group: QuarantinedGroup, _ hub: Hub) throws -> Bool {
        let readable = Set(try hub.directory(for: group.device).areas.filter(\.canRead).map(\.number))
        return try hub.quarantineGroup(group.id).changes.allSatisfy { change in
            let area = try change.creation?.area ?? hub.record(table: change.table, id: change.record)?.area
            return area.map(readable.contains) ?? false
        }
    }

    private static func tell(
        _ decision: HeldDecision, _ kind: HeldOutcome.Kind, _ hub: Hub, _ console: Console
    ) throws {
        let word = kind == .accepted ? "accepted" : "discarded"
        if console.settings.isJSON {
            return try console.show([
                word: .array(decision.groups.map { .integer($0.id) }),
                "still_held": .array(decision.left.map { .integer($0.id) }),
                "conflicts": JSONValue(decision.conflictCount),
            ])
        }
        let names = Dictionary(uniqueKeysWithValues: try hub.devices().map { ($0.number, $0) })
        for group in decision.groups {
            let device = names[group.device]
            let changes = "\(group.changeCount) \(group.changeCount == 1 ? "change" : "changes")"
            try console.show(
                "\(word.capitalizedWord) held group \(group.id): \(changes) of \(device?.person ?? "?") on "
                    + "\(device?.name ?? "?")")
        }
        for group in decision.left {
            try console.show(
                "Held group \(group.id) builds on it and stays held: \(QuarantineCommand.words(for: group.reason))")
        }
        guard decision.conflictCount > 0 else { return }
        let conflicts = "\(decision.conflictCount) \(decision.conflictCount == 1 ? "conflict needs" : "conflicts need")"
        try console.note("\(conflicts) a choice: kith-server conflicts list")
    }
}

extension String {
    /// The word with a capital at its beginning.
    fileprivate var capitalizedWord: String { prefix(1).uppercased() + dropFirst() }
}
