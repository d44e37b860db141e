import Foundation

/// An office of one test: its folder, and its server while that runs.
final class Office {
    let scratch: Scratch
    let folder: String
    /// Where the server listens, and which address invitations carry.
    let address: String
    /// What opens the office's backups.
    let recoveryKey: String
    private(set) var server: Child?
    /// More variables for the server, such as another clock.
    private let environment: [String: String]

    /// Sets up an office that is not yet open.
    ///
    /// - Parameters:
    ///   - disk: the folder that the office's own is made in; nil: one of the test.
    ///   - publicPort: the port that invitations carry, where something stands before the server.
    ///   - limits: lines of the settings; as a rule tests may fail to sign in as often as they like, at once.
    init(
        areas: [String] = ["canterbury"], disk: String? = nil, publicPort: UInt16? = nil,
        environment: [String: String] = [:],
        limits: [String] = ["limit-free-sign-in-failures = 1000"]
    ) throws {
        scratch = try Scratch()
        folder = disk.map { "\($0)/office" } ?? scratch.path("office")
        self.environment = environment
        let listen = "127.0.0.1:\(try Sockets.portOfItsOwn())"
        var words = ["init", "--data", folder, "--listen", listen] + areas.flatMap { ["--area", $0] } + ["--json"]
        if let publicPort { words += ["--address", "127.0.0.1:\(publicPort)"] }
        let answer = try Child(Programs.server, words, environment: environment).finish().succeeded().json()
        recoveryKey = answer["recovery_key"].string ?? ""
        let settings = try String(contentsOfFile: "\(folder)/server.conf", encoding: .utf8)
        try (settings + limits.joined(separator: "\n") + "\n").write(
            toFile: "\(folder)/server.conf", atomically: false, encoding: .utf8)
        address = try answer["listen"].string ?? Office.start(folder, environment).stopped()
    }

    deinit { server?.send(SIGKILL) }

    var port: UInt16 { address.split(separator: ":").last.flatMap { UInt16($0) } ?? 0 }

    /// Starts the server and waits until it listens.
    ///
    /// - Parameters:
    ///   - options: more for `serve`.
    ///   - fileLimit: how many files the server may have open at first, as the system says; nil: as many as this process.
    func open(_ options: [String] = [], fileLimit: Int? = nil) throws {
        server = try Office.start(folder, environment, options, fileLimit: fileLimit).child
    }

    /// Stops the server as a person would, and tells what it said.
    func stopped(by signal: Int32 = SIGTERM) throws -> Outcome {
        server?.send(signal)
        guard let outcome = try server?.finish().succeeded() else { throw HarnessFailure("The office is not open.") }
        server = nil
        return outcome
    }

    /// Stops the server as a person would, and checks that it ends well.
    func close() throws {
        server?.send(SIGTERM)
        try server?.finish().succeeded()
        server = nil
    }

    /// Ends the server in the middle of whatever it does.
    func kill() throws {
        server?.send(SIGKILL)
        _ = try server?.finish()
        server = nil
    }

    /// Runs `kith-server` on this office's folder.
    func run(_ words: String..., input: Child.Input = .nothing, environment more: [String: String] = [:]) throws
        -> Outcome
    {
        try Child(
            Programs.server, words + ["--data", folder], environment: environment.merging(more) { $1 }, input: input
        ).finish()
    }

    /// An invitation code.
    func invite(_ name: String, _ role: String = "worker", areas: [String] = []) throws -> String {
        let words = ["invite", "--name", name, "--role", role, "--yes", "--json", "--data", folder]
        return try Child(Programs.server, words + areas.flatMap { ["--area", $0] }, environment: environment)
            .finish().succeeded().json()["code"].text()
    }

    /// A laptop that has joined.
    func laptop(_ name: String, _ role: String = "worker", areas: [String] = []) throws -> Laptop {
        let laptop = try Laptop(name)
        try laptop.run("join", try invite(name, role, areas: areas), "--device", laptop.device, "--no-passphrase")
            .succeeded()
        return laptop
    }

    private struct Started {
        let child: Child
        let address: String

        func stopped() throws -> String {
            child.send(SIGTERM)
            try child.finish().succeeded()
            return address
        }
    }

    private static func start(
        _ folder: String, _ environment: [String: String], _ options: [String] = [], fileLimit: Int? = nil
    ) throws -> Started {
        let words = ["serve", "--data", folder] + options
        let child =
            if let fileLimit {
                try Child(
                    "/bin/sh", ["-c", "ulimit -S -n \(fileLimit); exec \"$0\" \"$@\"", Programs.server] + words,
                    environment: environment)
            } else {
                try Child(Programs.server, words, environment: environment)
            }
        let line = try child.firstLine()
        let prefix = "listening on https://"
        guard line.hasPrefix(prefix) else { throw HarnessFailure("Not the fixed form: \(line)") }
        return Started(child: child, address: String(line.dropFirst(prefix.count)))
    }
}
