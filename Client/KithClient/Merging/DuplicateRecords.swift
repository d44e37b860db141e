import OutreachModel
import SyncCore

/// The records of a kind under every name that they go by, for finding those that may be one.
struct DuplicateRecords {
    private let kind: RecordKind
    private let context: ClientContext

    init(_ kind: RecordKind, _ context: ClientContext) {
        self.kind = kind
        self.context = context
    }

    /// Living records by name; a merged one counts as another name of the one that stands for it.
    func named() throws -> [NamedRecord] {
        let finder = try context.finder()
        let merged = try finder.identities.merged(kind)
        let district = kind == .place ? PlaceField.district.rawValue : nil
        let rows = try finder.reader.names(kind, district: district)
        let areas =
            merged.isEmpty ? [:] : Dictionary(rows.map { ($0.id, $0.area) }, uniquingKeysWith: { first, _ in first })
        var records: [NamedRecord] = []
        records.reserveCapacity(rows.count)
        for row in rows where !merged.isAway(row.id) {
            let survivor = merged.survivor(of: row.id)
            records.append(
                NamedRecord(
                    id: survivor, area: areas[survivor] ?? row.area, name: row.name, district: row.district))
        }
        return records
    }
}
