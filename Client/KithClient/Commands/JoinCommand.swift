import Cryptography
import OutreachModel
import SyncCore
import Terminal

/// `kith join CODE|- --device NAME`
enum JoinCommand {
    static let command = Command<ClientContext>(
        name: "join", summary: "Join an office with the invitation code that it gave you.",
        discussion: "The code works once. Given as -, or when it is asked for, it stays out of the shell's history.",
        example: "kith join kith1-abcde-… --device \"Priya's laptop\"",
        arguments: [Argument("code", "The invitation code.", isPromptable: true, isHidden: true)],
        options: [
            .text("device", "NAME", "What to call this laptop.", isPromptable: true),
            .text("passphrase-file", "FILE", "Accepted for later versions; the file is not read."),
            .flag("no-passphrase", "No passphrase, as always in this version."),
        ], run: run)

    @Sendable private static func run(_ arguments: ParsedArguments, _ context: ClientContext) throws {
        let prompter = context.console.prompter
        let typed = try arguments.argument("code") ?? prompter.secret("Invitation code", option: "CODE")
        let code = try decoded(typed)
        let called = try arguments.value(of: "device") ?? prompter.text("Name of this laptop", option: "--device")
        guard let name = DeviceName.kept(called), name.utf8.count <= JoinRequest.largestNameBytes else {
            throw CommandFailure(
                exitCode: .usage,
                message: "The name of a device has 1 to \(JoinRequest.largestNameBytes) bytes, can be seen, and is "
                    + "not -, server or office, which stand for others. Nothing was saved.",
                next: "kith join --help")
        }
        if context.console.settings.isDryRun {
            return try context.console.note("The code can be read. Nothing was sent or saved: this was a dry run.")
        }
        let laptop = try Laptop(home: context.home, creating: true, clock: context.clock)
        guard try !laptop.hasJoined() else { throw ClientError.alreadyJoined }
        let address = ServerAddress(host: code.host, port: code.port, pin: code.pin)
        var request = JoinRequest(secret: code.secret, device: name)
        let key = try laptop.makeSigningKey().publicKey
        request.set(deviceKey: key)
        let reply = try reply(to: request, at: address, context)
        try laptop.install(reply, address: address)
        context.console.output.note(done: "This laptop has joined.")
        try tell(reply, name, words: try words(of: reply, key, address), context)
    }

    /// What both sides compare; nil where the office has no key of its own.
    private static func words(of reply: JoinReply, _ key: [UInt8], _ address: ServerAddress) throws -> String? {
        guard let officeKey = try reply.officeKey() else { return nil }
        let content = ComparedWords.content(
            officeKey: officeKey, deviceKey: key, pin: address.pin, device: reply.device)
        return ComparedWords.words(of: BLAKE2b.hash256(content)).joined(separator: "-")
    }

    private static func reply(
        to request: JoinRequest, at address: ServerAddress, _ context: ClientContext
    ) throws(CommandFailure) -> JoinReply {
        do throws(ClientError) {
            return try context.makeLink(address, nil, nil).join(request)
        } catch {
            throw FailureWording.joinFailure(error)
        }
    }

    private static func decoded(_ text: String) throws(CommandFailure) -> InvitationCode {
        do throws(InvitationCode.Problem) {
            return try InvitationCode(decoding: text, hash: BLAKE2b.hash256)
        } catch {
            let message =
                switch error {
                case .notACode: "That is not an invitation code; one begins with kith1-."
                case .mistyped: "The invitation code has a typing error."
                case .newerVersion: "The invitation code is for a newer version of kith."
                }
            throw CommandFailure(
                exitCode: .usage, message: "\(message) Nothing was sent or saved. Copy the whole code again.",
                next: "kith join --device NAME")
        }
    }

    private static func tell(_ reply: JoinReply, _ name: String, words: String?, _ context: ClientContext) throws {
        let areas = reply.directory.areas.filter(\.canWrite).map(\.name)
        if context.isJSON {
            return try context.console.show([
                "device": .string(name), "number": .integer(Int64(reply.device)),
                "person": .string(reply.directory.person), "role": .string("\(reply.directory.role)"),
                "areas": .array(areas.map { .string($0) }), "words": JSONValue(words),
            ])
        }
        try context.console.show(
            "This laptop is \"\(name)\" of \(reply.directory.person) now. Fetch the office's records: kith sync")
        if let words {
            try context.console.note("Compare these words with the office, by telephone or in person:")
            try context.console.note("  \(words)")
        }
    }
}
