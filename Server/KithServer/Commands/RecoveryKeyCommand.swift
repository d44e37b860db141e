import Terminal

/// `kith-server recovery-key`: a new key for the backups to come.
enum RecoveryKeyCommand {
    static let command = Command<ServerContext>(
        name: "recovery-key", summary: "Make a new recovery key for the backups from now on, and show it once.",
        discussion: "Earlier backups still need the key that they were made for. The key is not kept here: whoever has "
            + "it and a backup can read everything.",
        example: "kith-server recovery-key --data office", run: run)

    private static func run(_ arguments: ParsedArguments, _ context: ServerContext) throws {
        _ = try context.folder.open()
        let file = context.folder.recoveryKeyFile
        if context.console.settings.isDryRun {
            return try context.console.note("Would make a new recovery key. Nothing was changed: this was a dry run.")
        }
        if file.exists {
            let question = "Make a new recovery key? Backups that were made before still need the old one."
            guard try context.console.prompter.confirm(question) else {
                throw CommandFailure(exitCode: .failed, message: "Nothing was changed.")
            }
        }
        let key = try RecoveryKey.make()
        try file.write(key)
        if context.console.settings.isJSON {
            return try context.console.show(["recovery_key": .string(key.text)] as JSONValue)
        }
        try tell(key, context.console)
    }

    /// Shows the key, and what to do with it.
    static func tell(_ key: RecoveryKey, _ console: Console) throws {
        try console.show("Recovery key: \(key.text)")
        try console.note(
            "It is shown this once and not kept here. Write it down and put it in a safe place away from this machine: "
                + "without it no backup can be opened.")
    }
}
