import Cryptography
import HTTPServing
import SyncCore
import SyncHub
import Terminal

/// `kith-server server-key`: changes the key that laptops know this server by, without locking anybody out.
enum ServerKeyCommand {
    static let command = Command<ServerContext>(
        name: "server-key", summary: "See and change the key that laptops know this server by on the line.",
        discussion:
            "A change has two steps: prepare makes the next key and tells every laptop with its next sync, signed by the "
            + "office; change takes it into use once they were here. A laptop that was away meanwhile is given a code.",
        example: "kith-server server-key prepare --data office",
        subcommands: [
            Command(
                name: "show", summary: "Show the key in use, the next one, and which laptops have not heard of it.",
                example: "kith-server server-key show --data office", run: show),
            Command(
                name: "prepare", summary: "Make the next key and announce it; the present one stays in use.",
                discussion: "It works beside serve. --anew makes another one in place of a next key that was not used, "
                    + "such as one that others may have read.",
                example: "kith-server server-key prepare --data office",
                options: [.flag("anew", "Make another key in place of the one that was prepared.")], run: prepare),
            Command(
                name: "change", summary: "Take the next key into use; the server must not run.",
                discussion: "Laptops that have heard of it notice nothing. Invitations that were not used name the key "
                    + "before and are good no more.",
                example: "kith-server server-key change --data office --yes", run: change),
            Command(
                name: "code", summary: "Show a code with which a laptop that was away takes the newest key.",
                discussion:
                    "On that laptop: kith server-key CODE. It is no secret, and works at laptops of this office "
                    + "alone.",
                example: "kith-server server-key code --data office", run: code),
        ], run: show)

    // MARK: Looking

    private static func show(_ arguments: ParsedArguments, _ context: ServerContext) throws {
        let hub = try context.folder.open().hub
        let present = Hex.encode(try context.folder.certificate().publicKeyPin)
        let next = try Announced(context.folder, hub)
        let behind = try next.map { try devices(notHeardOf: $0, hub) } ?? []
        if context.console.settings.isJSON {
            return try context.console.show([
                "pin": .string(present), "next_pin": next.map { .string(Hex.encode($0.pin)) } ?? .null,
                "announced": next.map { .string(TimeText.rfc3339($0.line.time)) } ?? .null,
                "not_told": .array(behind.map { .integer(Int64($0.number)) }),
            ])
        }
        try context.console.show("Key that laptops pin: SHA-256 \(present)")
        guard let next else {
            return try context.console.note("No next key is prepared. To begin: kith-server server-key prepare")
        }
        try context.console.show(
            "Next key, announced \(TimeText.local(next.line.time)): SHA-256 \(Hex.encode(next.pin))")
        for line in words(behind) { try context.console.show(line) }
        if behind.isEmpty { try context.console.note("To take it into use: kith-server server-key change") }
    }

    /// A next key whose files are here and that laptops are told of.
    private struct Announced {
        let pin: [UInt8]
        let line: LedgerEntry

        init?(_ folder: ServerFolder, _ hub: Hub) throws {
            guard let next = try folder.nextCertificate(), let line = try hub.lastServerKeyLine(),
                try LedgerContent.ServerKey(decoding: line.payload).pin == next.publicKeyPin
            else { return nil }
            pin = next.publicKeyPin
            self.line = line
        }
    }

    /// The laptops that have not said yet that they have the line which announces a key: an answer may be lost.
    private static func devices(notHeardOf next: Announced, _ hub: Hub) throws -> [DeviceRecord] {
        try hub.devices().filter {
            $0.number != DeviceRecord.office && !$0.isRevoked && $0.ledgerCount < next.line.number
        }
    }

    private static func words(_ behind: [DeviceRecord]) -> [String] {
        if behind.isEmpty { return ["Every laptop has said that it knows the next key."] }
        return ["These have not said that they know it; they need a code if the key is changed before:"]
            + behind.map { "  \($0.name) of \($0.person)" }
    }

    // MARK: Changing

    private static func prepare(_ arguments: ParsedArguments, _ context: ServerContext) throws {
        let (folder, console) = (context.folder, context.console)
        let hub = try folder.open().hub
        let known = try Announced(folder, hub)
        if let known, !arguments.hasFlag("anew") {
            if console.settings.isJSON { return try tell(known.pin, console) }
            return try console.note(
                "A next key is prepared already, since \(TimeText.local(known.line.time)). Nothing was changed. See who has "
                    + "heard of it: kith-server server-key show")
        }
        if console.settings.isDryRun { return try console.note("Would make the next key and announce it.") }
        // One whose announcement was cut off is announced now.
        let kept = arguments.hasFlag("anew") ? nil : try folder.nextCertificate()
        let next = try kept ?? folder.makeNextServerKey()
        try hub.announce(serverKey: next.publicKeyPin)
        if console.settings.isJSON { return try tell(next.publicKeyPin, console) }
        try console.show(
            "The next key is made and announced: SHA-256 \(Hex.encode(next.publicKeyPin).prefix(16))…. The present one stays in "
                + "use.")
        try console.note("When every laptop has synced: kith-server server-key change")
    }

    private static func tell(_ pin: [UInt8], _ console: Console) throws {
        try console.show(["next_pin": .string(Hex.encode(pin))])
    }

    private static func change(_ arguments: ParsedArguments, _ context: ServerContext) throws {
        let (folder, console) = (context.folder, context.console)
        let lock = try folder.serveLock()
        defer { withExtendedLifetime(lock) {} }
        let hub = try folder.open().hub
        try folder.finishKeyChange()
        guard let next = try Announced(folder, hub) else {
            throw CommandFailure(
                exitCode: .failed, message: "No next key is prepared and announced. Nothing was changed.",
                next: "kith-server server-key prepare")
        }
        let behind = try devices(notHeardOf: next, hub)
        let invitationCount = try hub.openInvitationCount()
        if console.settings.isDryRun {
            return try console.note("Would take the next key into use; \(behind.count) laptops have not heard of it.")
        }
        if !behind.isEmpty { for line in words(behind) { try console.note(line) } }
        guard try console.prompter.confirm("Take the next key into use?") else {
            throw CommandFailure(exitCode: .failed, message: "Nothing was changed.")
        }
        try folder.takeNextServerKey()
        if console.settings.isJSON {
            return try console.show([
                "pin": .string(Hex.encode(next.pin)), "not_told": .array(behind.map { .integer(Int64($0.number)) }),
                "invitations": JSONValue(invitationCount),
            ])
        }
        try console.show("The next key is in use: SHA-256 \(Hex.encode(next.pin).prefix(16))….")
        if invitationCount > 0 {
            try console.show(
                "Invitations that nobody has used: \(invitationCount). They name the key before; invite again.")
        }
        if !behind.isEmpty { try console.note("For laptops that were away: kith-server server-key code") }
        try console.note("Next: kith-server serve, and a backup: earlier ones hold the key before.")
    }

    // MARK: A code

    private static func code(_ arguments: ParsedArguments, _ context: ServerContext) throws {
        let hub = try context.folder.open().hub
        guard let line = try hub.lastServerKeyLine() else {
            throw CommandFailure(
                exitCode: .notFound, message: "This server's key was never changed, so that every laptop knows it.",
                next: "kith-server server-key show")
        }
        let text = ServerKeyCode.encoded(line, hash: BLAKE2b.hash256)
        if context.console.settings.isJSON { return try context.console.show(["code": .string(text)]) }
        try context.console.show(text)
        try context.console.note("On the laptop: kith server-key -    and paste the code; then kith sync")
    }
}
