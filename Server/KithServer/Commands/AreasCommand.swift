import SyncCore
import SyncHub
import Terminal

/// `kith-server areas`: the teams' areas, and who works in them.
enum AreasCommand {
    static let command = Command<ServerContext>(
        name: "areas", summary: "See, add, give and take areas.", example: "kith-server areas list --data office",
        subcommands: [
            Command(
                name: "list", summary: "List the areas and who works in each.",
                example: "kith-server areas list --data office", run: list),
            Command(
                name: "add", summary: "Add an area.", example: "kith-server areas add whitstable --data office",
                arguments: [Argument("name", "The name of the area.", isPromptable: true)], run: add),
            Command(
                name: "give", summary: "Give an area to a person.",
                example: "kith-server areas give Priya whitstable --data office", arguments: personAndName, run: give),
            Command(
                name: "take", summary: "Take an area from a person; their devices drop it at the next sync.",
                example: "kith-server areas take Priya whitstable --data office", arguments: personAndName, run: take),
        ])

    private static let personAndName = [
        Argument("person", "The person's name, as invited."), Argument("name", "The name of the area."),
    ]

    private static func list(_ arguments: ParsedArguments, _ context: ServerContext) throws {
        let hub = try context.folder.open().hub
        let devices = try hub.devices().filter { $0.number != DeviceRecord.office }
        let areas = try hub.areas().filter { $0.twinOf == nil }
        let reading = Set(devices.filter { !$0.isRevoked }.map(\.person))
        func people(_ area: Area) -> [String] {
            let inside = devices.filter {
                $0.role == .admin || $0.areas.contains(area.number)
                    || (area.number == Area.everyone && $0.role != .auditor)
            }
            return Array(Set(inside.map(\.person))).sorted()
        }
        func words(_ person: String) -> String { reading.contains(person) ? person : "\(person) (shut out)" }
        if context.console.settings.isJSON {
            try context.console.show(
                .array(
                    areas.map { area in
                        let people = people(area)
                        return [
                            "name": .string(area.name), "people": .array(people.map { .string($0) }),
                            "shut_out": .array(people.filter { !reading.contains($0) }.map { .string($0) }),
                        ]
                    }))
            return
        }
        var table = Table([Table.Column("Area"), Table.Column("People")])
        for area in areas { table.add([area.name, people(area).map(words).joined(separator: ", ")]) }
        try context.console.show(table)
    }

    private static func add(_ arguments: ParsedArguments, _ context: ServerContext) throws {
        let name =
            try arguments.argument("name") ?? context.console.prompter.text("Name of the area", option: "NAME")
        try AreaNames.check([name])
        let hub = try context.folder.open().hub
        try KnownNames.check(name, among: try hub.areas().map(\.name), what: "an area", way: nil)
        if context.console.settings.isDryRun { return try context.console.note("Would add the area.") }
        try hub.addArea(name)
        try answer(context, area: name, person: nil, words: "Added the area \(name).")
    }

    private static func give(_ arguments: ParsedArguments, _ context: ServerContext) throws {
        let (connection, person, area) = try personAndArea(arguments, context)
        let hub = connection.hub
        if try has(person, area, hub) {
            return try context.console.note("\(person) works in \(area.name) already. Nothing was changed.")
        }
        if let role = try hub.devices().first(where: { $0.person == person })?.role {
            guard try MemberAreas(connection).confirm(giving: [area], to: person, role: role, context.console) else {
                throw CommandFailure(exitCode: .failed, message: "Nothing was changed.")
            }
        }
        if context.console.settings.isDryRun { return try context.console.note("Would give the area.") }
        try hub.give(person: person, area: area.number)
        try answer(
            context, area: area.name, person: person,
            words: "\(person) works in \(area.name) now; their devices fetch it at the next sync.")
    }

    private static func take(_ arguments: ParsedArguments, _ context: ServerContext) throws {
        let (connection, person, area) = try personAndArea(arguments, context)
        // Of somebody who has not joined the hub says that it knows nobody of that name.
        if try connection.hub.devices().contains(where: { $0.person == person }), try !has(person, area, connection.hub)
        {
            throw CommandFailure(
                exitCode: .notFound, message: "\(person) does not work in \(area.name). Nothing was changed.",
                next: "kith-server areas list")
        }
        let console = context.console
        if console.settings.isDryRun { return try console.note("Would take the area.") }
        // A script has said what it wants; who types a name may have mistyped it.
        if console.prompter.canAsk, !console.settings.assumesYes {
            let question =
                "At the next sync all records of \(area.name) leave \(person)'s laptops, and what they have not sent by then is "
                + "held for checking. Take \(area.name) from \(person)?"
            guard try console.prompter.confirm(question) else {
                throw CommandFailure(exitCode: .failed, message: "Nothing was changed.")
            }
        }
        try connection.hub.take(person: person, area: area.number)
        try answer(
            context, area: area.name, person: person,
            words: "\(person) has lost \(area.name); their devices drop it at the next sync.")
    }

    /// Whether a person works in an area, or would by a code that nobody has used yet.
    private static func has(_ person: String, _ area: Area, _ hub: Hub) throws -> Bool {
        try hub.devices().contains {
            $0.person == person && ($0.areas.contains(area.number) || $0.role == .admin)
        } || hub.openInvitations().contains { $0.person == person && $0.areas.contains(area.number) }
    }

    private static func personAndArea(
        _ arguments: ParsedArguments, _ context: ServerContext
    ) throws -> (connection: HubConnection, person: String, area: Area) {
        let connection = try context.folder.open()
        let name = arguments.argument("name")
        guard let area = try connection.hub.areas().first(where: { $0.name == name && $0.number != Area.everyone })
        else {
            throw CommandFailure(
                exitCode: .notFound, message: "There is no area of that name. Nothing was changed.",
                next: "kith-server areas list")
        }
        return (connection, arguments.argument("person") ?? "", area)
    }

    private static func answer(_ context: ServerContext, area: String, person: String?, words: String) throws {
        if context.console.settings.isJSON {
            try context.console.show(["area": .string(area), "person": JSONValue(person)])
        } else {
            try context.console.show(words)
        }
    }
}
