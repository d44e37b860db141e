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
        var records: [NamedRecord] = []
        for row in try finder.reader.names(kind, district: district) where !merged.isAway(row.id) {
            records.append(
                NamedRecord(id: merged.survivor(of: row.id), area: row.area, name: row.name, district: row.district))
        }
        return records
    }
}
