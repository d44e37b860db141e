import SyncCore

/// Everything that has to do with one person: their records, what refers to them and through that, and whose text names
/// them.
package struct ErasurePreview: Hashable, Sendable {
    /// The record that was asked for.
    package let person: RecordID
    /// Sorted: the person, references, what hangs on those, text, parts of the name.
    package let items: [ErasureItem]
    /// The names that were looked for.
    package let names: NameSearch

    /// Looks through all records.
    ///
    /// - Parameters:
    ///   - aliases: further names to look for in texts.
    /// - Returns: nil where nothing has to do with this id.
    package init?(person: RecordID, aliases: [String], in source: some ErasureSource) throws {
        self.person = person
        var search = ErasureSearch(person)
        try search.findPerson(source)
        let found = try search.names(source)
        names = NameSearch(names: found.names + aliases, descriptions: found.descriptions)
        try search.findLinks(source, names)
        search.findThrough()
        search.suggest()
        items = search.sorted
        if items.isEmpty { return nil }
    }

    /// The records of the person themselves; none where they are erased already.
    package var roots: [ErasureItem] { items.filter { $0.link == .person } }

    /// Whether a group that is held speaks of the person.
    package func isNamed(in group: ChangeGroup) -> Bool {
        let ids = Set(items.filter { $0.link != .partOfName }.map(\.id)).union([person])
        return group.changes.contains { change in
            ids.contains(change.record)
                || change.fields.contains { field in
                    if case .text(let text) = field.value { return names.hit(in: text) == .whole }
                    return field.value.reference.map(ids.contains) ?? false
                }
        }
    }
}

/// The steps of the search.
private struct ErasureSearch {
    private let person: RecordID
    /// The person's records: the one that was asked for, and those that it was merged with or moved to.
    private var roots: Set<RecordID>
    private var items: [RecordID: ErasureItem] = [:]
    /// Which records refer to a record.
    private var referrers: [RecordID: Set<RecordID>] = [:]
    private var states: [RecordID: RecordState] = [:]

    init(_ person: RecordID) {
        self.person = person
        roots = [person]
    }

    // MARK: The person

    /// References between people say that they are one: a merge, or a move to another area.
    mutating func findPerson(_ source: some ErasureSource) throws {
        var neighbours: [RecordID: Set<RecordID>] = [:]
        var people: [RecordID: RecordState] = [:]
        try source.forEachRecord { state in
            guard state.table == RecordKind.person.number else { return }
            people[state.id] = state
            for other in state.fields.compactMap(\.value.reference) {
                neighbours[state.id, default: []].insert(other)
                neighbours[other, default: []].insert(state.id)
            }
        }
        var waiting = [person]
        while let next = waiting.popLast() {
            for other in neighbours[next] ?? [] where people[other] != nil && roots.insert(other).inserted {
                waiting.append(other)
            }
        }
        for id in roots {
            guard let state = people[id] else { continue }
            items[id] = ErasureItem(state, .person)
            items[id]?.isOther = id != person
        }
    }

    /// All names that the person's records have, or had once.
    func names(_ source: some ErasureSource) throws -> (names: [String], descriptions: [String]) {
        var (names, descriptions): ([String], [String]) = ([], [])
        for item in items.values {
            let knownBy = item.state.field(PersonField.knownBy.rawValue).value
            let former = try source.formerValues(of: item.state).filter { $0.field == PersonField.name.rawValue }
            for value in [item.state.field(PersonField.name.rawValue).value] + former.map(\.value) {
                guard case .text(let name) = value else { continue }
                if knownBy == .text("description") { descriptions.append(name) } else { names.append(name) }
            }
        }
        return (names, descriptions)
    }

    // MARK: References and text

    mutating func findLinks(_ source: some ErasureSource, _ names: NameSearch) throws {
        try source.forEachRecord { state in
            if items[state.id]?.link == .person { return }
            for target in state.fields.compactMap(\.value.reference) {
                referrers[target, default: []].insert(state.id)
                states[state.id] = state
            }
            if Self.gatherings.contains(state.table) { states[state.id] = state }
            var item = ErasureItem(state, .partOfName)
            var hit = NameSearch.Hit.none
            for field in state.fields { look(at: field.value, field.number, &item, names, &hit) }
            item.ownName = Self.ownName(of: item)
            let isCurrent = hit == .whole || !item.references.isEmpty
            for (field, value) in try source.formerValues(of: state) { look(at: value, field, &item, names, &hit) }
            if !item.references.isEmpty {
                item.link = .reference
            } else if hit == .whole {
                item.link = .text
            } else if hit == .none {
                return
            }
            item.isFormer = !isCurrent && hit != .part
            items[state.id] = item
        }
    }

    /// What another record is called by, where it holds something of the name: called before former values are looked at.
    private static func ownName(of item: ErasureItem) -> FieldMask {
        var found = FieldMask()
        if let kind = item.kind, kind == .person || kind == .place, item.redactedFields.contains(kind.titleField) {
            found.insert(kind.titleField)
        }
        return found
    }

