/// What an office learns from its records: pictures, each with a table that says the same.
package struct Report: Hashable, Sendable {
    /// What it is about.
    package let title: String
    /// From when to when, and when it was made.
    package let subtitle: String
    /// What it says, in order.
    package var sections: [Section] = []
    /// What must be known to read it rightly, such as how many words were left out.
    package var remarks: [String] = []

    /// One picture with its table, or words alone.
    package struct Section: Hashable, Sendable {
        /// What stands above it.
        package let title: String
        /// What is seen, in a sentence or two; empty where the table says it all.
        package var lead = ""
        /// Its picture; nil where words alone are shown.
        package var chart: Chart?
        /// What stands above the columns of its table.
        package var columns: [String] = []
        /// Cells as they are read; as many as there are columns.
        package var rows: [[String]] = []

        /// Begins a section without picture and table.
        package init(_ title: String, lead: String = "") {
            self.title = title
            self.lead = lead
        }
    }

    /// A picture.
    package enum Chart: Hashable, Sendable {
        /// Lying bars, each with its label and its value beside it.
        case bars([Bar])
        /// What happened, one below the other, with a line from each to what it led on to.
        case path([Step])
    }

    /// One bar.
    package struct Bar: Hashable, Sendable {
        /// What is counted.
        package let label: String
        /// How long it is; nil where the number is not told.
        package let value: Int?
        /// The value as it is read.
        package let words: String

        /// Makes a bar.
        package init(_ label: String, _ value: Int) { self.init(label, .told(value)) }

        /// Makes a bar of a count that may be hidden.
        package init(_ label: String, _ cell: SmallNumbers.Cell) {
            self.label = label
            value = cell.value
            words = cell.words
        }
    }

    /// One step of a path.
    package struct Step: Hashable, Sendable {
        /// The day as it is read; empty where nobody named one.
        package let day: String
        /// What it was.
        package let title: String
        /// What was said and done, a line each.
        package let lines: [String]
        /// The place in the path of the step that it led on from.
        package let from: Int?

        /// Makes a step.
        package init(day: String, title: String, lines: [String], from: Int?) {
            self.day = day
            self.title = title
            self.lines = lines
            self.from = from
        }
    }

    /// Numbers from 1 to this one are not told, so that nobody is found behind them.
    package static let largestHidden = 4
    /// What stands for a number that is not told.
    package static let tooFew = "fewer than 5"
    /// What stands for numbers that are not told because one of them is small.
    package static let notTold = "hidden"
    /// Why some numbers are not told.
    static let hidden =
        "Numbers from 1 to \(largestHidden) are told as \"\(tooFew)\", so that nobody is found behind them; where the rest would "
        + "give one away, several are \"\(notTold)\"."

    /// Begins a report without sections.
    package init(title: String, subtitle: String) {
        self.title = title
        self.subtitle = subtitle
    }

    /// A count, or nil where it is too small to be told.
    package static func shown(_ count: Int, small: Bool) -> Int? {
        small || count == 0 || count > largestHidden ? count : nil
    }

    /// A count that stands alone, hidden where it is too small.
    static func cell(_ count: Int, small: Bool) -> SmallNumbers.Cell {
        shown(count, small: small).map { .told($0) } ?? .tooFew
    }

    /// `1 visit`, `2 visits`.
    static func counted(_ count: Int, _ word: String) -> String { "\(count) \(word)\(count == 1 ? "" : "s")" }

    /// Bars of counts; unless small ones are told, those are hidden, and others where their total would give them away.
    static func bars(_ counts: [(label: String, count: Int)], small: Bool) -> [Bar] {
        let cells = small ? counts.map { .told($0.count) } : SmallNumbers(counts.map(\.count)).cells[0]
        return zip(counts, cells).map { Bar($0.label, $1) }
    }

    /// Adds a section of bars with the table that says the same.
    package mutating func add(bars: [Bar], _ title: String, lead: String = "", columns: (String, String)) {
        var section = Section(title, lead: bars.isEmpty ? "Nothing is recorded." : lead)
        if !bars.isEmpty { section.chart = .bars(bars) }
        section.columns = [columns.0, columns.1]
        section.rows = bars.map { [$0.label, $0.words] }
        sections.append(section)
    }
}
