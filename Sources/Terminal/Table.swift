/// Rows of text under headings; control characters in headings and cells are escaped when it is shown.
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

        /// Declares a column.
        package init(_ header: String, _ alignment: Alignment = .left) {
            self.header = header
            self.alignment = alignment
        }
    }

    /// Below this width in columns a table becomes records.
    package static let narrowestWidth = 60
    private static let gap = "  "

    /// The columns from left to right.
    package let columns: [Column]
    /// The rows; cells that a row lacks are empty, cells without a column are not shown.
    package private(set) var rows: [[String]]

    /// Makes a table.
    package init(_ columns: [Column], rows: [[String]] = []) {
        self.columns = columns
        self.rows = rows
    }

    /// Adds a row.
    package mutating func add(_ row: [String]) {
        rows.append(row)
    }

    /// The table for a terminal of that width in columns; every line ends with a newline, and no rows give no text.
    ///
    /// Below 60 columns, or when a row is wider than the terminal, it is `label: value` lines, a blank line between
    /// the records, empty cells left out.
    package func text(width: Int, style: TextStyle = .none) -> String {
        guard !rows.isEmpty else { return "" }
        let cells = rows.map(escapedCells)
        let headers = columns.map { escapeControls($0.header) }
        let widths = columns.indices.map { index in
            cells.reduce(displayWidth(headers[index])) { max($0, displayWidth($1[index])) }
        }
        let total = widths.reduce(0, +) + Self.gap.count * max(0, columns.count - 1)
        guard width >= Self.narrowestWidth, total <= width else { return records(headers, cells, width) }
        var text = style.heading(line(headers, widths)) + "\n"
        for row in cells {
            text += line(row, widths) + "\n"
        }
        return text
    }

    /// The headings and the rows as lines of cells separated by tabs; every line ends with a newline.
    package func plainText() -> String {
        var text = columns.map { escapeControls($0.header) }.joined(separator: "\t") + "\n"
        for row in rows {
            text += escapedCells(row).joined(separator: "\t") + "\n"
        }
        return text
    }

    private func escapedCells(_ row: [String]) -> [String] {
        columns.indices.map { $0 < row.count ? escapeControls(row[$0]) : "" }
    }

    private func line(_ cells: [String], _ widths: [Int]) -> String {
        let padded = columns.indices.map { index in
            let padding = String(repeating: " ", count: widths[index] - displayWidth(cells[index]))
            return columns[index].alignment == .left ? cells[index] + padding : padding + cells[index]
        }
        return trimmingTrailingSpaces(padded.joined(separator: Self.gap))
    }

    private func records(_ headers: [String], _ cells: [[String]], _ width: Int) -> String {
        let records = cells.map { row in
            columns.indices.filter { !row[$0].isEmpty }.flatMap { index -> [String] in
                let line = "\(headers[index]): \(row[index])"
                let lines = width < Self.narrowestWidth ? wrap(line, width: width, rest: "  ") : [line]
                return lines.map { $0 + "\n" }
            }.joined()
        }
        return records.joined(separator: "\n")
    }
}
