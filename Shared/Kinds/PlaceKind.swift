import SyncCore

/// The kind of a place, with its own words where it is none of the list: a visit there has the same, unless said.
package struct PlaceKind: Sendable {
    /// The kind of a place that says none.
    static let unsaid = PlaceKind([:])

    private let kind: Value
    private let ownWords: Value

    /// Reads it from a place's values by field number.
    package init(_ values: [Int: Value]) {
        kind = values[PlaceField.kind.rawValue] ?? .null
        ownWords = values[PlaceField.kindOther.rawValue] ?? .null
    }

    /// What a visit there takes over, by field number; empty where the place does not say.
    package var visitValues: [(field: Int, value: Value)] {
        if kind.isNull { return [] }
        let said = (field: VisitField.kind.rawValue, value: kind)
        guard kind == .text(Words.other), !ownWords.isNull else { return [said] }
        return [said, (VisitField.kindOther.rawValue, ownWords)]
    }
}
