import Cryptography
import HTTPServing
import OutreachModel
import SyncCore
import SyncHub
import Terminal

/// `kith-server invite`: a code with which one device joins once.
enum InviteCommand {
    /// How long an invitation is good.
    static let lifetimeMilliseconds: Int64 = 24 * 3_600 * 1_000
    /// The most bytes in the name of a person.
    static let largestNameBytes = 200

    static let command = Command<ServerContext>(
        name: "invite", summary: "Make a code with which a person's device joins, once, within 24 hours.",
        discussion: "An admin gets all areas. Workers and leads get those that are named, or the only one there is. "
            + "A member has an area of their own, which must be named. Inviting a person again adds a device to that "
            + "person, who keeps the areas that they have.",
        example: "kith-server invite --data office --name Priya --role worker --area canterbury",
        options: [
            .text("name", "NAME", "Whom the device belongs to.", isRequired: true, isPromptable: true),
            .choice("role", Roles.words, "What the person may do.", isRequired: true, isPromptable: true),
            .text("area", "NAME", "An area that the person works in.", isRepeatable: true, isPromptable: true),
            .flag("new", "A new person, also where somebody is called nearly the same."),
        ],
        run: run)

    private static func run(_ arguments: ParsedArguments, _ context: ServerContext) throws {
        let prompter = context.console.prompter
        let name = try arguments.value(of: "name") ?? prompter.text("Who the device is for", option: "--name")
        guard !name.isEmpty, name.utf8.count <= largestNameBytes, name != "-", name != Hub.officePerson
        else {
            throw CommandFailure(
                exitCode: .usage,
                message: "A name has 1 to \(largestNameBytes) bytes and is neither `\(Hub.officePerson)` nor -.")
        }
        let settings = try context.folder.settings()
        let connection = try context.folder.open()
        if arguments.hasFlag("new") {
            try KnownNames.checkIsSeen(name, what: "a person")
        } else {
            let people = try connection.hub.devices().map(\.person) + connection.hub.openInvitations().map(\.person)
            try KnownNames.check(name, among: people, what: "a person", way: "--new")
        }
        let role = try role(of: name, arguments, connection.hub, prompter)
        let named = arguments.values(of: "area")
        // Who is known has areas already: naming none leaves them as they are, also where one was taken.
        let areas =
            try named.isEmpty && connection.hub.isKnown(person: name)
            ? [] : try areas(named: named, role: role, hub: connection.hub, prompter)
        guard try MemberAreas(connection).confirm(giving: areas, to: name, role: role, context.console) else {
            throw CommandFailure(exitCode: .failed, message: "Nobody was invited.")
        }
        guard let (host, port) = InvitationCode.split(settings.publicAddress) else {
            throw CommandFailure(
                exitCode: .failed,
                message: "No device can reach \(settings.publicAddress). Nobody was invited. Put address = HOST:PORT "
                    + "into \(context.folder.settingsPath), or another port behind listen.")
        }
        let code = InvitationCode(
            secret: try SecureRandom.bytes(InvitationCode.secretBytes),
            pin: try context.folder.certificate().publicKeyPin, host: host, port: port)
        if context.console.settings.isDryRun {
            try context.console.note("Would invite one device.")
            return
        }
        let expires = WallClock.milliseconds() + lifetimeMilliseconds
        do {
            try connection.hub.invite(
                person: name, role: role, areas: Set(areas.map(\.number)), expires: expires,
                secretHash: BLAKE2b.hash256(code.secret))
        } catch HubError.personHasOtherRole {
            throw CommandFailure(
                exitCode: .failed,
                message:
                    "\(name) has another role already. Nobody was invited. Invite them with the role that they have, or "
                    + "give them the other one on all their devices.",
                next: "kith-server role \(Shell.quoted(name)) \(Roles.name(of: role))")
        }
        let text = code.encoded(hash: BLAKE2b.hash256)
        if context.console.settings.isJSON {
            try context.console.show([
                "code": .string(text), "name": .string(name), "role": .string(Roles.name(of: role)),
                "areas": .array(areas.map { .string($0.name) }), "expires": .string(TimeText.rfc3339(expires)),
            ])
        } else {
            try context.console.show(text)
            let local = LocalTime()
            let end = ParsedDate.moment(local.moment(atMilliseconds: expires)).echo(in: local)
            try context.console.note("For one device, once, until \(end). On that device:")
            try context.console.note("  kith join --device NAME    and paste the code")
        }
    }

    /// The role that is named; else the one that the person has, or what is answered.
    private static func role(
        of name: String, _ arguments: ParsedArguments, _ hub: Hub, _ prompter: Prompter
    ) throws -> Role {
        if let word = arguments.value(of: "role") { return Roles.role(named: word) }
        if let known = try hub.devices().first(where: { $0.person == name }) { return known.role }
        let choices = Roles.words.map { Prompter.Choice($0) }
        return Roles.role(named: try prompter.choice("What they may do", option: "--role", among: choices))
    }

    /// The areas for a role: those that are named, or what the role gets by itself; else one that is answered.
    ///
    /// - Parameter prompter: asks which; nil: nobody is asked.
    static func areas(named names: [String], role: Role, hub: Hub, _ prompter: Prompter? = nil) throws -> [Area] {
        let all = try hub.areas().filter { $0.twinOf == nil && $0.number != Area.everyone }
        var names = names
        let isOpen = role == .member || (role == .worker || role == .lead) && all.count > 1
        if names.isEmpty, isOpen, !all.isEmpty, let prompter, prompter.canAsk {
            let choices = all.map { Prompter.Choice($0.name) }
            names = [try prompter.choice("The area that they work in", option: "--area", among: choices)]
        }
        try MemberAreas.check(named: names, role: role)
        if names.isEmpty {
            if role == .admin || role == .auditor || all.count == 1 { return role == .auditor ? [] : all }
            throw CommandFailure(
                exitCode: .usage,
                message: "Missing --area. There are: \(all.map(\.name).joined(separator: ", ")). Nothing was changed.")
        }
        return try names.map { name in
            guard let area = all.first(where: { $0.name == name }) else {
                throw CommandFailure(
                    exitCode: .notFound, message: "There is no area of that name. Nothing was changed.",
                    next: "kith-server areas list")
            }
            return area
        }
    }
}

/// The words for roles.
enum Roles {
    static let words = ["worker", "lead", "admin", "auditor", "member"]

    /// The role that a word stands for; nil for another word.
    static func known(_ word: String) -> Role? { Role.allCases.first { name(of: $0) == word } }

    static func name(of role: Role) -> String {
        switch role {
        case .worker: "worker"
        case .lead: "lead"
        case .admin: "admin"
        case .auditor: "auditor"
        case .member: "member"
        }
    }

    /// The role that a word stands for; the parser has checked the word.
    static func role(named name: String) -> Role { known(name) ?? .member }
}
