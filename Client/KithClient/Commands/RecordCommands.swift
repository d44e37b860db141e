import OutreachModel
import SyncCore
import Terminal

/// The commands that every kind of record has.
enum RecordCommands {
    typealias Leaf = Command<ClientContext>

    /// `kith visit` and its like.
    ///
    /// - Parameters:
    ///   - add: the command that adds one, where saving it takes more than its fields.
    ///   - more: commands of this kind alone.
    static func group(
        _ kind: RecordKind, add: @autoclosure @escaping @Sendable () -> Leaf? = nil,
        more: @autoclosure @escaping @Sendable () -> [Leaf] = []
    ) -> Leaf {
        let verbs =
            switch (kind.isMergeable, kind.movedTo == nil) {
            case (false, _): "Add, list, show, edit, delete or restore"
            case (true, true): "Add, list, show, edit, delete, restore or merge"
            case (true, false): "Add, list, show, edit, delete, restore, merge or move"
            }
        return Leaf(
            name: kind.name, summary: "\(verbs) \(kind.plural).",
            example: kind.entry.example + "\nkith \(kind.name) list",
            subcommands: leaves(kind, add: add() ?? RecordAdd(kind).command, more: more()))
    }

    private static func leaves(_ kind: RecordKind, add: Leaf, more: [Leaf]) -> [Leaf] {
        var leaves = [
            add, RecordList.command(kind), RecordShow.command(kind), RecordEdit.command(kind),
            RecordDelete.command(kind), RecordRestore.command(kind),
        ]
        if kind.isMergeable {
            leaves += [MergeCommand.command(kind), UnmergeCommand.command(kind), DuplicatesCommand.command(kind)]
        }
        if kind.movedTo != nil { leaves.append(PersonMoveCommand.command) }
        return leaves + more
    }

    /// The argument that names one record.
    static func idArgument(_ kind: RecordKind) -> Argument {
        Argument(
            "id", kind.hasName ? "Its name, or the beginning of its id." : "The beginning of its id, as lists show it.",
            isPromptable: true, completes: names(kind))
    }

    /// The names of a kind, for a shell that asks what could stand there.
    static func names(_ kind: RecordKind) -> Completion { kind.hasName ? .listed(kind.name.uppercased()) : .nothing }

    /// What follows a save, for people: what was done to which record.
    static func tell(_ context: ClientContext, _ verb: String, _ record: StoredRecord) throws {
        let presenter = try RecordPresenter(context)
        if context.isJSON {
            try context.console.show(try presenter.json(record))
        } else {
            let title = try presenter.title(of: record)
            let words = "\(verb) \(record.kind.name) \(ShortID.display(record.id)): \(SpokenText.sentence(title))"
            try context.console.show("\(words) It is saved here and waits to be sent.")
        }
    }

    /// Shows a record again after it was saved.
    static func tell(_ context: ClientContext, _ verb: String, _ kind: RecordKind, _ id: RecordID) throws {
        guard let record = try context.reader().record(kind, id) else { return }
        try tell(context, verb, record)
    }
}
