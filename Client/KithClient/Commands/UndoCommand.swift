import OutreachModel
import SyncReplica
import Terminal

/// `kith undo` and `kith redo`: what was done here last, by one command, is taken back or done again.
struct UndoCommand {
    let direction: OperationReversal.Direction

    static let undo = Command<ClientContext>(
        name: "undo", summary: "Take back what you did last on this laptop.",
        discussion: "One command is taken back as a whole, an import too; the same again takes back the one before. "
            + "After a sync it is a new change, which is sent. What somebody else has changed since stays, and you are "
            + "told.",
        example: "kith undo", run: { _, context in try UndoCommand(direction: .undo).run(context) })
    static let redo = Command<ClientContext>(
        name: "redo", summary: "Do again what you took back last.",
        discussion: "As often as you took something back, until you do something new.", example: "kith redo",
        run: { _, context in try UndoCommand(direction: .redo).run(context) })

    private func run(_ context: ClientContext) throws {
        let laptop = try context.laptop()
        let console = context.console
        let isTrial = console.settings.isDryRun
        let showsProgress = console.streams.outputIsTerminal && !context.isJSON
        let began = context.clock()
        var told = began
        let report = try laptop.replica.reverse(direction, isTrial: isTrial) { done, all in
            guard showsProgress, done < all, context.clock() - told >= Self.progressMilliseconds else { return }
            told = context.clock()
            try console.note("\(done * 100 / all) % is done.")
        }
        guard let report else { throw nothing }
        let saving = RecordSaving(context: context)
        if !isTrial { try saving.afterSaving { try laptop.tidy() } }
        let words = try ReversalReport(report, context)
        if context.isJSON { return try console.show(try words.json(isTrial: isTrial)) }
        for line in try words.lines(isTrial: isTrial) { try console.show(line) }
        guard !isTrial else { return try console.note("Nothing was changed: this was a dry run.") }
        let other = direction == .undo ? "Do it again: kith redo" : "Take it back: kith undo"
        try console.note(report.count == 0 ? "Nothing was changed." : "It waits to be sent. \(other)")
    }

    /// How often a long one says how far it is.
    private static let progressMilliseconds: Int64 = 1_000

    private var nothing: CommandFailure {
        switch direction {
        case .undo:
            CommandFailure(
                exitCode: .notFound, message: "Nothing was done here that can be taken back. Nothing was changed.")
        case .redo:
            CommandFailure(
                exitCode: .notFound,
                message: "Nothing was taken back since you did something last. Nothing was changed.")
        }
    }
}
