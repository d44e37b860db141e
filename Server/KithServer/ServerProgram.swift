import Database
import HTTPServing
import RecordStorage
import SyncHub
import Terminal

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// What every command of `kith-server` is given.
struct ServerContext {
    let console: Console
    /// The folder that `--data` names.
    let folder: ServerFolder
    /// Whether an option named the folder, so that the next command needs it too.
    var isFolderNamed = false

    /// A command of this program to be pasted: with the folder, where that is not in the environment.
    ///
    /// - Parameter words: what stands behind the name of the program.
    func command(_ words: String) -> String {
        "kith-server \(words)" + (isFolderNamed ? " --data \(Shell.quoted(folder.path))" : "")
    }

    /// A failure whose next command has the folder; errors that are none as they are.
    func completing(_ error: any Error) -> any Error {
        if error is UsageError { return error }
        let failure = error as? CommandFailure ?? ServerProgram.failure(error)
        guard isFolderNamed, let next = failure.next, next.hasPrefix("kith-server "), !next.contains(" --data "),
            !next.hasSuffix(" --help")
        else { return failure }
        return CommandFailure(
            exitCode: failure.exitCode, message: failure.message,
            next: command(String(next.dropFirst("kith-server ".count))), choices: failure.choices)
    }

    /// Gives files that root wrote into another user's folder to that user.
    func handFilesOver() {
        guard folder.exists, let refused = FolderOwner(of: folder.path)?.takeAll(), !refused.isEmpty else { return }
        // Nobody is left to hear of it where the terminal has gone.
        try? console.note(
            "These files of \(folder.path) belong to root, and its owner may not be able to read them: "
                + refused.joined(separator: ", "))
    }

    /// Notes in the database what a command does that only reads; on a disk that can't be written, or is full, it is told that
    /// this could not be noted, and the command goes on: whoever saves records from a dying disk must not be kept from it.
    func note(_ connection: HubConnection, _ body: () throws -> Void) throws {
        guard !connection.database.isReadOnly else {
            return try console.note("This disk can't be written: the audit log does not tell of this command.")
        }
        do {
            try body()
        } catch let error as DatabaseError where error.kind == .full {
            try console.note("This disk is full: the audit log does not tell of this command.")
        }
    }
}

/// The program `kith-server`: its commands, and how errors are worded.
package enum ServerProgram {
    /// Shown by `--version`.
    static let version = "0.1.0"

    /// The tree of commands with the options that all of them take.
    static var program: Program<ServerContext> {
        Program(
            version: version,
            root: Command(
                name: "kith-server",
                summary: "Keep an office's records: merge what devices send, hold conflicts, give areas to people.",
                example: "kith-server init --data office --area canterbury\nkith-server serve --data office",
                subcommands: [
                    InitCommand.command, ServeCommand.command, InviteCommand.command,
                    InvitationsCommand.command, DevicesCommand.command,
                    RevokeCommand.command, RoleCommand.command, AreasCommand.command, ConflictsCommand.command,
                    QuarantineCommand.command,
                    EraseCommand.command, ImportCommand.command, ExportCommand.command, UndoCommand.undo,
                    UndoCommand.redo, StatsCommand.command, RoundsCommand.command, DeletedCommand.command,
                    CollectCommand.command, CompactCommand.command,
                    BackupCommand.command, VerifyCommand.command, RestoreCommand.command, RecoveryKeyCommand.command,
                    ServerKeyCommand.command,
                    BundleCommand.command, AuditCommand.command, WipeCommand.command, BreachReportCommand.command,
                    DoctorCommand.command, completions.group(console: { $0.console }, listing: nil), completions.manual,
                ]),
            options: [.text("data", "DIR", "The folder of the server; KITH_SERVER_DATA where it is not given.")],
            variables: [
                EnvironmentVariable("KITH_SERVER_DATA", "The folder of the server, where --data is not given.")
            ],
            around: { context, command in
                defer { context.handFilesOver() }
                do { try command() } catch { throw context.completing(error) }
            })
    }

    private static let completions = CompletionCommands<ServerContext>(name: "kith-server") { program }

    /// Runs the command of this process and returns its exit code.
    package static func run() -> Int32 {
        TerminalStreams.occupyClosedStreams()
        umask(0o077)
        signal(SIGPIPE, SIG_IGN)
        unsafe setlocale(LC_CTYPE, "C.UTF-8")
        let code = program.runProcess(makeContext: context, describe: failure)
        return Int32(code.rawValue)
    }

    static func context(_ arguments: ParsedArguments, _ console: Console) throws -> ServerContext {
        guard let path = arguments.value(of: "data") ?? console.streams.environment("KITH_SERVER_DATA"), !path.isEmpty
        else {
            throw CommandFailure(
                exitCode: .usage, message: "Missing --data. It names the folder of the server.",
                next: arguments.commandPath.joined(separator: " ") + " --data DIR")
        }
        return ServerContext(
            console: console, folder: ServerFolder(path: path), isFolderNamed: arguments.value(of: "data") != nil)
    }

    /// The one place that gives errors their exit codes.
    static func failure(_ error: any Error) -> CommandFailure {
        switch error {
        case let error as DatabaseError: return failure(error, words: error.description)
        case let error as HubError: return CommandFailure(exitCode: code(of: error), message: error.description)
        case let error as RecordStorageError:
            return CommandFailure(
                exitCode: error == .damagedRow ? .damaged : .failed, message: error.description,
                next: error == .damagedRow ? "kith-server doctor" : nil)
        case let error as HTTPServingError: return CommandFailure(exitCode: .failed, message: error.description)
        default:
            return CommandFailure(
                exitCode: .failed, message: "Something failed: \(type(of: error)). Nothing was changed.")
        }
    }

    /// The failure of a work that the database ended after a part of it was kept.
    ///
    /// - Parameter outcome: what became of it, as sentences.
    static func failure(_ error: DatabaseError, outcome: String) -> CommandFailure {
        failure(error, words: error.description(outcome: outcome))
    }

    private static func failure(_ error: DatabaseError, words: String) -> CommandFailure {
        let isDamaged = error.kind == .corrupt
        return CommandFailure(
            exitCode: isDamaged ? .damaged : .failed, message: words, next: isDamaged ? "kith-server doctor" : nil)
    }

    private static func code(of error: HubError) -> ExitCode {
        switch error {
        case .areaUnknown, .personUnknown, .deviceUnknown, .conflictUnknown, .quarantineUnknown: .notFound
        case .damagedRow: .damaged
        case .heldNotAcceptable, .heldNeedsEarlier, .lastAdmin: .refused
        case .reasonTooLarge: .usage
        default: .failed
        }
    }
}
