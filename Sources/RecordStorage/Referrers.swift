package import Database
package import SyncCore

/// Which records are named by living records that other devices made; looked up once, when it is first asked.
package final class Referrers {
    /// A column that holds ids of records.
    package struct Column: Hashable, Sendable {
        /// The SQL table, from the schema.
        package let table: String
        /// The column, from the schema.
        package let name: String

        package init(table: String, name: String) {
            self.table = table
            self.name = name
        }
    }

    private let database: Database
    private let columns: [Column]
    private let device: UInt32
    /// The devices by the ids that their records name; nil before the first question.
    private var found: [RecordID: UInt32]?

    /// - Parameters:
    ///   - columns: all that hold ids of records.
    ///   - device: the one whose own records don't count.
    package init(_ database: Database, columns: [Column], except device: UInt32) {
        self.database = database
        self.columns = columns
        self.device = device
    }

    /// A device that made a living record which names this one; nil where there is none.
    package func device(namingRecord id: RecordID) throws -> UInt32? {
        if let found { return found[id] }
        var found: [RecordID: UInt32] = [:]
        for column in columns {
            let statement = try database.prepare(
                """
                SELECT "\(column.name)", min(created_device) FROM "\(column.table)"
                WHERE living AND created_device <> ?1 AND "\(column.name)" NOT NULL GROUP BY 1
                """)
            try statement.bind(1, Int64(device))
            while try statement.step() {
                guard let id = RecordID(bytes: statement.blob(0)) else { continue }
                found[id] = UInt32(truncatingIfNeeded: statement.integer(1))
            }
        }
        self.found = found
        return found[id]
    }
}
