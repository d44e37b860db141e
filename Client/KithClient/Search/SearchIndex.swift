import Database
import OutreachModel

/// The index over all text on this laptop (SQLite FTS5), which a search brings up to date before it looks.
///
/// Saving writes nothing into it: new rows are those with a greater key than the index has seen, and triggers note the
/// keys of rows that were changed or removed. All of it can be made anew from the rows at any time.
struct SearchIndex {
    /// The most rows that are read into the index in one transaction.
    static let batchCount = 2_000
    /// Of more records than this the newest are told first, and not the best.
    static let largestRanking = 10_000
    /// How many words a snippet has.
    private static let snippetWords = 12
    /// The lowest bits of a row number of the index are the table's number, the others the key of the record's row.
    private static let tableBits: Int64 = 8
    private static let tableMask: Int64 = (1 << tableBits) - 1

    /// One record that fits.
    struct Hit {
        let kind: RecordKind
        /// The key of its row.
        let key: Int64
        /// The number of its row in the index.
        let row: Int64
    }

    let database: Database

    /// Makes the empty index anew; run once whenever the tables have a new version.
    ///
    /// - Parameter version: the new one. Where the file has it by now, another process was quicker and may have begun to fill the
    ///   index: it stays.
    func createTables(forVersion version: Int) throws {
        try database.transaction {
            guard try database.version < version else { return }
            try database.execute(
                Self.emptying + """
                    CREATE TABLE IF NOT EXISTS search_progress (
                        table_number INTEGER PRIMARY KEY, through INTEGER NOT NULL);
                    CREATE TABLE IF NOT EXISTS search_stale (
                        table_number INTEGER NOT NULL, record_key INTEGER NOT NULL, is_removed INTEGER NOT NULL,
                        PRIMARY KEY (table_number, record_key)) WITHOUT ROWID;
                    DELETE FROM search_progress;
                    DELETE FROM search_stale;

                    """ + RecordKind.all.map(Self.withoutTriggers).joined())
        }
    }

    /// Drops what is in the index: deleting rows would leave their words in it until segments are merged.
    private static let emptying = """
        DROP TABLE IF EXISTS search;
        CREATE VIRTUAL TABLE search USING fts5(words, tokenize = "unicode61 remove_diacritics 2");

        """

    private static func withoutTriggers(_ kind: RecordKind) -> String {
        """
        DROP TRIGGER IF EXISTS search_\(kind.name)_changed;
        DROP TRIGGER IF EXISTS search_\(kind.name)_removed;

        """
    }

    /// Rows that the index has not seen need no note.
    private static func triggers(_ kind: RecordKind) -> String {
        let seen = "OLD.record_key <= (SELECT through FROM search_progress WHERE table_number = \(kind.number))"
        return withoutTriggers(kind) + """
            CREATE TRIGGER search_\(kind.name)_changed AFTER UPDATE OF \(columns(kind)) ON "\(kind.name)" WHEN \(seen)
            BEGIN INSERT OR IGNORE INTO search_stale VALUES (\(kind.number), OLD.record_key, 0); END;
            CREATE TRIGGER search_\(kind.name)_removed AFTER DELETE ON "\(kind.name)" WHEN \(seen)
            BEGIN INSERT OR REPLACE INTO search_stale VALUES (\(kind.number), OLD.record_key, 1); END;

            """
    }

    private static func columns(_ kind: RecordKind) -> String {
        kind.textFields.map { "\"\($0.name)\"" }.joined(separator: ", ")
    }

    // MARK: Keeping it up to date

    /// How many rows the index has not seen as they are now.
    func staleCount() throws(DatabaseError) -> Int {
        var count = try database.integer("SELECT count(*) FROM search_stale") ?? 0
        for kind in RecordKind.all {
            count +=
                try database.integer(
                    "SELECT count(*) FROM \"\(kind.name)\" WHERE record_key > ?", .integer(try through(kind))) ?? 0
        }
        return Int(count)
    }

    /// Reads what is new or changed, in transactions of at most 2,000 rows.
    func catchUp() throws {
        guard try staleCount() > 0 else { return }
        // On a disk that can't be written all is read into an index in memory, which hides the one of the file.
        guard !database.isReadOnly else { return try database.memoryTransaction { try makeInMemory() } }
        try forgetRemoved()
        // Until the first search there is nothing to note, and every command would read the triggers for nothing.
        if try database.integer("SELECT 1 FROM search_progress LIMIT 1") == nil {
            try database.transaction { try database.execute(RecordKind.all.map(Self.triggers).joined()) }
        }
        while try database.transaction({ try readBatch() }) == Self.batchCount {}
    }

    private func makeInMemory() throws {
        try database.execute(
            """
            CREATE VIRTUAL TABLE temp.search USING fts5(words, tokenize = "unicode61 remove_diacritics 2");
            CREATE TEMP TABLE search_progress (table_number INTEGER PRIMARY KEY, through INTEGER NOT NULL);
            CREATE TEMP TABLE search_stale (
                table_number INTEGER NOT NULL, record_key INTEGER NOT NULL, is_removed INTEGER NOT NULL);
            """)
        while try readBatch() == Self.batchCount {}
    }

    /// Makes the index empty where records have left this laptop since: nothing of them stays in a file.
    ///
    /// - Returns: whether there were any.
    @discardableResult
    func forgetRemoved() throws -> Bool {
        guard try database.integer("SELECT 1 FROM search_stale WHERE is_removed LIMIT 1") != nil else { return false }
        try empty()
        return true
    }

    /// Drops everything, so that nothing stays of what was erased; the next search reads all records in again.
    func empty() throws {
        try database.transaction {
            try database.execute(Self.emptying + "DELETE FROM search_progress; DELETE FROM search_stale;")
        }
    }

