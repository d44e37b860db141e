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
            + "beside it.",
        example: "kith-server serve --data office", run: run)

    private static func run(_ arguments: ParsedArguments, _ context: ServerContext) throws {
        let settings = try context.folder.settings()
        let stopSignals = blockStopSignals()
        raiseFileLimit()
        let lock = try context.folder.serveLock()
        defer { withExtendedLifetime(lock) {} }
        let console = context.console
        try prepare(context)
        let (folder, streams, consoleSettings) = (context.folder, console.streams, console.settings)
        let log: @Sendable (String) -> Void = { line in
            // A log that can't be written must not stop the sync; the exit code of `serve` is not about its log.
            try? Console(streams: streams, settings: consoleSettings).note(line)
        }
        let service = try SyncService(open: { try folder.open() }, log: log)
        var serverSettings = HTTPServerSettings()
        serverSettings.host = settings.host
        serverSettings.port = settings.port
        serverSettings.bodyLimitBytes = SyncService.bodyLimitBytes
        let server = try HTTPServer(settings: serverSettings, certificate: try context.folder.certificate()) {
            request, responder in
            service.handle(request, responder)
        }
        let feeds = FeedKeeping(connection: try context.folder.open(), log: log)
        feeds.start()
        try console.show("listening on https://\(ServerSettings.joined(host: settings.host, port: server.port))")
        try console.output.flush()
        wait(for: stopSignals)
        server.stop()
        feeds.stop()
        try service.finish()
        try console.note("Stopped. Everything that was acknowledged is on the disk.")
    }

    /// Brings the ledger's second copy up to date, and warns of a backup that is due.
    private static func prepare(_ context: ServerContext) throws {
        let connection = try context.folder.open()
        if let ledger = try context.folder.ledgerFile.newer(than: connection.store) {
            try connection.hub.beginRestored(ledger: ledger, names: nil)
            try context.console.note(
                "The ledger beside the database is newer than the database, which was put back from an older copy. What "
                    + "it says was done again; devices bring back the rest with their next syncs.")
        }
        context.folder.ledgerFile.catchUp(with: connection.store)
        let backup = try BackupAge(connection.hub, folder: context.folder, now: WallClock.milliseconds())
        if backup.isTooOld { try context.console.note(backup.line) }
    }

    /// Makes INT and TERM wait to be asked for, in every thread that starts after this.
    private static func blockStopSignals() -> sigset_t {
        var signals = sigset_t()
        unsafe sigemptyset(&signals)
        unsafe sigaddset(&signals, SIGINT)
        unsafe sigaddset(&signals, SIGTERM)
        unsafe pthread_sigmask(SIG_BLOCK, &signals, nil)
        return signals
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
