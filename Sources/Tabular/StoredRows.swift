/// Rows kept one behind the other, for who needs few of them again: a copy of each is three appends.
package struct StoredRows: Sendable {
    private struct Ends {
        let line: Int
        let bytes: Int
        let cells: Int
    }

    private var bytes: [UInt8] = []
    private var ends: [Int] = []
    private var isQuoted: [Bool] = []
    private var rows: [Ends] = []

    /// Holds no rows yet.
    package init() {}

    /// Keeps a row.
    package mutating func append(_ row: TableRow) {
        bytes += row.bytes
        ends += row.ends
        isQuoted += row.isQuoted
        rows.append(Ends(line: row.line, bytes: bytes.count, cells: ends.count))
    }

    /// The row that was kept at this place, from 0.
    package func row(_ index: Int) -> TableRow {
        let (firstByte, firstCell) = index == 0 ? (0, 0) : (rows[index - 1].bytes, rows[index - 1].cells)
        var row = TableRow()
        row.line = rows[index].line
        row.bytes = Array(bytes[firstByte..<rows[index].bytes])
        row.ends = Array(ends[firstCell..<rows[index].cells])
        row.isQuoted = Array(isQuoted[firstCell..<rows[index].cells])
        return row
    }
}
