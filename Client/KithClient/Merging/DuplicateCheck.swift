import OutreachModel
import SyncCore
import Terminal

/// The question at entry: is this somebody, or a place, that is here already?
struct DuplicateCheck {
    /// The most records that are listed.
    private static let longestList = 10

    let kind: RecordKind
    let context: ClientContext

    /// The option that answers the question beforehand.
    static func option(_ kind: RecordKind) -> CommandOption {
        .flag("new", "Add it also where \(kind.withArticle) here sounds like that.")
    }

    /// The record that is meant instead; nil where a new one is to be added.
    ///
    /// Somebody who can be asked chooses; with `--no-input` a usage failure names `--new`; where nobody can be asked the
    /// record is added and a note says so, because two records can be merged, and one that was not saved is lost.
    func meant(_ name: String, district: String? = nil, isNew: Bool) throws -> StoredRecord? {
        guard !isNew else { return nil }
        let finder = try context.finder()
        let like = ProbableDuplicates.like(
            name, district: district, in: try DuplicateRecords(kind, context).named())
        let records = try like.compactMap { try finder.reader.record(kind, $0) }
        guard !records.isEmpty else { return nil }
        let prompter = context.console.prompter
        let presenter = try RecordPresenter(context)
        let count = "\(records.count) \(records.count == 1 ? "\(kind.name) sounds" : "\(kind.plural) sound") like that"
        let labels = try records.prefix(Self.longestList).map { try words($0, presenter) }
        if context.console.settings.forbidsInput {
            let list = labels.map { "  \($0)" }.joined(separator: "\n")
            throw CommandFailure(
                exitCode: .usage, message: "\(count). Nothing was saved. If this is another one, say --new.\n\(list)",
                next: "the same command with --new")
        }
        guard prompter.canAsk, !context.console.settings.assumesYes else {
            let names = try records.prefix(Self.longestList)
                .map { "\(try presenter.title(of: $0)) (\(ShortID.display($0.id)))" }.joined(separator: ", ")
            try context.console.note(
                "\(count): \(names). This one is added beside it. If they are one: kith \(kind.name) duplicates")
            return nil
        }
        let none = Prompter.Choice("new", label: "None of these: add a new \(kind.name)")
        let choices = zip(records, labels).map { Prompter.Choice($0.id.description, label: $1) }
        let chosen = try prompter.choice("\(count). Is it one of these?", option: "--new", among: choices + [none])
        return records.first { $0.id.description == chosen }
    }

    /// Says which record is meant, and that nothing was added.
    func tell(_ record: StoredRecord) throws {
        let presenter = try RecordPresenter(context)
        if context.isJSON { return try context.console.show(try presenter.json(record)) }
        let id = ShortID.display(record.id)
        try context.console.show(
            "That is \(kind.name) \(id): \(try presenter.title(of: record)). Nothing was added.")
        try context.console.note("Change something: kith \(kind.name) edit \(id)")
    }

    private func words(_ record: StoredRecord, _ presenter: RecordPresenter) throws -> String {
        var words = [ShortID.display(record.id), try presenter.title(of: record)]
        if kind == .place {
            if let district = record.text(PlaceField.district) { words.append(district) }
        } else {
            words.append(try presenter.areaName(record.area))
        }
        return words.map { escapeControls($0) }.joined(separator: "  ")
    }
}
