import OutreachModel
import SyncCore
import Terminal

/// Finds the one record that a person means by a name, the beginning of a name, or the beginning of an id.
struct RecordFinder {
    /// The most candidates and suggestions that are listed.
    static let longestList = 10
    /// The shortest beginning of an id that is taken where names are asked for too; fewer letters are more likely a name.
    static let shortestIDPrefix = 4

    let reader: RecordReader
    let identities: RecordIdentities
    /// What tells people of one name apart.
    let namesakes: Namesakes
    /// What to say where the beginning of an id is that of a concern which was passed on and has left; nil where it is not.
    let passedOn: (_ typed: String) throws -> CommandFailure?
    /// Tells which name was taken for a part of it.
    var tell: (_ name: String) throws -> Void = { _ in }

    /// Finds a living record by name or id; of merged ones, the one that stands for them.
    ///
    /// The same name comes before a name that begins so, and both before an id; then a name of which it is a later word,
    /// which is told. Throws exit code 3 with what there is where nothing, or more than one thing, fits.
    ///
    /// - Parameter isToBeThere: whether the record must be there already, so that to add it is no way out.
    func find(
        _ kind: RecordKind, named typed: String, isToBeThere: Bool = false
    ) throws -> (id: RecordID, name: String) {
        if let id = RecordID(typed.lowercased()), try reader.isLiving(kind, id), let found = try one(kind, [id]) {
            return found
        }
        let (hits, names) = try named(kind, typed)
        if let found = try one(kind, hits) { return found }
        let byID = try ids(kind, .living, prefix: typed, shortest: Self.shortestIDPrefix)
        if let found = try one(kind, byID) { return found }
        if let id = try deleted(kind, typed).first { throw gone(kind, id, "by that name or id") }
        if let found = try one(kind, byWords(typed, names)) {
            try tell(found.name)
            return found
        }
        throw try nothing(kind, suggestions: suggestions(typed, names), isToBeThere: isToBeThere)
    }

    /// The deleted records of a kind with names that are called so, or have an id that begins so.
    private func deleted(_ kind: RecordKind, _ typed: String) throws -> [RecordID] {
        let query = TypedName(typed)
        let named = try reader.texts(kind, field: kind.titleField, .deleted).filter { query.rank($0.text) == .exact }
        if !named.isEmpty { return named.map(\.id).sorted() }
        return try ids(kind, .deleted, prefix: typed, shortest: Self.shortestIDPrefix)
    }

    private func gone(_ kind: RecordKind, _ id: RecordID, _ how: String) -> CommandFailure {
        CommandFailure(
            exitCode: .notFound,
            message: "\(kind.withArticle.capitalizedFirst) \(how) was deleted. Nothing was changed.",
            next: "kith \(kind.name) restore \(ShortID.display(id))")
    }

    /// The living records whose name fits best: written so, else the same without accents and capitals, else begins so.
    ///
    /// - Returns: also all names, where they had to be looked at.
    private func named(
        _ kind: RecordKind, _ typed: String
    ) throws -> (hits: [RecordID], names: [(id: RecordID, text: String)]) {
        // Nearly always a name is typed or completed as it is written: then the others need not be looked at. Letters with
        // accents can be written in several ways that look the same.
        if typed.utf8.allSatisfy({ $0 < 0x80 }) {
            let written = try reader.ids(kind, field: kind.titleField, text: typed)
            guard written.isEmpty else { return (written, []) }
        }
        let names = try reader.texts(kind, field: kind.titleField, .living).sorted { $0.id < $1.id }
        let same = names.filter { $0.text == typed }.map(\.id)
        guard same.isEmpty else { return (same, names) }
        let query = TypedName(typed)
        let ranked = names.compactMap { name in query.rank(name.text).map { (rank: $0, id: name.id) } }
        for rank in [TextMatch.Rank.exact, .prefix] {
            let hits = ranked.filter { $0.rank == rank }.map(\.id)
            if !hits.isEmpty { return (hits, names) }
        }
        return ([], names)
    }

    /// The records of whose names whole words were typed.
    private func byWords(_ typed: String, _ names: [(id: RecordID, text: String)]) -> [RecordID] {
        let query = TypedName(typed)
        return names.filter { query.areWords(of: $0.text) }.map(\.id)
    }

    /// The one record that stands for these; nil where there are none. Throws exit code 3 where several do.
    private func one(_ kind: RecordKind, _ hits: [RecordID]) throws -> (id: RecordID, name: String)? {
        guard !hits.isEmpty else { return nil }
        let shown = try standing(kind, for: hits)
        guard !shown.isEmpty else { throw away(kind, hits[0]) }
        guard shown.count == 1 else { throw try several(kind, shown) }
        return try reader.record(kind, shown[0]).map { ($0.id, title(of: $0)) }
    }

