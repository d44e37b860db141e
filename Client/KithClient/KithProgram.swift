import OutreachModel
import Terminal

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// The program `kith`: its commands, and how it starts.
package enum KithProgram {
    /// What `--version` prints.
    package static let version = "0.1.0"

    /// The tree of commands.
    package static let program: Program<ClientContext> = Program(
        version: version, root: root, variables: variables, around: TypedText.keeping)

    private static let variables = [
        EnvironmentVariable("KITH_HOME", "The folder that holds the records, in place of the usual ones."),
        EnvironmentVariable("XDG_DATA_HOME", "Where the folder kith is made; ~/.local/share where it is not set."),
    ]

    private static let completions: CompletionCommands<ClientContext> = CompletionCommands(name: "kith") { program }

    /// Runs the command that this process was started with; the result is for `_exit`: all that it printed is written, and
    /// what it opened is left to the system, which closes it faster.
    package static func run() -> Int32 {
        TerminalStreams.occupyClosedStreams()
        umask(0o077)
        // A limit on the size of files then is an error like a full disk, and no end of the process.
        signal(SIGXFSZ, SIG_IGN)
        unsafe setlocale(LC_CTYPE, "C.UTF-8")
        // Most of what a small sync takes is to load libcurl: that begins before the words are understood.
        let isPrepared = ProgramArguments.begin(with: "sync")
        if isPrepared { HTTPServerLink.prepare() }
        var kept: ClientContext?
        let code = program.runProcess(
            makeContext: { arguments, console in
                // Another thread would wait until all is loaded before it could begin, and this one with it.
                let context = try makeContext(arguments, console, isPrepared: isPrepared)
                kept = context
                return context
            }, describe: FailureWording.failure)
        // To take the database's tables apart again would be a seventh of what a visit takes.
        if let kept { _ = unsafe Unmanaged.passRetained(kept) }
        return code.rawValue
    }

    /// Runs a command line over streams, for tests.
    package static func run(
        _ words: [String], streams: TerminalStreams, clock: @escaping @Sendable () -> Int64,
        makeLink: @escaping ServerLinkMaker
    ) -> ExitCode {
        program.run(
            words, streams: streams,
            makeContext: { arguments, console in
                let home = try HomeFolder(environment: streams.environment)
                return ClientContext(
                    console: console, home: home, arguments: arguments, clock: clock, makeLink: makeLink)
            }, describe: FailureWording.failure)
    }

    private static func makeContext(
        _ arguments: ParsedArguments, _ console: Console, isPrepared: Bool
    ) throws -> ClientContext {
        ClientContext(
            console: console, home: try HomeFolder(environment: console.streams.environment),
            arguments: arguments, clock: wallClockMilliseconds,
            makeLink: { address, token, timeout in
                HTTPServerLink(address: address, token: token, timeoutMilliseconds: timeout)
            }, prepareLink: { if !isPrepared { HTTPServerLink.prepare() } })
    }

    /// Milliseconds since 1970 (clock_gettime(2)).
    @Sendable private static func wallClockMilliseconds() -> Int64 {
        var now = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &now)
        return Int64(now.tv_sec) * 1_000 + Int64(now.tv_nsec) / 1_000_000
    }

    private static let root: Command<ClientContext> = Command(
        name: "kith", summary: "Record visits and meetings without a connection, and sync them with the office.",
        discussion: "Without a command it shows today and what waits to be sent.",
        example: "kith visit add \"Castle House\" \"today 14:30\" --summary \"Just chatting\"\nkith sync",
        subcommands: [
            JoinCommand.command,
            RecordCommands.group(.visit, add: GatheringAdd.visit.command),
            RecordCommands.group(.meeting, add: GatheringAdd.meeting.command),
            RecordCommands.group(.place),
            RecordCommands.group(.person, add: PersonAdd.command, more: [PersonJourney.command]),
            RecordCommands.group(.role), RecordCommands.group(.attendance), RecordCommands.group(.resource),
            RecordCommands.group(.promise, more: [SettingCommand.kept]), RecordCommands.group(.opportunity),
            RecordCommands.group(.insight, more: [SettingCommand.told]), RecordCommands.group(.relationship),
            RecordCommands.group(.consent, more: [ConsentWithdraw.command]),
            RecordCommands.group(.payment, more: [PaymentCheck.command]),
            RecordCommands.group(.concern), RecordCommands.group(.round, more: RoundCommands.all),
            NoteCommand.command, TodayCommand.today, TodayCommand.week, DueCommand.command, SearchCommand.command,
            SyncCommand.command,
            StatusCommand.command,
            HistoryCommand.command, UndoCommand.undo, UndoCommand.redo, ConflictsCommand.command, HeldCommand.command,
            ReportCommand.command,
            ImportCommand.command, ExportCommand.command, EraseCommand.command, BundleCommand.command,
            AuditCommand.command, ServerKeyCommand.command, DoctorCommand.command,
            completions.group(console: { $0.console }, listing: CompletionListing.words), completions.manual,
        ],
        run: { _, context in try TodayCommand.runWithStatus(context) })
}
