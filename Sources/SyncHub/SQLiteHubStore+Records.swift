import Database
import RecordStorage
import SyncCore

/// New records that wait for others, so that one statement adds several: a statement costs as much as a row.
struct WaitingRecords {
    /// The records of one table that wait, and the key that the first of them will have.
    struct Batch {
        let table: Int
        let firstKey: Int64
        var records: [RecordState]
    }

    /// How many of a table wait at most.
    static let largestCount = 64

    /// One for each table of which any wait: few, so that they are looked through sooner than looked up.
    private(set) var batches: [Batch] = []

    mutating func removeAll() { batches.removeAll(keepingCapacity: true) }

    /// Where the records of a table wait; nil where none does.
    func place(of table: Int) -> Int? {
        for index in batches.indices where batches[index].table == table { return index }
        return nil
    }

    mutating func begin(_ batch: Batch) { batches.append(batch) }

    /// Adds a record to those that wait at a place.
    ///
    /// - Returns: its key, and all of them, taken out, once they are as many as may wait.
    mutating func add(_ record: RecordState, at place: Int) -> (key: Int64, full: Batch?) {
        let count = batches[place].records.count
        batches[place].records.append(record)
        let key = batches[place].firstKey + Int64(count)
        return (key, count + 1 < Self.largestCount ? nil : batches.remove(at: place))
    }
}

/// Records. A new one is in its table once anything asks for records of the same transaction, and at the latest when the
/// transaction, or the savepoint around it, ends.
extension SQLiteHubStore {
    package func record(table: Int, id: RecordID) throws -> StoredRecord? {
        try writeWaiting()
        return try tables.find(table: table, id: id).map { StoredRecord(key: $0.key, state: $0.state) }
    }

    package func record(table: Int, key: Int64) throws -> RecordState? {
        try writeWaiting()
        return try tables.load(table: table, key: key)
    }

    package func forEachRecord(
        table: Int, keys: ClosedRange<Int64>, _ body: (Int64, RecordState) throws -> Void
    ) throws {
        try writeWaiting()
        try tables.forEach(table: table, keys: keys, body)
    }

    package func insert(_ record: RecordState) throws -> Int64 {
        guard let place = waiting.place(of: record.table) else { return try insertFirst(record) }
        let (key, full) = waiting.add(record, at: place)
        if let full { try write(full) }
        return key
    }

    /// Adds a record of whose table no other waits.
    private func insertFirst(_ record: RecordState) throws -> Int64 {
        // Those of unknown tables share one, and are few.
        guard schema.table(record.table) != nil else { return try adding { try tables.insert(record) } }
        let key = try tables.nextKey(table: record.table)
        var records: [RecordState] = []
        records.reserveCapacity(WaitingRecords.largestCount)
        records.append(record)
        waiting.begin(WaitingRecords.Batch(table: record.table, firstKey: key, records: records))
        return key
    }

    /// Adds the records that wait.
    ///
    /// - Throws: `KnownRecord` where one of them is there.
    func writeWaiting() throws {
        if waiting.batches.isEmpty { return }
        let batches = waiting.batches.sorted { $0.table < $1.table }
        waiting.removeAll()
        for batch in batches { try write(batch) }
    }

    private func write(_ batch: WaitingRecords.Batch) throws {
        let first = try adding { try tables.insert(batch.records) }
        // The feed names them by these keys already.
        guard first == batch.firstKey else {
            throw HubError.damagedRow(table: schema.table(batch.records[0].table)?.name ?? RecordTables.unknownTable)
        }
    }

    private func adding<T>(_ body: () throws -> T) throws -> T {
        do {
            return try body()
        } catch let error as DatabaseError where error.kind == .constraint {
            throw KnownRecord()
        }
    }

    package func update(_ record: RecordState, key: Int64, changed: FieldMask) throws {
        try writeWaiting()
        try tables.update(record, key: key, changed: changed)
    }
}
