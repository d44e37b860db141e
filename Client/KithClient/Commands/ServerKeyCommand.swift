import Cryptography
import SyncCore
import Terminal

/// `kith server-key CODE|-`
enum ServerKeyCommand {
    static let command = Command<ClientContext>(
        name: "server-key", summary: "Take the new key of the office's server, with a code that the office gave you.",
        discussion:
            "It is needed where the office changed its server's key while this laptop was away. With - the code is "
            + "read from standard input.",
        example: "kith server-key kithserver1-abcde-…",
        arguments: [Argument("code", "The code, or - for standard input.", isPromptable: true)], run: run)

    @Sendable private static func run(_ arguments: ParsedArguments, _ context: ClientContext) throws {
        let console = context.console
        let laptop = try context.laptop()
        let typed = try arguments.argument("code") ?? console.prompter.text("Code of the new key", option: "CODE")
        let text = try console.readText(from: typed, limitBytes: InvitationCode.largestTextBytes)
        let isDryRun = console.settings.isDryRun
        switch try laptop.take(typed: try decoded(text), isTrial: isDryRun) {
        case .foreign:
            throw CommandFailure(
                exitCode: .refused,
                message: "This code does not bear your office's signature. Nothing was changed. Tell the office.",
                next: "kith status")
        case .known:
            if context.isJSON { return try console.show(["taken": false]) }
            try console.show("This laptop knows that key, or a newer one, already. Nothing was changed.")
            try console.note("Next: kith sync")
        case .taken:
            if isDryRun {
                return try console.note("The code is your office's. Nothing was changed: this was a dry run.")
            }
            if context.isJSON { return try console.show(["taken": true]) }
            try console.show("This laptop takes the new key of your office's server from now on.")
            try console.note("Next: kith sync")
        }
    }

    private static func decoded(_ text: String) throws(CommandFailure) -> LedgerEntry {
        do throws(InvitationCode.Problem) {
            return try ServerKeyCode.decoded(text, hash: BLAKE2b.hash256)
        } catch {
            let message =
                switch error {
                case .notACode: "That is not the code of a key; one begins with kithserver1-."
                case .mistyped: "The code has a typing error."
                case .newerVersion: "The code is for a newer version of kith."
                }
            throw CommandFailure(
                exitCode: .usage, message: "\(message) Nothing was changed. Copy the whole code again.",
                next: "kith server-key CODE")
        }
    }
}
