import Database
import RecordStorage
import SyncCore

/// What the commands on this device did, newest last, so that they can be taken back one by one.
///
/// A row is one local transaction. The rows of one command form one operation: the first has no `command`, the others
/// name the first. `undone` is null, or counts up with each operation that is taken back.
struct OperationLog {
    /// How many operations are kept.
    static let largestCount = 1_000
    /// After so many rows the surplus ones are looked for.
    private static let rowsBetweenTidying: Int64 = 128

    /// One operation that can be taken back or done again.
    struct Target {
        let first: Int64
        let words: String
        /// When it began, in milliseconds since 1970.
        let milliseconds: Int64
        /// Its rows that are to be reversed, in the order in which that has to happen.
        let rows: [Int64]
    }

    let database: Database

    /// Adds what one transaction did, and returns the number of the row.
    ///
    /// - Parameter command: the first row of the same command, or nil where this is the first.
    func add(_ changes: [OperationChange], command: Int64?, words: String, milliseconds: Int64) throws -> Int64 {
        let statement = try database.statement("INSERT INTO operation VALUES (NULL, ?, ?, ?, NULL, ?)")
        try statement.bind(1, optional: command)
        try statement.bind(2, milliseconds)
        try statement.bind(3, words)
        try statement.bind(4, OperationChange.encode(changes))
        try statement.run()
        let row = database.lastInsertRowID
        if row % Self.rowsBetweenTidying == 0 { try removeSurplus() }
        return row
    }

    /// The operation that is taken back, or done again, next; nil where there is none.
    ///
    /// Only what was taken back after the last thing that was done can be done again.
    func target(_ direction: OperationReversal.Direction) throws -> Target? {
        let choice =
            switch direction {
            case .undo: "SELECT max(id) FROM operation WHERE undone IS NULL"
            case .redo:
                """
                SELECT id FROM operation WHERE undone NOT NULL
                AND id > (SELECT coalesce(max(id), 0) FROM operation WHERE undone IS NULL)
                ORDER BY undone DESC, id LIMIT 1
                """
            }
        guard let row = try database.integer(choice),
            let first = try database.integer(
                "SELECT coalesce(command, id) FROM operation WHERE id = ?", .integer(row)),
            let begin = try database.query(
                "SELECT at, words FROM operation WHERE id = ?1 OR command = ?1 ORDER BY id LIMIT 1", [.integer(first)]
            ).first,
            case .integer(let milliseconds) = begin[0], case .text(let words) = begin[1]
        else { return nil }
        let rows = try database.query(
            """
            SELECT id FROM operation WHERE (id = ?1 OR command = ?1) AND undone IS \(direction == .undo ? "" : "NOT") NULL
            ORDER BY id \(direction == .undo ? "DESC" : "ASC")
            """, [.integer(first)])
        let ids = rows.compactMap { if case .integer(let id)? = $0.first { id } else { nil } }
        return Target(first: first, words: words, milliseconds: milliseconds, rows: ids)
    }

    /// Whether an operation is there and nothing of it was taken back.
    ///
    /// - Parameter first: its first row.
    func stands(_ first: Int64) throws -> Bool {
        let rows = try database.query(
            "SELECT count(*), count(undone) FROM operation WHERE id = ?1 AND command IS NULL OR command = ?1",
            [.integer(first)])
        guard case .integer(let count)? = rows.first?.first, case .integer(let undone)? = rows.first?.last else {
            return false
        }
        return count > 0 && undone == 0
    }

    /// What one row says was done.
    func changes(_ row: Int64) throws -> [OperationChange] {
        let statement = try database.statement("SELECT changes FROM operation WHERE id = ?")
        defer { statement.reset() }
        try statement.bind(1, row)
        return try statement.step() ? OperationChange.decode(statement.blob(0)) : []
    }

    /// Notes that a row was taken back, or done again.
    ///
    /// - Parameter first: the first row of its operation; all rows of one operation bear the same count.
    func mark(_ row: Int64, of first: Int64, _ direction: OperationReversal.Direction) throws {
        guard direction == .undo else {
            return try database.run("UPDATE operation SET undone = NULL WHERE id = ?", .integer(row))
        }
        let known = try database.integer(
            "SELECT max(undone) FROM operation WHERE id = ?1 OR command = ?1", .integer(first))
        let count = try known ?? (database.integer("SELECT max(undone) FROM operation") ?? 0) + 1
        try database.run("UPDATE operation SET undone = ? WHERE id = ?", .integer(count), .integer(row))
    }

    /// Notes over which versions a row's changes were written this time.
    func note(_ found: [RowKey: [Int: Stamp]], in row: Int64) throws {
        guard !found.isEmpty else { return }
        let noted = try changes(row).map { change in
            var change = change
            change.found.merge(found[change.row] ?? [:]) { _, new in new }
            return change
        }
        try database.run(
            "UPDATE operation SET changes = ? WHERE id = ?", .blob(OperationChange.encode(noted)), .integer(row))
    }

    /// Removes everything about records that this device does not hold any more.
    ///
    /// That something was done stays, without a word of it: an undo must not pass over it and take back what came before.
    func forget(_ gone: Set<RowKey>) throws {
        guard !gone.isEmpty else { return }
        try rewrite { gone.contains($0.row) ? OperationChange(row: $0.row) : $0 }
    }

    /// Removes what the log says of some fields of a record, and of how it was made.
    func forget(_ fields: FieldMask, of record: RowKey) throws {
        try rewrite { change in
            guard change.row == record else { return change }
            var rest = change
            rest.contents = nil
            rest.forgetReasons()
            rest.steps.removeAll { fields.contains($0.field) }
            return rest
        }
    }

    /// Replaces each change by what the body makes of it.
    private func rewrite(_ body: (OperationChange) -> OperationChange) throws {
        for row in try database.query("SELECT id FROM operation") {
            guard case .integer(let id)? = row.first else { continue }
            let changes = try changes(id)
            let rest = changes.map(body)
            if rest == changes { continue }
            try database.run(
                "UPDATE operation SET changes = ? WHERE id = ?", .blob(OperationChange.encode(rest)), .integer(id))
        }
    }

    /// The number of the newest row; 0 for none.
    func newest() throws -> Int64 { try database.integer("SELECT max(id) FROM operation") ?? 0 }

    /// Removes rows up to a number that were made before a moment, in milliseconds since 1970.
    func remove(through row: Int64, before milliseconds: Int64) throws {
        try database.run("DELETE FROM operation WHERE id <= ? AND at < ?", .integer(row), .integer(milliseconds))
        try ImportedRows.forgetEarlier(in: database)
    }

    /// Removes operations beyond the newest 1,000.
    func removeSurplus() throws {
        try database.run(
            """
            DELETE FROM operation WHERE coalesce(command, id) <
            (SELECT id FROM operation WHERE command IS NULL ORDER BY id DESC LIMIT 1 OFFSET ?)
            """, .integer(Int64(Self.largestCount - 1)))
        try ImportedRows.forgetEarlier(in: database)
    }
}
