import HTTPServing
import SyncCore
import Terminal

/// `kith-server init`: makes the folder of a new server.
enum InitCommand {
    static let command = Command<ServerContext>(
        name: "init", summary: "Set up a new server in a folder that holds none yet.",
        discussion: "Port 0 takes a free one now and keeps it. The address is what invitations carry, where devices "
            + "reach the server under another name than it listens on. The recovery key, which opens backups, is "
            + "shown once and not kept.",
        example: "kith-server init --data office --listen 0.0.0.0:8443 --address office.example:8443 --area canterbury",
        options: [
            .text("listen", "HOST:PORT", "Where to listen; 127.0.0.1:0 where it is not given."),
            .text("address", "HOST:PORT", "What invitations carry; where it listens if not given."),
            .text("area", "NAME", "An area, a team's records; `main` where none is named.", isRepeatable: true),
        ],
        run: run)

    private static func run(_ arguments: ParsedArguments, _ context: ServerContext) throws {
        let listen = arguments.value(of: "listen") ?? "127.0.0.1:0"
        guard let (host, listenPort) = ServerSettings.split(listen) else {
            throw CommandFailure(exitCode: .usage, message: "--listen takes HOST:PORT, such as 127.0.0.1:8443.")
        }
        let address = arguments.value(of: "address")
        if let address, InvitationCode.split(address) == nil {
            throw CommandFailure(
                exitCode: .usage,
                message: "--address takes HOST:PORT and nothing else, such as office.example:8443. Nothing was set up.")
        }
        let areas = arguments.values(of: "area")
        try AreaNames.check(areas)
        if context.console.settings.isDryRun {
            try context.console.note("Would set up a server in \(context.folder.path).")
            return
        }
        let freePort = try freePort(host: host)
        let port = listenPort == 0 ? freePort : listenPort
        let settings = ServerSettings(host: host, port: port, address: address)
        let key = try RecoveryKey.make()
        try context.folder.create(settings: settings, areas: areas.isEmpty ? ["main"] : areas, recoveryKey: key)
        if context.console.settings.isJSON {
            try context.console.show([
                "data": .string(context.folder.path), "listen": .string(ServerSettings.joined(host: host, port: port)),
                "address": .string(settings.publicAddress),
                "areas": .array((areas.isEmpty ? ["main"] : areas).map { .string($0) }),
                "recovery_key": .string(key.text),
            ])
        } else {
            try context.console.show(
                "Set up a server in \(context.folder.path); devices reach it at \(settings.publicAddress).")
            try RecoveryKeyCommand.tell(key, context.console)
            try context.console.note("Next: kith-server serve --data \(context.folder.path)")
        }
    }

    /// What `init` chooses from: no service of note is there, and systems take the ports of outgoing connections from above
    /// (32768 on Linux, 49152 elsewhere), so that none of those is in the way when the server starts again.
    private static let chosenPorts: ClosedRange<UInt16> = 20_000...32_000
    private static let portAttempts = 100

    /// A port that is free on this host now; a host that is none of this machine's addresses is a usage failure.
    private static func freePort(host: String) throws -> UInt16 {
        let certificate = try ServerCertificate.make(commonName: "kith-server", validYears: 1)
        func listen(_ port: UInt16) throws(HTTPServingError) -> UInt16 {
            var settings = HTTPServerSettings()
            settings.host = host
            settings.port = port
            let server = try HTTPServer(settings: settings, certificate: certificate) { _, responder in
                responder.respond(HTTPResponse(status: 503))
            }
            defer { server.stop() }
            return server.port
        }
        do throws(HTTPServingError) {
            let anyPort = try listen(0)
            for _ in 0..<portAttempts {
                // Where it is taken, the next one may be free.
                if let port = try? listen(UInt16.random(in: chosenPorts)) { return port }
            }
            return anyPort
        } catch {
            throw CommandFailure(
                exitCode: .usage, message: "\(error) Nothing was set up: --listen takes an address of this machine.")
        }
    }
}

/// The rules for names of areas.
enum AreaNames {
    /// The most bytes in a name.
    static let largestBytes = 100

    /// Throws a usage failure for an empty, long or reserved name, or one that is named twice.
    static func check(_ names: [String]) throws(CommandFailure) {
        for name in names
        where name.isEmpty || name.utf8.count > largestBytes || name.hasSuffix("(restricted)") || name == "-" {
            throw CommandFailure(
                exitCode: .usage,
                message: "An area's name has 1 to \(largestBytes) bytes, is not - and does not end in `(restricted)`.")
        }
        for (index, name) in names.enumerated() {
            try KnownNames.check(name, among: ["everyone"] + names[..<index], what: "an area", way: nil)
        }
        guard !names.contains("everyone"), Set(names).count == names.count else {
            throw CommandFailure(
                exitCode: .usage, message: "The area `everyone` always exists, and each name is given once.")
        }
    }
}