    /// The records that stand for these and are not away, each once.
    private func standing(_ kind: RecordKind, for hits: [RecordID]) throws -> [RecordID] {
        let merged = kind.isMergeable ? try identities.merged(kind) : nil
        var shown: [RecordID] = []
        var known: Set<RecordID> = []
        for id in hits where !(merged?.isAway(id) ?? false) {
            let survivor = merged?.survivor(of: id) ?? id
            if known.insert(survivor).inserted { shown.append(survivor) }
        }
        return shown
    }

    private func away(_ kind: RecordKind, _ id: RecordID) -> CommandFailure {
        CommandFailure(
            exitCode: .notFound,
            message:
                "That \(kind.name) was moved to another team, where this laptop does not see it. Nothing was saved.",
            next: "kith \(kind.name) show \(ShortID.display(id))")
    }

    /// Finds a record by the beginning of its id, or one of a kind with names by its name.
    ///
    /// - Parameter which: records of which state are looked at; names are looked for among living ones only.
    func find(_ kind: RecordKind, id typed: String, _ which: RecordReader.Which = .living) throws -> StoredRecord {
        let hits = try ids(kind, which, prefix: typed, shortest: kind.hasName ? Self.shortestIDPrefix : 1)
        if kind.hasName, case .living = which, RecordID(typed.lowercased()) == nil {
            // Many a name is spelt as an id may begin: whoever is called so must not be taken for somebody else.
            let named = try named(kind, typed).hits
            let others = hits.filter { !named.contains($0) }
            if !named.isEmpty, !others.isEmpty { throw try several(kind, named + others) }
            if hits.isEmpty || !named.isEmpty {
                let id = try find(kind, named: typed, isToBeThere: true).id
                if let record = try reader.record(kind, id) { return record }
            }
        } else if kind.hasName, case .all = which, hits.isEmpty {
            let named = try deleted(kind, typed)
            if named.count > 1 { throw try several(kind, named) }
            if let id = named.first, let record = try reader.record(kind, id) { return record }
        }
        if hits.count > 1 { throw try several(kind, hits) }
        if let id = hits.first, let record = try reader.record(kind, id) { return record }
        if case .living = which, let id = try ids(kind, .deleted, prefix: typed, shortest: 1).first {
            throw gone(kind, id, "with that id")
        }
        if kind == .concern, let failure = try passedOn(typed) { throw failure }
        throw try nothing(kind, suggestions: [], isToBeThere: true)
    }

    /// Finds a record of any of several kinds by the beginning of its id, or one of a kind with names by its name.
    ///
    /// - Parameter which: records of which state are looked at; names are looked for among living ones only.
    func find(anyOf kinds: [RecordKind], id typed: String, _ which: RecordReader.Which) throws -> StoredRecord {
        var hits: [(kind: RecordKind, id: RecordID)] = []
        for kind in kinds { hits += try ids(kind, which, prefix: typed, shortest: 1).map { (kind, $0) } }
        if RecordID(typed.lowercased()) == nil {
            for kind in kinds where kind.hasName {
                guard let found = try one(kind, named(kind, typed).hits) else { continue }
                if !hits.contains(where: { $0.id == found.id }) { hits.append((kind, found.id)) }
            }
        }
        if hits.count == 1, let record = try reader.record(hits[0].kind, hits[0].id) { return record }
        guard hits.isEmpty else { throw try several(hits) }
        if let record = try found(byWords: typed, anyOf: kinds) { return record }
        for kind in kinds {
            if kind.hasName {
                if let id = try deleted(kind, typed).first { throw gone(kind, id, "by that name or id") }
            } else if let id = try ids(kind, .deleted, prefix: typed, shortest: Self.shortestIDPrefix).first {
                throw gone(kind, id, "with that id")
            }
        }
        if kinds.contains(.concern), let failure = try passedOn(typed) { throw failure }
        var near: [Guess] = []
        for kind in kinds where kind.hasName {
            near += try guesses(kind, suggestions(typed, reader.texts(kind, field: kind.titleField, .living)))
        }
        throw CommandFailure(
            exitCode: .notFound,
            message: "No record here goes by that name or id. Nothing was changed.\(Self.question(near))",
            next: "kith search WORDS", choices: near.map(\.choice), isGuess: true)
    }

    /// The one record of any of several kinds of whose name whole words were typed; nil where there is none. Throws exit
    /// code 3 where there are several.
    private func found(byWords typed: String, anyOf kinds: [RecordKind]) throws -> StoredRecord? {
        var hits: [(kind: RecordKind, id: RecordID)] = []
        for kind in kinds where kind.hasName {
            let names = try reader.texts(kind, field: kind.titleField, .living).sorted { $0.id < $1.id }
            if let found = try one(kind, byWords(typed, names)) { hits.append((kind, found.id)) }
        }
        guard hits.count < 2 else { throw try several(hits) }
        guard let hit = hits.first, let record = try reader.record(hit.kind, hit.id) else { return nil }
        try tell(title(of: record))
        return record
    }

