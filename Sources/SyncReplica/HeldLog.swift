import Database
import SyncCore

/// What this device knows of its held groups beside the outbox: work that came back, what was taken back, and how far it
/// has heard of outcomes.
struct HeldLog {
    /// How long work is kept that is not in force, in milliseconds: 90 days.
    static let keptMilliseconds: Int64 = LocalHistory.inBetweenMilliseconds

    /// A group whose work came back to its author.
    struct Returned {
        var number: Int64
        var kind: HeldOutcome.Kind
        var reason: HoldReason
        var why: String?
        /// When that was decided, in milliseconds since 1970.
        var milliseconds: Int64
        /// When this device heard of it, by the server's clock as far as it is known, in milliseconds since 1970.
        var heardMilliseconds: Int64
        /// The group that was sent in its place.
        var replacement: Int64?
        /// How many changes it had; fewer of them may be kept here.
        var changeCount: Int
    }

    let database: Database

    // MARK: Work that came back

    func save(_ group: Returned) throws {
        let statement = try database.statement("INSERT OR REPLACE INTO returned_group VALUES (?, ?, ?, ?, ?, ?, ?, ?)")
        try statement.bind(1, group.number)
        try statement.bind(2, Int64(group.kind.rawValue))
        try statement.bind(3, Int64(group.reason.rawValue))
        if let why = group.why { try statement.bind(4, why) } else { try statement.bindNull(4) }
        try statement.bind(5, group.milliseconds)
        try statement.bind(6, optional: group.replacement)
        try statement.bind(7, Int64(group.changeCount))
        try statement.bind(8, group.heardMilliseconds)
        try statement.run()
    }

    func save(_ change: Change, of number: Int64, area: Int) throws {
        let statement = try database.statement("INSERT OR REPLACE INTO returned_change VALUES (?, ?, ?, ?, ?)")
        try statement.bind(1, number)
        try statement.bind(2, Int64(change.table))
        try statement.bind(3, change.record.bytes)
        try statement.bind(4, Int64(area))
        try statement.bind(5, ChangeGroup(number: UInt64(clamping: number), changes: [change]).encoded())
        try statement.run()
    }

    /// Notes that work which had come back was sent again.
    func markReplaced(_ number: Int64, by replacement: Int64?) throws {
        guard let replacement else { return }
        try database.run(
            "UPDATE returned_group SET replacement = ? WHERE number = ?", .integer(replacement), .integer(number))
    }

    /// Notes that the office had accepted work before it was taken back here: it is in force.
    func markAccepted(_ number: Int64) throws {
        try database.run(
            "UPDATE returned_group SET kind = ? WHERE number = ?", .integer(Int64(HeldOutcome.Kind.accepted.rawValue)),
            .integer(number))
    }

    func returned() throws -> [Returned] {
        let statement = try database.statement(
            """
            SELECT number, kind, reason, why, at, replacement, changes, coalesce(heard, at) FROM returned_group
            ORDER BY number
            """)
        defer { statement.reset() }
        var groups: [Returned] = []
        while try statement.step() {
            guard let kind = HeldOutcome.Kind(rawValue: Int(statement.integer(1))) else {
                throw ReplicaError.damaged("work that came back")
            }
            groups.append(
                Returned(
                    number: statement.integer(0), kind: kind, reason: HoldReason(rawValue: Int(statement.integer(2))),
                    why: statement.isNull(3) ? nil : statement.text(3), milliseconds: statement.integer(4),
                    heardMilliseconds: statement.integer(7),
                    replacement: statement.isNull(5) ? nil : statement.integer(5),
                    changeCount: Int(statement.integer(6))))
        }
        return groups
    }

    func changes(of number: Int64) throws -> [Change] {
        let statement = try database.statement(
            "SELECT change FROM returned_change WHERE number = ? ORDER BY table_number, record_id")
        defer { statement.reset() }
        try statement.bind(1, number)
        var changes: [Change] = []
        while try statement.step() { changes += try ChangeGroup(decoding: statement.blob(0)).changes }
        return changes
    }

