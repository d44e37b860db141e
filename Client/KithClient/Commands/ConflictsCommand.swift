import OutreachModel
import SyncCore
import SyncReplica
import Terminal

/// `kith conflicts`
enum ConflictsCommand {
    static let command = Command<ClientContext>(
        name: "conflicts", summary: "See where two people wrote different things, and decide.",
        example: "kith conflicts list\nkith conflicts resolve f3kq7xzm --keep a",
        subcommands: [
            ConflictsList.command, ConflictsShow.command, ConflictsResolve.command, ConflictsReopen.command,
            ConflictsBringBack.command,
        ])

    static let idArgument = Argument("id", "The beginning of the conflict's id, as the list shows it.")
}

/// `kith conflicts list`
enum ConflictsList {
    static let command = Command<ClientContext>(
        name: "list", summary: "List the conflicts that need a choice.", example: "kith conflicts list --all",
        options: [.flag("all", "Also those that are settled.")], run: run)

    @Sendable private static func run(_ arguments: ParsedArguments, _ context: ClientContext) throws {
        let presenter = try ConflictPresenter(context)
        let reports = try presenter.reports(openOnly: !arguments.hasFlag("all"))
        if context.isJSON { return try context.console.output.write(ConflictReport.json(reports) + "\n") }
        guard !reports.isEmpty else { return try context.console.show("Nothing needs a choice.") }
        for report in reports {
            let mark = report.status == "open" ? "" : " (\(report.status))"
            try context.console.show("\(report.id.prefix(ShortID.length))\(mark)")
            for line in try presenter.lines(report) { try context.console.show("  \(line)") }
        }
    }
}

/// `kith conflicts show ID`
enum ConflictsShow {
    static let command = Command<ClientContext>(
        name: "show", summary: "Show both sides of a conflict.", example: "kith conflicts show f3kq7xzm",
        arguments: [ConflictsCommand.idArgument], run: run)

    @Sendable private static func run(_ arguments: ParsedArguments, _ context: ClientContext) throws {
        let presenter = try ConflictPresenter(context)
        let report = try presenter.report(try presenter.find(arguments.argument("id") ?? ""))
        if context.isJSON { return try context.console.output.write(report.json + "\n") }
        for line in try presenter.lines(report) { try context.console.show(line) }
        if report.status == "open" {
            let id = report.id.prefix(ShortID.length)
            let directory = try context.laptop().replica.directory()
            if report.lost.person == directory?.person { try context.console.note(FreshConflicts.advice(report)) }
            if directory?.role.mayDecide == true {
                try context.console.note("Decide: kith conflicts resolve \(id) --keep a, b or before")
            } else {
                try context.console.note("A lead or an admin decides it.")
            }
        }
    }
}
