import Database
import OutreachModel
import SyncCore
import Terminal

/// The records of a kind that a list shows, handed out one by one in its order.
struct ListedRecords {
    private let kind: RecordKind
    private let reader: RecordReader
    private var conditions: [String] = []
    private var values: [SQLValue] = []

    init(_ kind: RecordKind, _ reader: RecordReader) {
        self.kind = kind
        self.reader = reader
    }

    /// Whether not all are asked for.
    var isNarrowed: Bool { !conditions.isEmpty }

    /// Leaves only those that name one of these records in one of the fields.
    mutating func keep(fields: [FieldDescription], among ids: [RecordID]) {
        conditions.append(
            fields.map { RecordReader.isAmong($0.name, ids.count, from: values.count + 1) }.joined(separator: " OR "))
        values += ids.map { .blob($0.bytes) }
    }

    /// Leaves only those that somebody took part in, or, where there is a field for whom it was about, that name them there.
    ///
    /// - Parameter people: the ids of the person's records, of which one stands for the others.
    mutating func keep(with people: [RecordID]) {
        let among = RecordReader.isAmong(RecordKind.person.name, people.count, from: values.count + 1)
        let tookPart = "id IN (SELECT \"\(kind.name)\" FROM attendance WHERE living AND \(among))"
        conditions.append(kind.field(named: RecordKind.person.name) == nil ? tookPart : "\(among) OR \(tookPart)")
        values += people.map { .blob($0.bytes) }
    }

    /// Leaves only those of these days. Times begin with the day that the writer's calendar showed, so that texts in order
    /// are days in order.
    mutating func keep(since: CivilDate?, until: CivilDate?) {
        guard let column = dayColumn else { return }
        for (day, sign) in [(since, ">="), (until?.adding(days: 1), "<")] {
            guard let day else { continue }
            values.append(.text(day.description))
            conditions.append("\"\(column)\" \(sign) ?\(values.count)")
        }
    }

    private var dayColumn: String? { kind.dayField.flatMap { kind.field($0) }?.name }

    private var condition: String {
        conditions.isEmpty ? "1" : conditions.map { "(\($0))" }.joined(separator: " AND ")
    }

    /// The deleted ones among them, in no order.
    func deleted() throws -> [StoredRecord] {
        try reader.records(kind, .deleted, where: condition, values, isOrdered: false)
    }

    /// How many there are.
    func count() throws(DatabaseError) -> Int { try reader.count(kind, where: condition, values) }

    /// Hands those of a kind with a day to the body until it returns false: the newest first, by the moment, whatever
    /// offsets they were entered with.
    ///
    /// - Parameter fields: those that are read; all if not given.
    func forEachNewestFirst(fields: [FieldDescription]?, _ body: (StoredRecord) throws -> Bool) throws {
        guard let dayField = kind.dayField, let column = dayColumn else { return }
        var order = NewestFirst(dayField: dayField)
        var goesOn = true
        try reader.walkDown(kind, by: column, where: condition, values, fields: fields) { record in
            for record in order.add(record) where goesOn { goesOn = try body(record) }
            return goesOn
        }
        for record in order.rest() where goesOn { goesOn = try body(record) }
    }

    /// Hands those of a kind without a day to the body until it returns false: the newest first, by when they were made.
    ///
    /// - Parameter isShown: whether a record is handed on.
    /// - Returns: how many there are.
    func forEachLatest(
        fields: [FieldDescription]?, isShown: (RecordID) -> Bool, _ body: (StoredRecord) throws -> Bool
    ) throws -> Int {
        let lookup = try RowLookup(reader, kind, fields, by: "record_key")
        var (count, goesOn) = (0, true)
        try reader.forEachLatest(kind, where: condition, values) { key, id in
            guard isShown(id) else { return }
            count += 1
            guard goesOn, let record = try lookup.record(.integer(key)) else { return }
            goesOn = try body(record)
        }
        return count
    }

    /// Hands those of a kind without a day to the body until it returns false: by what they are called, without accents
    /// and capitals.
    ///
    /// - Parameters:
    ///   - limit: how many are asked for at most.
    ///   - title: what a record is sorted by, of which the fields of its order are read; not asked where it has a name.
    ///   - isShown: whether a record is handed on.
    /// - Returns: how many there are.
    func forEachByTitle(
        limit: Int, fields: [FieldDescription]?, title: (StoredRecord) throws -> String, isShown: (RecordID) -> Bool,
        _ body: (StoredRecord) throws -> Bool
    ) throws -> Int {
        // First what they are called alone, for all records at once would take more memory.
        var order = TitleOrder(limit: limit)
        if kind.hasName {
            try reader.forEachName(kind, where: condition, values) { key, id, name in
                if isShown(id) { order.add(name, id, .integer(key)) }
            }
        } else {
            let parts = kind.orderParts.joined().compactMap { kind.field($0) }
            let titleFields = parts + parts.compactMap { kind.ownWords(of: $0) }.filter { !parts.contains($0) }
            try reader.walk(kind, where: condition, values, fields: titleFields) { record in
                if isShown(record.id) { order.add(try title(record), record.id, .blob(record.id.bytes)) }
                return true
            }
        }
        let lookup = try RowLookup(reader, kind, fields, by: kind.hasName ? "record_key" : "id")
        for row in order.rows() {
            guard let record = try lookup.record(row) else { continue }
            guard try body(record) else { break }
        }
        return order.count
    }
}

/// Puts records that come by the text of their day, the last one first, in the order of their moments.
///
/// The two orders differ by less than a day: a moment lies at most 23:59 hours before or after what its clock showed. So a
/// record can be handed on as soon as those that come are two days older.
private struct NewestFirst {
    private static let dayMilliseconds: Int64 = 86_400_000

    private let dayField: Int
    private var waiting: [(key: Int64, record: StoredRecord)] = []
    /// The day in milliseconds since 1970 of the last record.
    private var day = Int64.max

    init(dayField: Int) { self.dayField = dayField }

    /// Takes a record, and gives those that no later one can come before.
    mutating func add(_ record: StoredRecord) -> [StoredRecord] {
        guard case .text(let text)? = record.values[dayField], let parsed = ParsedDate(stored: text) else {
            // What can't be read comes last.
            waiting.append((.min, record))
            return []
        }
        var ready: [StoredRecord] = []
        let recordDay = Int64(parsed.date.daysSince1970) * Self.dayMilliseconds
        if recordDay < day {
            day = recordDay
            ready = take { $0 > recordDay + 2 * Self.dayMilliseconds }
        }
        waiting.append((RecordList.key(parsed), record))
        return ready
    }

    /// Gives all that wait.
    mutating func rest() -> [StoredRecord] { take { _ in true } }

    private mutating func take(_ isReady: (Int64) -> Bool) -> [StoredRecord] {
        let ready = waiting.filter { isReady($0.key) }
        guard !ready.isEmpty else { return [] }
        waiting.removeAll { isReady($0.key) }
        return ready.sorted { ($0.key, $0.record.id) > ($1.key, $1.record.id) }.map(\.record)
    }
}
