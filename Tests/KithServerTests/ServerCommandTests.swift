import Database
import Foundation
import Terminal
import Testing

@testable import KithServer

/// A server's folder that goes away with the test, and the program run on it in process.
private final class Office {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("kith-office-\(UUID().uuidString)").path

    deinit {
        // A folder that was never made is no failure.
        try? FileManager.default.removeItem(atPath: folder)
    }

    struct Outcome {
        let code: ExitCode
        let output: String
        let errors: String
        func json() throws -> JSONValue { try JSONParser.parse(Array(output.utf8)) }
    }

    func run(_ words: String..., input: String = "") -> Outcome {
        run(words + ["--data", folder], RecordedStreams(input: input))
    }

    /// At a terminal, where questions are answered by the lines of the input.
    func answer(_ input: String, _ words: String...) -> Outcome {
        run(words + ["--data", folder], RecordedStreams(input: input, isTerminal: true))
    }

    /// The words as they are.
    func runPasted(_ words: [String]) -> Outcome { run(words, RecordedStreams()) }

    private func run(_ words: [String], _ streams: RecordedStreams) -> Outcome {
        let code = ServerProgram.program.run(
            words, streams: streams.streams, makeContext: ServerProgram.context, describe: ServerProgram.failure)
        return Outcome(code: code, output: streams.output, errors: streams.errorOutput)
    }
}

@Suite("The commands of the office")
struct ServerCommandTests {
    @Test("G13: whatever takes a text takes - for standard input, in every command, and no command ever sees the -")
    func standardInput() {
        let trial = ServerProgram.program.inputTrial()
        #expect(trial.faults == [])
        #expect(trial.tried > 20, "a walk that found nothing proves nothing")
        #expect(trial.paths == ["file", "sqlite"], "nothing but files is left out")
    }

