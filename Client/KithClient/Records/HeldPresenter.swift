import OutreachModel
import SyncCore
import SyncReplica
import Terminal

/// Shows work that the office holds, or did not take, in plain words.
struct HeldPresenter {
    private let replica: Replica
    private let reader: RecordReader
    private let presenter: RecordPresenter
    private let local: LocalTime

    init(_ context: ClientContext) throws {
        replica = try context.laptop().replica
        reader = try context.reader()
        presenter = try RecordPresenter(context)
        local = context.local
    }

    /// The work that goes by the number that was typed.
    func find(_ typed: String) throws -> HeldItem {
        guard let number = UInt64(typed) else {
            throw CommandFailure(
                exitCode: .usage, message: "Held work is called by its number. Nothing was changed.",
                next: "kith held list --all")
        }
        guard let item = try item(number) else {
            throw CommandFailure(
                exitCode: .notFound, message: "Nothing that was held has the number \(number). Nothing was changed.",
                next: "kith held list --all")
        }
        return item
    }

    /// The held work with a number; nil where nothing of it is known here any more.
    func item(_ number: UInt64) throws -> HeldItem? { try replica.heldItem(number) }

    /// What became of it so far, and why.
    func words(_ item: HeldItem) -> String {
        switch item.state {
        case .held: "held for checking: \(SyncReport.words(item.reason))"
        case .discarded: "not taken by the office\(when(item))\(item.why.map { ": \($0)" } ?? "")"
        case .withdrawn: "taken back\(when(item))"
        case .replaced(let number): "sent again as \(number)"
        }
    }

    private func when(_ item: HeldItem) -> String {
        guard let milliseconds = item.milliseconds else { return "" }
        return " on \(local.moment(atMilliseconds: milliseconds).date.inWords)"
    }

    /// Until when its words are kept here; nil while the office holds it.
    private func keptUntil(_ item: HeldItem) -> CivilDate? {
        item.milliseconds.map { local.moment(atMilliseconds: $0 + Replica.returnedWorkMilliseconds).date }
    }

    /// A line for each record: kind, id, title.
    func titles(_ item: HeldItem) throws -> [String] { try item.changes.map { try title($0) } }

    private func title(_ change: Change) throws -> String {
        guard let kind = RecordKind.of(table: change.table) else { return "a record of a kind that is new" }
        let id = "\(kind.name) \(ShortID.display(change.record))"
        guard let record = try record(change, kind) else { return id }
        let title = try presenter.title(of: record)
        return title.isEmpty ? id : "\(id): \(title)"
    }

    /// The record as it is here, else as the change makes it.
    private func record(_ change: Change, _ kind: RecordKind) throws -> StoredRecord? {
        if let here = try reader.record(kind, change.record) { return here }
        guard let creation = change.creation else { return nil }
        let values = change.fields.filter { $0.value != .null }.map { ($0.field, $0.value) }
        return StoredRecord(
            kind: kind, id: change.record, area: creation.area, isLiving: true,
            created: Stamp(time: creation.time, device: 0), isPending: true,
            values: Dictionary(values, uniquingKeysWith: { first, _ in first }))
    }

    /// Everything that it says, a line for each fact.
    func lines(_ item: HeldItem) throws -> [String] {
        var lines = ["\(item.number)  \(words(item))"]
        for change in item.changes {
            lines.append(try title(change))
            lines += try values(change).map { "  \($0.label): \($0.text)" }
            if let existence = change.existence { lines.append(existence.isAlive ? "  brought back" : "  deleted") }
            if !change.decisions.isEmpty { lines.append("  decides a conflict") }
        }
        if !item.isWhole {
            lines.append("The rest of it left this laptop with a team that was taken from you.")
        }
        if let date = keptUntil(item), !item.changes.isEmpty { lines.append("Kept here until \(date.inWords).") }
        return lines
    }

    private func values(_ change: Change) throws -> [(label: String, text: String)] {
        guard let kind = RecordKind.of(table: change.table) else { return [] }
        return try change.fields.compactMap { written in
            guard let field = kind.field(written.field) else { return nil }
            guard written.value != .null else { return (field.label, "(nothing)") }
            let record = StoredRecord(
                kind: kind, id: change.record, area: 0, isLiving: true, created: Stamp(time: 0, device: 0),
                isPending: true, values: [written.field: written.value])
            return (field.label, try presenter.text(record, field))
        }
    }

    // MARK: JSON

    func json(_ item: HeldItem) throws -> JSONValue {
        var members: [JSONValue.Member] = [
            .init("id", .integer(Int64(clamping: item.number))), .init("state", .string(word(item.state))),
            .init("reason", .string(SyncReport.words(item.reason))), .init("why", JSONValue(item.why)),
            .init("at", JSONValue(item.milliseconds.map { local.moment(atMilliseconds: $0).description })),
            .init("kept_until", JSONValue(keptUntil(item)?.description)), .init("complete", .boolean(item.isWhole)),
            .init("records", .array(try item.changes.map { try json($0) })),
        ]
        if case .replaced(let number) = item.state {
            members.append(.init("sent_as", .integer(Int64(clamping: number))))
        }
        return .object(members)
    }

    private func json(_ change: Change) throws -> JSONValue {
        let fields = try values(change).map { JSONValue.Member($0.label, .string($0.text)) }
        return [
            "kind": .string(RecordKind.of(table: change.table)?.name ?? "table_\(change.table)"),
            "id": .string(change.record.description), "fields": .object(fields),
        ]
    }

    private func word(_ state: HeldItem.State) -> String {
        switch state {
        case .held: "held"
        case .discarded: "not_taken"
        case .withdrawn: "taken_back"
        case .replaced: "sent_again"
        }
    }
}
