import SyncCore
import Tabular

/// Rows that wait to be kept: split into groups, of which several share a commit.
struct WaitingRows {
    /// The size of a group in bytes from which on it is full: two of them fit into a page of a sync, and so do their
    /// changes.
    private static let largestGroupBytes = 128 << 10
    private static let largestGroupChanges = SyncRequest.largestPageCount / 2 - 1
    /// The changes of the first group of a file: a sync sends it alone, and the server waits until it has answered it.
    private static let firstGroupChanges = 100
    /// The size in bytes from which on the groups are kept: each commit writes nearly every page of an index without
    /// order again, so few are better. The first are smaller, so that there is soon something to write.
    private static let commitBytes = 1 << 20
    private static let firstCommitBytes = largestGroupBytes
    /// The same for a long file, whose rows each change a page of their own, which is in memory until the commit.
    private static let commitBytesOfLongFile = 1 << 18
    /// How many rows make a file long.
    private static let longFileRows = 250_000
    /// What a value costs beside its text in an encoded group, with its share of the record's id.
    private static let valueBytes = 24

    private(set) var rows: [PendingRow] = []
    /// The place of the row behind the last one of each group.
    private var ends: [Int] = []
    private var cells = StoredRows()
    private var groupBytes = 0
    private var groupChanges = 0
    private var fullBytes = 0
    private let largestCommitBytes: Int
    /// Whether these are the first rows of the file.
    private let isFirst: Bool

    /// - Parameters:
    ///   - rowCount: the most rows that the file has.
    ///   - index: how many such collections the file has filled before.
    init(rowCount: Int, index: Int) {
        let largest = rowCount > Self.longFileRows ? Self.commitBytesOfLongFile : Self.commitBytes
        largestCommitBytes = min(largest, Self.firstCommitBytes << min(index, 8))
        isFirst = index == 0
    }

    var isEmpty: Bool { rows.isEmpty }

    /// Whether it is time to keep them: after a whole group.
    var isFull: Bool { groupChanges == 0 && fullBytes >= largestCommitBytes }

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
        groupChanges += row.planned.newPlace == nil ? 1 : 2
        let largestChanges = isFirst && ends.isEmpty ? Self.firstGroupChanges : Self.largestGroupChanges
        guard groupChanges >= largestChanges || groupBytes >= Self.largestGroupBytes else { return }
        ends.append(rows.count)
        fullBytes += groupBytes
        (groupBytes, groupChanges) = (0, 0)
    }
}
