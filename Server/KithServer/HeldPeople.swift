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

    private struct Entry {
        let name: String
        /// Whether no other record stands for it.
        let isOwn: Bool
    }

    private var entries: [RecordID: Entry] = [:]
    /// Towards one record for all that belong together, which need not be among the entries.
    private var parents: [RecordID: RecordID] = [:]

    /// Takes note of a record; one that is no person's counts for nothing here.
    mutating func add(_ record: RecordState) {
        let kind = RecordKind.person
        guard record.table == kind.number else { return }
        func other(_ field: Int?) -> RecordID? {
            guard case .blob(let bytes)? = field.map({ record.field($0).value }) else { return nil }
            return RecordID(bytes: bytes)
        }
        let successor = other(kind.mergedInto) ?? other(kind.movedTo)
        entries[record.id] = Entry(
            name: ValueText.plain(record.field(PersonField.name.rawValue).value),
            isOwn: record.isLiving && successor == nil)
        for linked in [other(kind.mergedInto), other(kind.movedTo), other(kind.movedFrom)].compactMap(\.self) {
            join(record.id, linked)
        }
    }

    /// All of them by name.
    func people() -> [Person] {
        Dictionary(grouping: entries.keys, by: root).values.compactMap { ids in
            let ordered = ids.sorted { first, second in
                let isOwn = (entries[first]?.isOwn == true, entries[second]?.isOwn == true)
                return isOwn.0 == isOwn.1 ? first < second : isOwn.0
            }
            let names = ordered.compactMap { entries[$0]?.name }
            guard let id = ordered.first, let name = names.first else { return nil }
            return Person(id: id, name: name, formerNames: Set(names).subtracting([name]).sorted())
        }
        .sorted { ($0.name, $0.id) < ($1.name, $1.id) }
    }

    private func root(_ id: RecordID) -> RecordID {
        var id = id
        while let parent = parents[id] { id = parent }
        return id
    }

    private mutating func join(_ first: RecordID, _ second: RecordID) {
        let (one, other) = (root(first), root(second))
        if one != other { parents[one] = other }
    }
}
