import SyncCore
import SyncHub
import Terminal

/// `kith-server role`: another role for somebody who is known.
enum RoleCommand {
    static let command = Command<ServerContext>(
        name: "role", summary: "Give a person another role, on all their devices.",
        discussion: "With their next sync they get or lose what the role may read. Areas stay as they are, but for who "
            + "becomes or was an auditor, a member or an admin: name with --area what they have from now on. For a worker "
            + "or lead --area takes the place of all areas that they have; you are asked first. The last admin stays.",
        example: "kith-server role Priya lead --data office",
        arguments: [
            Argument("person", "The person's name, as invited."),
            Argument(
                "role", "One of: \(Roles.words.joined(separator: ", ")).", completes: .words(Roles.words)),
        ],
        options: [.text("area", "NAME", "An area that the person has from now on.", isRepeatable: true)],
        run: run)

    private static func run(_ arguments: ParsedArguments, _ context: ServerContext) throws {
        let person = arguments.argument("person") ?? ""
        guard let role = Roles.known(arguments.argument("role") ?? "") else {
            throw CommandFailure(
                exitCode: .usage,
                message: "A role is one of: \(Roles.words.joined(separator: ", ")). Nothing was changed.")
        }
        let connection = try context.folder.open()
        let hub = connection.hub
        guard let known = try hub.devices().first(where: { $0.person == person && $0.number != DeviceRecord.office })
        else {
            throw HubError.personUnknown
        }
        let named = arguments.values(of: "area")
        let console = context.console
        if known.role == role, named.isEmpty { return try tellUnchanged(person, role, console) }
        let areas = try areas(named: named, for: role, before: known.role, hub)
        if known.role == role, areas.map({ Set($0.map(\.number)) == known.areas }) ?? true {
            return try tellUnchanged(person, role, console)
        }
        let former = try hub.areas().filter { known.areas.contains($0.number) }
        let given = areas ?? former
        let change = AreaChange(from: former, to: given)
        guard try MemberAreas(connection).confirm(giving: given, to: person, role: role, console) else {
            throw CommandFailure(exitCode: .failed, message: "Nothing was changed.")
        }
        let isStaff = [Role.worker, .lead].contains(role) && [Role.worker, .lead].contains(known.role)
        if isStaff, let words = change.words, !console.settings.isDryRun {
            guard try console.prompter.confirm("\(person) \(words). Is that right?") else {
                throw CommandFailure(exitCode: .failed, message: "Nothing was changed.")
            }
        }
        let reads = [Role.lead, .admin]
        if reads.contains(role), !reads.contains(known.role), console.prompter.canAsk, !console.settings.isDryRun {
            let places = role == .admin ? "every team" : "their teams"
            guard
                try console.prompter.confirm(
                    "From their next sync on \(person) can read the concerns of \(places). Is that right?")
            else {
                throw CommandFailure(exitCode: .failed, message: "Nothing was changed.")
            }
        }
        if console.settings.isDryRun {
            try console.note("Would make \(person) \(Roles.name(of: role)).")
            if let words = change.words, role != .admin { try console.note("\(person) \(words).") }
            return
        }
        let hasInvitations = try hub.openInvitations().contains { $0.person == person }
        try hub.change(role: role, ofPerson: person, areas: areas.map { Set($0.map(\.number)) })
        if console.settings.isJSON {
            return try console.show([
                "person": .string(person), "role": .string(Roles.name(of: role)),
                "former_role": .string(Roles.name(of: known.role)),
                "areas": .array(role == .admin ? [] : given.map { .string($0.name) }),
            ])
        }
        try console.show(
            "\(person) was \(Roles.name(of: known.role)) and is \(Roles.name(of: role)) now; their devices hear of it with "
                + "their next sync.")
        if let words = change.words, role != .admin { try console.show("\(person) \(words).") }
        if hasInvitations { try console.note("Invitations of \(person) that were not used are void.") }
    }

    /// What somebody's areas come to.
    private struct AreaChange {
        private let given: [Area]
        private let taken: [Area]

        init(from former: [Area], to new: [Area]) {
            given = new.filter { area in !former.contains { $0.number == area.number } }
            taken = former.filter { area in !new.contains { $0.number == area.number } }
        }

        /// For people, behind a name: "gets a with all its records, and loses b"; nil where nothing changes.
        var words: String? {
            func names(_ areas: [Area]) -> String { areas.map(\.name).joined(separator: ", ") }
            var parts: [String] = []
            if !given.isEmpty {
                parts.append("gets \(names(given)) with all \(given.count == 1 ? "its" : "their") records")
            }
            if !taken.isEmpty { parts.append("loses \(names(taken))") }
            return parts.isEmpty ? nil : parts.joined(separator: ", and ")
        }
    }

    private static func tellUnchanged(_ person: String, _ role: Role, _ console: Console) throws {
        try console.note("\(person) is \(Roles.name(of: role)) already. Nothing was changed.")
    }

    /// The areas from now on; nil where they stay as they are.
    private static func areas(
        named names: [String], for role: Role, before former: Role, _ hub: Hub
    ) throws -> [Area]? {
        switch role {
        case .admin: return nil
        case .auditor: return []
        case .member: try MemberAreas.check(named: names, role: role)
        case .worker, .lead:
            // Who had all areas, none, or one of their own does not keep them.
            guard !names.isEmpty || former == .admin || former == .auditor || former == .member else { return nil }
        }
        return try InviteCommand.areas(named: names, role: role, hub: hub)
    }
}
