import Database
import SyncCore
import SyncHub
import Terminal

/// `kith-server restore`: a backup becomes the server again.
enum RestoreCommand {
    static let command = Command<ServerContext>(
        name: "restore", summary: "Put a backup back, as a new history that devices notice and complete.",
        discussion: "What the ledger beside the present database says is done again: who was shut out stays out, what "
            + "was erased stays erased. The present database is not removed but put aside. Laptops bring back what "
            + "came after the backup with their next sync.",
        example: "kith-server restore /media/disk/office-monday.kith --recovery-key - --data office < key.txt",
        arguments: [Argument("file", "The backup.")], options: [RecoveryKey.option], run: run)

    private static func run(_ arguments: ParsedArguments, _ context: ServerContext) throws {
        let path = arguments.argument("file") ?? ""
        let folder = context.folder
        let key = try RecoveryKey.read(arguments, context.console)
        let isReplacing = TextFile.exists(folder.databasePath) || folder.exists
        let locks = TextFile.exists(folder.path) ? (try folder.backupLock(), try folder.serveLock()) : nil
        defer { withExtendedLifetime(locks) {} }
        let (trial, restored) = try WorkingLine.during("Trying the backup", on: context.console) {
            let trial = try BackupTrial(path, key: key, beside: folder)
            return (trial, try trial.check())
        }
        let made = TimeText.local(trial.manifest.made)
        let former = FormerServer(folder)
        try former.checkSameOffice(restored.hub)
        if context.console.settings.isDryRun {
            return try context.console.note("Would put back the backup of \(made). Nothing was changed.")
        }
        if isReplacing {
            let question = "Put back the backup of \(made) in place of the server in \(folder.path)?"
            guard try context.console.prompter.confirm(question) else {
                throw CommandFailure(exitCode: .failed, message: "Nothing was changed.")
            }
        }
        try WorkingLine.during("Doing again what the ledger says", on: context.console) {
            try restored.hub.beginRestored(ledger: former.ledger, names: former.names)
            try restored.hub.noteRestored(from: trial.manifest.made)
        }
        guard try restored.database.checkpoint(.truncate) else {
            throw CommandFailure(
                exitCode: .failed,
                message:
                    "Another process reads the unpacked backup, so that it can't be moved whole. Nothing was changed. "
                    + "Try again.")
        }
        let aside = try folder.putBack(trial.folder, at: WallClock.milliseconds(), isOneFile: former.emptyLog())
        folder.ledgerFile.catchUp(with: try folder.open().store)
        try tell(trial.manifest, former, aside, context)
    }

    private static func tell(
        _ manifest: BackupManifest, _ former: FormerServer, _ aside: String?, _ context: ServerContext
    ) throws {
        let newer = former.ledger.count - Int(clamping: manifest.ledgerCount)
        if context.console.settings.isJSON {
            return try context.console.show([
                "made": .string(TimeText.rfc3339(manifest.made)), "records": JSONValue(Int(manifest.recordCount)),
                "replayed": JSONValue(max(0, newer)), "put_aside": JSONValue(aside),
            ])
        }
        try context.console.show(
            "Put back the backup of \(TimeText.local(manifest.made)) with \(manifest.recordCount) records.")
        if newer > 0 {
            try context.console.show(
                "\(newer) \(newer == 1 ? "line" : "lines") of the ledger came after it and \(newer == 1 ? "was" : "were") "
                    + "done again: who was shut out stays out, what was erased stays erased.")
        } else if !former.hasLedger {
            try context.console.show(
                "No ledger was found beside the backup: what the office decided since comes back with the laptops' "
                    + "next syncs.")
        }
        if let aside {
            try context.console.note("The database that was here is now \(aside). Remove it when all is well.")
        }
        if try context.folder.nextCertificate() != nil {
            try context.console.note(
                "A next key for the line came with the backup. Where laptops say that this may not be your office's server, "
                    + "it was in use already: kith-server server-key change.")
        }
        try context.console.note("Then ask everybody for a sync. Next: \(context.command("serve"))")
    }
}

/// What is left of the server that a backup takes the place of: its ledger, and the names that belong to it.
private struct FormerServer {
    let ledger: [LedgerEntry]
    let names: Directory?
    private let officeKey: [UInt8]?
    private let connection: HubConnection?

    var hasLedger: Bool { !ledger.isEmpty }

    /// Reads what can be read; a damaged database may have nothing to say.
    init(_ folder: ServerFolder) {
        let kept = folder.ledgerFile.entries()
        // A server whose database is lost or damaged is why a backup is put back: its ledger file speaks for it.
        connection = try? folder.open()
        let hub = connection?.hub
        let own = (try? hub?.ledger(after: 0, limit: .max)) ?? []
        ledger = own.count >= kept.count ? own : kept
        names = try? hub?.directory(for: DeviceRecord.office)
        officeKey = folder.officeKey()
    }

    /// Moves what stands in the log beside the database into it; false where there is no database that can be opened, or
    /// another process reads it.
    func emptyLog() -> Bool {
        // A database that is damaged is moved away with its log.
        (try? connection?.database.checkpoint(.truncate)) == true
    }

    /// Refuses the backup of another office: no device would trust what came of it.
    func checkSameOffice(_ restored: Hub) throws {
        guard let officeKey, officeKey != restored.officeKey else { return }
        throw CommandFailure(
            exitCode: .refused,
            message: "This is the backup of another office than the one in this folder. Nothing was changed. "
                + "Name an empty folder.")
    }
}
