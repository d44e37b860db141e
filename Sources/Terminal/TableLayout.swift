/// How a table is laid out: under headings, as records, or plainly with tabs.
struct TableLayout {
    static let gap = "  "
    private static let space = UInt8(ascii: " ")
    private static let newline = UInt8(ascii: "\n")
    /// From so many bytes on a piece is handed on.
    private static let pieceBytes = 1 << 15

    private let table: Table
    /// The width of the terminal in columns; nil for cells separated by tabs.
    private let width: Int?
    private let style: TextStyle
    private let headers: [String]
    private let widths: [Int]
    private let isRecords: Bool

    init(table: Table, width: Int?, style: TextStyle) {
        self.table = table
        self.width = width
        self.style = style
        headers = table.columns.map { escapeControls($0.header) }
        let widths = table.columns.indices.map { min(table.widest[$0], table.limits?[$0] ?? .max) }
        self.widths = widths
        let total = table.shown.reduce(0) { $0 + widths[$1] } + Self.gap.count * max(0, table.shown.count - 1)
        isRecords = width.map { $0 < Table.narrowestWidth || total > $0 } ?? false
    }

    func write<Failure: Error>(_ body: ([UInt8]) throws(Failure) -> Void) throws(Failure) {
        var piece: [UInt8] = []
        if width == nil {
            piece += (table.shown.map { headers[$0] }.joined(separator: "\t") + "\n").utf8
        } else if table.rowCount > 0, !isRecords {
            let cells = table.shown.map { cut(ArraySlice(headers[$0].utf8), column: $0) }
            var line: [UInt8] = []
            append(cells, to: &line)
            piece += (style.heading(String(decoding: line, as: UTF8.self)) + "\n").utf8
        }
        for row in 0..<table.rowCount {
            if isRecords {
                if row > 0 { piece.append(Self.newline) }
                appendRecord(row, to: &piece)
            } else {
                let cells = table.shown.map { cell(row, $0) }
                if width == nil {
                    piece += cells.joined(separator: CollectionOfOne(UInt8(ascii: "\t")))
                } else {
                    append(cells, to: &piece)
                }
                piece.append(Self.newline)
            }
            guard piece.count >= Self.pieceBytes else { continue }
            try body(piece)
            piece.removeAll(keepingCapacity: true)
        }
        if !piece.isEmpty { try body(piece) }
    }

    private func cell(_ row: Int, _ column: Int) -> ArraySlice<UInt8> { cut(table.cell(row, column), column: column) }

    /// The bytes of a cell or heading, cut where it is too wide.
    private func cut(_ bytes: ArraySlice<UInt8>, column: Int) -> ArraySlice<UInt8> {
        guard width != nil, let limit = table.limits?[column], bytes.count > limit else { return bytes }
        let text = String(decoding: bytes, as: UTF8.self)
        guard displayWidth(text) > limit else { return bytes }
        var (kept, used) = ("", 0)
        for character in text {
            used += displayWidth(String(character))
            if used > limit - 1 { break }
            kept.append(character)
        }
        return ArraySlice((kept + "…").utf8)
    }

    /// Appends the cells of a line, each as wide as its column, without spaces at the end.
    private func append(_ cells: [ArraySlice<UInt8>], to piece: inout [UInt8]) {
        let start = piece.count
        for (position, column) in table.shown.enumerated() {
            if position > 0 { piece += Self.gap.utf8 }
            let cell = cells[position]
            let padding = repeatElement(Self.space, count: max(0, widths[column] - displayWidth(utf8: cell)))
            switch table.columns[column].alignment {
            case .left:
                piece += cell
                piece += padding
            case .right:
                piece += padding
                piece += cell
            }
        }
        while piece.count > start, piece.last == Self.space { piece.removeLast() }
    }

    private func appendRecord(_ row: Int, to piece: inout [UInt8]) {
        for column in table.shown {
            let cell = cell(row, column)
            guard !cell.isEmpty else { continue }
            let line = "\(headers[column]): \(String(decoding: cell, as: UTF8.self))"
            guard let width, width < Table.narrowestWidth else {
                piece += (line + "\n").utf8
                continue
            }
            for part in wrap(line, width: width, rest: "  ") { piece += (part + "\n").utf8 }
        }
    }
}
