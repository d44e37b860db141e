/// What became of the rows of an import: the five numbers add up to the rows of the file.
package struct ImportResult: Hashable, Sendable {
    /// Rows that became new records, or brought deleted ones back.
    package internal(set) var imported = 0
    /// Rows that changed a record.
    package internal(set) var updated = 0
    /// Rows that say what is here already.
    package internal(set) var unchanged = 0
    /// Rows that could not be taken in.
    package internal(set) var rejected = 0
    /// Rows without anything in them.
    package internal(set) var blank = 0
    /// Rows, counted above already, that say something else of fields in which somebody has written since: these stay.
    package internal(set) var kept = 0
    /// Those of `kept` of which `--overwrite` would take more.
    var overwritable = 0
    /// The file with the rejected rows; nil where there are none, or nothing was to be written.
    package internal(set) var rejects: String?

    /// How many rows there were.
    package var rows: Int { imported + updated + unchanged + rejected + blank }

    /// Counts a row of which something became.
    mutating func add(_ outcome: RowKeeper.Outcome) {
        switch outcome {
        case .imported: imported += 1
        case .updated: updated += 1
        case .unchanged: unchanged += 1
        case .partly(let outcome, let isForOverwriting):
            kept += 1
            if isForOverwriting { overwritable += 1 }
            add(outcome)
        case .rejected: rejected += 1
        }
    }

    /// Whether there were rows, and none of them could be taken in, now or before.
    package var isNothingButRejects: Bool { rejected > 0 && imported + updated + unchanged == 0 }

    /// The result as one JSON object.
    package var json: String {
        let numbers = "\"imported\":\(imported),\"updated\":\(updated),\"unchanged\":\(unchanged)"
        let rest = "\"rejected\":\(rejected),\"blank\":\(blank),\"kept\":\(kept)"
        return "{\(numbers),\(rest),\"rejects\":\(rejects.map(JSONText.quoted) ?? "null")}"
    }

    /// The result in one sentence, and where the rejected rows are.
    ///
    /// - Parameter isDryRun: nothing was kept: the sentence says what would be.
    package func words(of kind: RecordKind, isDryRun: Bool = false) -> String {
        let verb = isDryRun ? "would be imported" : "imported"
        var parts = ["\(Self.grouped(imported)) \(imported == 1 ? kind.name : kind.plural) \(verb)"]
        for (count, word) in [(updated, "updated"), (unchanged, "unchanged"), (rejected, "rejected"), (blank, "blank")]
        where count > 0 { parts.append("\(Self.grouped(count)) \(word)") }
        let sentence = parts.joined(separator: ", ") + "."
        return rejects.map { "\(sentence) The rejected rows are in \($0): mend them there and import that file." }
            ?? sentence
    }

    /// The number with commas between groups of three digits.
    package static func grouped(_ number: Int) -> String {
        let digits = Array(String(number))
        var text = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { text += "," }
            text.append(digit)
        }
        return text
    }
}
