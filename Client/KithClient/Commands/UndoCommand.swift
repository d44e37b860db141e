import OutreachModel
import RecordStorage
import SyncCore
import SyncReplica
import Terminal

/// `kith undo` and `kith redo`: what was done here last, by one command, is taken back or done again.
struct UndoCommand {
    let direction: OperationReversal.Direction

    static let undo = Command<ClientContext>(
        name: "undo", summary: "Take back what you did last on this laptop.",
        discussion: "One command is taken back as a whole, an import too; the same again takes back the one before. "
            + "A change that was not sent yet is then no change at all; after a sync it is a new one, which is sent. Of a new "
            + "record that was not sent yet, only that it was made and deleted is sent, not a word of what it says. What "
            + "somebody else has changed since stays, and you are told.",
        example: "kith undo", run: { _, context in try UndoCommand(direction: .undo).run(context) })
    static let redo = Command<ClientContext>(
        name: "redo", summary: "Do again what you took back last.",
        discussion: "As often as you took something back, until you do something new.", example: "kith redo",
        run: { _, context in try UndoCommand(direction: .redo).run(context) })

    private func run(_ context: ClientContext) throws {
        let laptop = try context.laptop()
        let session = ReversalSession(direction, console: context.console, clock: context.clock)
        let referrers = Referrers(
            laptop.database,
            columns: RecordKind.all.flatMap { kind in kind.referenceColumns.map { .init(table: kind.name, name: $0) } },
            except: try laptop.replica.device ?? 0)
        let report = try session.run { progress in
            try laptop.replica.reverse(
                direction, isTrial: session.isTrial, progress: progress,
                user: { RecordKind.isNamedByOthers($0) ? try referrers.device(namingRecord: $0.id) : nil })
        }
        if !session.isTrial {
            context.console.output.note(done: "It is done: don't repeat it.")
            try RecordSaving(context: context).afterSaving {
                try PassedOn.follow(context)
                try laptop.tidy()
            }
        }
        try session.show(
            report, names: LaptopNames(context), local: context.local, sent: "It waits to be sent.", program: "kith")
    }
}

/// How records are called on this laptop.
private struct LaptopNames: ReversalNames {
    private let presenter: RecordPresenter
    private let reader: RecordReader

    init(_ context: ClientContext) throws {
        presenter = try RecordPresenter(context)
        reader = try context.reader()
    }

    func title(of record: RecordReference) throws -> String? {
        try stored(record).map { try presenter.title(of: $0) }
    }

    func shown(_ value: Value, _ field: FieldDescription, of record: RecordReference) throws -> String {
        try stored(record).map { try presenter.text($0.with(value, in: field.number), field) } ?? ""
    }

    private func stored(_ record: RecordReference) throws -> StoredRecord? {
        try RecordKind.of(table: record.table).flatMap { try reader.record($0, record.id) }
    }

    func writer(_ device: UInt32) throws -> (device: String, person: String) { try presenter.writer(device) }
}
