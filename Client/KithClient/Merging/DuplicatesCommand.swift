import OutreachModel
import SyncCore
import Terminal

/// `kith person duplicates` and `kith place duplicates`: what may be one, side by side; nothing is merged by itself.
struct DuplicatesCommand {
    private static let usualLimit = 10

    let kind: RecordKind

    static func command(_ kind: RecordKind) -> Command<ClientContext> {
        let same = kind == .place ? " and districts do not differ" : ""
        return Command(
            name: "duplicates", summary: "Show \(kind.plural) that may be one, side by side.",
            discussion:
                "Two are shown where their names sound alike\(same). Capitals, accents and the order of words do "
                + "not count. Nothing is merged unless you say so.",
            example: "kith \(kind.name) duplicates --limit 5",
            options: [.integer("limit", in: 1...1_000, "At most so many; \(usualLimit) where it is not given.")],
            run: { arguments, context in try DuplicatesCommand(kind: kind).run(arguments, context) })
    }

    private func run(_ arguments: ParsedArguments, _ context: ClientContext) throws {
        let pairs = ProbableDuplicates.pairs(among: try DuplicateRecords(kind, context).named())
        let limit = arguments.integer(of: "limit") ?? Self.usualLimit
        let finder = try context.finder()
        let presenter = try RecordPresenter(context)
        let shown = try pairs.prefix(limit).compactMap { pair -> (StoredRecord, StoredRecord)? in
            guard let first = try finder.reader.record(kind, pair.first),
                let second = try finder.reader.record(kind, pair.second)
            else { return nil }
            let (older, newer) = first.created <= second.created ? (first, second) : (second, first)
            return try (finder.identities.shown(newer), finder.identities.shown(older))
        }
        if context.isJSON {
            return try context.console.show(
                .array(
                    shown.map { newer, older in
                        [
                            "older": try presenter.json(older), "newer": try presenter.json(newer),
                            "merge": .string(command(newer, older)),
                        ]
                    }))
        }
        guard !shown.isEmpty else {
            return try context.console.show("No two \(kind.plural) here sound as if they were one.")
        }
        for (newer, older) in shown {
            let names = try (presenter.title(of: newer), presenter.title(of: older))
            try context.console.showHeading("\(names.0) and \(names.1)")
            try context.console.show(try SideBySide(newer, older, presenter, context).table())
            try context.console.show("If they are one: \(command(newer, older))")
            try context.console.show("")
        }
        let rest = pairs.count - shown.count
        if rest > 0 { try context.console.note("There are \(rest) more. Show more: --limit \(limit * 2)") }
    }

    /// The newer one gives way.
    private func command(_ newer: StoredRecord, _ older: StoredRecord) -> String {
        "kith \(kind.name) merge \(ShortID.display(newer.id)) \(ShortID.display(older.id))"
    }
}
