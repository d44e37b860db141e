import Database
import SyncCore

/// The conflict log.
extension SQLiteHubStore {
    private static let columns = """
        id, table_number, record, area, field, a_time, a_device, a_deleted, a_value, b_time, b_device, b_deleted,
        b_value, before_value, kept, status, verdict_time, verdict_device, verdict_action, why
        """

    package func conflict(_ id: UInt128) throws -> StoredConflict? {
        let statement = try database.statement("SELECT \(Self.columns), conflict_key FROM conflict WHERE id = ?1")
        defer { statement.reset() }
        try statement.bind(1, id.bytes)
        guard try statement.step() else { return nil }
        return StoredConflict(key: statement.integer(20), conflict: try Self.conflict(statement))
    }

    package func conflict(key: Int64) throws -> Conflict? {
        let statement = try database.statement("SELECT \(Self.columns) FROM conflict WHERE conflict_key = ?1")
        defer { statement.reset() }
        try statement.bind(1, key)
        return try statement.step() ? Self.conflict(statement) : nil
    }

    package func conflicts(table: Int, record: RecordID) throws -> [StoredConflict] {
        let statement = try database.statement(
            """
            SELECT \(Self.columns), conflict_key FROM conflict
            WHERE record = ?1 AND table_number = ?2 ORDER BY conflict_key
            """)
        defer { statement.reset() }
        try statement.bind(1, record.bytes)
        try statement.bind(2, Int64(table))
        var conflicts: [StoredConflict] = []
        while try statement.step() {
            conflicts.append(StoredConflict(key: statement.integer(20), conflict: try Self.conflict(statement)))
        }
        return conflicts
    }

    package func conflicts(openOnly: Bool, limit: Int) throws -> [Conflict] {
        let condition = openOnly ? "WHERE status = 0" : ""
        let statement = try database.statement(
            "SELECT \(Self.columns) FROM conflict \(condition) ORDER BY conflict_key DESC LIMIT ?1")
        defer { statement.reset() }
        try statement.bind(1, Int64(limit))
        var conflicts: [Conflict] = []
        while try statement.step() { conflicts.append(try Self.conflict(statement)) }
        return conflicts
    }

    package func insert(_ conflict: Conflict) throws -> Int64? {
        let statement = try database.statement(
            """
            INSERT OR IGNORE INTO conflict (\(Self.columns))
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20)
            """)
        try statement.bind(1, conflict.id.bytes)
        try statement.bind(2, Int64(conflict.table))
        try statement.bind(3, conflict.record.bytes)
        try statement.bind(4, Int64(conflict.area))
        try statement.bind(5, Int64(conflict.field))
        try Self.bind(conflict.a, to: statement, 6)
        try Self.bind(conflict.b, to: statement, 10)
        try statement.bind(14, conflict.before)
        try statement.bind(15, Int64(conflict.kept.rawValue))
        try statement.bind(16, Int64(conflict.status.rawValue))
        try Self.bind(conflict.verdict, to: statement, 17)
        try statement.run()
        guard database.changes == 1 else { return nil }
        let key = database.lastInsertRowID
        try noteSettling(conflict, key: key)
        return key
    }

    package func update(_ conflict: Conflict, key: Int64) throws {
        let statement = try database.statement(
            """
            UPDATE conflict SET status = ?1, verdict_time = ?2, verdict_device = ?3, verdict_action = ?4, why = ?5
            WHERE conflict_key = ?6
            """)
        try statement.bind(1, Int64(conflict.status.rawValue))
        try Self.bind(conflict.verdict, to: statement, 2)
        try statement.bind(6, key)
        try statement.run()
        try noteSettling(conflict, key: key)
    }

    private func noteSettling(_ conflict: Conflict, key: Int64) throws {
        guard let verdict = conflict.verdict, verdict.action == .resolve else { return }
        try database.run(
            "INSERT OR IGNORE INTO settling VALUES (?1, ?2, ?3)", .integer(key),
            .integer(Int64(bitPattern: verdict.stamp.time)), .integer(Int64(verdict.stamp.device)))
    }

    package func settlings(ofConflict key: Int64) throws -> [Stamp] {
        let statement = try database.statement("SELECT time, device FROM settling WHERE conflict_key = ?1")
        defer { statement.reset() }
        try statement.bind(1, key)
        var stamps: [Stamp] = []
        while try statement.step() { stamps.append(statement.stamp(0)) }
        return stamps
    }

    // MARK: Rows

    private static func bind(_ side: Conflict.Side, to statement: Statement, _ index: Int) throws {
        try statement.bind(index, Int64(bitPattern: side.stamp.time))
        try statement.bind(index + 1, Int64(side.stamp.device))
        try statement.bind(index + 2, Int64(side.value == nil ? 1 : 0))
        try statement.bind(index + 3, side.value ?? .null)
    }

    private static func bind(_ verdict: Conflict.Verdict?, to statement: Statement, _ index: Int) throws {
        try statement.bindBase(verdict?.stamp, index)
        try statement.bind(index + 2, verdict.map { Value.integer(Int64($0.action.rawValue)) } ?? .null)
        try statement.bind(index + 3, (verdict?.why).map { Value.text($0) } ?? .null)
    }

    private static func side(_ statement: Statement, _ column: Int) -> Conflict.Side {
        Conflict.Side(
            value: statement.integer(column + 2) != 0 ? nil : statement.fieldValue(column + 3),
            stamp: statement.stamp(column))
    }

    private static func conflict(_ statement: Statement) throws -> Conflict {
        guard let id = UInt128(bytes: statement.blob(0)), let record = RecordID(bytes: statement.blob(2)),
            let kept = Conflict.Kept(rawValue: Int(statement.integer(14))),
            let status = Conflict.Status(rawValue: Int(statement.integer(15)))
        else { throw HubError.damagedRow(table: "conflict") }
        var verdict: Conflict.Verdict?
        if !statement.isNull(16) {
            guard let action = Decision.Action(rawValue: Int(statement.integer(18))) else {
                throw HubError.damagedRow(table: "conflict")
            }
            verdict = Conflict.Verdict(
                stamp: statement.stamp(16), action: action, why: statement.isNull(19) ? nil : statement.text(19))
        }
        return Conflict(
            id: id, table: Int(statement.integer(1)), record: record, area: Int(statement.integer(3)),
            field: Int(statement.integer(4)), a: side(statement, 5), b: side(statement, 9),
            before: statement.fieldValue(13), kept: kept, status: status, verdict: verdict)
    }
}
