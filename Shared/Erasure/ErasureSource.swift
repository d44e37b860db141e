import SyncCore

/// The records among which a person is looked for.
package protocol ErasureSource {
    /// Calls `body` with every record, deleted ones and those of unknown kinds too.
    func forEachRecord(_ body: (RecordState) throws -> Void) throws
    /// Values that a record had once, or has in a conflict, by field.
    func formerValues(of record: RecordState) throws -> [(field: Int, value: Value)]
}

/// What an erasure does with one record.
package enum ErasureAction: String, Hashable, Sendable {
    /// Nothing of the record stays.
    case erase
    /// The record stays without the reference and without the name.
    case redact
    /// The record stays as it is.
    case keep
}

/// One record that has to do with a person who is to be erased.
package struct ErasureItem: Hashable, Sendable {
    /// How the record has to do with the person.
    package enum Link: Hashable, Sendable {
        /// It is the person, or the same person under another record.
        case person
        /// It refers to the person.
        case reference
        /// It refers to another record of the list.
        case through(RecordID)
        /// The person took part in it.
        case tookPart
        /// Its text names the person.
        case text
        /// Its text has a word of the name: perhaps somebody else.
        case partOfName
    }

    package var table: Int
    package var id: RecordID
    package var area: Int
    package var isLiving: Bool
    package var link: Link
    /// Fields that refer to the person, or did once.
    package var references = FieldMask()
    /// Fields whose text names the person, or did once.
    package var texts = FieldMask()
    /// Fields whose text has a word of the name, or had one once, and not the whole of it.
    package var words = FieldMask()
    /// The field by which another person or a place is called now, where that name is the person's, or has a word of it.
    package var ownName = FieldMask()
    /// Whether the name stands in former values alone.
    package var isFormer = false
    /// Whether it is another record of the person that was asked for: merged with theirs, or moved to another area.
    package var isOther = false
    /// Whether others have a part in the record, so that it does not go with one of them by itself.
    package var isShared = false
    package var suggestion: ErasureAction = .keep
    /// The record itself, for showing.
    package var state: RecordState

    init(_ state: RecordState, _ link: Link) {
        (table, id, area, isLiving) = (state.table, state.id, state.area, state.isLiving)
        self.link = link
        self.state = state
    }

    package var kind: RecordKind? { RecordKind.of(table: table) }

    /// The fields that a redaction empties or rewrites where nobody looked at the record: what it is called by is somebody
    /// else's name, and stays.
    package var suggestedFields: FieldMask { FieldMask(bits: redactedFields.bits & ~ownName.bits) }

    /// The fields that a redaction empties or rewrites where somebody chose it for this record.
    package var redactedFields: FieldMask {
        var fields = references
        fields.formUnion(texts)
        fields.formUnion(words)
        return fields
    }

    /// Whether the record can stay without what it says of the person: it lives, and needs none of the references.
    package var canRedact: Bool {
        guard isLiving, !redactedFields.isEmpty, let kind else { return false }
        return kind.fields.allSatisfy { !$0.isRequired || !references.contains($0.number) }
    }

    /// What can be done with it.
    package var actions: [ErasureAction] {
        if link == .person { return isOther ? [.erase, .keep] : [.erase] }
        return canRedact ? [.erase, .redact, .keep] : [.erase, .keep]
    }
}
