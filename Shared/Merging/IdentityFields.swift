import SyncCore

/// Fields in which a record names another record of the same person or place.
///
/// Nothing else is rewritten when two records are merged or one is moved: whoever reads follows these fields, so that
/// taking them back brings back everything.
extension RecordKind {
    /// The field with the record that stands for this one since they were merged; nil for kinds that are never merged.
    package var mergedInto: Int? {
        switch number {
        case OutreachSchema.Number.place: PlaceField.mergedInto.rawValue
        case OutreachSchema.Number.person: PersonField.mergedInto.rawValue
        default: nil
        }
    }
    /// The field with the record under which the person was first kept, before a move; nil for kinds that never move.
    package var movedFrom: Int? {
        number == OutreachSchema.Number.person ? PersonField.movedFrom.rawValue : nil
    }
    /// The field with the record in another area that stands for this one since a move; nil for kinds that never move.
    package var movedTo: Int? { number == OutreachSchema.Number.person ? PersonField.movedTo.rawValue : nil }

    /// The numbers of all of these: commands of their own write them.
    package var identityFields: Set<Int> { Set([mergedInto, movedFrom, movedTo].compactMap(\.self)) }

    /// Whether two records of this kind can be merged.
    package var isMergeable: Bool { mergedInto != nil }
}

extension FieldDescription {
    /// Of the values that records of one person or place have here, the one that must not be weakened; nil where the
    /// field knows none, or none of them has it.
    package func strictest(of values: [Value]) -> Value? { restrictive.first(where: values.contains) }
}
