import Database
import RecordStorage
import SyncCore

/// The conflicts about records of this device's areas, as the server sent them, with the device's own decisions.
struct ConflictLog {
    private static let columns = """
        id, table_number, record_id, area, field, a_deletes, a_value, a_time, a_device, b_deletes, b_value, b_time,
        b_device, before, kept, status, verdict_time, verdict_device, verdict_action, why, local_status, decided_in
        """

    let database: Database

    /// The conflict with this id; own decisions that the server has not applied show in its status.
    func find(_ id: UInt128) throws -> Conflict? {
        try select("WHERE id = ?", [.blob(id.bigEndianBytes)]).first
    }

    /// Conflicts by ascending stamp of their newer side.
    func all(openOnly: Bool) throws -> [Conflict] {
        let clause = openOnly ? "WHERE status <> 2 AND coalesce(local_status, status) = 0" : ""
        return try select("\(clause) ORDER BY b_time, b_device, id", [])
    }

    func about(_ record: RecordReference) throws -> [Conflict] {
        try select(
            "WHERE table_number = ? AND record_id = ? ORDER BY b_time, b_device, id",
            [.integer(Int64(record.table)), .blob(record.id.bytes)])
    }

    /// The conflicts of an area as the server has them, without decisions that wait here.
    func acknowledged(area: Int) throws -> [Conflict] {
        try select("WHERE area = ? ORDER BY b_time, b_device, id", [.integer(Int64(area))], isLocal: false)
    }

    private func select(_ clause: String, _ values: [SQLValue], isLocal: Bool = true) throws -> [Conflict] {
        let statement = try database.statement("SELECT \(Self.columns) FROM conflict \(clause)")
        defer { statement.reset() }
        for (index, value) in values.enumerated() { try statement.bind(index + 1, value) }
        var conflicts: [Conflict] = []
        while try statement.step() { conflicts.append(try conflict(in: statement, isLocal: isLocal)) }
        return conflicts
    }

    private func conflict(in statement: Statement, isLocal: Bool) throws -> Conflict {
        // What a link that came late has explained needs no decision any more, whatever was decided here.
        let isOver = statement.integer(15) == Int64(Conflict.Status.withdrawn.rawValue)
        let status = isLocal && !isOver && !statement.isNull(20) ? statement.integer(20) : statement.integer(15)
        guard let record = RecordID(bytes: statement.blob(2)),
            let kept = Conflict.Kept(rawValue: Int(statement.integer(14))),
            let status = Conflict.Status(rawValue: Int(status))
        else { throw ReplicaError.damaged("a conflict") }
        var conflict = Conflict(
            id: UInt128(bigEndianBytes: statement.blob(0)), table: Int(statement.integer(1)), record: record,
            area: Int(statement.integer(3)), field: Int(statement.integer(4)), a: side(statement, 5),
            b: side(statement, 9), before: statement.anyValue(13), kept: kept, status: status)
        if !statement.isNull(16), let action = Decision.Action(rawValue: Int(statement.integer(18))) {
            conflict.verdict = Conflict.Verdict(
                stamp: statement.stamp(16), action: action, why: statement.isNull(19) ? nil : statement.text(19))
        }
        return conflict
    }

    private func side(_ statement: Statement, _ column: Int) -> Conflict.Side {
        Conflict.Side(
            value: statement.integer(column) != 0 ? nil : statement.anyValue(column + 1),
            stamp: statement.stamp(column + 2))
    }

    // MARK: What the server says

    /// Takes over the server's word on a conflict; a decision of this device that is not settled keeps showing.
    ///
    /// - Returns: whether it is new here and open.
    func save(_ conflict: Conflict) throws -> Bool {
        let known = try database.query(
            "SELECT local_status, decided_in FROM conflict WHERE id = ?", [.blob(conflict.id.bigEndianBytes)]
        ).first
        let statement = try database.statement(
            "INSERT OR REPLACE INTO conflict VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)")
        try statement.bind(1, conflict.id.bigEndianBytes)
        try statement.bind(2, Int64(conflict.table))
        try statement.bind(3, conflict.record.bytes)
        try statement.bind(4, Int64(conflict.area))
        try statement.bind(5, Int64(conflict.field))
        try bind(conflict.a, to: statement, 6)
        try bind(conflict.b, to: statement, 10)
        try statement.bind(14, value: conflict.before)
        try statement.bind(15, Int64(conflict.kept.rawValue))
        try statement.bind(16, Int64(conflict.status.rawValue))
        try bind(conflict.verdict, to: statement, 17)
        try statement.bind(21, known?[0] ?? .null)
        try statement.bind(22, known?[1] ?? .null)
        try statement.run()
        return known == nil && conflict.status == .open
    }

