import Database
import RecordStorage
import SyncCore

/// New records that wait for others, so that one statement adds several: a statement costs as much as a row.
struct WaitingRecords {
    /// The records of one table that wait, and the key that the first of them will have.
    struct Batch {
        let firstKey: Int64
        var records: [RecordState]
    }

    /// How many of a table wait at most.
    static let largestCount = 64

    var batches: [Int: Batch] = [:]

    mutating func removeAll() { if !batches.isEmpty { batches.removeAll() } }
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

    package func insert(_ record: RecordState) throws -> Int64 {
        // Those of unknown tables share one, and are few.
        guard schema.table(record.table) != nil else { return try adding { try tables.insert(record) } }
        var batch =
            try waiting.batches.removeValue(forKey: record.table)
            ?? WaitingRecords.Batch(firstKey: tables.nextKey(table: record.table), records: [])
        let key = batch.firstKey + Int64(batch.records.count)
        batch.records.append(record)
        if batch.records.count < WaitingRecords.largestCount {
            waiting.batches[record.table] = batch
        } else {
            try write(batch)
        }
        return key
    }

    /// Adds the records that wait.
    ///
    /// - Throws: `KnownRecord` where one of them is there.
    func writeWaiting() throws {
        if waiting.batches.isEmpty { return }
        let batches = waiting.batches.sorted { $0.key < $1.key }
        waiting.removeAll()
        for (_, batch) in batches { try write(batch) }
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
