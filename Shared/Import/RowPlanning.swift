import SyncCore
import Tabular

/// Rows that were read and planned together, on their way to be kept in one commit.
struct PlannedRows: Sendable {
    var waiting: WaitingRows
    var rejected: [(row: TableRow, reason: String)] = []
    /// Rows that say the same as an earlier one with their id.
    var unchanged = 0
    var blank = 0
}

/// Reads a file row by row and plans what each row will be.
///
/// It runs on a thread of its own while the rows before are written. `@unchecked Sendable`: everything here is used on
/// that thread alone once it runs, but for the file, which two may read.
final class RowPlanning: @unchecked Sendable {
    /// The most rejected rows that wait to be written down.
    private static let largestRejectedCount = 500

    private let file: TableFile
    private let reader: RowReader
    private let check: RowCheck
    private let places: RecordNames
    private let rowCount: Int
    private var identifier: RowIdentifier
    private var index = 0
    private var rows: PlannedRows

    /// - Parameters:
    ///   - places: all places by name; new ones are added to it.
    ///   - rowCount: the most rows that the file has.
    init(
        _ file: TableFile, _ reader: RowReader, identifier: RowIdentifier, places: RecordNames, rowCount: Int
    ) {
        self.file = file
        self.reader = reader
        self.identifier = identifier
        self.places = places
        self.rowCount = rowCount
        check = RowCheck(reader.plan)
        rows = PlannedRows(waiting: WaitingRows(rowCount: rowCount, index: 0))
    }

    /// Plans all rows of the file.
    ///
    /// - Parameter place: takes what is kept in one commit; false: no more are wanted.
    func run(_ place: (PlannedRows) -> Bool) throws {
        var read = 0
        var isWanted = true
        try file.forEachRow { row in
            read += 1
            guard read <= rowCount else { throw TabularError.changed(path: file.path) }
            try take(row)
            if rows.waiting.isFull || rows.rejected.count >= Self.largestRejectedCount { isWanted = place(next()) }
            return isWanted
        }
        if isWanted { _ = place(next()) }
    }

    /// What was planned so far; leaves room for more.
    private func next() -> PlannedRows {
        index += 1
        let next = rows
        rows = PlannedRows(waiting: WaitingRows(rowCount: rowCount, index: index))
        return next
    }

    private func take(_ row: TableRow) throws {
        if row.isBlank {
            rows.blank += 1
            return
        }
        do throws(RowProblem) {
            let planned = try reader.read(row)
            if let reason = check.problem(planned) { throw RowProblem(reason) }
            guard let identity = try identifier.identity(of: row, reader) else {
                rows.unchanged += 1
                return
            }
            if let place = planned.newPlace { places.add(place.id, place.name) }
            rows.waiting.append(PendingRow(planned: planned, identity: identity), row)
        } catch {
            rows.rejected.append((row, error.reason))
        }
    }
}
