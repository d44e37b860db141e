import SyncCore

extension RecordKind {
    /// The columns by which a record of this kind uses other records, by name.
    ///
    /// Where a person was moved to is none: the old record names the new one because of the move, and whoever takes the
    /// move back takes that away as well. As a use it would keep the person where they should not be.
    package var referenceColumns: [String] {
        fields.filter { field in
            field.number != movedTo && (field.form == .anyReference || field.form.referredTable != nil)
        }.map(\.name)
    }

    /// Whether a record is one that others name in what they write: a place or a person. Nobody is to find them gone because
    /// somebody took back an import.
    package static func isNamedByOthers(_ record: RecordReference) -> Bool {
        record.table == RecordKind.place.number || record.table == RecordKind.person.number
    }
}
