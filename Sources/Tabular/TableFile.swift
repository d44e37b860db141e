/// A CSV or JSON lines file with a table in it: how it is written, its columns, and its rows as often as wanted.
///
/// Nothing of the file is kept in memory but one piece and one row.
package final class TableFile {
    /// How rows are written.
    package enum Format: Hashable, Sendable {
        /// Cells between separators.
        case csv(separator: UInt8)
        /// One JSON object a line.
        case jsonLines
    }

    /// The separators that are looked for, the likeliest first.
    static let separators = [UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "\t")]

    /// The file as it was named.
    package let path: String
    /// How its characters are written.
    package let encoding: TextEncoding
    /// How its rows are written.
    package let format: Format
    /// The names of the columns without white space around them; one without a name is `Column N`.
    package let columns: [String]
    private let file: InputFile
    /// Whether the first line only says what separates cells.
    private let beginsWithDialect: Bool

    /// Opens a file, finds out how it is written, and reads the names of its columns.
    ///
    /// The whole file is read once for its encoding, JSON lines once more for their columns.
    /// - Parameter encoding: nil to find out.
    package init(path: String, encoding asked: TextEncoding? = nil) throws(TabularError) {
        self.path = path
        file = try InputFile(path: path)
        encoding = try EncodingScan.encoding(of: file, asked: asked)
        let start = try Self.start(file, encoding)
        let named = Self.namedSeparator(start)
        beginsWithDialect = named != nil
        guard Self.isJSON(start) else {
            if Self.isJSONList(start) { throw .jsonList(path: path) }
            let (separator, first) = try Self.header(file, encoding, named: named)
            format = .csv(separator: separator)
            columns = try Self.names(in: first, path)
            return
        }
        format = .jsonLines
        columns = try Self.columns(file, encoding)
    }

    /// How the file is written, for people: `UTF-8, separated by commas`.
    package var words: String {
        switch format {
        case .jsonLines: "\(encoding.name), JSON lines"
        case .csv(UInt8(ascii: ";")): "\(encoding.name), separated by semicolons"
        case .csv(UInt8(ascii: "\t")): "\(encoding.name), separated by tabs"
        case .csv(UInt8(ascii: ",")): "\(encoding.name), separated by commas"
        case .csv(let separator): "\(encoding.name), separated by “\(Character(Unicode.Scalar(separator)))”"
        }
    }

    /// Calls the body with each row behind the header until it returns false; the row's storage is used again. Two threads may
    /// do so at the same time.
    ///
    /// - Throws: `TabularError` where the file is no table from some line on, else what the body throws.
    package func forEachRow(_ body: (TableRow) throws -> Bool) throws {
        let reader: any RowSource
        var row = TableRow()
        switch format {
        case .csv(let separator):
            reader = try Self.reader(file, encoding, separator, skipsLine: beginsWithDialect)
            while try reader.next(&row), row.isBlank {}
        case .jsonLines:
            reader = JSONLinesReader(file: file, encoding: encoding, columns: columns)
        }
        while try reader.next(&row) {
            guard try body(row) else { return }
        }
    }

    /// The most rows that the file can have, for it has no more lines; nil where nobody has counted them.
    package var largestRowCount: Int? { file.largestLineCount }

    /// What tells the file, as it was when it was opened, from others and from what it was before.
    package var version: String { file.version }

    /// Throws where the file was written to since it was opened.
    package func checkUnchanged() throws(TabularError) { try file.checkUnchanged() }

    // MARK: Finding out

    /// What separates cells, and the row with the names of the columns.
    private static func header(
        _ file: InputFile, _ encoding: TextEncoding, named: UInt8?
    ) throws(TabularError) -> (separator: UInt8, row: TableRow) {
        var best: (separator: UInt8, row: TableRow)?
        var failure: TabularError?
        for separator in named.map({ [$0] }) ?? separators {
            do throws(TabularError) {
                let reader = try reader(file, encoding, separator, skipsLine: named != nil)
                var row = TableRow()
                while try reader.next(&row), row.isBlank {}
                if row.count > best?.row.count ?? 0 { best = (separator, row) }
            } catch {
                failure = failure ?? error
            }
        }
        // A file that is no table with one separator is none with another that it does not hold.
        guard let best, best.row.count > 1 || failure == nil else { throw failure ?? .empty(path: file.path) }
        guard !best.row.isBlank else { throw .empty(path: file.path) }
        return best
    }

    private static func reader(
        _ file: InputFile, _ encoding: TextEncoding, _ separator: UInt8, skipsLine: Bool
    ) throws(TabularError) -> CSVReader {
        let reader = CSVReader(file: file, encoding: encoding, separator: separator)
        if skipsLine { try reader.skipRow() }
        return reader
    }

    /// The names of all columns of JSON lines, in the order in which they are found.
    private static func columns(_ file: InputFile, _ encoding: TextEncoding) throws(TabularError) -> [String] {
        let reader = JSONLinesReader(file: file, encoding: encoding)
        var row = TableRow()
        var hasObject = false
        var firstProblem: (line: Int, reason: String)?
        while try reader.next(&row) {
            if let reason = row.problem {
                firstProblem = firstProblem ?? (row.line, reason)
            } else {
                hasObject = hasObject || !row.isBlank
            }
        }
        if !hasObject, let firstProblem {
            throw .notJSON(path: file.path, line: firstProblem.line, reason: firstProblem.reason)
        }
        return reader.columns
    }

    /// The first piece of the file's text.
    private static func start(_ file: InputFile, _ encoding: TextEncoding) throws(TabularError) -> [UInt8] {
        let text = TextDecoding(file: file, encoding: encoding)
        var piece: [UInt8] = []
        try text.read(into: &piece)
        return piece
    }

    private static func isJSON(_ start: [UInt8]) -> Bool { start.first { $0 > 0x20 } == UInt8(ascii: "{") }

    private static func isJSONList(_ start: [UInt8]) -> Bool {
        start.lazy.filter { $0 > 0x20 }.starts(with: Array("[{".utf8))
    }

    /// What separates cells where the first line says so, as some spreadsheet programs write and read it: `sep=;`.
    private static func namedSeparator(_ start: [UInt8]) -> UInt8? {
        let word = Array("sep=".utf8)
        guard start.count > word.count,
            start.prefix(word.count).map({ $0 | 0x20 }).elementsEqual(word.map { $0 | 0x20 })
        else { return nil }
        let separator = start[word.count]
        let isEnd = start.count == word.count + 1 || [0x0A, 0x0D].contains(start[word.count + 1])
        let character = Character(Unicode.Scalar(separator))
        let isSign = separator < 0x80 && (character.isPunctuation || character.isSymbol) && character != "\""
        return isEnd && (isSign || character == "\t") ? separator : nil
    }

    private static func names(in row: TableRow, _ path: String) throws(TabularError) -> [String] {
        var names: [String] = []
        var seen: Set<String> = []
        for index in 0..<row.count {
            let name = trimmed(row.text(index))
            if name.isEmpty {
                names.append("Column \(index + 1)")
            } else {
                guard seen.insert(name).inserted else { throw .repeatedColumn(path: path, name: name) }
                names.append(name)
            }
        }
        return names
    }

    /// The text without white space around it.
    package static func trimmed(_ text: String) -> String {
        // Most cells begin and end with a plain character: only others need a look at Unicode.
        if let first = text.utf8.first, let last = text.utf8.last, isPlain(first), isPlain(last) { return text }
        let scalars = text.unicodeScalars
        guard let first = scalars.firstIndex(where: { !$0.properties.isWhitespace }),
            let last = scalars.lastIndex(where: { !$0.properties.isWhitespace })
        else { return "" }
        return String(scalars[first...last])
    }

    private static func isPlain(_ byte: UInt8) -> Bool { (0x21...0x7E).contains(byte) }

    /// Whether a cell is text as it stands: no white space around it, no line break, no apostrophe in front.
    package static func isPlain(_ cell: ArraySlice<UInt8>) -> Bool {
        guard let first = cell.first, let last = cell.last, isPlain(first), isPlain(last),
            first != UInt8(ascii: "'")
        else { return false }
        return !cell.contains(UInt8(ascii: "\r"))
    }
}
