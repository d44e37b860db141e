import OutreachModel
import SyncCore
import SyncReplica
import Terminal

/// `kith held`: work of this laptop that the office holds for checking, or did not take.
enum HeldCommand {
    static let command = Command<ClientContext>(
        name: "held", summary: "See what the office holds for checking, send it again, or take it back.",
        discussion:
            "What the office did not take is kept here for 90 days, but for the words of a team that you are not "
            + "in any more: those have left this laptop, and are at the office until it decides.",
        example: "kith held list\nkith held resend 3",
        subcommands: [list, show, HeldResend.command, HeldWithdraw.command])

    static let idArgument = Argument("id", "Its number, as the list shows it.")

    private static let list = Command<ClientContext>(
        name: "list", summary: "List what is held, and what the office did not take.", example: "kith held list --all",
        options: [.flag("all", "Also what was taken back or sent again.")], run: list)

    private static let show = Command<ClientContext>(
        name: "show", summary: "Show all that one of them says.", example: "kith held show 3",
        arguments: [idArgument], run: show)

    @Sendable private static func list(_ arguments: ParsedArguments, _ context: ClientContext) throws {
        let presenter = try HeldPresenter(context)
        let items = try context.laptop().replica.heldItems(all: arguments.hasFlag("all"))
        let console = context.console
        if context.isJSON { return try console.show(.array(try items.map { try presenter.json($0) })) }
        guard !items.isEmpty else { return try console.show("Nothing of yours is held.") }
        for item in items {
            try console.showText("\(item.number)  \(presenter.words(item))")
            for title in try presenter.titles(item) { try console.showText("   \(title)") }
        }
        try console.note("See what one says: kith held show \(items[0].number)")
    }

    @Sendable private static func show(_ arguments: ParsedArguments, _ context: ClientContext) throws {
        let presenter = try HeldPresenter(context)
        let item = try presenter.find(arguments.argument("id") ?? "")
        let console = context.console
        if context.isJSON { return try console.show(try presenter.json(item)) }
        for line in try presenter.lines(item) { try console.showText(line) }
        switch item.state {
        case .held where item.isWhole:
            try console.note(
                "Edit the record as always, then send it again: kith held resend \(item.number). "
                    + "Or take it back: kith held withdraw \(item.number)")
        case .held: try console.note("The office decides. Take it back: kith held withdraw \(item.number)")
        case .discarded, .withdrawn:
            if item.isWhole { try console.note("Bring it back and send it again: kith held resend \(item.number)") }
            if item.changes.isEmpty { try console.note("Nothing of it can be sent again from here.") }
        case .replaced: break
        }
    }
}

/// `kith held resend ID`
enum HeldResend {
    static let command = Command<ClientContext>(
        name: "resend", summary: "Send held work again, with what you changed since, in its place.",
        discussion:
            "Edit the record first, as always. The office then has your new version instead of the held one, never "
            + "both. It also brings back what the office did not take.",
        example: "kith held resend 3\nkith sync",
        arguments: [HeldCommand.idArgument],
        options: [AreaChoice.option("The team that new records in it shall belong to instead.")], run: run)

    @Sendable private static func run(_ arguments: ParsedArguments, _ context: ClientContext) throws {
        let laptop = try context.laptop()
        let item = try HeldPresenter(context).find(arguments.argument("id") ?? "")
        guard let directory = try laptop.replica.directory() else { throw ClientError.notJoined }
        let area = try arguments.value(of: AreaChoice.optionName).map {
            try AreaChoice(directory: directory).decide(named: $0, lastUsed: nil).area
        }
        if context.console.settings.isDryRun {
            let numbers = try laptop.replica.heldTogether(with: item.number).map(String.init)
            return try context.console.note(
                "Would send \(numbers.joined(separator: ", ")) again. Nothing was changed: this was a dry run.")
        }
        // A sync that runs could settle what is being sent again.
        let lock = try SyncLock(path: laptop.home.syncLockPath)
        defer { withExtendedLifetime(lock) {} }
        let before = try laptop.replica.heldGroups().count
        let resending = try resend(item, area, laptop, directory.role)
        try RecordSaving(context: context).afterSaving {
            try laptop.forget(held: before - laptop.replica.heldGroups().count)
            let made = Set(resending.records.map(\.id))
            try PassedOn.follow(
                context,
                replaced: item.changes.filter { $0.creation != nil }.map(\.record).filter { !made.contains($0) })
            try laptop.tidy()
        }
        try tell(resending, context)
    }

