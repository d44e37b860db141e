import Database
import OutreachModel
import SyncCore
import Terminal

/// The records of a kind that a list shows, in its order, of which no more are read than are shown.
struct ListedRecords {
    /// Up to so many records are read one by one; more, all at once.
    private static let fewRecords = 1_000

    private let kind: RecordKind
    private let reader: RecordReader
    private var conditions: [String] = []
    private var values: [SQLValue] = []

    init(_ kind: RecordKind, _ reader: RecordReader) {
        self.kind = kind
        self.reader = reader
    }

    /// Leaves only those that name one of these records in a field.
    mutating func keep(field: FieldDescription, among ids: [RecordID]) {
        conditions.append(RecordReader.isAmong(field.name, ids.count, from: values.count + 1))
        values += ids.map { .blob($0.bytes) }
    }

    /// Leaves only those of these days. Times begin with the day that the writer's calendar showed, so that texts in order
    /// are days in order.
    mutating func keep(since: CivilDate?, until: CivilDate?) {
        guard let column = kind.dayField.flatMap({ kind.field($0) })?.name else { return }
        for (day, sign) in [(since, ">="), (until?.adding(days: 1), "<")] {
            guard let day else { continue }
            values.append(.text(day.description))
            conditions.append("\"\(column)\" \(sign) ?\(values.count)")
        }
    }

    private var condition: String {
        conditions.isEmpty ? "1" : conditions.map { "(\($0))" }.joined(separator: " AND ")
    }

    /// Those of a kind with a day, the newest first, by the moment, whatever offsets it was entered with.
    func newestFirst(limit: Int?) throws -> [StoredRecord] {
        guard let day = kind.dayField, let limit, limit <= Self.fewRecords else {
            var records = try reader.records(kind, where: condition, values)
            if let day = kind.dayField { RecordList.sortNewestFirst(&records, started: day) }
            return limit.map { Array(records.prefix($0)) } ?? records
        }
        let days = try reader.texts(kind, field: day, where: condition, values)
        let keyed = days.map { (key: RecordList.startKey($0.text), id: $0.id) }
        let newest = keyed.sorted { ($0.key, $0.id) > ($1.key, $1.id) }.prefix(limit)
        return try newest.compactMap { try reader.record(kind, $0.id) }
    }

    /// Those of a kind without a day, in no order.
    func all() throws -> [StoredRecord] { try reader.records(kind, where: condition, values, isOrdered: false) }
}