    private func look(
        at value: Value, _ field: Int, _ item: inout ErasureItem, _ names: NameSearch, _ best: inout NameSearch.Hit
    ) {
        if let target = value.reference, roots.contains(target) { item.references.insert(field) }
        guard case .text(let text) = value else { return }
        let hit = names.hit(in: text)
        switch hit {
        case .whole: item.texts.insert(field)
        case .part: item.words.insert(field)
        case .none: break
        }
        best = max(best, hit)
    }

    // MARK: What hangs on those

    /// Records that refer to found ones, however far; and what the person took part in.
    mutating func findThrough() {
        var waiting = items.values.filter { $0.link == .reference }.map(\.id).sorted { $0.number < $1.number }
        for id in waiting where items[id]?.table == OutreachSchema.Number.attendance {
            for gathering in states[id]?.fields.compactMap(\.value.reference) ?? [] {
                guard let state = states[gathering], Self.gatherings.contains(state.table) else { continue }
                let known = items[gathering]
                guard known == nil || known?.link == .partOfName else { continue }
                items[gathering] = ErasureItem(state, .tookPart, words: known?.words)
            }
        }
        while let next = waiting.popLast() {
            for id in (referrers[next] ?? []).sorted(by: { $0.number < $1.number }) {
                guard let state = states[id] else { continue }
                if let known = items[id], known.link != .partOfName, known.link != .text { continue }
                var item = ErasureItem(state, .through(next), words: items[id]?.words)
                if let known = items[id] {
                    (item.texts, item.isFormer, item.ownName) = (known.texts, known.isFormer, known.ownName)
                }
                items[id] = item
                waiting.append(id)
            }
        }
    }

    private static let gatherings: Set<Int> = [OutreachSchema.Number.visit, OutreachSchema.Number.meeting]

    // MARK: What would be done

    mutating func suggest() {
        for (id, var item) in items {
            item.isShared = isShared(item)
            switch item.link {
            case .person: item.suggestion = .erase
            case .reference: item.suggestion = item.isShared && item.canRedact ? .redact : .erase
            case .text: item.suggestion = item.withoutPerson
            case .tookPart, .through: item.suggestion = item.redactedFields.isEmpty ? .keep : item.withoutPerson
            case .partOfName: item.suggestion = isNear(item) ? item.withoutPerson : .keep
            }
            items[id] = item
        }
        for (id, item) in items {
            let suggestion = suggestion(item)
            items[id]?.suggestion = suggestion
        }
    }

    /// Whether a record hangs on another one that has to do with the person: a word of the name there is hardly
    /// somebody else's.
    private func isNear(_ item: ErasureItem) -> Bool {
        item.state.fields.compactMap(\.value.reference).contains { target in
            items[target].map { $0.link != .partOfName } ?? false
        }
    }

    /// What hangs on a record goes with it.
    private func suggestion(_ item: ErasureItem) -> ErasureAction {
        let own = item.suggestion
        var (item, steps) = (item, 0)
        while case .through(let parent) = item.link, let next = items[parent], steps < items.count {
            (item, steps) = (next, steps + 1)
        }
        if steps == 0 { return item.suggestion }
        return item.suggestion == .erase ? .erase : own
    }

    /// Whether somebody else took part.
    private func isShared(_ item: ErasureItem) -> Bool {
        guard Self.gatherings.contains(item.table) else { return false }
        if case .integer(let count) = item.state.field(VisitField.headcount.rawValue).value,
            item.table == OutreachSchema.Number.visit, count > 1
        {
            return true
        }
        return (referrers[item.id] ?? []).contains { id in
            guard let state = states[id], state.table == OutreachSchema.Number.attendance else { return false }
            return state.field(AttendanceField.person.rawValue).value.reference.map { !roots.contains($0) } ?? false
        }
    }

    var sorted: [ErasureItem] {
        items.values.sorted { ($0.rank, $0.table, $0.id.number) < ($1.rank, $1.table, $1.id.number) }
    }
}

extension ErasureItem {
    fileprivate init(_ state: RecordState, _ link: Link, words: FieldMask?) {
        self.init(state, link)
        if let words { self.words = words }
    }

    /// What is done with a text that has the name: a deleted record can't be rewritten, and what another record is called by
    /// is left to whoever looks at it.
    fileprivate var withoutPerson: ErasureAction { suggestedFields.isEmpty ? .keep : canRedact ? .redact : .erase }

    fileprivate var rank: Int {
        switch link {
        case .person: 0
        case .reference: 1
        case .tookPart: 2
        case .through: 3
        case .text: 4
        case .partOfName: 5
        }
    }
}

extension Value {
    /// The record that a value refers to: ids are the only values of 16 bytes.
    var reference: RecordID? {
        if case .blob(let bytes) = self, bytes.count == 16 { RecordID(bytes: bytes) } else { nil }
    }
}
