import OutreachModel
import SyncCore
import SyncReplica
import Terminal

/// What this laptop knows for a shell that completes a word: names of records, areas, usual words for dates.
enum CompletionListing {
    /// How many letters of a person's name are typed before names are shown, so that a stray Tab shows nobody's.
    static let fewestLettersOfAPerson = 2

    private static let dates = ["today", "yesterday", "now", "monday", "tuesday", "wednesday", "thursday", "friday"]

    /// The words under a name, such as PLACE, that begin with what was typed, in the order of the alphabet.
    ///
    /// Accents and capitals make no difference. Merged records are offered under the name of the one that stands for
    /// them.
    @Sendable static func words(_ name: String, _ typed: String, _ context: ClientContext) throws -> [String] {
        switch name {
        case "WHEN": return dates.filter { $0.hasPrefix(typed) }
        case "AREA":
            guard let directory = try context.laptop().replica.directory() else { return [] }
            return AreaChoice(directory: directory).areas.map(\.name).filter { begins($0, typed) }
        default:
            guard let kind = RecordKind.all.first(where: { $0.hasName && $0.name.uppercased() == name }) else {
                return []
            }
            guard kind != .person || typed.count >= fewestLettersOfAPerson else { return [] }
            return try names(kind, typed, context)
        }
    }

    private static func names(_ kind: RecordKind, _ typed: String, _ context: ClientContext) throws -> [String] {
        let finder = try context.finder()
        let merged = kind.isMergeable ? try finder.identities.merged(kind) : nil
        var names: Set<String> = []
        for (id, text) in try finder.reader.texts(kind, field: kind.titleField, .living) {
            if begins(text, typed), merged?.isShown(id) ?? true { names.insert(text) }
        }
        return names.sorted { (TextMatch.key($0), $0) < (TextMatch.key($1), $1) }
    }

    private static func begins(_ name: String, _ typed: String) -> Bool {
        typed.isEmpty || (TextMatch.rank(typed, name) ?? .contains) <= .prefix
    }
}
