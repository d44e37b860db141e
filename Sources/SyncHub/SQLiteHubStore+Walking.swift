import RecordStorage
import SyncCore

/// Walks over all records, for exports and checks.
extension SQLiteHubStore {
    package func forEachLivingRecord(table: Int, _ body: (RecordState) throws -> Void) throws {
        try writeWaiting()
        try tables.forEach(table: table, where: "living = 1", by: "id") { _, record in
            try body(record)
            return true
        }
    }

    package func forEachRecord(table: Int, _ body: (StoredRecord) throws -> Void) throws {
        try writeWaiting()
        try tables.forEach(table: table) { key, state in
            try body(StoredRecord(key: key, state: state))
            return true
        }
    }
}
