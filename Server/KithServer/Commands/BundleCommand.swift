import Compression
import Cryptography
import SyncCore
import SyncHub
import Terminal

/// `kith-server bundle import|reply|list|forget`: work that comes as a sealed file, and the answer to it.
enum BundleCommand {
    static let command = Command<ServerContext>(
        name: "bundle", summary: "Take work that comes as a sealed file, and answer it with one.",
        discussion: "Devices make such files with kith bundle export, where there is no line.",
        example: "kith-server bundle import priya.kith --data office",
        subcommands: [
            Command(
                name: "import", summary: "Take a sealed file of a device, with the rights of the device that made it.",
                discussion: "The same file any number of times counts once. It also works while the server runs.",
                example: "kith-server bundle import priya.kith --data office",
                arguments: [Argument("file", "The sealed file.")], run: take),
            Command(
                name: "reply",
                summary: "Write what a device is to know, since its last sealed file, for that device alone.",
                example: "kith-server bundle reply 3 answer.kith --data office",
                arguments: [
                    Argument("device", "The number or the name of the device."), Argument("file", "Where to write."),
                ], run: reply),
            WaitingBundleCommands.list, WaitingBundleCommands.forget,
        ])

    // MARK: Import

    private static func take(_ arguments: ParsedArguments, _ context: ServerContext) throws {
        let path = arguments.argument("file") ?? ""
        let connection = try context.folder.open()
        let file = try ByteFile(reading: path)
        guard file.size <= UInt64(SealedMessage.largestBytes) else {
            throw CommandFailure(
                exitCode: .usage, message: "\(path) is larger than a sealed file can be. Nothing was changed.")
        }
        do {
            let bundle = try SealedBundle(opening: try file.read(Int(file.size)), for: connection)
            if context.console.settings.isDryRun {
                return try context.console.note("Would take a file of device \(bundle.device). Nothing was changed.")
            }
            try tell(try bundle.hand(to: connection.hub), connection.hub, context.console)
        } catch let problem as SealedBundle.Problem {
            throw failure(problem, path)
        }
    }

    private static func failure(_ problem: SealedBundle.Problem, _ path: String) -> CommandFailure {
        switch problem {
        case .unreadable:
            CommandFailure(
                exitCode: .refused,
                message:
                    "\(path) is no sealed file of a device of this office, or it was changed on its way. Nothing was "
                    + "changed. Ask for a new one.", next: "kith bundle export FILE")
        case .forked:
            CommandFailure(
                exitCode: .refused,
                message:
                    "Another copy of that laptop's records has been here. Nothing was changed, and nothing is lost: "
                    + "that laptop must sync over the line once.", next: "kith sync")
        case .tooManyWait:
            CommandFailure(
                exitCode: .failed,
                message: "Too many files of that device wait for earlier work already. Nothing was changed.",
                next: "kith sync")
        }
    }

    private static func tell(_ outcome: SealedBundle.Outcome, _ hub: Hub, _ console: Console) throws {
        let device = try hub.devices().first { $0.number == outcome.device }
        let name = device.map { "\($0.name) of \($0.person)" } ?? "device \(outcome.device)"
        if console.settings.isJSON {
            return try console.show([
                "device": .integer(Int64(outcome.device)), "state": .string(outcome.reply.rawValue),
                "receipt": outcome.acceptance.map { JSONValue(Int(clamping: $0.receipt)) } ?? .null,
                "held": JSONValue(outcome.acceptance?.held.count ?? 0), "followers": JSONValue(outcome.followers),
                "missing": outcome.missing.map {
                    .array([JSONValue(Int(clamping: $0.lowerBound)), JSONValue(Int(clamping: $0.upperBound))])
                } ?? .null,
            ])
        }
        guard let acceptance = outcome.acceptance else {
            guard let missing = outcome.missing else {
                return try console.show(
                    "The file of \(name) is kept: this server was put back from an older copy since that laptop's last "
                        + "sync. It must sync over the line once.")
            }
            return try console.show(
                "The file of \(name) is kept: numbers \(missing.lowerBound) to \(missing.upperBound) before it are "
                    + "missing. Bring the earlier file, or sync that laptop.")
        }
        try console.show("Took the file of \(name): everything up to number \(acceptance.receipt) is here.")
        if outcome.followers > 0 { try console.show("Files that waited for it came after it: \(outcome.followers).") }
        if !acceptance.held.isEmpty {
            try console.show("Held for checking: \(acceptance.held.count). See them: kith-server quarantine list")
        }
        try console.note("Its answer: kith-server bundle reply \(outcome.device) FILE")
    }

    // MARK: Reply

    private static func reply(_ arguments: ParsedArguments, _ context: ServerContext) throws {
        let path = arguments.argument("file") ?? ""
        let connection = try context.folder.open()
        let hub = connection.hub
        let device = try RevokeCommand.find(arguments.argument("device") ?? "", in: try hub.devices())
        if device.isRevoked {
            throw CommandFailure(
                exitCode: .refused, message: "\(device.name) is revoked: it gets nothing. Nothing was written.")
        }
        let bytes = try answer(to: device, connection)
        if context.console.settings.isDryRun {
            return try context.console.note("Would write \(bytes.count) bytes to \(path). Nothing was written.")
        }
        try ByteFile.replace(path) { file throws(CommandFailure) in try file.write(bytes) }
        if context.console.settings.isJSON {
            return try context.console.show(["file": .string(path), "bytes": JSONValue(bytes.count)] as JSONValue)
        }
        try context.console.show("Wrote the answer to \(device.name) of \(device.person), sealed: \(path)")
        try context.console.note("On that laptop: kith bundle import FILE")
    }

    private static func answer(to device: DeviceRecord, _ connection: HubConnection) throws -> [UInt8] {
        guard let key = try connection.hub.deviceKey(of: device.number) else { throw noBundle(device) }
        var limit = BundleLimits.largestMessageBytes / 2
        while limit >= SyncRequest.largestPageBytes {
            guard let (cursors, replies) = try connection.hub.bundleReplies(for: device.number, limitBytes: limit)
            else { throw noBundle(device) }
            guard replies.last?.notice != .otherHistory else {
                throw CommandFailure(
                    exitCode: .refused,
                    message:
                        "This server was put back from an older copy since \(device.name) last synced. It must sync "
                        + "over the line once. Nothing was written.", next: "kith sync")
            }
            var bundle = OfficeBundle(
                device: device.number, made: WallClock.milliseconds(), cursors: cursors,
                replies: replies.map { $0.encoded() })
            bundle.signature = connection.officeKey.sign(bundle.signedBytes)
            let bytes = try SealedMessage.seal(
                try Compressor().compress(bundle.encoded()), to: try SealingKey.publicKey(ofSigner: key))
            if bytes.count <= SealedMessage.largestBytes { return bytes }
            limit /= 2
        }
        throw CommandFailure(
            exitCode: .failed,
            message: "What \(device.name) is to know is too large for a sealed file. Nothing was "
                + "written.", next: "kith sync")
    }

    private static func noBundle(_ device: DeviceRecord) -> CommandFailure {
        CommandFailure(
            exitCode: .notFound,
            message: "No sealed file of \(device.name) has come yet, so nobody knows what it has. Nothing was written.",
            next: "kith bundle export FILE")
    }
}
