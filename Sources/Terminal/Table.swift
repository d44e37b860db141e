/// Rows of text under headings; control characters in headings and cells are escaped.
///
/// The cells lie one after the other in one piece of memory: a hundred thousand rows are a few megabytes.
package struct Table: Sendable {
    /// A column's heading and the side its cells stand on.
    package struct Column: Sendable {
        /// The side of a column.
        package enum Alignment: Sendable {
            /// Text.
            case left
            /// Numbers.
            case right
        }

        /// The heading.
        package let header: String
        /// The side.
        package let alignment: Alignment
        /// Whether its cells are never cut: a date or an id says nothing without its end.
        package let isWhole: Bool

        /// Declares a column.
        package init(_ header: String, _ alignment: Alignment = .left, isWhole: Bool = false) {
            self.header = header
            self.alignment = alignment
            self.isWhole = isWhole
        }
    }

    /// Below this width in columns a table becomes records.
    package static let narrowestWidth = 60
    /// The width in columns below which a cell is not cut.
    static let narrowestCell = 6

    /// The columns from left to right.
    package let columns: [Column]
    /// The indices of the columns that are shown; all unless somebody leaves some out.
    package var shown: [Int]
    /// How many rows there are.
    package private(set) var rowCount = 0
    /// The widths in columns to which cells are cut; nil where they are not.
    private(set) var limits: [Int]?
    /// The width of the widest cell of each column, or of its heading.
    private(set) var widest: [Int]
    private var bytes: [UInt8] = []
    private var ends: [Int] = []

    /// Makes a table.
    package init(_ columns: [Column], rows: [[String]] = []) {
        self.columns = columns
        shown = Array(columns.indices)
        widest = columns.map { displayWidth(escapeControls($0.header)) }
        for row in rows { add(row) }
    }

    /// Adds a row; cells that it lacks are empty, cells without a column are not shown.
    package mutating func add(_ row: [String]) {
        for column in columns.indices {
            if column < row.count {
                let cell = escapeControls(row[column])
                bytes.append(contentsOf: cell.utf8)
                widest[column] = max(widest[column], displayWidth(cell))
            }
            ends.append(bytes.count)
        }
        rowCount += 1
    }

    /// Cuts the cells of the widest columns that may be cut until a row fits into a width in columns, unless too little of
    /// them would remain; an ellipsis stands for what was cut.
    package mutating func fit(width: Int) {
        var widths = shown.map { widest[$0] }
        var excess = widths.reduce(0, +) + TableLayout.gap.count * (widths.count - 1) - width
        guard excess > 0 else { return }
        let cuttable = widths.indices.filter { !columns[shown[$0]].isWhole }
        while excess > 0 {
            guard let index = cuttable.max(by: { widths[$0] < widths[$1] }), widths[index] > Self.narrowestCell else {
                return
            }
            widths[index] -= 1
            excess -= 1
        }
        var limits = widest
        for (position, column) in shown.enumerated() { limits[column] = widths[position] }
        self.limits = limits
    }

    /// The bytes of a cell.
    func cell(_ row: Int, _ column: Int) -> ArraySlice<UInt8> {
        let index = row * columns.count + column
        return bytes[(index == 0 ? 0 : ends[index - 1])..<ends[index]]
    }

    /// The table for a terminal of that width in columns; every line ends with a newline, and no rows give no text.
    ///
    /// Below 60 columns, or when a row is wider than the terminal, it is `label: value` lines, a blank line between
    /// the records, empty cells left out.
    package func text(width: Int, style: TextStyle = .none) -> String {
        var text: [UInt8] = []
        write(width: width, style: style) { text += $0 }
        return String(decoding: text, as: UTF8.self)
    }

    /// The headings and the rows as lines of cells separated by tabs; every line ends with a newline.
    package func plainText() -> String {
        var text: [UInt8] = []
        writePlain { text += $0 }
        return String(decoding: text, as: UTF8.self)
    }

    /// Hands `text(width:style:)` to the body in pieces.
    package func write<Failure: Error>(
        width: Int, style: TextStyle = .none, _ body: ([UInt8]) throws(Failure) -> Void
    ) throws(Failure) {
        try TableLayout(table: self, width: width, style: style).write(body)
    }

    /// Hands `plainText()` to the body in pieces.
    package func writePlain<Failure: Error>(_ body: ([UInt8]) throws(Failure) -> Void) throws(Failure) {
        try TableLayout(table: self, width: nil, style: .none).write(body)
    }
}