    @Test("The declarations are sound, and every command has an example")
    func declarations() {
        #expect(ServerProgram.program.declarationFaults() == [])
        ServerProgram.program.root.walk { path in
            if let command = path.last { #expect(!command.example.isEmpty, "\(command.name) has no example") }
        }
    }

    @Test("The next command that a failure names runs as it stands, with the folder that was given")
    func nextCommands() throws {
        let office = Office()
        try #require(office.run("init", "--area", "main").code == .done)
        #expect(office.run("invite", "--name", "Priya", "--role", "worker").code == .done)
        let failing: [[String]] = [
            ["revoke", "nobody"], ["wipe", "nobody"], ["breach-report", "nobody"], ["devices", "words", "nobody"],
            ["areas", "give", "Priya", "nowhere"], ["areas", "take", "Priya", "nowhere"], ["role", "nobody", "lead"],
            ["invite", "--name", "Sam", "--role", "worker", "--area", "nowhere"], ["invitations", "cancel", "Nobody"],
            ["quarantine", "show", "9"], ["quarantine", "accept", "9"], ["conflicts", "show", "zzzzzzzz"],
            ["erase", "person", "zzzzzzzz"], ["erase", "person", "-%"], ["server-key", "change"],
            ["bundle", "forget", "nobody", "1"], ["deleted", "restore", "zzzzzzzz"], ["init"],
        ]
        var count = 0
        for words in failing {
            let failure = office.runPasted(words + ["--data", office.folder])
            #expect(failure.code != .done, "\(words)")
            let line = failure.errors.split(separator: "\n").first { $0.hasPrefix("Next: kith-server ") }
            guard let line, !line.hasSuffix("--help"), !line.hasSuffix("serve --data \(office.folder)") else {
                continue
            }
            count += 1
            let next = line.split(separator: " ").dropFirst(2).map(String.init)
            #expect(next.suffix(2) == ["--data", office.folder], "\(line)")
            let outcome = office.runPasted(next)
            #expect(outcome.code != .usage && !outcome.errors.contains("Missing --data"), "\(line): \(outcome.errors)")
        }
        #expect(count > 8, "\(count)")
    }

    @Test("At a terminal invite and areas add ask for what is missing; without one they name it")
    func asking() throws {
        let office = Office()
        try #require(office.run("init", "--area", "main").code == .done)
        let added = office.answer("whitstable\n", "areas", "add")
        #expect(added.code == .done && added.output.contains("Added the area whitstable"), "\(added.errors)")
        let invited = office.answer("Priya\n1\n2\n", "invite")
        #expect(invited.code == .done && !invited.output.isEmpty, "\(invited.errors)")
        let open = office.run("invitations", "list", "--json").output
        #expect(open.contains("Priya") && open.contains("worker") && open.contains("whitstable"), "\(open)")
        for (words, missing) in [
            (["invite"], "--name"), (["invite", "--name", "Sam"], "--role"), (["areas", "add"], "NAME"),
        ] {
            let refused = office.runPasted(words + ["--data", office.folder, "--no-input"])
            #expect(refused.code == .usage && refused.errors.contains(missing), "\(words): \(refused.errors)")
        }
    }

    @Test("Who says nothing but kith-server is shown what there is")
    func bare() {
        let office = Office()
        let shown = office.runPasted([])
        #expect(shown.code == .done && shown.output.contains("Usage: kith-server COMMAND") && shown.errors.isEmpty)
    }

    @Test("An office of the version before gets what is new with its first command")
    func upgrade() throws {
        let office = Office()
        try #require(office.run("init", "--area", "main").code == .done)
        let database = try Database(
            path: office.folder + "/hub.sqlite", mode: .readWrite(create: false),
            applicationID: HubConnection.applicationID)
        try database.execute("DROP TABLE resource; PRAGMA user_version = 0")
        #expect(office.run("export", "resources").code == .done)
        #expect(try database.version > 0)
        try database.execute("PRAGMA user_version = 1000")
        #expect(office.run("export", "resources").errors.contains("newer"))
    }

    @Test("init makes a closed folder with the areas that are named, once")
    func initOnce() throws {
        let office = Office()
        let made = try office.run("init", "--area", "canterbury", "--area", "whitstable", "--json").json()
        guard case .string(let listen)? = made["listen"] else { Issue.record("no listen"); return }
        // Below the ports of outgoing connections, one of which could be in the way of a later start.
        let port = try #require(Int(listen.dropFirst("127.0.0.1:".count)))
        #expect(listen.hasPrefix("127.0.0.1:") && (20_000...32_000).contains(port))
        let mode = try FileManager.default.attributesOfItem(atPath: office.folder)[.posixPermissions] as? Int
        #expect(mode == 0o700)
        for file in try FileManager.default.contentsOfDirectory(atPath: office.folder) {
            let path = office.folder + "/" + file
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
            #expect(mode == 0o600, "\(file)")
        }
        let areas = office.run("areas", "list", "--json")
        let lines = ["everyone", "canterbury", "whitstable"].map { #"{"name":"\#($0)","people":[],"shut_out":[]}"# }
        #expect(areas.output == "[\(lines.joined(separator: ","))]\n")
        #expect(office.run("init").code == .failed)
        #expect(office.run("areas", "list", "--json").output == areas.output)
    }

    @Test(
        "An address that is not this machine's is refused, and no folder is made",
        arguments: ["999.1.1.1:5", "8.8.8.8:0"])
    func foreignAddress(listen: String) {
        let office = Office()
        let outcome = office.run("init", "--listen", listen)
        #expect(outcome.code == .usage && outcome.errors.contains("Nothing was set up"))
        #expect(!FileManager.default.fileExists(atPath: office.folder))
    }

    private static let noAddresses = ["http://x:1", "bad host:1", "a/b:5", "user@h:1", "x y", "x:0", "::1:5", ":5"]

    @Test("What no device can reach is no address: init makes no folder, serve does not start, nobody is invited")
    func noAddress() throws {
        for address in Self.noAddresses {
            let office = Office()
            let refused = office.run("init", "--address", address)
            #expect(refused.code == .usage && refused.errors.contains("--address takes HOST:PORT"), "\(refused)")
            #expect(!FileManager.default.fileExists(atPath: office.folder), "\(address)")
        }
        let office = Office()
        try #require(office.run("init", "--address", "office.example:8443").code == .done)
        let path = office.folder + "/server.conf"
        let settings = try String(contentsOfFile: path, encoding: .utf8)
        for address in Self.noAddresses {
            try settings.replacingOccurrences(of: "office.example:8443", with: address)
                .write(toFile: path, atomically: true, encoding: .utf8)
            for words in [["serve"], ["invite", "--name", "Priya", "--role", "worker"]] {
                let refused = office.runPasted(words + ["--data", office.folder])
                #expect(refused.code == .failed && refused.errors.contains(path), "\(words) \(address): \(refused)")
            }
        }
        try "listen = 127.0.0.1:0\n".write(toFile: path, atomically: true, encoding: .utf8)
        let invited = office.run("invite", "--name", "Priya", "--role", "worker")
        #expect(invited.code == .failed && invited.errors.contains(path), "\(invited)")
    }

    @Test("A folder without a server is named, and nothing is made in it")
    func noServer() {
        let office = Office()
        let outcome = office.run("devices", "list")
        #expect(outcome.code == .notFound && outcome.output.isEmpty)
        #expect(outcome.errors.contains("There is no server in") && outcome.errors.contains("kith-server init"))
        #expect(!FileManager.default.fileExists(atPath: office.folder))
    }

    @Test("An invitation names its areas; without one the only area is taken, and several must be named")
    func invitations() throws {
        let office = Office()
        _ = office.run("init", "--area", "canterbury")
        let priya = try office.run("invite", "--name", "Priya", "--role", "worker", "--json").json()
        #expect(priya["areas"] == ["canterbury"])
        guard case .string(let code)? = priya["code"] else { Issue.record("no code"); return }
        #expect(code.hasPrefix("kith1-"))
        #expect(office.run("areas", "add", "whitstable").code == .done)
        let unclear = office.run("invite", "--name", "Sam", "--role", "worker")
        #expect(unclear.code == .usage && unclear.errors.contains("canterbury, whitstable"))
        let unknown = office.run("invite", "--name", "Sam", "--role", "worker", "--area", "dover")
        #expect(unknown.code == .notFound)
        let admin = try office.run("invite", "--name", "Ada", "--role", "admin", "--json").json()
        #expect(admin["areas"] == ["canterbury", "whitstable"])
    }

    @Test(
        "Wrong words are usage errors, unknown things are not found",
        arguments: [
            (["areas", "add", ""], ExitCode.usage), (["areas", "add", "everyone"], .usage),
            (["areas", "add", "main"], .failed), (["areas", "give", "Nobody", "main"], .notFound),
            (["areas", "give", "Nobody", "nowhere"], .notFound), (["revoke", "7", "--yes"], .notFound),
            (["revoke", "0", "--yes"], .notFound), (["conflicts", "show", "k7"], .notFound),
            (["conflicts", "resolve", "k7", "--keep", "a"], .notFound), (["quarantine", "show", "x"], .usage),
            (["quarantine", "show", "3"], .notFound), (["export", "spaceships"], .usage), (["sttas"], .usage),
            (["invite", "--name", "Priya"], .usage), (["invite", "--name", "office", "--role", "worker"], .usage),
            (["init", "--listen", "here"], .usage),
        ])
    func refused(words: [String], code: ExitCode) {
        let office = Office()
        _ = office.run("init")
        let streams = RecordedStreams(input: "")
        let outcome = ServerProgram.program.run(
            words + ["--data", office.folder], streams: streams.streams, makeContext: ServerProgram.context,
            describe: ServerProgram.failure)
        #expect(outcome == code, "\(streams.errorOutput)")
        #expect(!streams.errorOutput.isEmpty && streams.output.isEmpty)
    }

    @Test("An empty office counts nothing, holds nothing and is sound")
    func empty() throws {
        let office = Office()
        _ = office.run("init")
        #expect(try office.run("stats", "--json").json()["devices"] == 0)
        #expect(office.run("quarantine", "list", "--json").output == "[]\n")
        #expect(office.run("conflicts", "list", "--json").output == "[]\n")
        #expect(try office.run("doctor", "--json").json()["damaged"] == false)
        #expect(office.run("export", "visits").output.hasPrefix("id,"))
    }
}

@Suite("Where a server listens")
struct ServerSettingsTests {
    @Test(
        "HOST:PORT is read, IPv6 in brackets",
        arguments: [
            ("127.0.0.1:0", "127.0.0.1", 0), ("[::1]:8443", "::1", 8443),
            ("office.example:65535", "office.example", 65535),
        ])
    func split(text: String, host: String, port: Int) throws {
        let parts = try #require(ServerSettings.split(text))
        #expect(parts.host == host && Int(parts.port) == port)
    }

    @Test(
        "What is no HOST:PORT is refused", arguments: ["", "host", ":80", "host:", "host:65536", "host:-1", "host:x"])
    func refused(text: String) { #expect(ServerSettings.split(text) == nil) }

    @Test("The settings come back from their file")
    func file() throws {
        var limits = ServerLimits()
        (limits.bodyBytes, limits.connections, limits.requestSeconds) = (1 << 20, 64, 30)
        (limits.connectionsPerAddress, limits.connectionsPerDevice, limits.freeSignInFailures) = (3, 2, 1)
        for settings in [
            ServerSettings(host: "::1", port: 80, address: "office.example:443"),
            ServerSettings(host: "0.0.0.0", port: 8443, address: nil),
            ServerSettings(host: "::1", port: 80, address: nil, limits: limits),
        ] {
            #expect(ServerSettings(text: "# where\n" + settings.text) == settings)
        }
        #expect(ServerSettings(text: "address = a:1\n") == nil && ServerSettings(text: "nonsense") == nil)
        let listen = "listen = a:1\n"
        #expect(ServerSettings(text: listen + "limit-connections = 64")?.limits.connections == 64)
        for bad in [
            "limit-connections = many", "limit-connections = 0", "limit-conections = 64", "limit-body-bytes = -1",
        ] {
            #expect(ServerSettings(text: listen + bad) == nil, "\(bad)")
        }
    }
}
