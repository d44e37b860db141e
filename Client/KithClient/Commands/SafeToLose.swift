import OutreachModel
import SyncCore
import SyncReplica
import Terminal

/// `kith status --safe-to-lose`: whether every record on this laptop is on the server, and what is not.
///
/// What was sent counts once the server has acknowledged it. What was fetched or sent is compared, row by row, with
/// what the server said of each area at the end of the last sync.
struct SafeToLose {
    /// The most records that are named one by one in each list.
    private static let longestList = 10

    /// How many records have edits that the server does not have, and the first of them.
    private let waitingCount: Int
    private let waiting: [RecordReference]
    /// Work that the office has for checking, or did not take.
    private let held: [HeldItem]
    /// Commands that were begun and not finished.
    private let begun: [String]
    /// Files with texts from an editor that were not saved.
    private let texts: [String]
    /// The names of areas whose records here are not those that the server told of.
    private let differing: [String]
    private let records: Int
    private let lastSync: Moment?

    init(_ context: ClientContext) throws {
        let laptop = try context.laptop()
        let replica = laptop.replica
        let groups = try replica.unsentGroupCount
        waitingCount = groups == 0 ? 0 : max(1, try replica.unsentCount)
        waiting = try replica.waitingRecords(limit: Self.longestList)
        // What left with its team can't be lost with this laptop.
        held = try replica.heldItems().filter { $0.state == .held || !$0.changes.isEmpty }
        begun = try laptop.begun.commands(since: context.clock() - BegunEntries.keptMilliseconds)
        texts = laptop.texts.paths
        differing = try SyncReport.names(laptop.areasNotAgreed(), laptop)
        records = try SyncReport.livingCount(laptop)
        lastSync = try laptop.lastSync().map { context.local.moment(atMilliseconds: $0) }
    }

    private var isSafe: Bool {
        waitingCount == 0 && held.isEmpty && begun.isEmpty && texts.isEmpty && differing.isEmpty && lastSync != nil
    }

    /// Tells it, and fails where something would be lost.
    func tell(_ context: ClientContext) throws {
        let console = context.console
        if context.isJSON {
            try console.show(try json(context))
        } else if isSafe {
            let count = records == 1 ? "1 record" : "\(records) records"
            try console.show(
                "Everything on this laptop is on the server: \(count), as of the last sync, \(when(context)).")
        } else {
            try console.show("Not everything on this laptop is on the server. Last sync: \(when(context)).")
            for line in try lines(context) { try console.show(line) }
        }
        guard !isSafe else { return }
        let isHeldAlone = waitingCount == 0 && differing.isEmpty && lastSync != nil
        throw CommandFailure(
            exitCode: .failed, message: "It is not safe to lose this laptop yet. Nothing is lost while you keep it.",
            next: isHeldAlone ? (held.isEmpty ? "kith \(begun.first ?? "status")" : "kith held list") : "kith sync")
    }

    private func when(_ context: ClientContext) -> String {
        lastSync.map { ParsedDate.moment($0).echo(in: context.local) } ?? "never"
    }

    private func lines(_ context: ClientContext) throws -> [String] {
        var lines: [String] = []
        let presenter = try RecordPresenter(context)
        if waitingCount > 0 {
            lines.append("Waiting to be sent: \(waitingCount)")
            for record in waiting { lines.append("  \(try title(record, presenter, context))") }
            if waitingCount > waiting.count { lines.append("  and \(waitingCount - waiting.count) more") }
        }
        let words = try HeldPresenter(context)
        for (state, label) in [
            (HeldItem.State.held, "Held for checking at the office"),
            (.discarded, "Not taken by the office, and kept here alone"),
        ] {
            let items = held.filter { $0.state == state }
            if items.isEmpty { continue }
            lines.append("\(label): \(items.count)")
            for item in items.prefix(Self.longestList) {
                for title in try words.titles(item) { lines.append("  \(item.number)  \(title)") }
            }
        }
        if !begun.isEmpty { lines.append("Begun and not saved: \(begun.joined(separator: ", "))") }
        if !texts.isEmpty {
            lines.append("Written and not saved: \(texts.joined(separator: ", "))")
            lines.append(
                "  To save one: the command that it was written for, with - for the text and < before the path.")
            lines.append("  What nobody needs can be deleted; after a week it goes by itself.")
        }
        if !differing.isEmpty {
            lines.append("Not compared with the office since something changed: \(differing.joined(separator: ", "))")
        }
        return lines
    }

    /// What a record is called; of a concern only that it is one.
    private func title(
        _ reference: RecordReference, _ presenter: RecordPresenter, _ context: ClientContext
    ) throws -> String {
        guard let kind = RecordKind.of(table: reference.table) else { return "a record of a kind that is new" }
        let id = "\(kind.name) \(ShortID.display(reference.id))"
        guard !kind.isRestricted, let record = try context.reader().record(kind, reference.id) else { return id }
        let title = try presenter.title(of: record)
        return title.isEmpty ? id : "\(id): \(title)"
    }

    private func json(_ context: ClientContext) throws -> JSONValue {
        let words = try HeldPresenter(context)
        func items(_ state: HeldItem.State) throws -> JSONValue {
            .array(try held.filter { $0.state == state }.map { try words.json($0) })
        }
        let waiting = try context.laptop().replica.waitingRecords(limit: max(1, waitingCount)).map { record in
            JSONValue.object([
                .init("kind", .string(RecordKind.of(table: record.table)?.name ?? "table_\(record.table)")),
                .init("id", .string(record.id.description)),
            ])
        }
        return .object([
            .init("safe_to_lose", .boolean(isSafe)), .init("records", JSONValue(records)),
            .init("last_sync", JSONValue(lastSync?.description)), .init("waiting", .array(waiting)),
            .init("held", try items(.held)), .init("not_taken", try items(.discarded)),
            .init("begun", .array(begun.map { .string($0) })),
            .init("unsaved_texts", .array(texts.map { .string($0) })),
            .init("not_compared", .array(differing.map { .string($0) })),
        ])
    }
}
