import Database
import SyncCore
import SyncHub
import Terminal

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The folder of one office's server: its database, its keys and where it listens.
struct ServerFolder: Sendable {
    /// The folder's path, without a slash at the end.
    let path: String

    var databasePath: String { path + "/hub.sqlite" }
    /// The public half of the key that opens backups.
    var recoveryKeyFile: RecoveryKeyFile { RecoveryKeyFile(path: path + "/recovery-key.pub") }
    /// The ledger once more, outside the database.
    var ledgerFile: LedgerFile { LedgerFile(path: path + "/ledger") }
    /// Held while a server answers devices.
    var serveLockPath: String { path + "/serve.lock" }
    /// Held while a backup is made or tried.
    var backupLockPath: String { path + "/backup.lock" }
    private var officeKeyFile: OfficeKeyFile { OfficeKeyFile(path: path + "/office-key") }
    /// Where it listens, and what invitations carry.
    var settingsPath: String { path + "/server.conf" }

    init(path: String) {
        self.path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    }

    /// Whether a server was set up here.
    var exists: Bool { TextFile.exists(settingsPath) }

    /// Opens the database of a server that was set up.
    func open() throws -> HubConnection {
        guard exists else {
            // What nobody may look into is not empty: a second server beside the first would be the worst advice.
            if TextFile.isHidden(settingsPath) {
                throw CommandFailure(
                    exitCode: .failed,
                    message: "This user may not read the folder \(path). Nothing was changed. Run the command as the "
                        + "user whose folder it is.")
            }
            if TextFile.exists(databasePath) { throw cutOffRestore("Its settings are missing") }
            throw CommandFailure(
                exitCode: .notFound, message: "There is no server in \(path). Nothing was changed.",
                next: "kith-server init --data \(path)")
        }
        guard TextFile.exists(databasePath) else { throw cutOffRestore("Its database is missing") }
        let connection = try HubConnection(path: databasePath, keyFile: officeKeyFile, ledgerFile: ledgerFile)
        try replayLedger(into: connection)
        return connection
    }

    /// What is there of a server is not all of it.
    private func cutOffRestore(_ what: String) -> CommandFailure {
        CommandFailure(
            exitCode: .failed,
            message:
                "The server in \(path) is not whole. \(what): a restore was cut off, or a file was moved. Nothing was "
                + "changed. Restore again; a database that was put aside lies there as hub-before-….sqlite.",
            next: "kith-server restore FILE --data \(path) --recovery-key -")
    }

    /// Does again what the ledger beside the database says, where that was put back from an older copy: before anything
    /// is read or added, so that nobody who was shut out comes in again, and no later line takes the place of theirs.
    private func replayLedger(into connection: HubConnection) throws {
        guard let ledger = try ledgerFile.unlike(connection.store), try connection.hub.lacks(ledger) else { return }
        try connection.hub.beginRestored(ledger: ledger, names: nil)
        connection.hasReplayedLedger = true
        ledgerFile.catchUp(with: connection.store)
    }

    /// Creates the folder, the keys and the database; the settings come last, so that a half-made folder has none.
    ///
    /// - Parameters:
    ///   - settings: where the server listens.
    ///   - areas: the names of the areas beside `everyone`.
    ///   - recoveryKey: what its backups are sealed to; the folder keeps the public half alone.
    func create(settings: ServerSettings, areas: [String], recoveryKey: RecoveryKey) throws {
        try makeFolder()
        try makeServerKey()
        let connection = try HubConnection(
            path: databasePath, keyFile: officeKeyFile, ledgerFile: ledgerFile, creates: areas)
        try connection.database.checkpoint(.truncate)
        ledgerFile.catchUp(with: connection.store)
        try recoveryKeyFile.write(recoveryKey)
        try TextFile.write(Array(settings.text.utf8), to: settingsPath)
    }

    /// Keeps what SQLite puts aside while it writes the database anew on the office's own disk: it holds records. Before the
    /// database is opened, and before there are other threads.
    func keepTemporaryFiles() { unsafe _ = setenv("SQLITE_TMPDIR", path, 1) }

