import OutreachModel
import SyncCore
import Terminal

/// `kith report`: what the office learns from its records.
enum ReportCommand {
    private typealias Make = @Sendable (ReportRecords) throws -> Report

    static let command = Command<ClientContext>(
        name: "report", summary: "See what the records tell: in the terminal, or as a page with pictures.",
        example: "kith report insights\nkith report activity --since \"1 april\" --html activity.html",
        subcommands: [
            leaf("activity", "Visits and meetings by month, place, kind and outcome.") { try .activity($0) },
            leaf("network", "Roles, who knows whom, who brought others together; names nobody.") { try .network($0) },
            leaf("decisions", "Meetings by who decided, over time and by place.") { try .decisions($0) },
            leaf("dependability", "Promises and what became of them.") { try .dependability($0) },
            leaf("insights", "You said, we did: what waits for an answer, and for how long.") { try .insights($0) },
            Command(
                name: "journey", summary: "A person's way, as kith person journey shows it.",
                example: "kith report journey Alex --html alex.html",
                arguments: [Argument("id", "Their name, or the beginning of the id.")], options: [page],
                run: { arguments, context in
                    let person = try context.finder().find(.person, id: arguments.argument("id") ?? "")
                    let path = arguments.value(of: "html")
                    try PersonJourney.show(person, isShared: path != nil, page: path, context)
                }),
        ])

    private static let page = CommandOption.text("html", "FILE", "Write it as a page of HTML, a new file.")

    private static func leaf(
        _ name: String, _ summary: String, _ make: @escaping Make
    ) -> Command<ClientContext> {
        Command(
            name: name, summary: summary,
            discussion: "Numbers below five stand for few people and are told as \"\(Report.tooFew)\" where they could "
                + "show who somebody is.",
            example: "kith report \(name) --since \"1 april\"",
            options: [
                .text("since", "WHEN", "From that day on."), .text("until", "WHEN", "Up to and with that day."),
                .flag("small-numbers", "Tell numbers below five too."), page,
            ],
            run: { arguments, context in
                let report = try context.reading { try make(try records(arguments, context)) }
                try ReportView(report: report, context: context).show(page: arguments.value(of: "html"))
            })
    }

    private static func records(_ arguments: ParsedArguments, _ context: ClientContext) throws -> ReportRecords {
        let reader = try context.fieldReader()
        let today = context.local.moment(atMilliseconds: context.clock()).date
        let records = try context.reader()
        let twins = try context.twins()
        let days = try reader.days(since: arguments.value(of: "since"), until: arguments.value(of: "until"))
        if days.until == nil, let since = days.since, since > today {
            throw CommandFailure(
                exitCode: .usage,
                message: "--since lies ahead: there is nothing to tell of it yet. Nothing was changed.",
                next: "kith report --help")
        }
        return ReportRecords(
            since: days.since, until: days.until ?? today,
            today: today, showsSmallNumbers: arguments.hasFlag("small-numbers"), local: context.local
        ) { table, body in
            guard let kind = RecordKind.of(table: table) else { return }
            try records.forEach(kind, isOrdered: false) { record in
                try body(
                    ExportRow(
                        id: record.id, values: record.values, createdMilliseconds: record.created.milliseconds,
                        isInTwin: twins.contains(record.area)))
            }
        }
    }
}
