import Database
import SyncHub
import Terminal

/// `kith-server backup`: everything of the office in one encrypted file.
enum BackupCommand {
    static let command = Command<ServerContext>(
        name: "backup", summary: "Write everything of this office into one encrypted file, while it serves.",
        discussion: "The file holds the records, the keys and the settings, and can be opened with the recovery key "
            + "alone. Keep it on another disk, and try it: kith-server verify.",
        example: "kith-server backup /media/disk/office-monday.kith --data office",
        arguments: [Argument("file", "Where to write; a backup that is there is replaced once the new one is whole.")],
        run: run)

    private static func run(_ arguments: ParsedArguments, _ context: ServerContext) throws {
        let path = arguments.argument("file") ?? ""
        guard path != "-" else {
            throw CommandFailure(
                exitCode: .usage,
                message: "A backup is written into a file, which takes its name once it is whole; - is none. "
                    + "Nothing was written.", next: "kith-server backup FILE")
        }
        let connection = try context.folder.open()
        if context.console.settings.isDryRun {
            let publicKey = try context.folder.recoveryKeyFile.publicKey()
            try ByteFile.checkReplacing(
                path, beginningWith: BackupForm.magic + publicKey, what: "a backup of this office")
            return try context.console.note("Would write a backup to \(path). Nothing was written: this was a dry run.")
        }
        // On a disk that can't be written nobody else can make or try a backup.
        let lock = connection.database.isReadOnly ? nil : try context.folder.backupLock()
        defer { withExtendedLifetime(lock) {} }
        guard !TextFile.isFolder(path) else {
            throw CommandFailure(
                exitCode: .usage, message: "\(path) is a folder; name a file in it. Nothing was written.")
        }
        let made = WallClock.milliseconds()
        let manifest = try WorkingLine.during("Writing the backup", on: context.console) {
            try BackupWriting(folder: context.folder, made: made).write(to: path, from: connection)
        }
        try context.note(connection) { try connection.hub.noteBackup(at: made) }
        if context.folder.contains(path) {
            try context.console.note(
                "This backup lies with the data: what takes the one takes the other. Keep it on another disk.")
        }
        let bytes = try ByteFile(reading: path).size
        if context.console.settings.isJSON {
            return try context.console.show(
                ["file": .string(path), "bytes": JSONValue(Int(bytes))] as JSONValue)
        }
        try context.console.show(
            "Wrote a backup of \(manifest.recordCount) records in \(manifest.areas.count) areas: \(bytes >> 10) KB in "
                + "\(path).")
        try context.console.note("Try it: \(context.command("verify \(Shell.quoted(path))"))")
    }
}

/// `kith-server verify`: whether a backup could be put back.
enum VerifyCommand {
    static let command = Command<ServerContext>(
        name: "verify", summary: "Put a backup back on trial, and compare it with what it says of itself.",
        discussion: "It is unpacked beside the server's data and removed again; nothing of the server is touched.",
        example: "kith-server verify /media/disk/office-monday.kith --recovery-key - --data office < key.txt",
        arguments: [Argument("file", "The backup.")], options: [RecoveryKey.option], run: run)

    private static func run(_ arguments: ParsedArguments, _ context: ServerContext) throws {
        let path = arguments.argument("file") ?? ""
        let key = try RecoveryKey.read(arguments, context.console)
        let hadFolder = TextFile.exists(context.folder.path)
        let lock = hadFolder ? try context.folder.backupLock() : nil
        defer { withExtendedLifetime(lock) {} }
        let trial = try WorkingLine.during("Trying the backup", on: context.console) {
            let trial = try BackupTrial(path, key: key, beside: context.folder)
            _ = try trial.check()
            return trial
        }
        let manifest = trial.manifest
        if context.console.settings.isJSON {
            return try context.console.show([
                "made": .string(TimeText.rfc3339(manifest.made)), "records": JSONValue(Int(manifest.recordCount)),
                "areas": JSONValue(manifest.areas.count), "ledger": JSONValue(Int(manifest.ledgerCount)),
            ])
        }
        try context.console.show(
            "The backup of \(TimeText.local(manifest.made)) is whole: \(manifest.recordCount) records in "
                + "\(manifest.areas.count) areas, as they were when it was made.")
    }
}
