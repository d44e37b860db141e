import Database
import OutreachModel
import SyncCore
import SyncReplica
import Terminal

/// `kith search WORDS`
enum SearchCommand {
    /// How many records are shown where nothing else is said.
    private static let usualLimit = 20
    /// From so many new rows on, the person is told what takes time.
    private static let slowCount = 20_000

    static let command = Command<ClientContext>(
        name: "search", summary: "Find records by what they say, in all text of all kinds.",
        discussion: "Records that hold all the words are listed, the best first, of more than "
            + "\(SearchIndex.largestRanking) the newest, and the words stand in square brackets. A word finds every "
            + "word that begins with it; capitals and accents do not count.",
        example: "kith search garden group\nkith search \"café\" --kind visit --limit 5",
        arguments: [Argument("words", "What to look for.", count: .many)],
        options: [
            .choice("kind", RecordKind.all.map(\.name), "Only records of this kind."),
            .integer("limit", in: 1...1_000, "At most so many; \(usualLimit) where it is not given."),
        ], run: run)

    private struct Found {
        /// The record that stands for the one that was found.
        let record: StoredRecord
        /// The one that says it.
        let source: RecordID
        let hit: SearchIndex.Hit
    }

    @Sendable private static func run(_ arguments: ParsedArguments, _ context: ClientContext) throws {
        let query = try SearchQuery(arguments.arguments("words").joined(separator: " "))
        let kind = arguments.value(of: "kind").flatMap(RecordKind.named)
        let limit = arguments.integer(of: "limit") ?? usualLimit
        let index = try context.laptop().search
        let isWhole = try catchUp(index, context)
        var found = try look(index, query, kind, limit: limit + 1, context)
        let isMore = found.count > limit
        if isMore { found.removeLast() }
        if found.isEmpty, !isWhole {
            throw CommandFailure(
                exitCode: .failed,
                message:
                    "Nothing was found in what was looked through before; what is newer could not be looked through.",
                next: "kith doctor")
        }
        try show(found, try index.snippets(query, of: found.map(\.hit)), context)
        if isMore { try context.console.note("There are more. Show more: --limit \(limit * 2), or add a word.") }
    }

    /// A disk that is full, or may not be written, is no reason to find nothing; false where something was left out.
    private static func catchUp(_ index: SearchIndex, _ context: ClientContext) throws -> Bool {
        let console = context.console
        if !context.isJSON, console.streams.outputIsTerminal, try index.staleCount() >= slowCount {
            try console.note("Reading what is new into the index …")
        }
        do {
            try index.catchUp()
            try context.laptop().tidy()
            return true
        } catch let error as DatabaseError where error.kind == .full || error.kind == .readOnly {
            try console.note("What is new since the last search can't be looked through: \(error)")
            return false
        }
    }

    private static func look(
        _ index: SearchIndex, _ query: SearchQuery, _ kind: RecordKind?, limit: Int, _ context: ClientContext
    ) throws -> [Found] {
        let areas = Set(try context.laptop().replica.directory()?.areas.filter(\.canRead).map(\.number) ?? [])
        let reader = try context.reader()
        let identities = try context.finder().identities
        var found: [Found] = []
        var shown: Set<RecordID> = []
        var corrected: CorrectedNotes?
        var deleted: DeletedGatherings?
        try index.forEachHit(query, kind: kind) { hit in
            let records = try reader.records(hit.kind, where: "record_key = ?1", [.integer(hit.key)])
            guard let record = records.first, areas.contains(record.area) else { return true }
            if record.kind == .note {
                let notes = try corrected ?? CorrectedNotes(reader)
                corrected = notes
                guard notes.corrector(of: record.id) == nil else { return true }
            }
            if record.kind == .attendance {
                let gatherings = try deleted ?? DeletedGatherings(reader)
                deleted = gatherings
                guard !gatherings.hide(record) else { return true }
            }
            let survivor = try identities.survivor(table: record.kind.number, id: record.id)
            if shown.insert(survivor).inserted, let shown = try reader.record(record.kind, survivor) {
                found.append(Found(record: shown, source: record.id, hit: hit))
            }
            return found.count < limit
        }
        return found
    }

    private static func show(_ found: [Found], _ snippets: [Int64: String], _ context: ClientContext) throws {
        let presenter = try RecordPresenter(context)
        if context.isJSON {
            return try context.console.show(
                .array(
                    found.map { found in
                        var members: [JSONValue.Member] = [
                            .init("kind", .string(found.record.kind.name)),
                            .init("id", .string(found.record.id.description)),
                            .init("title", .string(try presenter.title(of: found.record))),
                            .init("snippet", .string(snippets[found.hit.row] ?? "")),
                            .init("area", .string(try presenter.areaName(found.record.area))),
                        ]
                        if found.source != found.record.id {
                            members.append(.init("written", .string(found.source.description)))
                        }
                        return .object(members)
                    }))
        }
        guard !found.isEmpty else { return try context.console.note("No record here says that.") }
        let twins = try context.twins()
        let wishes =
            try found.contains { $0.record.kind == .promise } ? context.contactWishes(presenter.identities) : nil
        for found in found {
            let isMergeable = found.record.kind.isMergeable
            let standing = isMergeable ? try presenter.standing(of: found.record) : ""
            // Whoever reads it aloud, or copies it, should know.
            let isForFew = twins.contains(found.record.area)
            let mark = wishes?.marks(found.record) ?? false ? " (\(ContactWishes.mark))" : ""
            let title =
                try presenter.title(of: found.record) + standing + mark
                + (isForFew ? " (leads and admins alone see it)" : "")
            let words = [found.record.kind.name, ShortID.display(found.record.id), title].filter { !$0.isEmpty }
            try context.console.show(words.joined(separator: "  "))
            try context.console.show("  \(snippets[found.hit.row] ?? "")")
        }
    }
}
