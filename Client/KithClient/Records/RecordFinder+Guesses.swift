import OutreachModel
import SyncCore
import Terminal

/// What may have been meant where no name fits.
extension RecordFinder {
    /// The most names that are asked after where none fits.
    private static let mostGuesses = 3

    typealias Guess = (name: String, choice: Prompter.Choice)

    func nothing(
        _ kind: RecordKind, suggestions: [RecordID], isToBeThere: Bool
    ) throws -> CommandFailure {
        let near = try guesses(kind, suggestions)
        return CommandFailure(
            exitCode: .notFound,
            message: "No \(kind.name) here goes by that name or id. Nothing was saved.\(Self.question(near))",
            next: kind.hasName && near.isEmpty && !isToBeThere
                ? "kith \(kind.name) add NAME" : "kith \(kind.name) list",
            choices: near.map(\.choice), isGuess: true)
    }

    static func question(_ near: [Guess]) -> String {
        let names = near.map { guess in
            // Two of a name are told apart by their ids.
            let isAlone = near.count { $0.name == guess.name } == 1
            return "\"\(guess.name)\"\(isAlone ? "" : " (\(guess.choice.value))")"
        }
        return names.isEmpty ? "" : " Did you mean \(names.joined(separator: " or "))?"
    }

    /// The records whose names come nearest to one that fits none: those that hold it, else those a few slips away.
    func suggestions(_ typed: String, _ names: [(id: RecordID, text: String)]) -> [RecordID] {
        let query = TypedName(typed)
        let holding = names.compactMap { name in query.rank(name.text).map { (rank: $0, name: name) } }
        guard holding.isEmpty else {
            return holding.sorted { ($0.rank, $0.name.id) < ($1.rank, $1.name.id) }.map(\.name.id)
        }
        let near = NearNames(typed)
        return names.compactMap { name in near.distance(name.text).map { (distance: $0, name: name) } }
            .sorted { ($0.distance, $0.name.text, $0.name.id) < ($1.distance, $1.name.text, $1.name.id) }
            .map(\.name.id)
    }

    /// The records that stand for the first of these, at most `mostGuesses`.
    func guesses(_ kind: RecordKind, _ ids: [RecordID]) throws -> [Guess] {
        let merged = kind.isMergeable ? try identities.merged(kind) : nil
        var shown: [StoredRecord] = []
        for id in ids where shown.count < Self.mostGuesses && !(merged?.isAway(id) ?? false) {
            let survivor = merged?.survivor(of: id) ?? id
            guard !shown.contains(where: { $0.id == survivor }), let record = try reader.record(kind, survivor) else {
                continue
            }
            shown.append(record)
        }
        let choices = try choices(kind, shown, isWhole: false)
        return zip(shown.map { escapeControls(title(of: $0)) }, choices).map { ($0, $1) }
    }
}
