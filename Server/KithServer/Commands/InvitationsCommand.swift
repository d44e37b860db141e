import SyncHub
import Terminal

/// `kith-server invitations`: codes that were given out and that nobody has used yet.
enum InvitationsCommand {
    static let command = Command<ServerContext>(
        name: "invitations", summary: "See the codes that nobody has used yet, and take them back.",
        example: "kith-server invitations list --data office",
        subcommands: [
            Command(
                name: "list", summary: "List the invitations that are still good.",
                example: "kith-server invitations list --data office", run: list),
            Command(
                name: "cancel", summary: "Make a person's codes good for nothing, such as one that went astray.",
                discussion: "Laptops that have joined already stay: to shut one out, use revoke.",
                example: "kith-server invitations cancel Priya --data office",
                arguments: [Argument("person", "The person's name, as invited.")], run: cancel),
        ], run: list)

    private static func list(_ arguments: ParsedArguments, _ context: ServerContext) throws {
        let hub = try context.folder.open().hub
        let names = Dictionary(try hub.areas().map { ($0.number, $0.name) }, uniquingKeysWith: { $1 })
        let open = try hub.openInvitations()
        func areas(_ invitation: Invitation) -> [String] { invitation.areas.sorted().compactMap { names[$0] } }
        if context.console.settings.isJSON {
            return try context.console.show(
                .array(
                    open.map {
                        [
                            "name": .string($0.person), "role": .string(Roles.name(of: $0.role)),
                            "areas": .array(areas($0).map { .string($0) }),
                            "expires": .string(TimeText.rfc3339($0.expiresMilliseconds)),
                        ]
                    }))
        }
        if open.isEmpty { return try context.console.note("No invitation is open.") }
        var table = Table([
            Table.Column("Person"), Table.Column("Role"), Table.Column("Areas"), Table.Column("Good until"),
        ])
        for invitation in open {
            table.add([
                invitation.person, Roles.name(of: invitation.role), areas(invitation).joined(separator: ", "),
                TimeText.local(invitation.expiresMilliseconds),
            ])
        }
        try context.console.show(table)
        try context.console.note("To take one back: \(context.command("invitations cancel PERSON"))")
    }

    private static func cancel(_ arguments: ParsedArguments, _ context: ServerContext) throws {
        let person = arguments.argument("person") ?? ""
        let hub = try context.folder.open().hub
        let console = context.console
        let count = try hub.openInvitations().count { $0.person == person }
        guard count > 0 else {
            throw CommandFailure(
                exitCode: .notFound, message: "No open invitation bears this name. Nothing was changed.",
                next: "kith-server invitations list")
        }
        if console.settings.isDryRun {
            return try console.note("Would take back \(count) invitations. Nothing was changed.")
        }
        let taken = try hub.cancelInvitations(ofPerson: person)
        if console.settings.isJSON {
            return try console.show(["name": .string(person), "cancelled": JSONValue(taken)])
        }
        try console.show(
            taken == 1
                ? "Took back the code for \(person): it lets nobody in." : "Took back \(taken) codes for \(person).")
    }
}