    private func several(_ hits: [(kind: RecordKind, id: RecordID)]) throws -> CommandFailure {
        let choices = try hits.prefix(Self.longestList).map { hit in
            let name =
                hit.kind.hasName
                ? try reader.record(hit.kind, hit.id).map { ", \(escapeControls(title(of: $0)))" } ?? "" : ""
            return Prompter.Choice(
                ShortID.display(hit.id), label: "\(ShortID.display(hit.id)) (\(hit.kind.name)\(name))")
        }
        return CommandFailure(
            exitCode: .notFound,
            message: "\(hits.count) records have that name, or an id that begins so: "
                + "\(choices.map(\.label).joined(separator: ", ")). Nothing was changed. Give more letters of the id.",
            choices: choices)
    }

    /// What stands for a record where there is room for little.
    func title(of record: StoredRecord) -> String {
        if case .text(let text)? = record.values[record.kind.titleField] { return text }
        return ShortID.display(record.id)
    }

    private func ids(
        _ kind: RecordKind, _ which: RecordReader.Which, prefix typed: String, shortest: Int
    ) throws -> [RecordID] {
        guard let prefix = ShortID.prefix(typed), prefix.utf8.count >= shortest else { return [] }
        if let id = RecordID(prefix) {
            guard let record = try reader.record(kind, id) else { return [] }
            switch which {
            case .all: return [id]
            case .living: return record.isLiving ? [id] : []
            case .deleted: return record.isLiving ? [] : [id]
            }
        }
        return try RecordIDPrefix(prefix).map { try reader.ids(kind, which, prefix: $0) } ?? []
    }

    // MARK: What to say

    private func several(_ kind: RecordKind, _ ids: [RecordID]) throws -> CommandFailure {
        let records = try ids.prefix(Self.longestList).compactMap { try reader.record(kind, $0) }
            .map { (key: TextMatch.key(title(of: $0)), record: $0) }
            .sorted { ($0.key, $0.record.id) < ($1.key, $1.record.id) }.map(\.record)
        let choices = try choices(kind, records, isWhole: ids.count == records.count)
        let lines =
            ["\(ids.count) \(kind.plural) fit. Nothing was saved. Say which by its id:"]
            + choices.enumerated().map { "  \($0 + 1)  \($1.label)" }
        return CommandFailure(
            exitCode: .notFound, message: lines.joined(separator: "\n"), next: "the same command with one of these ids",
            choices: choices)
    }

    /// The records as numbered choices.
    ///
    /// - Parameter isWhole: whether these are all; a name may be that of one that is not among them else.
    func choices(
        _ kind: RecordKind, _ records: [StoredRecord], isWhole: Bool
    ) throws -> [Prompter.Choice] {
        let titles = records.map(title)
        let keys = titles.map(TextMatch.key)
        return try zip(records, titles).map { record, title in
            let others = try otherNames(of: record, among: keys)
            var words = [ShortID.display(record.id), escapeControls(title)]
            if !others.isEmpty {
                words.append("also \(others.map { escapeControls($0) }.joined(separator: ", "))")
            }
            if kind == .place, let district = record.text(PlaceField.district) {
                words.append(escapeControls(district))
            }
            // A whole name that finds this one alone reads better than an id, and means the same.
            let isName = try isWhole && isFound(record, by: title)
            // Whoever picked blindly would write a promise or a consent about somebody else.
            if kind == .person,
                isWhole && !isName || !others.isEmpty || keys.count(where: { $0 == TextMatch.key(title) }) > 1
            {
                let tellsTeam = records.contains { $0.area != record.area }
                words.append(escapeControls(try namesakes.mark(record, tellsTeam: tellsTeam)))
            }
            return Prompter.Choice(
                isName ? title : ShortID.display(record.id), label: words.joined(separator: "  "))
        }
    }

    /// Whether a name finds this record and no other: another one may have been merged in under that name, and some names
    /// are spelt as an id may begin.
    private func isFound(_ record: StoredRecord, by name: String) throws -> Bool {
        let kind = record.kind
        guard kind.hasName else { return false }
        let hits = try named(kind, name).hits
        guard try standing(kind, for: hits) == [record.id] else { return false }
        return try ids(kind, .living, prefix: name, shortest: Self.shortestIDPrefix).allSatisfy { hits.contains($0) }
    }

    /// The names of records merged into this one by which one of those that are listed goes as well.
    private func otherNames(of record: StoredRecord, among keys: [String]) throws -> [String] {
        guard record.kind.isMergeable else { return [] }
        let own = TextMatch.key(title(of: record))
        var names: [String] = []
        for other in try identities.others(of: record) {
            let name = title(of: other)
            let key = TextMatch.key(name)
            guard key != own, keys.contains(key), !names.contains(name) else { continue }
            names.append(name)
        }
        return names
    }
}
