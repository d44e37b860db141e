import SyncCore

/// The records of a kind by their names, for rows that name a place or a person.
final class RecordNames {
    struct Entry {
        let id: RecordID
        /// The district in the form of `TextMatch.key`; empty where there is none.
        let district: String
        let kind: Value
    }

    /// What a name stands for.
    enum Match {
        case found(Entry)
        case nothing
        case several(Int)
    }

    private var entries: [String: [Entry]] = [:]

    func add(_ id: RecordID, name: String, district: String?, kind: Value) {
        entries[TextMatch.key(name), default: []].append(
            Entry(id: id, district: district.map(TextMatch.key) ?? "", kind: kind))
    }

    /// The record with a name, and with a district where one is given.
    func find(_ name: String, district: String?) -> Match {
        var hits = entries[TextMatch.key(name)] ?? []
        if let key = district.map(TextMatch.key), !key.isEmpty { hits = hits.filter { $0.district == key } }
        switch hits.count {
        case 0: return .nothing
        case 1: return .found(hits[0])
        default: return .several(hits.count)
        }
    }
}
