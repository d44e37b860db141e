import OutreachModel
import SyncCore

/// Whom the records on a laptop are about. The records of one human, which were merged or moved, count as one.
struct HeldPeople {
    /// One human.
    struct Person: Equatable {
        /// The record that stands for the others.
        let id: RecordID
        let name: String
        /// What the others are called, each name once.
        let formerNames: [String]
    }

    private var names: [RecordID: String] = [:]
    private var links = MergedRecords.Gathering(.person)

    /// Takes note of a record, also of a deleted one; one that is no person's counts for nothing here.
    mutating func add(_ record: RecordState) {
        guard record.table == RecordKind.person.number else { return }
        names[record.id] = ValueText.plain(record.field(PersonField.name.rawValue).value)
        links.add(record.id, record.fields.reduce(into: [:]) { $0[$1.number] = $1.value })
    }

    /// All of them by name.
    func people() -> [Person] {
        let merged = links.merged { names[$0] != nil }
        return Dictionary(grouping: names.keys, by: merged.survivor).compactMap { id, members in
            guard let name = names[id] else { return nil }
            let formerNames = Set(members.compactMap { names[$0] }).subtracting([name]).sorted()
            return Person(id: id, name: name, formerNames: formerNames)
        }
        .sorted { ($0.name, $0.id) < ($1.name, $1.id) }
    }
}