    func settings() throws -> ServerSettings {
        guard exists else { _ = try open(); return ServerSettings(host: "127.0.0.1", port: 0, address: nil) }
        let text = String(decoding: try TextFile.read(settingsPath), as: UTF8.self)
        guard let settings = ServerSettings(text: text) else {
            throw CommandFailure(
                exitCode: .failed,
                message:
                    "\(settingsPath) can't be understood. It needs the line: listen = HOST:PORT. It may have: address, "
                    + ServerLimits.words.joined(separator: ", ") + ", each with = and a value.", next: nil)
        }
        if let address = settings.address, InvitationCode.split(address) == nil {
            throw CommandFailure(
                exitCode: .failed,
                message: "The address in \(settingsPath) is none that a device could reach: it is HOST:PORT and "
                    + "nothing else, such as office.example:8443. Nothing was changed.")
        }
        return settings
    }

    /// When this server was set up, in milliseconds since 1970: the time of its settings, which nothing changes.
    var begun: Int64? { TextFile.changed(settingsPath) }

    /// Files of the folder that others than their owner may read, as lines for people.
    func openModes() -> [String] {
        let files = [path, databasePath, officeKeyFile.path, settingsPath, ledgerFile.path] + serverKeyPaths
        return files.compactMap { file in
            guard let mode = TextFile.mode(file), mode & 0o077 != 0 else { return nil }
            return "\(file) can be read by others (mode \(String(mode & 0o777, radix: 8)))."
        }
    }

    /// The files that a backup holds, by the names that they have in it.
    func backupFiles() -> [(name: String, path: String)] { BackupForm.names.map { ($0, "\(path)/\($0)") } }

    /// Whether a file that is there lies in this folder or below it, by whatever path it is named.
    func contains(_ file: String) -> Bool {
        guard let folder = TextFile.realPath(path), let file = TextFile.realPath(file) else { return false }
        return file.hasPrefix(folder + "/")
    }

    private func makeFolder() throws {
        if unsafe mkdir(path, 0o700) == 0 { return }
        let code = errno
        guard code == EEXIST, TextFile.isFolder(path) else {
            throw CommandFailure(
                exitCode: .failed,
                message: "The folder \(path) can't be made: \(TextFile.reason(code)). Nothing was changed.")
        }
        if TextFile.exists(databasePath) || exists {
            throw CommandFailure(
                exitCode: .failed, message: "\(path) already holds a server. Nothing was changed.",
                next: "kith-server serve --data \(path)")
        }
        guard unsafe chmod(path, 0o700) == 0 else {
            throw CommandFailure(
                exitCode: .failed,
                message: "The folder \(path) can't be closed to others: \(TextFile.reason(errno)). Nothing was changed."
            )
        }
    }
}

/// Where a server listens, and what invitations say.
struct ServerSettings: Equatable, Sendable {
    /// An address of this machine, such as `127.0.0.1` or `0.0.0.0`.
    var host: String
    var port: UInt16
    /// `HOST:PORT` as devices reach it; nil: where it listens.
    var address: String?
    var limits: ServerLimits

    init(host: String, port: UInt16, address: String?, limits: ServerLimits = ServerLimits()) {
        self.limits = limits
        self.host = host
        self.port = port
        self.address = address
    }

    /// What invitations carry.
    var publicAddress: String { address ?? Self.joined(host: host, port: port) }

    /// The lines of the settings file.
    var text: String {
        "listen = \(Self.joined(host: host, port: port))\n" + (address.map { "address = \($0)\n" } ?? "") + limits.text
    }

    /// Reads the lines of the settings file; nil where they make no sense.
    init?(text: String) {
        var values: [Substring: Substring] = [:]
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            let parts = line.split(separator: "=", maxSplits: 1)
            guard parts.count == 2 else { return nil }
            values[parts[0].trimmingSpaces()] = parts[1].trimmingSpaces()
        }
        // A word that was mistyped must not leave a bound as it was without saying so.
        guard Set(values.keys.map(String.init)).isSubset(of: ["listen", "address"] + ServerLimits.words),
            let listen = values["listen"], let (host, port) = Self.split(String(listen)),
            let limits = ServerLimits(values)
        else { return nil }
        self.init(host: host, port: port, address: values["address"].map(String.init), limits: limits)
    }

    /// Splits `HOST:PORT`, where an IPv6 address stands in brackets.
    static func split(_ text: String) -> (host: String, port: UInt16)? {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
            return nil
        }
        var host = String(text[..<colon])
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        return host.isEmpty ? nil : (host, port)
    }

    static func joined(host: String, port: UInt16) -> String {
        host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
}

extension Substring {
    /// Without spaces at both ends.
    fileprivate func trimmingSpaces() -> Substring {
        var text = self
        while text.first == " " { text = text.dropFirst() }
        while text.last == " " { text = text.dropLast() }
        return text
    }
}
