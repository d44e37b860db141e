/// One thing that keeps a record from being saved, without the content that is wrong.
package struct ValidationProblem: Hashable, Sendable {
    /// What is wrong.
    package enum Reason: Hashable, Sendable {
        /// A required field has no value, or an empty text.
        case missing
        /// A name that is `-` alone: on a command line that means standard input, and nobody could be found by it.
        case onlyDash
        /// Of these labels, none has a value.
        case missingOneOf([String])
        /// The value is of another type than the field.
        case wrongType
        /// The word is none of these.
        case unknownWord([String])
        /// The text is neither a date nor a date with time and offset.
        case notADate
        /// The text is no currency with hundredths; with the one that was probably meant.
        case notACurrency(meant: String?)
        /// The record ends before it starts.
        case endsBeforeStart
        /// Both people of a relationship are one.
        case samePersonTwice
        /// The date is before that of the field with this label.
        case before(String)
        /// The day of what has happened lies after today, which is this day.
        case ahead(CivilDate)
        /// Somebody took part in a visit and in a meeting at once.
        case bothGatherings
        /// The number lies outside these bounds; nil where there is no upper one.
        case outOfRange(least: Int64, most: Int64?)
        /// The value has more bytes than this.
        case tooLong(largestBytes: Int)
        /// The value cannot be the id of a record.
        case notAnID
        /// Lines with these numbers are no thresholds of payments.
        case notThresholds([Int])
    }

    /// The number of the field; of several, the first.
    package let field: Int
    /// The field as people read it.
    package let label: String
    /// The kind of record with its article, `a visit`.
    package let kind: String
    /// What is wrong with it.
    package let reason: Reason
}

extension ValidationProblem: CustomStringConvertible {
    /// The problem as one plain sentence.
    package var description: String {
        let subject = kind.prefix(1).uppercased() + kind.dropFirst()
        let field = "“\(label)” of \(kind)"
        return switch reason {
        case .missing: "\(subject) needs “\(label)”."
        case .onlyDash: "\(field) can't be - alone."
        case .missingOneOf(let labels): "\(subject) needs \(labels.map { "“\($0)”" }.joined(separator: " or "))."
        case .wrongType: "\(field) holds a value of the wrong type."
        case .unknownWord(let words): "\(field) is one of: \(words.map(Words.plain).joined(separator: ", "))."
        case .notADate: "\(field) is a date, or a date with a time."
        case .notACurrency(let meant):
            "\(field) is no currency with hundredths that Kith knows. "
                + (meant.map { "Did you mean \($0)?" } ?? "It is three letters, such as GBP.")
        case .endsBeforeStart: "\(subject) cannot end before it starts."
        case .samePersonTwice: "\(subject) is between two people."
        case .before(let label): "\(field) cannot be before “\(label)”."
        case .ahead(let today):
            "\(field) can't lie ahead: today is \(today.inWords)."
        case .bothGatherings: "\(subject) is of a visit or of a meeting, not of both."
        case .outOfRange(let least, let most?): "\(field) is a number from \(least) to \(most)."
        case .outOfRange(let least, nil): "\(field) is a number from \(least) up."
        case .tooLong(let largestBytes): "\(field) can hold at most \(largestBytes / 1_024) KB."
        case .notAnID: "\(field) does not point to a record."
        case .notThresholds(let lines):
            "\(lines.count == 1 ? "Line" : "Lines") \(lines.prefix(5).map(String.init).joined(separator: ", ")) of "
                + "the text can't be read. A line is: 2026-04-06 GBP 50.00 7 what to do."
        }
    }
}
