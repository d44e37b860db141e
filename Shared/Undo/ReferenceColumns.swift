import SyncCore

extension RecordKind {
    /// The columns of a kind that hold ids of other records, by name.
    package var referenceColumns: [String] {
        fields.filter { $0.form == .anyReference || $0.form.referredTable != nil }.map(\.name)
    }

    /// Whether a record is one that others name in what they write: a place or a person. Nobody is to find them gone because
    /// somebody took back an import.
    package static func isNamedByOthers(_ record: RecordReference) -> Bool {
        record.table == RecordKind.place.number || record.table == RecordKind.person.number
    }
}