    private func bind(_ side: Conflict.Side, to statement: Statement, _ index: Int) throws {
        try statement.bind(index, Int64(side.value == nil ? 1 : 0))
        try statement.bind(index + 1, value: side.value ?? .null)
        try statement.bind(index + 2, time: side.stamp.time)
        try statement.bind(index + 3, Int64(side.stamp.device))
    }

    private func bind(_ verdict: Conflict.Verdict?, to statement: Statement, _ index: Int) throws {
        guard let verdict else {
            for column in index..<index + 4 { try statement.bindNull(column) }
            return
        }
        try statement.bind(index, time: verdict.stamp.time)
        try statement.bind(index + 1, Int64(verdict.stamp.device))
        try statement.bind(index + 2, Int64(verdict.action.rawValue))
        if let why = verdict.why { try statement.bind(index + 3, why) } else { try statement.bindNull(index + 3) }
    }

    func remove(record: RecordReference) throws {
        try database.run(
            "DELETE FROM conflict WHERE table_number = ? AND record_id = ?", .integer(Int64(record.table)),
            .blob(record.id.bytes))
    }

    /// Removes the conflicts about records of a kind that have no row in its SQL table.
    func removeOrphans(of table: Int, in name: String) throws {
        try database.run(
            """
            DELETE FROM conflict WHERE table_number = ?
            AND NOT EXISTS (SELECT 1 FROM \(name) r WHERE r.id = conflict.record_id)
            """, .integer(Int64(table)))
    }

    /// The same for kinds that this version does not know.
    func removeOrphans(ofTablesBut known: [Int]) throws {
        let numbers = known.map { String($0) }.joined(separator: ", ")
        try database.run(
            """
            DELETE FROM conflict WHERE table_number NOT IN (\(numbers))
            AND NOT EXISTS (SELECT 1 FROM \(RecordTables.unknownTable) r WHERE r.id = conflict.record_id)
            """)
    }

    func remove(_ id: UInt128) throws {
        try database.run("DELETE FROM conflict WHERE id = ?", .blob(id.bigEndianBytes))
    }

    func remove(area: Int) throws { try database.run("DELETE FROM conflict WHERE area = ?", .integer(Int64(area))) }

    // MARK: What this device decides

    /// Shows a decision that waits in a group.
    func decide(_ decision: Decision, group: Int64) throws {
        try database.run(
            "UPDATE conflict SET local_status = ?, decided_in = ? WHERE id = ?",
            .integer(Int64((decision.action == .resolve ? Conflict.Status.resolved : .open).rawValue)),
            .integer(group), .blob(decision.conflict.bigEndianBytes))
    }

    /// Whether what is shown of a conflict is this device's own decision, which waits.
    func isDecidedHere(_ id: UInt128) throws -> Bool {
        try database.integer("SELECT decided_in FROM conflict WHERE id = ?", .blob(id.bigEndianBytes)) != nil
    }

    /// Takes away a decision that was never sent.
    ///
    /// - Parameter earlier: the one of this device that waits below it, with its group.
    func takeBack(_ conflict: UInt128, group: Int64, earlier: (decision: Decision, group: Int64)?) throws {
        try database.run(
            "UPDATE conflict SET local_status = NULL, decided_in = NULL WHERE id = ? AND decided_in = ?",
            .blob(conflict.bigEndianBytes), .integer(group))
        if let earlier { try decide(earlier.decision, group: earlier.group) }
    }

    /// Ends the wait of a group's decision: from now on the server's word counts.
    ///
    /// - Parameter stamp: the decision's stamp, where the server accepted the group as it was sent.
    func settle(_ decision: Decision, group: Int64, acceptedAs stamp: Stamp?) throws {
        let id = SQLValue.blob(decision.conflict.bigEndianBytes)
        try database.run(
            "UPDATE conflict SET local_status = NULL, decided_in = NULL WHERE id = ? AND decided_in = ?", id,
            .integer(group))
        guard let stamp else { return }
        let statement = try database.statement("SELECT \(Self.columns) FROM conflict WHERE id = ?")
        try statement.bind(1, decision.conflict.bigEndianBytes)
        defer { statement.reset() }
        guard try statement.step() else { return }
        var conflict = try conflict(in: statement, isLocal: false)
        statement.reset()
        conflict.apply(decision, stamp: stamp)
        _ = try save(conflict)
    }
}
