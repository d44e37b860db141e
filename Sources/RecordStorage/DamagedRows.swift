internal import Database
internal import SyncCore

/// Rows that a damaged disk left behind.
extension RecordTables {
    /// The keys of an area's rows that can't be read.
    package func unreadableKeys(table: Int, area: Int) throws -> [(table: Int, key: Int64)] {
        let layout = layout(table)
        let statement = try database.prepare("\(layout.select) WHERE area = ?1")
        defer { statement.reset() }
        try statement.bind(1, Int64(area))
        var keys: [(table: Int, key: Int64)] = []
        while try statement.step() {
            do {
                _ = try read(statement, layout: layout)
            } catch RecordStorageError.damagedRow {
                keys.append((Int(statement.integer(2)), statement.integer(0)))
            }
        }
        return keys
    }

    /// Empties the stamps and the unknown fields of a row that can't be read.
    package func dropBlobs(table: Int, key: Int64) throws {
        try database.run(layout(table).dropBlobs, .integer(key))
    }
}
