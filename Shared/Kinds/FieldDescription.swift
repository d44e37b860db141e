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

    /// Whether a value would take back a restrictive one that stands: `no` after do not contact, `given` after withdrawn.
    ///
    /// - Returns: false where neither restricts anything, and where the new value is at least as strict.
    func isLifted(_ standing: Value, by value: Value) -> Bool {
        guard let rank = restrictive.firstIndex(of: standing) else { return false }
        return restrictive.firstIndex(of: value).map { $0 > rank } ?? true
    }

    private var policy: MergePolicy {
        if !restrictive.isEmpty { return .mostRestrictive(restrictive) }
        return needsDecision ? .needsDecision : .lastWriterWins
    }

    /// The word of this field that somebody typed: capitals, spaces, hyphens and underscores are alike, and so are `18-24` and
    /// `18 to 24`, `65+` and `65 and over`.
    ///
    /// - Returns: the stored word, or nil where it is none of `form.words`.
    package func word(_ typed: String) -> String? {
        let key = TextMatch.key(Words.plain(typed))
        if let word = form.words.first(where: { TextMatch.key(Words.plain($0)) == key }) { return word }
        guard key.utf8.contains(where: { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { return nil }
        return form.words.first { Words.inSigns($0).contains(key) }
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

    /// How lists write a span of numbers in place of its stored word, as `TextMatch.key` has them: `18 24` of `18_to_24`, `65+` of
    /// `65_and_over`, `<18` of `under_18`.
    static func inSigns(_ word: String) -> [String] {
        let parts = word.split(separator: "_").map(String.init)
        switch parts.count {
        case 3 where parts[1] == "to": return ["\(parts[0]) \(parts[2])"]
        case 3 where parts[1...] == ["and", "over"]:
            return ["+", " +", " plus", " or over", " and above", " or older"].map { parts[0] + $0 }
        case 2 where parts[0] == "under":
            return ["<\(parts[1])", "< \(parts[1])", "under \(parts[1])s", "u\(parts[1])"]
        default: return []
        }
    }

    /// The last word of every open list of kinds; one's own words stand in the field named `…_other`.
    package static let other = "other"
}
