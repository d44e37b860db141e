import OutreachModel
import SyncCore
import SyncReplica
import Terminal

/// Names that are asked for and that nothing here goes by: what is new is added at once, and of whom there is no record can be told in
/// own words. Who stands at a door must not begin again.
struct GuidedNames {
    /// What stands before the name of something that is to be added.
    private static let adding = "+ "

    /// A place or a person.
    let kind: RecordKind
    let context: ClientContext
    let finder: RecordFinder

    /// What can be picked besides the names that are here.
    ///
    /// - Parameter own: the field for somebody in own words; nil where there is none.
    func choices(_ typed: String, own: FieldDescription? = nil) -> [Prompter.Choice] {
        let name = TidyName.tidied(typed)
        guard !name.isEmpty else { return [] }
        var choices: [Prompter.Choice] = []
        if own != nil { choices.append(Prompter.Choice("“\(name)”", label: "Keep “\(name)” in own words")) }
        if !context.console.settings.isDryRun {
            choices.append(Prompter.Choice(Self.adding + name, label: "Add “\(name)” as a new \(kind.name)"))
        }
        return choices
    }

    /// The own words that were picked; nil where a name was typed.
    static func ownWords(_ typed: String) -> String? {
        guard typed.count > 2, typed.first == "“", typed.last == "”" else { return nil }
        return String(typed.dropFirst().dropLast())
    }

    /// The record that is meant, which is added where that was picked.
    func find(_ typed: String, option: String) throws -> RecordID {
        guard typed.hasPrefix(Self.adding), context.console.prompter.canAsk else {
            return try finder.find(kind, named: typed).id
        }
        let name = String(typed.dropFirst(Self.adding.count))
        let id = try add(name)
        // What is kept of the answers must not add it once more.
        try context.console.prompter.transcript.settle(option, typed, as: name)
        return id
    }

    /// Adds it in a step of its own: it is there also where the entry goes no further.
    private func add(_ name: String) throws -> RecordID {
        let saving = RecordSaving(context: context)
        try saving.checkMayWrite(kind)
        let values: [Int: Value] = [kind.titleField: .text(name)]
        try saving.check(kind, values)
        let area =
            kind.isForEveryone ? AreaChoice.everyone : try saving.area(of: kind, values, named: nil).area
        let id = try context.laptop().replica.write { work in
            try work.create(table: kind.number, area: area, values: values.map { ($0.key, $0.value) })
        }
        try context.console.note("Added \(kind.name) \(ShortID.display(id)): \(name). It is saved here already.")
        return id
    }
}
