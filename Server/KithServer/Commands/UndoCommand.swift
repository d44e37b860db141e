import Database
import OutreachModel
import RecordStorage
import SyncCore
import SyncHub
import Terminal

/// `kith-server undo` and `redo`: what the office did last on the server is taken back or done again.
struct UndoCommand {
    let direction: OperationReversal.Direction

    static let undo = Command<ServerContext>(
        name: "undo", summary: "Take back what the office did last here: an import, or a decision.",
        discussion:
            "One command is taken back as a whole; the same again takes back the one before. It is a new change, "
            + "which reaches the devices at their next sync. What somebody has changed since stays, and you are told.",
        example: "kith-server undo --data office",
        run: { _, context in try UndoCommand(direction: .undo).run(context) })
    static let redo = Command<ServerContext>(
        name: "redo", summary: "Do again what you took back last.",
        discussion: "As often as you took something back, until the office does something new here.",
        example: "kith-server redo --data office",
        run: { _, context in try UndoCommand(direction: .redo).run(context) })

    private func run(_ context: ServerContext) throws {
        let connection = try context.folder.open()
        let session = ReversalSession(direction, console: context.console, clock: { WallClock.milliseconds() })
        let undo = OfficeUndo(connection.hub, store: connection.store)
        let referrers = Referrers(
            connection.database,
            columns: RecordKind.all.flatMap { kind in kind.referenceColumns.map { .init(table: kind.name, name: $0) } },
            except: DeviceRecord.office)
        let report = try session.run { progress in
            try undo.reverse(
                direction, isTrial: session.isTrial, progress: progress,
                user: { RecordKind.isNamedByOthers($0) ? try referrers.device(namingRecord: $0.id) : nil })
        }
        try connection.foldLog()
        try session.show(
            report, names: try OfficeNames(connection.hub), local: LocalTime(),
            sent: "The devices get it at their next sync.", program: "kith-server")
    }
}
