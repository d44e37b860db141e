import Terminal

/// Reads JSON lines: one object a line, blank lines between them allowed (they count as blank rows).
///
/// An object in an object becomes columns named `outer.inner`; a list becomes one cell with a line for each element.
/// A line that is no object is a row with a problem: the others stand as they are.
final class JSONLinesReader: RowSource {
    private let path: String
    private let text: TextDecoding
    private var piece: [UInt8] = []
    private var index = 0
    private var line = 0
    private var buffer: [UInt8] = []
    /// The columns found so far, and where each stands.
    private(set) var columns: [String]
    private var positions: [String: Int] = [:]

    /// Starts at the beginning of the file.
    ///
    /// - Parameter columns: those found by an earlier reader, in order; cells of others come behind them.
    init(file: InputFile, encoding: TextEncoding, columns: [String] = []) {
        path = file.path
        text = TextDecoding(file: file, encoding: encoding)
        self.columns = columns
        for (position, name) in columns.enumerated() { positions[name] = position }
    }

    func next(_ row: inout TableRow) throws(TabularError) -> Bool {
        guard try readLine() else { return false }
        row.begin(line: line)
        if buffer.allSatisfy({ $0 <= 0x20 }) {
            for _ in columns { row.endCell(isQuoted: false) }
            return true
        }
        row.source = JSONLine.source(of: buffer)
        var cells: [Int: JSONValue] = [:]
        let members: [JSONValue.Member]
        do throws(JSONLine.Problem) {
            members = try JSONLine(row.source).members
        } catch {
            row.problem = error.reason
            return true
        }
        if let name = try collect(members, prefix: "", into: &cells) {
            row.problem = "The column “\(name)” is there twice: as one name, and as an object in an object."
            return true
        }
        for position in columns.indices {
            guard let cell = cells[position] else {
                row.endCell(isQuoted: false)
                continue
            }
            let start = row.bytes.count
            row.bytes += Self.text(cell).utf8
            guard row.bytes.count - start <= TableRow.largestCellBytes else {
                throw .cellTooLong(path: path, line: line, limitBytes: TableRow.largestCellBytes)
            }
            if case .string = cell { row.endCell(isQuoted: true) } else { row.endCell(isQuoted: false) }
        }
        return true
    }

    /// Reads one line into the buffer; false at the end.
    private func readLine() throws(TabularError) -> Bool {
        buffer.removeAll(keepingCapacity: true)
        line += 1
        while true {
            if index == piece.count {
                try text.read(into: &piece)
                index = 0
                if piece.isEmpty { return !buffer.isEmpty }
            }
            let end = piece[index...].firstIndex(of: UInt8(ascii: "\n"))
            buffer += piece[index..<(end ?? piece.count)]
            guard buffer.count <= TableRow.largestRowBytes else {
                throw .rowTooLong(path: path, line: line, limitBytes: TableRow.largestRowBytes)
            }
            index = end.map { $0 + 1 } ?? piece.count
            if end != nil { return true }
        }
    }

    /// Takes the cells of an object; returns the name of a column that it has twice.
    private func collect(
        _ members: [JSONValue.Member], prefix: String, into cells: inout [Int: JSONValue]
    ) throws(TabularError) -> String? {
        for member in members {
            let name = prefix + member.name
            if case .object(let inner) = member.value {
                if let twice = try collect(inner, prefix: name + ".", into: &cells) { return twice }
            } else {
                let position = try position(of: name)
                guard cells.updateValue(member.value, forKey: position) == nil else { return name }
            }
        }
        return nil
    }

    private func position(of name: String) throws(TabularError) -> Int {
        if let known = positions[name] { return known }
        guard columns.count < TableRow.largestColumnCount else {
            throw .tooManyColumns(path: path, line: line, limit: TableRow.largestColumnCount)
        }
        columns.append(name)
        positions[name] = columns.count - 1
        return columns.count - 1
    }

    private static func text(_ value: JSONValue) -> String {
        switch value {
        case .null: ""
        case .string(let text): text
        case .array(let values): values.map(text).joined(separator: "\n")
        case .object(let members):
            members.compactMap { member in
                let text = text(member.value)
                return text.isEmpty ? nil : "\(member.name): \(text)"
            }.joined(separator: "; ")
        default: value.encoded()
        }
    }
}
