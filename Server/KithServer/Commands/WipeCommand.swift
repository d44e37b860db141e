import SyncHub
import Terminal

/// `kith-server wipe`: an order to a lost device to remove everything.
enum WipeCommand {
    static let command = Command<ServerContext>(
        name: "wipe", summary: "Shut a device out, and order it to remove all records at its next contact.",
        discussion:
            "What it had not sent is handed in for checking first. The order bears the office's signature; a device "
            + "that never gets a line again keeps what it has, behind the encryption of its disk.",
        example: "kith-server wipe 3 --data office --yes",
        arguments: [Argument("device", "The number or the name of the device.")], options: RevokeCommand.options,
        run: run)

    private static func run(_ arguments: ParsedArguments, _ context: ServerContext) throws {
        let connection = try context.folder.open()
        let hub = connection.hub
        let device = try RevokeCommand.find(arguments.argument("device") ?? "", in: try hub.devices())
        let copies = RevokeCommand.words(try RevokeCommand.copies(of: device, arguments, hub))
        if context.console.settings.isDryRun {
            return try context.console.note(
                "Would order \(device.name) of \(device.person)\(copies) to remove everything.")
        }
        let question =
            "Shut out \(device.name) of \(device.person)\(copies) and have it remove everything? It can't be undone."
        guard try context.console.prompter.confirm(question) else {
            throw CommandFailure(exitCode: .failed, message: "Nothing was changed.")
        }
        let ordered = try hub.orderWipe(
            of: device.number, isAlone: arguments.hasFlag("alone"),
            keepsInvitations: arguments.hasFlag("keep-invitations"))
        let fileCount = try RevokeCommand.holdWaiting(of: ordered, connection)
        if context.console.settings.isJSON {
            return try context.console.show(["id": .integer(Int64(device.number)), "ordered": true] as JSONValue)
        }
        try context.console.show(
            "\(device.name) of \(device.person)\(copies): shut out, and everything is removed at the next contact.")
        try RevokeCommand.tellHeld(fileCount, context)
        let report = context.command("breach-report \(device.number)")
        try context.console.note("Whether it did, and what it held: \(report)")
    }
}
