import SyncHub
import Terminal

/// `kith-server bundle list|forget`: sealed files that came and could not be taken yet.
enum WaitingBundleCommands {
    static let list = Command<ServerContext>(
        name: "list", summary: "List the sealed files that wait, and for what.",
        discussion:
            "A file is taken by itself as soon as what it waits for has come, over a line or in another file, and "
            + "when its device is revoked: then what is in it is held for checking.",
        example: "kith-server bundle list --data office", run: list)

    static let forget = Command<ServerContext>(
        name: "forget", summary: "Drop a sealed file that waits, for good.",
        discussion:
            "What is in it may be nowhere else. Where its device is lost, revoke that: then it is held for checking.",
        example: "kith-server bundle forget 3 17 --data office --yes",
        arguments: [
            Argument("device", "The number or the name of the device."),
            Argument("first", "The first number in the file, as the list has it."),
        ], run: forget)

    private static func list(_ arguments: ParsedArguments, _ context: ServerContext) throws {
        let hub = try context.folder.open().hub
        let devices = try hub.devices()
        let files = try devices.flatMap { device in
            try hub.waitingBundles(of: device.number).map { (device: device, file: $0) }
        }
        let console = context.console
        if console.settings.isJSON {
            return try console.show(
                .array(
                    files.map { device, file in
                        [
                            "device": .integer(Int64(device.number)), "name": .string(device.name),
                            "first": JSONValue(Int(clamping: file.first)), "last": JSONValue(Int(clamping: file.last)),
                            "arrived": .string(TimeText.rfc3339(file.arrived)), "bytes": JSONValue(file.bytes),
                            "waits_for": .string(reason(file, device)),
                        ]
                    }))
        }
        guard !files.isEmpty else { return try console.note("No sealed file waits.") }
        var table = Table([
            Table.Column("Device"), Table.Column("Name"), Table.Column("From", .right), Table.Column("To", .right),
            Table.Column("Came"), Table.Column("Waits for"),
        ])
        for (device, file) in files {
            table.add([
                String(device.number), device.name, String(file.first), file.last == 0 ? "" : String(file.last),
                TimeText.local(file.arrived), reason(file, device),
            ])
        }
        try console.show(table)
        let revoke = context.command("revoke DEVICE")
        try console.note("Where such a laptop is lost, shut it out; then its files are held for checking: \(revoke)")
    }

    private static func reason(_ file: WaitingBundle, _ device: DeviceRecord) -> String {
        if file.isForked { return "nothing: another copy of that laptop used the same numbers" }
        guard file.first > device.lastGroup + 1 else { return "a sync of that laptop over the line" }
        let (missing, end) = (device.lastGroup + 1, file.first - 1)
        return missing == end ? "number \(missing)" : "numbers \(missing) to \(end)"
    }

    private static func forget(_ arguments: ParsedArguments, _ context: ServerContext) throws {
        let hub = try context.folder.open().hub
        let device = try RevokeCommand.find(arguments.argument("device") ?? "", in: try hub.devices())
        let files = try hub.waitingBundles(of: device.number)
        guard let file = files.first(where: { String($0.first) == arguments.argument("first") }) else {
            throw CommandFailure(
                exitCode: .notFound, message: "No such file of \(device.name) waits. Nothing was changed.",
                next: "kith-server bundle list")
        }
        let console = context.console
        if console.settings.isDryRun {
            return try console.note("Would drop the file of \(device.name) from number \(file.first) on.")
        }
        let question = "Drop this sealed file of \(device.name) of \(device.person)? What is in it may be nowhere else."
        guard try console.prompter.confirm(question) else {
            throw CommandFailure(exitCode: .failed, message: "Nothing was changed.")
        }
        try hub.takingBundles { try hub.forget(waiting: file) }
        if console.settings.isJSON {
            return try console.show([
                "device": .integer(Int64(device.number)), "first": JSONValue(Int(clamping: file.first)),
                "dropped": true,
            ])
        }
        try console.show("Dropped the file of \(device.name) from number \(file.first) on.")
    }
}
