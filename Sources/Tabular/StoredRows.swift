/// Rows kept one behind the other, for who needs few of them again: a copy of each is a few appends.
package struct StoredRows: Sendable {
    private struct Ends {
        let line: Int
        let bytes: Int
        let cells: Int
        let sources: Int
    }

    private var bytes: [UInt8] = []
    private var ends: [Int] = []
    private var isQuoted: [Bool] = []
    private var sources: [UInt8] = []
    private var rows: [Ends] = []

    /// Holds no rows yet.
    package init() {}

    /// Keeps a row.
    package mutating func append(_ row: TableRow) {
        bytes += row.bytes
        ends += row.ends
        isQuoted += row.isQuoted
        if !row.source.isEmpty { sources += row.source }
        rows.append(Ends(line: row.line, bytes: bytes.count, cells: ends.count, sources: sources.count))
    }

    /// The row that was kept at this place, from 0.
    package func row(_ index: Int) -> TableRow {
        let before = index == 0 ? nil : rows[index - 1]
        let (firstByte, firstCell) = (before?.bytes ?? 0, before?.cells ?? 0)
        var row = TableRow()
        row.line = rows[index].line
        row.bytes = Array(bytes[firstByte..<rows[index].bytes])
        row.ends = Array(ends[firstCell..<rows[index].cells])
        row.isQuoted = Array(isQuoted[firstCell..<rows[index].cells])
        row.source = Array(sources[(before?.sources ?? 0)..<rows[index].sources])
        return row
    }
}
