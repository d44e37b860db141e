import Cryptography
import SyncCore
import SyncHub
import Terminal

/// `kith-server revoke`: a device is shut out from its next request on.
enum RevokeCommand {
    static let options: [CommandOption] = [
        .flag("with-copies", "Shut its copies out too."), .flag("alone", "Leave its copies as they are."),
        .flag("keep-invitations", "Leave invitations of the same person good: for a stolen laptop."),
    ]

    static let command = Command<ServerContext>(
        name: "revoke", summary: "Shut a device out; what it still sends is held for checking.",
        discussion:
            "DEVICE is the number in the list of devices, or the device's name where only one bears it. Where it has "
            + "copies, one of which may be the laptop that its owner works on now, say --with-copies or --alone. "
            + "Invitations of the same person that nobody has used become void.",
        example: "kith-server revoke 3 --data office --yes",
        arguments: [Argument("device", "The number or the name of the device.")], options: options, run: run)

    private static func run(_ arguments: ParsedArguments, _ context: ServerContext) throws {
        let connection = try context.folder.open()
        let hub = connection.hub
        let devices = try hub.devices()
        let device = try find(arguments.argument("device") ?? "", in: devices)
        let copies = try copies(of: device, arguments, hub).filter { number in
            devices.contains { $0.number == number && !$0.isRevoked }
        }
        let console = context.console
        if device.isRevoked, copies.isEmpty {
            try console.note("\(device.name) is revoked already. Nothing was changed.")
            if console.settings.isJSON { try show([device.number], console) }
            return
        }
        if console.settings.isDryRun {
            try console.note("Would revoke \(device.name) of \(device.person)\(words(copies)).")
            return
        }
        guard try console.prompter.confirm("Revoke \(device.name) of \(device.person)\(words(copies))?") else {
            throw CommandFailure(exitCode: .failed, message: "Nothing was changed.")
        }
        let revoked = try hub.revoke(
            device.number, isAlone: arguments.hasFlag("alone"),
            keepsInvitations: arguments.hasFlag("keep-invitations"))
        let fileCount = try holdWaiting(of: revoked, connection)
        if console.settings.isJSON { return try show(revoked, console) }
        try console.show(
            "Revoked \(device.name) of \(device.person)\(words(copies)). It is shut out from its next request on.")
        try tellHeld(fileCount, context)
    }

    /// Holds for checking what waits of devices that were shut out in sealed files: nobody waits for what is missing before.
    ///
    /// - Returns: how many files that were.
    static func holdWaiting(of devices: [UInt32], _ connection: HubConnection) throws -> Int {
        let key = try connection.officeKey.sealingKey()
        return try connection.hub.takingBundles {
            var tried = TriedBundles()
            return try devices.reduce(0) {
                try $0 + SealedBundle.handWaiting(of: $1, to: connection.hub, key: key, tried: &tried)
            }
        }
    }

    static func tellHeld(_ fileCount: Int, _ context: ServerContext) throws {
        guard fileCount > 0 else { return }
        let files = fileCount == 1 ? "1 sealed file that waited is" : "\(fileCount) sealed files that waited are"
        let list = context.command("quarantine list")
        try context.console.show("\(files) held for checking now. See what is in it: \(list)")
    }

    /// The devices that are shut out with one.
    ///
    /// - Throws: a usage failure where copies are let in still and nobody has said what is to become of them: a laptop whose
    ///   records were put on a new machine is a copy of the old one.
    static func copies(of device: DeviceRecord, _ arguments: ParsedArguments, _ hub: Hub) throws -> [UInt32] {
        let (isAlone, takesAll) = (arguments.hasFlag("alone"), arguments.hasFlag("with-copies"))
        if isAlone, takesAll {
            throw CommandFailure(
                exitCode: .usage, message: "--alone and --with-copies contradict each other. Nothing was changed.")
        }
        let copies = try hub.copies(of: device.number)
        let living = try hub.devices().filter { copies.contains($0.number) && !$0.isRevoked }
        guard isAlone || takesAll || living.isEmpty else { throw mustChoose(living) }
        return isAlone ? [] : copies
    }

    private static func mustChoose(_ copies: [DeviceRecord]) -> CommandFailure {
        let names = copies.map { "\($0.number) \($0.name) of \($0.person)" }.joined(separator: ", ")
        let subject = copies.count == 1 ? "is a copy of it" : "are copies of it"
        return CommandFailure(
            exitCode: .usage,
            message: "\(names) \(subject): perhaps the laptop that its owner works on now. Nothing was changed. Say "
                + "--with-copies to shut that out too, or --alone to leave it as it is.",
            next: "kith-server devices list")
    }

    /// Copies in words, behind the name of the device.
    static func words(_ copies: [UInt32]) -> String {
        if copies.isEmpty { return "" }
        let numbers = copies.map { String($0) }.joined(separator: ", ")
        return copies.count == 1 ? " and its copy, device \(numbers)" : " and its copies, devices \(numbers)"
    }

    private static func show(_ revoked: [UInt32], _ console: Console) throws {
        try console.show([
            "id": .integer(Int64(revoked.first ?? 0)), "revoked": true,
            "copies": .array(revoked.dropFirst().map { .integer(Int64($0)) }),
        ])
    }

    static func find(_ word: String, in devices: [DeviceRecord]) throws(CommandFailure) -> DeviceRecord {
        let found = devices.filter { String($0.number) == word && $0.number != DeviceRecord.office }
        let named = devices.filter { $0.name == word && $0.number != DeviceRecord.office }
        let matches = found.isEmpty ? named : found
        guard let device = matches.first else {
            throw CommandFailure(
                exitCode: .notFound, message: "There is no such device. Nothing was changed.",
                next: "kith-server devices list")
        }
        guard matches.count == 1 else {
            throw CommandFailure(
                exitCode: .notFound,
                message: "\(matches.count) devices have this name. Nothing was changed. Say which by its number.",
                next: "kith-server devices list")
        }
        return device
    }
}
