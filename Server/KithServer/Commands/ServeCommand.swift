import HTTPServing
import SyncHub
import Synchronization
import Terminal

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// `kith-server serve`: answers devices until it is told to stop.
enum ServeCommand {
    static let command = Command<ServerContext>(
        name: "serve", summary: "Answer the devices; Ctrl-C or a TERM signal stops it.",
        discussion: "The first line on standard output says where it listens, once it is ready. Other commands work "
            + "beside it. The log on standard error has numbers alone: no name, no address, nothing of a record.",
        example: "kith-server serve --data office --log journal",
        options: [
            .choice(
                "log", LogLine.Form.allCases.map(\.rawValue),
                "How the log is written: for people, as JSON lines, or as journald reads it; text if not given.")
        ], run: run)

    private static func run(_ arguments: ParsedArguments, _ context: ServerContext) throws {
        let settings = try context.folder.settings()
        let stopSignals = blockStopSignals()
        raiseFileLimit()
        context.folder.keepTemporaryFiles()
        let lock = try context.folder.serveLock()
        defer { withExtendedLifetime(lock) {} }
        try context.folder.finishKeyChange()
        let console = context.console
        let log = Self.log(arguments, console)
        try prepare(context, log)
        let folder = context.folder
        let service = try SyncService(
            open: { try folder.open() }, limits: settings.limits, log: log,
            frontPage: FrontPage(try folder.certificate()))
        var serverSettings = HTTPServerSettings()
        serverSettings.host = settings.host
        serverSettings.port = settings.port
        settings.limits.set(&serverSettings)
        // The service hands each request to a lane and waits for nothing; one more thread between would cost each request two
        // waits.
        serverSettings.handlerThreads = 0
        // What may be asked before a body is read.
        serverSettings.isKnown = { [tokens = service.tokens] in tokens.contains($0) }
        let server = try HTTPServer(settings: serverSettings, certificate: try context.folder.certificate()) {
            request, responder in
            service.handle(request, responder)
        }
        let feeds = FeedKeeping(connection: try context.folder.open(), folder: folder, log: log) {
            service.writer.noteErasure()
        }
        feeds.start()
        try console.show("listening on https://\(ServerSettings.joined(host: settings.host, port: server.port))")
        try console.output.flush()
        wait(for: stopSignals)
        server.stop()
        feeds.stop()
        try service.finish()
        log.note("Stopped. Everything that was acknowledged is on the disk.")
    }

    /// Standard error, in the form that was asked for; nothing with `--quiet`.
    private static func log(_ arguments: ParsedArguments, _ console: Console) -> ServerLog {
        let form = arguments.value(of: "log").flatMap(LogLine.Form.init) ?? .text
        let errors = console.errorOutput
        let isQuiet = console.settings.isQuiet
        return ServerLog(form: form) { line in
            // A log that can't be written must not stop the sync; the exit code of `serve` is not about its log.
            if !isQuiet { try? errors.write(line) }
        }
    }

    /// Brings the ledger's second copy up to date, and warns of a backup that is due.
    private static func prepare(_ context: ServerContext, _ log: ServerLog) throws {
        let connection = try context.folder.open()
        if connection.hasReplayedLedger {
            log.note(
                "The ledger beside the database is newer than the database, which was put back from an older copy. What "
                    + "it says was done again; devices bring back the rest with their next syncs.",
                level: .warning)
        }
        context.folder.ledgerFile.catchUp(with: connection.store)
        _ = UnsealedCopies(folder: context.folder).removeAbandoned()
        let backup = try BackupAge(connection.hub, folder: context.folder, now: WallClock.milliseconds())
        if backup.isTooOld { log.note(backup.line, level: .warning) }
        // The log names no file.
        if !context.folder.recoveryKeyFile.warnings.isEmpty {
            log.note(
                "No backup can be made, for the recovery key is missing: kith-server recovery-key", level: .warning)
        }
    }

    /// Makes INT, TERM and HUP wait to be asked for, in every thread that starts after this.
    ///
    /// A window that is closed stops the server as they do, unless `nohup` was to keep it running.
    private static func blockStopSignals() -> sigset_t {
        var signals = sigset_t()
        unsafe sigemptyset(&signals)
        unsafe sigaddset(&signals, SIGINT)
        unsafe sigaddset(&signals, SIGTERM)
        if endsProcess(SIGHUP) { unsafe sigaddset(&signals, SIGHUP) }
        unsafe pthread_sigmask(SIG_BLOCK, &signals, nil)
        return signals
    }

    /// Whether nobody has said what else is to happen.
    private static func endsProcess(_ signal: Int32) -> Bool {
        var action = sigaction()
        guard unsafe sigaction(signal, nil, &action) == 0 else { return false }
        #if canImport(Glibc)
            return unsafe action.__sigaction_handler.sa_handler == nil
        #else
            return unsafe action.__sigaction_u.__sa_handler == nil
        #endif
    }

    private static func wait(for signals: sigset_t) {
        var signals = signals
        var received: Int32 = 0
        unsafe sigwait(&signals, &received)
    }

    /// Asks for as many open files as the system allows, so that connections do not run out of them.
    private static func raiseFileLimit() {
        var limit = rlimit()
        #if canImport(Glibc)
            let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        #else
            let resource = RLIMIT_NOFILE
        #endif
        guard unsafe getrlimit(resource, &limit) == 0 else { return }
        limit.rlim_cur = min(limit.rlim_max, 65_536)
        unsafe setrlimit(resource, &limit)
    }
}
