import Database
import OutreachModel
import SyncCore
import Terminal

/// What ties a person to others and to the work: roles, whom they know, what they agreed to, what they were promised and
/// offered. Of concerns nothing: few may read them.
struct PersonTies {
    /// How many of the people whom somebody knows are named.
    private static let namedCount = 5

    private let person: StoredRecord
    private let ids: [RecordID]
    private let roles: [StoredRecord]
    private let relationships: [StoredRecord]
    private let consents: [StoredRecord]
    /// Those that are neither kept nor settled otherwise.
    private let openPromises: [StoredRecord]
    private let opportunities: [StoredRecord]
    private let presenter: RecordPresenter
    private let today: CivilDate

    /// - Parameter kept: the person, with the other records of theirs.
    init(_ kept: KeptTogether, _ presenter: RecordPresenter, _ context: ClientContext) throws {
        person = kept.record
        ids = kept.ids
        self.presenter = presenter
        today = context.local.moment(atMilliseconds: context.clock()).date
        let values = kept.ids.map { SQLValue.blob($0.bytes) }
        let isTheirs = RecordReader.isAmong("person", kept.ids.count)
        let isOther = RecordReader.isAmong("other", kept.ids.count)
        func records(_ kind: RecordKind, _ condition: String) throws -> [StoredRecord] {
            try presenter.reader.records(kind, where: condition, values)
        }
        roles = try kept.roles()
        relationships = try records(.relationship, "\(isTheirs) OR \(isOther)")
        consents = try records(.consent, isTheirs)
        openPromises = try records(.promise, "\(isTheirs) AND kept IS NULL AND outcome IS NULL")
        let offers = try records(.opportunity, isTheirs)
        opportunities = offers.sorted { left, right in
            let keys = [left, right].map { RecordList.startKey($0.text(OpportunityField.offered) ?? "") }
            return keys[0] == keys[1] ? left.id < right.id : keys[0] < keys[1]
        }
    }

    // MARK: Lines

    /// A line for each fact.
    func lines() throws -> [String] {
        try roles.map { "Role: \(try words(ofRole: $0))" }
            + [try knownLine(), try consentLine(), promiseLine, try opportunityLine()].compactMap(\.self)
    }

    /// What somebody is to the work, where, and for how long.
    private func words(ofRole role: StoredRecord) throws -> String {
        func text(_ field: RoleField) throws -> String {
            try role.kind.field(field.rawValue).map { try presenter.text(role, $0) } ?? ""
        }
        let (started, ended) = (try text(.started), try text(.ended))
        let parts = [
            try text(.kind), try text(.kindOther), try text(.place), started.isEmpty ? "" : "from \(started)",
            ended.isEmpty ? "" : "to \(ended)",
        ]
        return parts.filter { !$0.isEmpty }.joined(separator: ", ")
    }

    /// Whom they know, from whichever side it was written down.
    private func knownLine() throws -> String? {
        var known: [(name: String, words: String)] = []
        for relationship in relationships {
            let sides = [RelationshipField.person, .other].map { relationship.reference($0) }
            let isFirst = sides[0].map(ids.contains) ?? false
            guard let other = sides[isFirst ? 1 : 0], !ids.contains(other) else { continue }
            let name = try presenter.reference(table: OutreachSchema.Number.person, id: other).words
            let kind = try relationship.kind.field(RelationshipField.kind.rawValue).map {
                try presenter.cell(relationship, $0)
            }
            let until = presenter.when(relationship.text(RelationshipField.ended)).map { "until \($0)" }
            let facts = [kind, until].compactMap(\.self).filter { !$0.isEmpty && $0 != "knows" }
            known.append((name, facts.isEmpty ? name : "\(name) (\(facts.joined(separator: ", ")))"))
        }
        guard !known.isEmpty else { return nil }
        let named = known.sorted { (TextMatch.key($0.name), $0.words) < (TextMatch.key($1.name), $1.words) }
            .prefix(Self.namedCount)
        let rest = known.count - named.count
        let more = rest == 0 ? "" : ", and \(rest) more: kith relationship list --person \(ShortID.display(person.id))"
        return "Knows: \(named.map(\.words).joined(separator: ", "))\(more)"
    }

    /// What they agreed to, of each purpose what counts.
    private func consentLine() throws -> String? {
        guard !consents.isEmpty else { return nil }
        let purposes = Dictionary(grouping: consents) { purpose(of: $0) }
        let words = try purposes.sorted { rank($0) < rank($1) }.map { purpose, consents in
            "\(purpose.words) \(try standing(consents))"
        }
        return "Consent: \(words.joined(separator: ", "))"
    }

    private struct Purpose: Hashable {
        /// Where it stands in the list of purposes.
        let place: Int
        let words: String
    }

    private func purpose(of consent: StoredRecord) -> Purpose {
        let word = consent.text(ConsentField.purpose) ?? ""
        let own = word == Words.other ? consent.text(ConsentField.purposeOther) : nil
        return Purpose(
            place: RecordKind.consentPurposes.firstIndex(of: word) ?? .max, words: own ?? Words.plain(word))
    }

    private func rank(_ entry: (key: Purpose, value: [StoredRecord])) -> (Int, String) {
        (entry.key.place, entry.key.words)
    }

    /// What counts of several answers to one purpose, as exports and reports take it.
    private func standing(_ consents: [StoredRecord]) throws -> String {
        var register = ConsentRegister(today: today, people: try presenter.identities.merged(.person))
        let purpose = "this"
        for consent in consents {
            register.add(consent.values.merging([ConsentField.purpose.rawValue: .text(purpose)]) { $1 })
        }
        switch register.standing(person.id, purpose) {
        case .given:
            let ends = consents.map { $0.text(ConsentField.expires) }
            guard !ends.contains(nil), let last = presenter.when(ends.compactMap(\.self).max()) else { return "given" }
            return "given until \(last)"
        case .withheld:
            let isWithdrawn = consents.contains {
                $0.text(ConsentField.withdrawn) != nil || $0.text(ConsentField.answer) == "withdrawn"
            }
            return isWithdrawn ? "withdrawn" : "refused"
        case .ended: return "expired"
        case .unknown: return "not known here"
        }
    }

    private var promiseLine: String? {
        guard !openPromises.isEmpty else { return nil }
        let days = openPromises.compactMap { $0.text(PromiseField.due) }.compactMap { ParsedDate(stored: $0)?.date }
        var words = "Open promises: \(openPromises.count)"
        if let next = days.min() {
            let late = today.daysSince1970 - next.daysSince1970
            words += ", the next due \(next.inWords)"
            if late > 0 { words += ", \(late == 1 ? "1 day" : "\(late) days") late" }
        }
        return words
    }

    private func opportunityLine() throws -> String? {
        guard let last = opportunities.last else { return nil }
        let what = RecordList.firstLine(last.text(OpportunityField.what) ?? "")
        let answer = try last.kind.field(OpportunityField.answer.rawValue).map { try presenter.text(last, $0) } ?? ""
        return "Opportunities: \(opportunities.count), the last: \(what)\(answer.isEmpty ? "" : " (\(answer))")"
    }

    // MARK: JSON

    /// The same records with every field.
    func members() throws -> [JSONValue.Member] {
        let lists = [
            ("roles", roles), ("relationships", relationships), ("consents", consents),
            ("open_promises", openPromises), ("opportunities", opportunities),
        ]
        return try lists.map { name, records in
            .init(name, .array(try records.map { try presenter.json($0) }))
        }
    }
}
