import Database
import OutreachModel
import SyncCore
import Terminal

/// `kith today`, `kith week`, and with the status `kith` alone: what is due, then what is recorded.
enum TodayCommand {
    /// The days that are shown, and how far ahead dues are looked for.
    private struct Span {
        let first: CivilDate
        /// The day after the last one.
        let end: CivilDate
        let daysAhead: Int
        let title: String
        let nothing: String
    }

    static let today = Command<ClientContext>(
        name: "today", summary: "Show what is due today, and today's visits and meetings.", example: "kith today",
        run: { _, context in try run(day(context), context) })

    static let week = Command<ClientContext>(
        name: "week", summary: "Show what is due until Sunday, and the week's visits and meetings.",
        example: "kith week", run: { _, context in try run(week(context), context) })

    /// Today and status, for the program called without a command.
    static func runWithStatus(_ context: ClientContext) throws {
        let status = try Status(context)
        let span = day(context)
        if context.isJSON {
            return try context.console.show(.object(try members(span, context) + [.init("status", status.json)]))
        }
        try show(span, context)
        try context.console.show("")
        try status.show(context)
    }

    private static func run(_ span: Span, _ context: ClientContext) throws {
        try context.reading {
            if context.isJSON { return try context.console.show(.object(try members(span, context))) }
            try show(span, context)
        }
    }

    private static func members(_ span: Span, _ context: ClientContext) throws -> [JSONValue.Member] {
        let presenter = try RecordPresenter(context)
        let due = try DueList(context, days: span.daysAhead, withoutDay: false)
        let out = try OpenRounds(context, presenter).out
        return [
            .init("date", .string(span.first.description)),
            .init("out", .array(try out.map { try presenter.json($0) })),
            .init("due", DueCommand.json(due)),
            .init("visits", .array(try records(.visit, span, context).map { try presenter.json($0) })),
            .init("meetings", .array(try records(.meeting, span, context).map { try presenter.json($0) })),
        ]
    }

    private static func show(_ span: Span, _ context: ClientContext) throws {
        try context.console.showHeading(span.title)
        let out = try OpenRounds(context, try RecordPresenter(context)).lines()
        if !out.isEmpty { try context.console.showHeading("Out now") }
        for line in out { try context.console.show(line) }
        try DueCommand.show(try DueList(context, days: span.daysAhead, withoutDay: false), context)
        var isEmpty = true
        for kind in [RecordKind.visit, .meeting] {
            let records = try records(kind, span, context)
            guard !records.isEmpty else { continue }
            isEmpty = false
            try context.console.showHeading(kind.plural.capitalizedFirst)
            let isOneDay = span.first.adding(days: 1) == span.end
            try RecordList.show(records, kind, on: isOneDay ? span.first : nil, context)
        }
        if isEmpty { try context.console.show(span.nothing) }
    }

    private static func day(_ context: ClientContext) -> Span {
        let today = context.local.moment(atMilliseconds: context.clock()).date
        return Span(
            first: today, end: today.adding(days: 1), daysAhead: 0, title: "Today, \(today.inWords)",
            nothing: "Nothing is recorded for today.")
    }

    /// Monday to Sunday.
    private static func week(_ context: ClientContext) -> Span {
        let today = context.local.moment(atMilliseconds: context.clock()).date
        let monday = today.adding(days: -today.weekday)
        return Span(
            first: monday, end: monday.adding(days: 7), daysAhead: 6 - today.weekday,
            title: "The week from \(monday.inWords)", nothing: "Nothing is recorded for this week.")
    }

    /// Times begin with the day that the writer's calendar showed, so that texts in order are days in order.
    private static func records(
        _ kind: RecordKind, _ span: Span, _ context: ClientContext
    ) throws -> [StoredRecord] {
        guard let started = kind.dayField else { return [] }
        var records = try context.reader().records(
            kind, where: "started >= ?1 AND started < ?2",
            [.text(span.first.description), .text(span.end.description)], isOrdered: false)
        RecordList.sortNewestFirst(&records, started: started)
        return records
    }
}
