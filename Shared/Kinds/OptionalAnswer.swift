import SyncCore

/// An answer that nobody has to give.
///
/// A field without a value reads as not asked. `not_asked` itself is stored only to take an earlier answer back, so
/// that the history shows who did.
package enum OptionalAnswer: Hashable, Sendable {
    case notAsked
    case declined
    case doesNotKnow
    /// The person's own words, or a word of the field's list.
    case given(String)

    /// The words that stand for the absence of an answer, in the order in which they are offered.
    package static let codes = ["not_asked", "declined", "does_not_know"]

    /// Reads a stored value; null, and anything that is not text, reads as not asked.
    package init(_ value: Value) {
        guard case .text(let text) = value else {
            self = .notAsked
            return
        }
        switch text {
        case Self.codes[0]: self = .notAsked
        case Self.codes[1]: self = .declined
        case Self.codes[2]: self = .doesNotKnow
        default: self = .given(text)
        }
    }

    /// The stored value.
    package var value: Value {
        switch self {
        case .notAsked: .text(Self.codes[0])
        case .declined: .text(Self.codes[1])
        case .doesNotKnow: .text(Self.codes[2])
        case .given(let text): .text(text)
        }
    }
}
