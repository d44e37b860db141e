import SyncCore

/// One field of a kind of record, with what people read and may write.
package struct FieldDescription: Hashable, Sendable {
    /// The field's number; stable over versions.
    package let number: Int
    /// The column's name, also the key in exports: lower case with underscores.
    package let name: String
    /// What people read: `Started`, `Thanked how`.
    package let label: String
    /// What may be written into it.
    package let form: FieldForm
    /// Whether a record without it is incomplete.
    package let isRequired: Bool
    /// Values that stay whichever is later, the strictest first.
    let restrictive: [Value]
    /// Whether two values whose writers had not seen each other stand on top until somebody has decided.
    private(set) var needsDecision = false
    /// Whether it holds a person's own words, which leave the office only with their consent.
    package let isQuote: Bool
    /// Whether a date in it lies ahead, so that `friday` is the next one.
    package let isAhead: Bool

    /// Describes a field.
    ///
    /// - Parameters:
    ///   - restrictive: values that stay whichever is later, the strictest first.
    ///   - isQuote: whether it holds a person's own words.
    ///   - isAhead: whether a date in it lies ahead.
    init(
        _ number: some RawRepresentable<Int>, _ name: String, _ label: String, _ form: FieldForm,
        isRequired: Bool = false, restrictive: [Value] = [], isQuote: Bool = false, isAhead: Bool = false
    ) {
        self.number = number.rawValue
        self.name = name
        self.label = label
        self.form = form
        self.isRequired = isRequired
        self.restrictive = restrictive
        self.isQuote = isQuote
        self.isAhead = isAhead
    }

    /// The same field of a kind of which somebody decides whatever two people wrote at once.
    func decided() -> FieldDescription {
        var field = self
        field.needsDecision = true
        return field
    }

    /// The declaration for the engine.
    package var field: Field { Field(number, name, form.type, policy: policy) }

    private var policy: MergePolicy {
        if !restrictive.isEmpty { return .mostRestrictive(restrictive) }
        return needsDecision ? .needsDecision : .lastWriterWins
    }

    /// The word of this field that somebody typed: capitals, spaces, hyphens and underscores are alike.
    ///
    /// - Returns: the stored word, or nil where it is none of `form.words`.
    package func word(_ typed: String) -> String? {
        let key = TextMatch.key(Words.plain(typed))
        return form.words.first { TextMatch.key(Words.plain($0)) == key }
    }

    /// The column with the id in the other system.
    package static let externalIDName = "external_id"

    /// Fields that every kind has for imports: the id in the other system, and what had no field of its own.
    /// Whether people look for a record by it: the name of a place or a person, the title of a resource.
    package var isName: Bool { name == "name" || name == "title" }

    /// Whether a field is one that an import fills in every kind.
    package static func isOfImports(_ field: FieldDescription) -> Bool {
        importFields.contains { $0.number == field.number }
    }

    static let importFields = [
        FieldDescription(SharedField.externalID, externalIDName, "Id elsewhere", .text),
        FieldDescription(SharedField.extra, "extra", "Imported extras", .text),
    ]
}

/// The numbers of the fields that every kind of record has.
package enum SharedField: Int, CaseIterable, Sendable {
    /// The record's id in the system that it was imported from.
    case externalID = 61
    /// Columns of an import that have no field: a line `Header: value` for each.
    case extra = 62
}

/// Stored words as people read them.
package enum Words {
    /// The word with spaces for underscores: `house meeting`.
    package static func plain(_ word: String) -> String {
        String(word.map { $0 == "_" ? " " : $0 })
    }

    /// The last word of every open list of kinds; one's own words stand in the field named `…_other`.
    package static let other = "other"
}
