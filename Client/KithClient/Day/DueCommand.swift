import OutreachModel
import SyncCore
import Terminal

/// `kith due`, and what `today` and `week` begin with.
enum DueCommand {
    /// How many days ahead are told unless asked otherwise.
    private static let usualDays = 7

    static let command = Command<ClientContext>(
        name: "due",
        summary: "Show what is owed: promises, feedback, people and places not seen for longer than their rhythm.",
        discussion: "A promise without a day is told too. Who wants no contact is never told.",
        example: "kith due --days 14",
        options: [.integer("days", in: 0...3_660, "How many days ahead; \(usualDays) if not given.")],
        run: { arguments, context in
            let days = arguments.integer(of: "days") ?? usualDays
            let list = try context.reading { try DueList(context, days: days, withoutDay: true) }
            if context.isJSON { return try context.console.show(json(list)) }
            if list.items.isEmpty { return try context.console.show("Nothing is due \(period(days)).") }
            try show(list, context)
        })

    private static func period(_ days: Int) -> String {
        days == 0 ? "today" : days == 1 ? "today and tomorrow" : "in the next \(days) days"
    }

    static func json(_ list: DueList) -> JSONValue { .array(list.items.map { $0.json(list.today) }) }

    /// A table for each matter that has something.
    static func show(_ list: DueList, _ context: ClientContext) throws {
        let console = context.console
        for matter in DueItem.Matter.allCases {
            let items = list.items.filter { $0.matter == matter }
            guard !items.isEmpty else { continue }
            try console.showHeading(matter.heading)
            var table = Terminal.Table([
                .init("Id", isWhole: true), .init("When", isWhole: true), .init("What"),
            ])
            if matter == .round, !console.settings.isPlain {
                // What the buddy does then stands at the end: a table would cut just that.
                for item in items {
                    try console.show("\(ShortID.display(item.id))  \(item.when(list.today)): \(item.words)")
                }
                continue
            }
            for item in items {
                table.add([ShortID.display(item.id), item.when(list.today), RecordList.firstLine(item.words)])
            }
            table.fit(on: console)
            try console.show(table)
        }
    }
}
