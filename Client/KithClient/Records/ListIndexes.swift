import Database
import OutreachModel

/// Indexes with which lists, days and dues of a laptop with years of work are found without reading all of it.
///
/// They are made when somebody first reads such a laptop: small ones need none, and a first sync or an import is spared
/// the work of keeping them.
struct ListIndexes {
    /// From so many rows on a table is worth an index, unless something else is said.
    private static let usualLargeCount: Int64 = 10_000

    /// One index, by the columns that it is over.
    private struct Index {
        let table: String
        let columns: [String]

        var name: String { "\(table)_by_\(columns.joined(separator: "_"))" }

        /// Rows that name nobody are not looked for.
        var statement: String {
            let condition = columns.count == 1 && columns[0] == "started" ? "" : " WHERE \"\(columns[0])\" NOT NULL"
            return "CREATE INDEX IF NOT EXISTS \(name) ON \(table) (\(columns.joined(separator: ", ")))\(condition)"
        }
    }

    private static let all = [
        Index(table: "visit", columns: ["started"]), Index(table: "visit", columns: ["person", "started"]),
        Index(table: "visit", columns: ["place", "started"]), Index(table: "attendance", columns: ["person"]),
        Index(table: "attendance", columns: ["visit"]), Index(table: "attendance", columns: ["meeting"]),
    ]

    private let database: Database
    private let largeCount: Int64

    /// - Parameter largeCount: from so many rows on a table gets its indexes.
    init(database: Database, largeCount: Int64 = usualLargeCount) {
        self.database = database
        self.largeCount = largeCount
    }

    /// Makes those that are missing, for tables that have become large.
    ///
    /// - Returns: whether any was made.
    func make() throws -> Bool {
        let missing = try Self.all.filter { index in
            try isLarge(index.table) && database.integer("PRAGMA index_info(\(index.name))") == nil
        }
        guard !missing.isEmpty else { return false }
        try database.transaction {
            for index in missing { try database.execute(index.statement) }
        }
        return true
    }

    /// Keys are given in order, so that the last one says how many rows there were at most.
    private func isLarge(_ table: String) throws(DatabaseError) -> Bool {
        try database.integer("SELECT max(record_key) FROM \(table)") ?? 0 >= largeCount
    }
}