    /// What came back of a record, with the numbers of the groups.
    func changes(of record: RecordReference) throws -> [(number: UInt64, change: Change)] {
        let statement = try database.statement(
            "SELECT number, change FROM returned_change WHERE table_number = ? AND record_id = ? ORDER BY number")
        defer { statement.reset() }
        try statement.bind(1, Int64(record.table))
        try statement.bind(2, record.id.bytes)
        var changes: [(number: UInt64, change: Change)] = []
        while try statement.step() {
            let number = UInt64(clamping: statement.integer(0))
            changes += try ChangeGroup(decoding: statement.blob(1)).changes.map { (number, $0) }
        }
        return changes
    }

    /// Forgets the content of what belongs to areas that this device may read no more, but for records of its own making
    /// where it may still write.
    func forgetContent(outside areas: AreasOfOwnWork) throws {
        let rows = try database.query("SELECT DISTINCT area, table_number, record_id FROM returned_change")
        for row in rows {
            guard case .integer(let area) = row[0], case .integer(let table) = row[1], case .blob(let bytes) = row[2],
                let id = RecordID(bytes: bytes)
            else { throw ReplicaError.damaged("work that came back") }
            let record = RecordReference(table: Int(table), id: id)
            if areas.keep(Int(area), isOwn: false) { continue }
            if areas.keep(Int(area), isOwn: true),
                try changes(of: record).contains(where: { $0.change.creation != nil })
            {
                continue
            }
            let key: [SQLValue] = [.integer(table), .blob(bytes)]
            try database.run(
                """
                UPDATE returned_group SET why = NULL WHERE number IN (
                    SELECT number FROM returned_change WHERE table_number = ?1 AND record_id = ?2)
                """, key[0], key[1])
            try database.run(
                "DELETE FROM returned_change WHERE table_number = ?1 AND record_id = ?2", key[0], key[1])
        }
    }

    /// Forgets the office's words that may be about a record: of groups that touched it, of decisions in the same words,
    /// and of groups that are not here as a whole.
    private func forgetReasons(of record: RecordReference) throws {
        try database.run(
            """
            UPDATE returned_group SET why = NULL WHERE why IN (SELECT why FROM returned_group WHERE number IN (
                SELECT number FROM returned_change WHERE table_number = ?1 AND record_id = ?2))
            """, .integer(Int64(record.table)), .blob(record.id.bytes))
        try database.run(
            """
            UPDATE returned_group SET why = NULL WHERE why IS NOT NULL AND changes > (
                SELECT count(*) FROM returned_change WHERE returned_change.number = returned_group.number)
            """)
    }

    /// Forgets what came back of a record that is erased.
    func forget(_ record: RecordReference) throws {
        try forgetReasons(of: record)
        try database.run(
            "DELETE FROM returned_change WHERE table_number = ? AND record_id = ?", .integer(Int64(record.table)),
            .blob(record.id.bytes))
    }

    /// Forgets what came back of some fields of a record, unless it was written after seeing a stamp.
    func forget(_ fields: FieldMask, of record: RecordReference, unlessSeen stamp: Stamp) throws {
        try forgetReasons(of: record)
        let rows = try database.query(
            "SELECT number, area, change FROM returned_change WHERE table_number = ? AND record_id = ?",
            [.integer(Int64(record.table)), .blob(record.id.bytes)])
        for row in rows {
            guard case .integer(let number) = row[0], case .integer(let area) = row[1], case .blob(let bytes) = row[2],
                var change = try ChangeGroup(decoding: bytes).changes.first
            else { throw ReplicaError.damaged("work that came back") }
            if change.forget(fields, unlessSeen: stamp) { try save(change, of: number, area: Int(area)) }
        }
    }

    /// Forgets what came back before a moment by the server's clock, in milliseconds since 1970.
    func forget(before milliseconds: Int64) throws {
        try database.run(
            """
            DELETE FROM returned_change WHERE number IN
            (SELECT number FROM returned_group WHERE coalesce(heard, at) < ?)
            """, .integer(milliseconds))
        try database.run("DELETE FROM returned_group WHERE coalesce(heard, at) < ?", .integer(milliseconds))
    }

    // MARK: What was taken back

    /// Whether a group is being taken back, and the server does not know it yet.
    func isWithdrawn(_ number: Int64) throws -> Bool {
        try database.integer("SELECT 1 FROM withdrawal WHERE number = ?", .integer(number)) != nil
    }

