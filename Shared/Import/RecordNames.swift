import SyncCore

/// The records of a kind by their names, for rows that name a place or a person.
final class RecordNames {
    struct Entry {
        let id: RecordID
        /// The district in the form of `TextMatch.key`; empty where there is none.
        let district: String
        let kind: PlaceKind
    }

    /// A name and a district in the form of `TextMatch.key`; an empty district is none.
    struct Name: Hashable {
        let key: String
        let districtKey: String
    }

    /// What a name stands for.
    enum Match {
        case found(Entry)
        case nothing
        case several(Int)
    }

    /// The most texts whose form for comparing is remembered.
    private static let largestKeyCount = 10_000

    private var entries: [String: [Entry]] = [:]
    private var keys: [String: String] = [:]

    func add(_ id: RecordID, name: String, district: String?, kind: PlaceKind = .unsaid) {
        add(id, Name(key: key(name), districtKey: district.map(key) ?? ""), kind: kind)
    }

    func add(_ id: RecordID, _ name: Name, kind: PlaceKind = .unsaid) {
        entries[name.key, default: []].append(Entry(id: id, district: name.districtKey, kind: kind))
    }

    /// A name as it is compared, and a district where one is given.
    func name(_ name: String, district: String = "") -> Name {
        Name(key: key(name), districtKey: district.isEmpty ? "" : key(district))
    }

    /// Lets every name lead to the record that stands for those that were merged.
    func unite(_ merged: MergedRecords) {
        guard !merged.isEmpty else { return }
        entries = entries.mapValues { entries in
            entries.map { Entry(id: merged.survivor(of: $0.id), district: $0.district, kind: $0.kind) }
        }
    }

    /// The record with a name, and with a district where one is given.
    func find(_ name: Name) -> Match {
        var hits = entries[name.key] ?? []
        if !name.districtKey.isEmpty { hits = hits.filter { $0.district == name.districtKey } }
        if hits.count > 1 {
            // Names of records that were merged are names of the one that stands for them.
            var ids: Set<RecordID> = []
            hits = hits.filter { ids.insert($0.id).inserted }
        }
        switch hits.count {
        case 0: return .nothing
        case 1: return .found(hits[0])
        default: return .several(hits.count)
        }
    }

    /// `TextMatch.key`, remembered: a column holds the same names again and again.
    private func key(_ text: String) -> String {
        if let known = keys[text] { return known }
        let key = TextMatch.key(text)
        if keys.count < Self.largestKeyCount { keys[text] = key }
        return key
    }
}
