import Tabular

/// Rows that wait to be kept: split into groups, of which several share a commit.
struct WaitingRows {
    /// The size of a group in bytes from which on it is full; well below what one page of a sync may hold.
    private static let largestGroupBytes = 192 << 10
    /// The size in bytes from which on the groups are kept: each commit writes nearly every page of an index without
    /// order again, so few are better. The first are smaller, so that there is soon something to write.
    private static let commitBytes = 1 << 20
    private static let firstCommitBytes = 1 << 17
    /// The same for a long file, whose rows each change a page of their own, which is in memory until the commit.
    private static let commitBytesOfLongFile = 3 << 17
    /// How many rows make a file long.
    private static let longFileRows = 250_000
    /// What a value costs beside its text in an encoded group, with its share of the record's id.
    private static let valueBytes = 24

    private(set) var rows: [PendingRow] = []
    /// The place of the row behind the last one of each group.
    private var ends: [Int] = []
    private var cells = StoredRows()
    private var groupBytes = 0
    private var fullBytes = 0
    private let largestCommitBytes: Int

    /// - Parameters:
    ///   - rowCount: how many rows the file has.
    ///   - index: how many such collections the file has filled before.
    init(rowCount: Int, index: Int) {
        let largest = rowCount > Self.longFileRows ? Self.commitBytesOfLongFile : Self.commitBytes
        largestCommitBytes = min(largest, Self.firstCommitBytes << min(index, 8))
    }

    var isEmpty: Bool { rows.isEmpty }

    /// Whether it is time to keep them.
    var isFull: Bool { fullBytes + groupBytes >= largestCommitBytes }

    /// The places of the rows of each group.
    var groups: [Range<Int>] {
        let ends = ends.last == rows.count || rows.isEmpty ? ends : ends + [rows.count]
        return ends.indices.map { ($0 == 0 ? 0 : ends[$0 - 1])..<ends[$0] }
    }

    /// The row at a place as it stands in the file.
    func cells(_ index: Int) -> TableRow { cells.row(index) }

    mutating func append(_ row: PendingRow, _ source: TableRow) {
        rows.append(row)
        cells.append(source)
        groupBytes += source.bytes.count + Self.valueBytes * row.planned.values.count
        guard rows.count - (ends.last ?? 0) == ImportRun.largestGroupRows || groupBytes >= Self.largestGroupBytes else {
            return
        }
        ends.append(rows.count)
        fullBytes += groupBytes
        groupBytes = 0
    }
}
