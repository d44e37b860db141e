import OutreachModel
import SyncCore
import Terminal

/// Asks which visit or meeting is meant: the latest of both in a list, for nobody knows their ids.
struct GatheringChoice {
    /// How many are offered.
    private static let offeredCount = 9
    /// How much of a summary is shown, in characters.
    private static let shownLength = 40

    let context: ClientContext

    /// The visit or meeting that somebody picks.
    ///
    /// - Throws: where there is none to pick.
    func ask(option: String) throws -> (kind: RecordKind, id: RecordID) {
        let latest = try latest()
        guard !latest.isEmpty else {
            throw CommandFailure(
                exitCode: .notFound, message: "There is no visit and no meeting here yet. Nothing was saved.",
                next: "kith visit add")
        }
        let picked = try context.console.prompter.choice("Which one?", option: option, among: try choices(latest))
        return try record(picked, among: latest)
    }

    /// The visit or meeting that somebody picks who need not pick one; nil also where there is none.
    func askIfAny(_ question: String, option: String) throws -> (kind: RecordKind, id: RecordID)? {
        let latest = try latest()
        guard !latest.isEmpty else { return nil }
        let picked = try context.console.prompter.choiceIfAny(question, option: option, among: try choices(latest))
        return try picked.map { try record($0, among: latest) }
    }

    private func choices(_ records: [StoredRecord]) throws -> [Prompter.Choice] {
        let presenter = try RecordPresenter(context)
        let titles = try records.map { "\($0.kind.name.capitalizedFirst): \(try presenter.title(of: $0))" }
        return zip(records, titles).map { record, title in
            let isAlone = titles.count { $0 == title } == 1
            return Prompter.Choice(record.id.description, label: isAlone ? title : title + Self.distinction(record))
        }
    }

    private func record(
        _ picked: String, among records: [StoredRecord]
    ) throws(CommandFailure) -> (kind: RecordKind, id: RecordID) {
        guard let record = records.first(where: { $0.id.description == picked }) else {
            throw CommandFailure(exitCode: .notFound, message: "That one is not here any more. Nothing was saved.")
        }
        return (record.kind, record.id)
    }

    /// What tells it from another one of the same place and time: its id, and how its summary begins.
    private static func distinction(_ record: StoredRecord) -> String {
        let summary = record.kind.field(named: "summary").flatMap { record.values[$0.number] }
        guard case .text(let words)? = summary, !words.isEmpty else { return " (\(ShortID.display(record.id)))" }
        let line = RecordList.firstLine(words)
        let shown = line.count > shownLength ? "\(line.prefix(shownLength))…" : line
        return " (\(ShortID.display(record.id))): \(shown)"
    }

    /// The latest of both kinds, the newest first.
    private func latest() throws -> [StoredRecord] {
        let reader = try context.reader()
        var found: [(key: Int64, record: StoredRecord)] = []
        for kind in [RecordKind.visit, .meeting] {
            guard let day = kind.dayField else { continue }
            var count = 0
            try ListedRecords(kind, reader).forEachNewestFirst(fields: nil) { record in
                if case .text(let started)? = record.values[day] {
                    found.append((RecordList.startKey(started), record))
                }
                count += 1
                return count < Self.offeredCount
            }
        }
        return found.sorted { ($0.key, $0.record.id) > ($1.key, $1.record.id) }.prefix(Self.offeredCount).map(\.record)
    }
}