    func withdrawals() throws -> [HeldGroupsRequest.Withdrawal] {
        let statement = try database.statement(
            "SELECT number, replacement FROM withdrawal ORDER BY number LIMIT \(HeldGroupsRequest.largestCount)")
        defer { statement.reset() }
        var withdrawals: [HeldGroupsRequest.Withdrawal] = []
        while try statement.step() {
            withdrawals.append(
                HeldGroupsRequest.Withdrawal(
                    number: UInt64(clamping: statement.integer(0)),
                    replacement: statement.isNull(1) ? nil : UInt64(clamping: statement.integer(1))))
        }
        return withdrawals
    }

    func withdraw(_ number: Int64, replacement: Int64?) throws {
        let statement = try database.statement("INSERT OR REPLACE INTO withdrawal VALUES (?, ?)")
        try statement.bind(1, number)
        try statement.bind(2, optional: replacement)
        try statement.run()
    }

    func removeWithdrawal(_ number: UInt64) throws {
        try database.run("DELETE FROM withdrawal WHERE number = ?", .integer(Int64(clamping: number)))
    }

    // MARK: Outcomes

    /// The last outcome that was taken note of in this history of the server; 0 for none.
    func lastOutcome(epoch: [UInt8]) throws -> UInt64 {
        let last = try database.integer("SELECT last_outcome FROM held_standing WHERE epoch = ?", .blob(epoch))
        return UInt64(clamping: last ?? 0)
    }

    func setLastOutcome(_ id: UInt64, epoch: [UInt8]) throws {
        try database.run(
            "INSERT OR REPLACE INTO held_standing VALUES (1, ?, ?)", .blob(epoch), .integer(Int64(clamping: id)))
    }

    /// The time of the latest decision that was told under an earlier history of the server, in milliseconds since 1970;
    /// 0 for none.
    func lastToldTime(beforeEpoch epoch: [UInt8]) throws -> Int64 {
        try database.integer(
            "SELECT CASE WHEN epoch = ? THEN former ELSE latest END FROM held_told", .blob(epoch)) ?? 0
    }

    /// Notes the time of a decision that is told; with the first one under another history the times before it become
    /// those of an earlier one.
    func noteTold(_ milliseconds: Int64, epoch: [UInt8]) throws {
        try database.run(
            """
            INSERT INTO held_told VALUES (1, ?1, 0, ?2) ON CONFLICT (only) DO UPDATE
            SET former = CASE WHEN epoch = excluded.epoch THEN former ELSE latest END,
                latest = max(latest, excluded.latest), epoch = excluded.epoch
            """, .blob(epoch), .integer(milliseconds))
    }

    // MARK: Fields that lie no longer over the row

    /// By group, the fields of a record that later work of this device, which left the outbox, has written again.
    func covers(of row: RowKey) throws -> [Int64: FieldMask] {
        let statement = try database.statement(
            "SELECT group_number, mask FROM held_cover WHERE table_number = ? AND record_key = ?")
        defer { statement.reset() }
        try statement.bind(1, Int64(row.table))
        try statement.bind(2, row.key)
        var covers: [Int64: FieldMask] = [:]
        while try statement.step() {
            covers[statement.integer(0)] = FieldMask(bits: UInt64(bitPattern: statement.integer(1)))
        }
        return covers
    }

    func save(_ cover: FieldMask, of group: Int64, _ row: RowKey) throws {
        let statement = try database.statement("INSERT OR REPLACE INTO held_cover VALUES (?, ?, ?, ?)")
        try statement.bind(1, Int64(row.table))
        try statement.bind(2, row.key)
        try statement.bind(3, group)
        try statement.bind(4, Int64(bitPattern: cover.bits))
        try statement.run()
    }

    func removeCover(of group: Int64, _ row: RowKey) throws {
        let statement = try database.statement(
            "DELETE FROM held_cover WHERE table_number = ? AND record_key = ? AND group_number = ?")
        try statement.bind(1, Int64(row.table))
        try statement.bind(2, row.key)
        try statement.bind(3, group)
        try statement.run()
    }
}
