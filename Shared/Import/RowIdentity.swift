import SyncCore
import Tabular

/// Which record a row of a file stands for.
struct RowIdentity {
    /// The record's id, unless another record has the id elsewhere, or its own is here.
    var id: RecordID
    /// The id that an export of ours gives it.
    var ownID: RecordID?
    /// The id that a version before gave a row without one, where that was another: it looked at the cells alone.
    var formerID: RecordID?
    /// The id in the other system, where the row has one.
    var externalID: String?
    /// A number for what the row says, and what is made of it.
    var content: UInt64

    /// An id from a hash: the same row gives the same record on every device, so that nothing is doubled.
    static func recordID(_ hash: UInt128) -> RecordID {
        RecordID(milliseconds: 0, random: (UInt64(truncatingIfNeeded: hash >> 64), UInt64(truncatingIfNeeded: hash)))
    }
}

/// Tells the rows of one file apart: by our own id, by the id elsewhere, or by what they say and how often.
///
/// What a row without an id says is its cells under their columns' names, and of what or whom `--set` says that all rows are: a list
/// for each house or each person may have the same rows.
struct RowIdentifier {
    private static let separator: UInt8 = 0x1F

    private let plan: ImportPlan
    private let prefix: [UInt8]
    private let foreignIDs: ForeignIDs
    private let hash: Hash128
    private var seen: SeenRows
    /// What tells plans apart: the same row read in another way says something else.
    private let signature: [UInt8]
    /// What a row without an id says beside its cells.
    private let sheet: [UInt8]
    private var scratch: [UInt8] = []

    /// - Parameters:
    ///   - area: the area of new records; the same row makes another record in another area.
    ///   - foreignIDs: the ids of records that are not here.
    ///   - rowCount: the most rows that the file has.
    init(_ plan: ImportPlan, area: Int, foreignIDs: ForeignIDs, rowCount: Int, hash: Hash128) {
        self.plan = plan
        self.foreignIDs = foreignIDs
        self.hash = hash
        prefix = Array("\(plan.kind.name)\u{1F}\(area)\u{1F}".utf8)
        seen = SeenRows(count: rowCount)
        signature = hash(plan.signature).bigEndianBytes
        sheet = hash(plan.sheet).bigEndianBytes
    }

    /// The row's record; nil for a row that says the same as an earlier one with its id.
    ///
    /// - Throws: where an earlier row has the same id and says something else.
    mutating func identity(of row: TableRow, _ reader: RowReader) throws(RowProblem) -> RowIdentity? {
        scratch.removeAll(keepingCapacity: true)
        for column in plan.contentColumns {
            // As it stood in the file whose rows were rejected.
            if plan.isRejects {
                scratch += CSVText.unguarded(row.text(column)).utf8
            } else {
                row.appendCell(column, to: &scratch)
            }
            scratch.append(Self.separator)
        }
        let cellBytes = scratch.count
        scratch += signature
        if let order = reader.orderOfDates(row) { scratch += order.rawValue.utf8 }
        let whole = hash(scratch)
        scratch.removeLast(scratch.count - cellBytes)
        let content = UInt64(truncatingIfNeeded: whole >> 64)
        if let column = plan.idColumn, !row.cell(column).isEmpty {
            guard let id = RecordID(row.text(column)) else { throw RowProblem("“id” is not the id of a record.") }
            let key = UInt64(truncatingIfNeeded: hash(id.bytes))
            guard try note(key, row, content) else { return nil }
            return RowIdentity(id: foreignIDs.id(of: id, plan.kind), ownID: id, content: content)
        }
        if let column = plan.externalIDColumn, case let text = reader.text(row, column), !text.isEmpty {
            let id = hash(prefix + [1] + Array(text.utf8))
            guard try note(UInt64(truncatingIfNeeded: id), row, content) else { return nil }
            return RowIdentity(id: RowIdentity.recordID(id), externalID: text, content: content)
        }
        let key = UInt64(truncatingIfNeeded: whole)
        let occurrence = 1 + (seen.row(key)?.line ?? 0)
        seen.note(key, SeenRows.Row(line: occurrence, content: content))
        let end = Array("#\(occurrence)".utf8)
        return RowIdentity(
            id: RowIdentity.recordID(hash(prefix + [3] + scratch + sheet + end)),
            formerID: RowIdentity.recordID(hash(prefix + [2] + scratch + end)), content: content)
    }

    /// Notes an id; false where an earlier row has it and says the same.
    private mutating func note(_ key: UInt64, _ row: TableRow, _ content: UInt64) throws(RowProblem) -> Bool {
        guard let earlier = seen.row(key) else {
            seen.note(key, SeenRows.Row(line: row.line, content: content))
            return true
        }
        guard earlier.content == content else {
            throw RowProblem("Lines \(earlier.line) and \(row.line) have the same id and differ; the first stays.")
        }
        return false
    }
}
