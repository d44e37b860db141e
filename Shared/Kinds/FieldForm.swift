import SyncCore

/// What may be written into a field of a record.
package enum FieldForm: Hashable, Sendable {
    /// The most days between two contacts that a rhythm may name.
    package static let longestRhythmDays: Int64 = 3_660

    /// The most minor units of one amount.
    package static let largestMinorUnits: Int64 = 100_000_000

    /// Free words, one line or many.
    case text
    /// One of these words.
    case words([String])
    /// One of these words, or an answer of `OptionalAnswer`; without words the person's own.
    case answer([String])
    /// A date and time with offset, or a date alone: `ParsedDate.stored`.
    case time
    /// Money in minor units: hundredths of the currency that another field names; from 0 to `largestMinorUnits`.
    case money
    /// Three capital letters of ISO 4217, of a currency that is divided into hundredths.
    case currency
    /// How many people; from 0.
    case count
    /// Days between two contacts; from 1 to `longestRhythmDays`.
    case rhythm
    /// 1 for yes, 0 for no.
    case flag
    /// The 16 bytes of the id of a record of the table with this number.
    case reference(Int)
    /// The 16 bytes of the id of a record of the table that another field names.
    case anyReference
    /// The number of a table.
    case table

    /// The type of the column.
    package var type: FieldType {
        switch self {
        case .text, .words, .answer, .time, .currency: .text
        case .count, .rhythm, .flag, .table, .money: .integer
        case .reference, .anyReference: .blob
        }
    }

    /// The words that may be chosen, in the order in which they are offered; empty where any may be written.
    package var words: [String] {
        switch self {
        case .words(let words): words
        case .answer(let words): words.isEmpty ? [] : words + OptionalAnswer.codes
        default: []
        }
    }
}