    /// Changed rows first, then new ones; returns how many.
    private func readBatch() throws -> Int {
        var count = 0
        for stale in try database.query(
            "SELECT table_number, record_key FROM search_stale LIMIT ?", [.integer(Int64(Self.batchCount))])
        {
            guard case .integer(let table) = stale[0], case .integer(let key) = stale[1] else { continue }
            try database.run("DELETE FROM search WHERE rowid = ?", .integer(key << Self.tableBits | table))
            try database.run(
                "DELETE FROM search_stale WHERE table_number = ? AND record_key = ?", .integer(table), .integer(key))
            if let kind = RecordKind.of(table: Int(table)) {
                try read(kind, where: "record_key = ?1 AND record_key <= ?2", key, try through(kind))
            }
            count += 1
        }
        for kind in RecordKind.all where count < Self.batchCount {
            let last = try through(kind)
            let read = try read(kind, where: "record_key > ?1 LIMIT ?2", last, Int64(Self.batchCount - count))
            guard read.count > 0 else { continue }
            try database.run(
                "INSERT OR REPLACE INTO search_progress VALUES (?, ?)", .integer(Int64(kind.number)),
                .integer(read.last))
            count += read.count
        }
        return count
    }

    /// Puts the text of rows into the index.
    @discardableResult
    private func read(
        _ kind: RecordKind, where condition: String, _ first: Int64, _ second: Int64
    ) throws -> (count: Int, last: Int64) {
        let rows = try database.statement(
            "SELECT record_key, \(Self.columns(kind)) FROM \"\(kind.name)\" WHERE \(condition)")
        defer { rows.reset() }
        try rows.bind(1, first)
        try rows.bind(2, second)
        let insert = try database.statement("INSERT INTO search(rowid, words) VALUES (?, ?)")
        var (count, last) = (0, first)
        while try rows.step() {
            (count, last) = (count + 1, rows.integer(0))
            let texts = (1...kind.textFields.count).compactMap { rows.isNull($0) ? nil : rows.text($0) }
            let words = texts.filter { !OptionalAnswer.codes.contains($0) }.joined(separator: "\n")
            guard !words.isEmpty else { continue }
            try insert.bind(1, last << Self.tableBits | Int64(kind.number))
            try insert.bind(2, words)
            try insert.run()
        }
        return (count, last)
    }

    /// The greatest key that the index has seen; 0 before the first.
    private func through(_ kind: RecordKind) throws(DatabaseError) -> Int64 {
        try database.integer(
            "SELECT through FROM search_progress WHERE table_number = ?", .integer(Int64(kind.number))) ?? 0
    }

    // MARK: Searching

    /// Hands records in which all words of a query stand to the body until it returns false: the best first, or where
    /// very many fit, the newest.
    ///
    /// To rank a hundred thousand takes longer than anybody waits, and says little about any of them.
    ///
    /// - Parameter largestRanking: how many are very many.
    func forEachHit(
        _ query: SearchQuery, kind: RecordKind?, largestRanking: Int = largestRanking, _ body: (Hit) throws -> Bool
    ) throws {
        let found = try fitting("count(*)", "LIMIT \(largestRanking + 1)", query, kind, isNested: true)
        defer { found.reset() }
        let isRanked = try found.step() && found.integer(0) <= Int64(largestRanking)
        let statement = try fitting(
            "rowid", isRanked ? "ORDER BY rank, rowid DESC" : "ORDER BY rowid DESC", query, kind)
        defer { statement.reset() }
        while try statement.step() {
            let row = statement.integer(0)
            guard let kind = RecordKind.of(table: Int(row & Self.tableMask)) else { continue }
            guard try body(Hit(kind: kind, key: row >> Self.tableBits, row: row)) else { return }
        }
    }

    /// What stands around the words in each of these hits, which are marked by square brackets.
    func snippets(_ query: SearchQuery, of hits: [Hit]) throws -> [Int64: String] {
        let rows = hits.map(\.row)
        guard let first = rows.min(), let last = rows.max() else { return [:] }
        // The plus keeps SQLite from searching anew for each row.
        let statement = try database.prepare(
            """
            SELECT rowid, snippet(search, 0, '[', ']', '…', \(Self.snippetWords)) FROM search
            WHERE search MATCH ?1 AND rowid BETWEEN ?2 AND ?3
            AND +rowid IN (\(rows.map(String.init).joined(separator: ", ")))
            """)
        defer { statement.reset() }
        try statement.bind(1, query.expression)
        try statement.bind(2, first)
        try statement.bind(3, last)
        var snippets: [Int64: String] = [:]
        while try statement.step() {
            snippets[statement.integer(0)] = String(statement.text(1).map { $0.isNewline ? " " : $0 })
        }
        return snippets
    }

    private func fitting(
        _ columns: String, _ end: String, _ query: SearchQuery, _ kind: RecordKind?, isNested: Bool = false
    ) throws -> Statement {
        let condition = "search MATCH ?1 AND (?2 IS NULL OR rowid & \(Self.tableMask) = ?2)"
        let statement = try database.prepare(
            isNested
                ? "SELECT \(columns) FROM (SELECT 1 FROM search WHERE \(condition) \(end))"
                : "SELECT \(columns) FROM search WHERE \(condition) \(end)")
        try statement.bind(1, query.expression)
        if let kind { try statement.bind(2, Int64(kind.number)) } else { try statement.bindNull(2) }
        return statement
    }
}

extension RecordKind {
    /// The fields of free words, which a search looks through.
    fileprivate var textFields: [FieldDescription] {
        fields.filter { field in
            switch field.form {
            case .text: true
            case .answer(let words): words.isEmpty
            default: false
            }
        }
    }
}
