import OutreachModel
import SyncCore
import SyncHub
import Terminal

/// `kith-server erase`: removes a person everywhere, and shows which devices have followed.
enum EraseCommand {
    static let command = Command<ServerContext>(
        name: "erase", summary: "Remove a person and what is linked to them everywhere, for good.",
        example: "kith-server erase person k7m2c9pd --data office --dry-run\nkith-server erase status --data office",
        subcommands: [
            Command(
                name: "person", summary: "Erase a person, and what you choose of all that is linked to them.",
                discussion: """
                    Shows every record that refers to the person or names them, then asks what becomes of each: erase it \
                    whole, only take the person out of it, or keep it. Every device follows at its next sync. There is \
                    no way back.
                    With --all what is suggested is done; --record, --redact and --keep say otherwise for one record.
                    Records with only a word of the name stay, unless they hang on what the person took part in, or you say otherwise.
                    What another person or a place is called by stays too, unless you say --redact or --record for it.
                    """,
                example: "kith-server erase person k7m2c9pd --data office --dry-run\n"
                    + "kith-server erase person k7m2c9pd --data office --all --keep b4xq71zz --yes",
                arguments: [Argument("id", "The person, or the first letters of their id.")],
                options: [
                    .flag("all", "Do what is suggested for each record."),
                    .text("record", "ID", "Erase this record whole.", isRepeatable: true),
                    .text("redact", "ID", "Take the person out of this record.", isRepeatable: true),
                    .text("keep", "ID", "Leave this record as it is.", isRepeatable: true),
                    .text(
                        "alias", "NAME", "Another name to look for, or several, one a line.",
                        isRepeatable: true),
                ],
                run: person),
            Command(
                name: "status", summary: "See which devices have carried out each order, and which have not.",
                example: "kith-server erase status --data office", run: EraseStatus.run),
        ])

    private static func person(_ arguments: ParsedArguments, _ context: ServerContext) throws {
        context.folder.keepTemporaryFiles()
        let connection = try context.folder.open()
        let console = context.console
        let person = try find(arguments.argument("id") ?? "", connection)
        let line = ProgressLine(console: console, clock: { WallClock.milliseconds() })
        let erasure = OfficeErasure(connection: connection, aliases: aliases(arguments)) { count in
            try line.show("Looking for what is linked to them: \(ImportResult.grouped(count)) records")
        }
        let found = try erasure.preview(person)
        try line.end()
        guard let preview = found else {
            throw CommandFailure(
                exitCode: .notFound, message: "Nothing here has to do with this person any more. Nothing was changed.",
                next: "kith-server erase status")
        }
        let listing = try ErasureListing(preview, held: try erasure.held(preview), connection)
        var choice = try ErasureChoice(arguments, preview)
        if console.settings.isDryRun {
            try listing.show(choice, on: console)
            return try console.note("Nothing was changed: this was a dry run.")
        }
        // Who says all with options has seen it with --dry-run.
        let isAsking = choice.isOpen || !console.settings.assumesYes
        if isAsking, !console.settings.isJSON { try listing.show(choice, on: console) }
        try choice.complete(listing, console)
        try confirm(choice, preview, console)
        let outcome: OfficeErasure.Outcome
        do {
            outcome = try erasure.carryOut(choice.actions, lookedAt: choice.looked, of: preview)
            try line.end()
        } catch is OfficeErasure.Changed {
            throw CommandFailure(
                exitCode: .failed,
                message: "While you were choosing, a device changed what is linked to this person. Nothing was erased.",
                next: "kith-server erase person \(ShortID.display(person))")
        }
        try tell(outcome, choice, connection, console)
    }

    private static func aliases(_ arguments: ParsedArguments) -> [String] {
        arguments.values(of: "alias").flatMap { $0.split(whereSeparator: \.isNewline).map(String.init) }
    }

    /// The only person whose id begins so, also one who is erased already.
    private static func find(_ typed: String, _ connection: HubConnection) throws -> RecordID {
        guard let prefix = ShortID.prefix(typed) else {
            throw CommandFailure(
                exitCode: .usage, message: "A person is called by the letters of their id. Nothing was changed.",
                next: "kith-server export people")
        }
        var found: Set<RecordID> = []
        try connection.store.readTransaction {
            try connection.store.forEachRecord(table: OutreachSchema.Number.person) { stored in
                if stored.state.id.description.hasPrefix(prefix) { found.insert(stored.state.id) }
            }
            for target in try connection.store.erasures().flatMap(\.order.targets)
            where target.table == OutreachSchema.Number.person && target.record.description.hasPrefix(prefix) {
                found.insert(target.record)
            }
        }
        guard let person = found.first else {
            throw CommandFailure(
                exitCode: .notFound, message: "There is no person with this id. Nothing was changed.",
                next: "kith-server export people")
        }
        guard found.count == 1 else {
            throw CommandFailure(
                exitCode: .notFound, message: "\(found.count) people's ids begin like this. Nothing was changed.",
                next: "kith-server export people")
        }
        return person
    }

    /// Asks for the short id to be typed, unless `--yes` says that it was meant.
    private static func confirm(_ choice: ErasureChoice, _ preview: ErasurePreview, _ console: Console) throws {
        if console.settings.assumesYes { return }
        let word = ShortID.display(preview.person)
        try console.note(choice.words)
        try console.note(
            "There is no undo for this, and no device keeps a copy. Backups that exist keep what they hold.")
        let typed = try console.prompter.text("Type \(word) to erase", option: "--yes")
        guard typed.lowercased() == word else {
            throw CommandFailure(exitCode: .failed, message: "That is not \(word). Nothing was erased.")
        }
    }

    private static func tell(
        _ outcome: OfficeErasure.Outcome, _ choice: ErasureChoice, _ connection: HubConnection, _ console: Console
    ) throws {
        if console.settings.isJSON {
            try console.show([
                "orders": .array(outcome.orders.map { .string($0.description) }),
                "erased": .array(outcome.erased.map { .string($0.description) }),
                "redacted": .array(outcome.redacted.map { .string($0.description) }),
                "held_groups_rewritten": JSONValue(outcome.heldGroups),
                "held_groups_left": .array(outcome.heldLeft.map { .integer($0) }),
                "files_clean": .boolean(outcome.isClean),
            ])
        } else {
            try console.show(choice.doneWords)
            for id in outcome.erased { try console.show("  erased \(id)") }
            for id in outcome.redacted { try console.show("  redacted \(id)") }
        }
        if !outcome.heldLeft.isEmpty {
            try console.note(
                "Held groups that still name them: \(outcome.heldLeft.map { String($0) }.joined(separator: ", ")). "
                    + "Decide: kith-server quarantine discard ID --data \(ErasedFiles(connection).folder.path)")
        }
        if !outcome.isClean {
            try console.note(EraseStatus.words(ErasedFiles(connection)))
        }
        try console.note("Backups made before this keep what they hold: delete them, or make new ones.")
        let waiting = try connection.hub.devices().reduce(0) {
            try $0 + connection.hub.waitingBundles(of: $1.number).count
        }
        if waiting > 0 {
            try console.note(
                "Sealed files that wait for earlier work keep what they hold: \(waiting). What is erased is left out of them "
                    + "when they are taken.")
        }
        try console.note("Devices follow at their next sync: kith-server erase status")
    }
}
