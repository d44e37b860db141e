import OutreachModel
import SyncCore

/// Which visits and meetings are deleted, as far as this laptop knows: what somebody brought to one is not told as long as it is.
///
/// One that has not arrived yet, or belongs to another team, is not deleted.
struct DeletedGatherings {
    private let deleted: Set<RecordID>

    init(_ reader: RecordReader) throws {
        var deleted: Set<RecordID> = []
        // Deleted records are few, and have an index of their own.
        for kind in [RecordKind.visit, .meeting] {
            try reader.walk(kind, .deleted, fields: []) { record in
                deleted.insert(record.id)
                return true
            }
        }
        self.deleted = deleted
    }

    /// Whether an attendance belongs to one of them; false for any other record.
    func hide(_ record: StoredRecord) -> Bool {
        guard record.kind == .attendance else { return false }
        return [AttendanceField.visit, .meeting].compactMap { record.reference($0) }.contains(where: deleted.contains)
    }
}
