/// Reads comma-separated text row by row (RFC 4180), with another separator and other line ends where a file has them.
///
/// A quotation mark counts only at the start of a cell; what follows a closing one belongs to the cell. Lines end with
/// CRLF, LF or CR. Memory is bounded by the limits of `TableRow`, whatever the file holds.
final class CSVReader: RowSource {
    private enum State {
        case start, plain, quoted, quoteInQuoted
        /// Behind a closing quotation mark, where only a separator should stand.
        case tail
    }

    private let path: String
    private let separator: UInt8
    private let text: TextDecoding
    private var piece: [UInt8] = []
    private var index = 0
    private var line = 1
    private var wasReturn = false
    private var state = State.start
    private var cellStart = 0
    private var cellLine = 1
    /// How many cells the first row that says anything has: 0 before it.
    private var columnCount = 0

    /// Starts at the beginning of the file.
    init(file: InputFile, encoding: TextEncoding, separator: UInt8) {
        path = file.path
        self.separator = separator
        text = TextDecoding(file: file, encoding: encoding)
    }

    func next(_ row: inout TableRow) throws(TabularError) -> Bool {
        row.begin(line: line)
        beginCell(row)
        while true {
            if index == piece.count {
                try text.read(into: &piece)
                index = 0
                if piece.isEmpty { return try end(&row) }
            }
            if wasReturn, row.bytes.isEmpty, row.count == 0, state == .start {
                // The line feed of a CRLF; the row before ended at the return.
                wasReturn = false
                if piece[index] == UInt8(ascii: "\n") {
                    index += 1
                    continue
                }
            }
            if try takePiece(&row) {
                if columnCount == 0, !row.isBlank { columnCount = row.count }
                return true
            }
        }
    }

    /// Passes over a row that is none of the table's.
    func skipRow() throws(TabularError) {
        var row = TableRow()
        _ = try next(&row)
        columnCount = 0
    }

    /// Takes bytes up to the end of the row or of the piece; returns whether the row ended.
    private func takePiece(_ row: inout TableRow) throws(TabularError) -> Bool {
        let quote = UInt8(ascii: "\"")
        while index < piece.count {
            if state == .start, try takePlainCells(&row) { return true }
            guard index < piece.count else { return false }
            let byte = piece[index]
            switch state {
            case .start where byte == quote:
                index += 1
                state = .quoted
                wasReturn = false
            case .start, .plain:
                if isEnd(byte) { return try endCell(byte, &row) }
                if byte == separator {
                    index += 1
                    try endCell(&row, isQuoted: false)
                } else {
                    state = .plain
                    try takeRun(&row) { $0 == separator || isEnd($0) }
                }
            case .quoted where byte == quote:
                index += 1
                state = .quoteInQuoted
            case .quoted:
                try takeRun(&row) { $0 == quote }
            case .quoteInQuoted where byte == quote:
                row.bytes.append(quote)
                index += 1
                state = .quoted
                try checkLength(row)
            case .quoteInQuoted, .tail:
                if try takeBehindQuote(byte, &row) { return true }
            }
        }
        return false
    }

    /// Takes cells without quotation marks, as most are, as long as they end in this piece; returns whether the row ended.
    private func takePlainCells(_ row: inout TableRow) throws(TabularError) -> Bool {
        let piece = piece
        let bytes = piece.span
        var start = index
        while start < bytes.count, bytes[start] != UInt8(ascii: "\"") {
            let end = Self.end(ofRunIn: bytes, from: start) { $0 == separator || isEnd($0) }
            guard end < bytes.count else { return false }
            row.bytes.append(bytes, start..<end)
            try checkLength(row)
            start = end + 1
            index = start
            if isEnd(bytes[end]) {
                line += 1
                wasReturn = bytes[end] == UInt8(ascii: "\r")
                try endCell(&row, isQuoted: false)
                return true
            }
            try endCell(&row, isQuoted: false)
        }
        return false
    }