    private static func resend(_ item: HeldItem, _ area: Int?, _ laptop: Laptop, _ role: Role) throws -> Resending {
        do {
            return try laptop.replica.resend(item.number, area: area)
        } catch ReplicaError.nothingToSend where !role.mayDecide && item.changes.contains(where: \.decides) {
            throw ReplicaError.roleNotAllowed
        } catch ReplicaError.areaNotWritable where area == nil {
            throw CommandFailure(
                exitCode: .refused,
                message: "You may not write where this belongs. Nothing was changed. Say another team of yours.",
                next: "kith held resend \(item.number) --team NAME")
        }
    }

    private static func tell(_ resending: Resending, _ context: ClientContext) throws {
        let console = context.console
        if context.isJSON {
            return try console.show([
                "id": .integer(Int64(clamping: resending.number)),
                "in_place_of": .array(resending.replaced.map { .integer(Int64(clamping: $0)) }),
                "records": .array(resending.records.map { .string($0.id.description) }),
            ])
        }
        let numbers = resending.replaced.map(String.init).joined(separator: ", ")
        for record in resending.records {
            guard let kind = RecordKind.of(table: record.table) else { continue }
            try console.show("\(kind.name.capitalizedFirst) \(ShortID.display(record.id)) waits to be sent again.")
        }
        if resending.decisionsLeftOut > 0 {
            try console.show("What it decides about conflicts was left out: only a lead or an admin decides.")
        }
        try console.show("It takes the place of what was held as \(numbers). Send it: kith sync")
    }
}

/// `kith held withdraw ID`
enum HeldWithdraw {
    static let command = Command<ClientContext>(
        name: "withdraw", summary: "Take held work back; the office then drops it.",
        discussion:
            "Its words are kept here for 90 days, but for those of a team that you are not in any more: the office "
            + "alone has them, and they are gone then. If the office has accepted it meanwhile, it is in force.",
        example: "kith held withdraw 3 --yes", arguments: [HeldCommand.idArgument], run: run)

    @Sendable private static func run(_ arguments: ParsedArguments, _ context: ClientContext) throws {
        let laptop = try context.laptop()
        let presenter = try HeldPresenter(context)
        let item = try presenter.find(arguments.argument("id") ?? "")
        guard item.state == .held else {
            throw CommandFailure(
                exitCode: .notFound, message: "\(item.number) is not held now. Nothing was changed.",
                next: "kith held show \(item.number)")
        }
        let numbers = try laptop.replica.heldTogether(with: item.number).map(String.init).joined(separator: ", ")
        let console = context.console
        let warning = item.isWhole ? "" : " Some of its words are at the office alone, and would be gone."
        if console.settings.isDryRun {
            return try console.note("Would take back \(numbers).\(warning) Nothing was changed: this was a dry run.")
        }
        guard try console.prompter.confirm("Take back \(numbers)?\(warning)") else {
            throw CommandFailure(exitCode: .failed, message: "Nothing was changed.")
        }
        // A sync that runs could settle what is being taken back.
        let lock = try SyncLock(path: laptop.home.syncLockPath)
        defer { withExtendedLifetime(lock) {} }
        let before = try laptop.replica.heldGroups().count
        let taken = try laptop.replica.withdraw(item.number)
        try RecordSaving(context: context).afterSaving {
            try laptop.forget(held: before - laptop.replica.heldGroups().count)
            let isRemoved = try laptop.search.forgetRemoved()
            try laptop.tidy(emptiesLog: isRemoved)
        }
        // Who answered with --yes has not read the question.
        if !item.isWhole { try console.note("Some of its words were at the office alone, and are gone.") }
        if context.isJSON {
            return try console.show(["taken_back": .array(taken.map { .integer(Int64(clamping: $0)) })])
        }
        try console.show("Took back \(numbers). The office is told with the next sync.")
        if item.isWhole { try console.note("Its words are kept here for 90 days: kith held show \(item.number)") }
    }
}

extension Change {
    /// Whether it decides between the sides of a conflict.
    fileprivate var decides: Bool { !decisions.isEmpty }
}
