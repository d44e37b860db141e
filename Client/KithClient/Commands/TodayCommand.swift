import OutreachModel
import SyncCore
import Terminal

/// `kith today`, and with the status `kith` alone.
enum TodayCommand {
    static let command = Command<ClientContext>(
        name: "today", summary: "Show today's visits and meetings.", example: "kith today",
        run: { _, context in
            if context.isJSON { return try context.console.show(.object(try members(context))) }
            try show(context)
        })

    /// Today and status, for the program called without a command.
    static func runWithStatus(_ context: ClientContext) throws {
        let status = try Status(context)
        if context.isJSON {
            return try context.console.show(.object(try members(context) + [.init("status", status.json)]))
        }
        try show(context)
        try context.console.show("")
        try status.show(context)
    }

    private static func members(_ context: ClientContext) throws -> [JSONValue.Member] {
        let presenter = try RecordPresenter(context)
        try presenter.loadNames()
        return [
            .init("date", .string(day(context).description)),
            .init("visits", .array(try records(.visit, context).map { try presenter.json($0) })),
            .init("meetings", .array(try records(.meeting, context).map { try presenter.json($0) })),
        ]
    }

    private static func show(_ context: ClientContext) throws {
        try context.console.showHeading("Today, \(day(context).inWords)")
        var isEmpty = true
        for kind in [RecordKind.visit, .meeting] {
            let records = try records(kind, context)
            guard !records.isEmpty else { continue }
            isEmpty = false
            try RecordList.show(records, kind, context)
        }
        if isEmpty { try context.console.show("Nothing is recorded for today.") }
    }

    private static func day(_ context: ClientContext) -> CivilDate {
        context.local.moment(atMilliseconds: context.clock()).date
    }

    private static func records(_ kind: RecordKind, _ context: ClientContext) throws -> [StoredRecord] {
        guard let started = kind.field(named: "started") else { return [] }
        let today = day(context)
        var records = try context.reader().records(kind).filter { record in
            guard case .text(let text)? = record.values[started.number] else { return false }
            return ParsedDate(stored: text)?.date == today
        }
        RecordList.sortNewestFirst(&records, started: started.number)
        return records
    }
}
