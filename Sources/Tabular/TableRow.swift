/// One row of a table: its cells as UTF-8, one behind the other.
package struct TableRow: Hashable, Sendable {
    /// The longest cell in bytes.
    package static let largestCellBytes = 1 << 20
    /// The longest row in bytes.
    package static let largestRowBytes = 4 << 20
    /// The most columns.
    package static let largestColumnCount = 1_000

    /// The line of the file in which the row begins, from 1.
    package internal(set) var line = 0
    /// The bytes of all cells.
    package internal(set) var bytes: [UInt8] = []
    /// Where each cell ends in `bytes`.
    package internal(set) var ends: [Int] = []
    /// Whether each cell was marked as text: in quotation marks, or a JSON text.
    package internal(set) var isQuoted: [Bool] = []
    /// The line of JSON lines as it stands in the file; nothing for a row of CSV.
    package internal(set) var source: [UInt8] = []
    /// Why the line makes no row, in words for the person who mends it; nil for a row. Then there are no cells.
    package internal(set) var problem: String?

    /// How many cells the row has.
    package var count: Int { ends.count }

    /// The bytes of a cell; none where the row is shorter.
    package func cell(_ index: Int) -> ArraySlice<UInt8> {
        guard index < ends.count else { return [] }
        return bytes[(index == 0 ? 0 : ends[index - 1])..<ends[index]]
    }

    /// Appends the bytes of a cell to others.
    package func appendCell(_ index: Int, to others: inout [UInt8]) {
        guard index < ends.count else { return }
        others.append(bytes.span, (index == 0 ? 0 : ends[index - 1])..<ends[index])
    }

    /// A cell as text.
    package func text(_ index: Int) -> String { String(decoding: cell(index), as: UTF8.self) }

    /// Whether a cell holds nothing at all, not even the quotation marks of an empty text.
    package func isNull(_ index: Int) -> Bool { cell(index).isEmpty && !(index < count && isQuoted[index]) }

    /// Whether no cell holds anything but white space.
    package var isBlank: Bool {
        if problem != nil { return false }
        if bytes.allSatisfy({ $0 <= 0x20 }) { return true }
        guard bytes.contains(0xC2) else { return false }
        return String(decoding: bytes, as: UTF8.self).unicodeScalars.allSatisfy { $0.properties.isWhitespace }
    }

    mutating func begin(line: Int) {
        self.line = line
        bytes.removeAll(keepingCapacity: true)
        ends.removeAll(keepingCapacity: true)
        isQuoted.removeAll(keepingCapacity: true)
        // Rows of CSV have neither.
        if !source.isEmpty { source.removeAll(keepingCapacity: true) }
        if problem != nil { problem = nil }
    }

    mutating func endCell(isQuoted: Bool) {
        ends.append(bytes.count)
        self.isQuoted.append(isQuoted)
    }
}

extension [UInt8] {
    /// The most bytes that are appended one by one: for fewer that is faster than to prepare a copy.
    private static var shortCount: Int { 32 }

    /// Appends some of other bytes.
    mutating func append(_ others: Span<UInt8>, _ range: Range<Int>) {
        if range.count <= Self.shortCount {
            for index in range { append(others[index]) }
        } else {
            unsafe others.extracting(range).withUnsafeBufferPointer { unsafe append(contentsOf: $0) }
        }
    }
}

/// What gives the rows of a table one after the other.
protocol RowSource: AnyObject {
    /// Reads the next row into the given one, whose storage is used again; false at the end.
    func next(_ row: inout TableRow) throws(TabularError) -> Bool
}