    /// Behind a closing quotation mark: a separator, the end of the row, or what belongs to the cell all the same.
    private func takeBehindQuote(_ byte: UInt8, _ row: inout TableRow) throws(TabularError) -> Bool {
        if isEnd(byte) || byte == separator { try checkForRows(row) }
        if isEnd(byte) { return try endCell(byte, &row, isQuoted: true) }
        if byte == separator {
            index += 1
            try endCell(&row, isQuoted: true)
        } else {
            state = .tail
            try takeRun(&row) { $0 == separator || isEnd($0) }
        }
        return false
    }

    @inline(__always)
    private func isEnd(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") }

    /// Appends bytes up to one that ends the run, or to the end of the piece.
    @inline(__always)
    private func takeRun(_ row: inout TableRow, until isLast: (UInt8) -> Bool) throws(TabularError) {
        let start = index
        let end = Self.end(ofRunIn: piece.span, from: start, until: isLast)
        if state == .quoted { countLines(piece[start..<end]) }
        row.bytes.append(piece.span, start..<end)
        index = end
        try checkLength(row)
    }

    @inline(__always)
    private static func end(ofRunIn bytes: Span<UInt8>, from start: Int, until isLast: (UInt8) -> Bool) -> Int {
        var end = start
        while end < bytes.count, !isLast(bytes[end]) { end += 1 }
        return end
    }

    private func checkLength(_ row: TableRow) throws(TabularError) {
        guard row.bytes.count - cellStart <= TableRow.largestCellBytes else {
            throw .cellTooLong(path: path, line: cellLine, limitBytes: TableRow.largestCellBytes)
        }
        guard row.bytes.count <= TableRow.largestRowBytes else {
            throw .rowTooLong(path: path, line: row.line, limitBytes: TableRow.largestRowBytes)
        }
    }

    private func countLines(_ bytes: ArraySlice<UInt8>) {
        for byte in bytes {
            if byte == UInt8(ascii: "\r") {
                line += 1
            } else if byte == UInt8(ascii: "\n"), !wasReturn {
                line += 1
            }
            wasReturn = byte == UInt8(ascii: "\r")
        }
    }

    private func beginCell(_ row: TableRow) {
        state = .start
        cellStart = row.bytes.count
        cellLine = line
    }

    private func endCell(_ row: inout TableRow, isQuoted: Bool) throws(TabularError) {
        guard row.count < TableRow.largestColumnCount else {
            throw .tooManyColumns(path: path, line: row.line, limit: TableRow.largestColumnCount)
        }
        row.endCell(isQuoted: isQuoted)
        beginCell(row)
    }

    /// Refuses a cell of which every whole line is a row of the table: a stray quotation mark began it, in a file that was
    /// written without any. The rows would become words of another one.
    private func checkForRows(_ row: TableRow) throws(TabularError) {
        guard columnCount > 1, line - cellLine > 2 else { return }
        let ends: (UInt8) -> Bool = { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }
        let lines = row.bytes[cellStart...].split(whereSeparator: ends).dropFirst().dropLast()
        // With few columns prose may have as many commas in each of a few lines.
        guard lines.count >= max(2, Self.fewColumns - columnCount) else { return }
        let areRows = lines.allSatisfy { line in line.count { $0 == separator } == columnCount - 1 }
        if areRows { throw .rowsInCell(path: path, line: cellLine, lastLine: line) }
    }

    /// With so many columns two lines are enough to tell.
    private static let fewColumns = 7

    private func endCell(_ byte: UInt8, _ row: inout TableRow, isQuoted: Bool = false) throws(TabularError) -> Bool {
        index += 1
        line += 1
        wasReturn = byte == UInt8(ascii: "\r")
        try endCell(&row, isQuoted: isQuoted)
        return true
    }

    /// The end of the file: a last line without a line end is a row like others.
    private func end(_ row: inout TableRow) throws(TabularError) -> Bool {
        switch state {
        case .quoted: throw .unclosedQuote(path: path, line: cellLine)
        case .start where row.count == 0: return false
        case .quoteInQuoted, .tail:
            try checkForRows(row)
            try endCell(&row, isQuoted: true)
        case .start, .plain: try endCell(&row, isQuoted: false)
        }
        return true
    }
}
