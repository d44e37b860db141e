import SyncCore
import Tabular

/// Why a row can't be taken in, in words for the person who mends it.
struct RowProblem: Error, Hashable {
    let reason: String

    init(_ reason: String) { self.reason = reason }
}

/// Turns the text of a cell into the value of a field.
struct CellReader {
    let dates: DateCellReader
    /// Whether the file is an export of ours: then texts are taken to the letter.
    let isExact: Bool
    /// Words that were looked up before: a column holds few different ones.
    private let known = KnownWords()

    init(dates: DateCellReader, isExact: Bool) {
        self.dates = dates
        self.isExact = isExact
    }

    /// The value for a field that refers to no record, and the words for the field beside it where the list of words
    /// has none for this one.
    ///
    /// - Parameter inMinorUnits: whether an amount of money is a number of hundredths; else it is as people write it.
    func value(
        _ text: String, _ field: FieldDescription, hasOther: Bool, inMinorUnits: Bool = false
    ) throws(RowProblem) -> (value: Value, other: String?) {
        switch field.form {
        case .text: return (.text(field.isName && !isExact ? TidyName.tidied(text) : text), nil)
        case .words: return try word(text, field, hasOther: hasOther)
        case .answer(let words): return (.text(try answer(text, field, words)), nil)
        case .time:
            if isExact, ParsedDate(stored: text) != nil { return (.text(text), nil) }
            return (.text(try dates.stored(text, field)), nil)
        case .currency: return (.text(text.uppercased()), nil)
        case .money: return (.integer(try inMinorUnits ? minorUnits(text, field) : money(text, field)), nil)
        case .count, .rhythm: return (.integer(try number(text, field)), nil)
        case .table: return (.integer(try table(text, field)), nil)
        case .flag: return (.integer(try flag(text, field)), nil)
        case .reference, .anyReference: throw RowProblem("“\(field.label)” can't be read here.")
        }
    }

    private func word(
        _ text: String, _ field: FieldDescription, hasOther: Bool
    ) throws(RowProblem) -> (Value, String?) {
        if let word = known.word(text, of: field) { return (.text(word), nil) }
        if isExact { return (.text(text), nil) }
        guard hasOther, field.form.words.contains(Words.other) else {
            let words = field.form.words.map(Words.plain).joined(separator: ", ")
            throw RowProblem("“\(field.label)” is one of: \(words).")
        }
        return (.text(Words.other), text)
    }

    private func answer(
        _ text: String, _ field: FieldDescription, _ words: [String]
    ) throws(RowProblem) -> String {
        let key = TextMatch.key(Words.plain(text))
        if let code = OptionalAnswer.codes.first(where: { TextMatch.key(Words.plain($0)) == key }) { return code }
        if words.isEmpty || isExact { return text }
        guard let word = known.word(text, of: field) else {
            throw RowProblem("“\(field.label)” is one of: \(words.map(Words.plain).joined(separator: ", ")).")
        }
        return word
    }

    private func money(_ text: String, _ field: FieldDescription) throws(RowProblem) -> Int64 {
        guard let minor = MoneyText.minorUnits(text) else {
            throw RowProblem("“\(field.label)” is no amount of money.")
        }
        return minor
    }

    /// Digits alone: `20.00` in such a column was meant to be more than 20 hundredths.
    private func minorUnits(_ text: String, _ field: FieldDescription) throws(RowProblem) -> Int64 {
        guard let minor = Digits.value(Array(text.utf8)[...]).map(Int64.init) else {
            throw RowProblem(
                "“\(field.label)” is in hundredths in a column “\(field.name)”, 2050 for 20.50: digits alone.")
        }
        return minor
    }

    /// A whole number: `6040`, `6,040`, `6 040`, `4.0`.
    private func number(_ text: String, _ field: FieldDescription) throws(RowProblem) -> Int64 {
        var digits = text
        if let point = digits.firstIndex(of: "."), digits[digits.index(after: point)...].allSatisfy({ $0 == "0" }) {
            digits = String(digits[..<point])
        }
        let parts = digits.split(omittingEmptySubsequences: false) { $0 == "," || $0 == " " || $0 == "\u{A0}" }
        let isGrouped = parts.count == 1 || parts.dropFirst().allSatisfy { $0.utf8.count == 3 }
        guard isGrouped, let number = Int64(parts.joined()) else {
            throw RowProblem("“\(field.label)” is no whole number.")
        }
        return number
    }

    /// The table of a kind that is named by its word, as our exports name it.
    private func table(_ text: String, _ field: FieldDescription) throws(RowProblem) -> Int64 {
        guard let kind = RecordKind.named(text.lowercased()) else {
            throw RowProblem("“\(field.label)” is the word for a kind of record, such as person, place or visit.")
        }
        return Int64(kind.number)
    }

    private func flag(_ text: String, _ field: FieldDescription) throws(RowProblem) -> Int64 {
        switch text.lowercased() {
        case "1", "yes", "y", "true", "x": return 1
        case "0", "no", "n", "false": return 0
        default: throw RowProblem("“\(field.label)” is yes or no.")
        }
    }
}

/// Remembers which word of a field a text stands for.
private final class KnownWords {
    /// The most texts that are remembered.
    private static let largestCount = 1_000

    private struct Text: Hashable {
        let field: Int
        let text: String
    }

    private var words: [Text: String?] = [:]

    func word(_ text: String, of field: FieldDescription) -> String? {
        let key = Text(field: field.number, text: text)
        if let known = words[key] { return known }
        let word = field.word(text)
        if words.count < Self.largestCount { words[key] = .some(word) }
        return word
    }
}
