import Database
import SyncCore

/// What receipts do to the groups of the outbox.
extension Outbox {
    /// Notes that all groups up to a number are on the server's disk.
    func markReceipted(through number: Int64) throws {
        try database.run(
            "UPDATE outbox_group SET state = 1 WHERE number <= ? AND state = 0", .integer(number))
    }

    /// Makes groups wait again that the server does not have any more.
    ///
    /// - Returns: false, and nothing is changed, where one of them is not held here whole.
    func markWaiting(_ numbers: ClosedRange<Int64>) throws -> Bool {
        let whole = try database.integer(
            """
            SELECT count(*) FROM outbox_group g WHERE number BETWEEN ? AND ? AND state <> 3
            AND changes = (SELECT count(*) FROM outbox_change c WHERE c.group_number = g.number)
            """,
            .integer(numbers.lowerBound), .integer(numbers.upperBound))
        guard whole == Int64(numbers.count) else { return false }
        try database.run(
            "UPDATE outbox_group SET state = 0, reason = NULL WHERE number BETWEEN ? AND ?",
            .integer(numbers.lowerBound), .integer(numbers.upperBound))
        return true
    }

    /// Marks groups as waiting that are to be sent under other numbers, as far as they are here and may come into force.
    func markUnsent(_ numbers: ClosedRange<Int64>) throws {
        try database.run(
            "UPDATE outbox_group SET state = 0, reason = NULL WHERE number BETWEEN ? AND ? AND state <> ?",
            .integer(numbers.lowerBound), .integer(numbers.upperBound), .integer(Int64(State.dropped.rawValue)))
    }

    /// Replaces the list of held groups; what is not held any more counts as receipted.
    func replaceHeld(with held: [HeldGroup]) throws {
        let before = try self.held().map(\.number)
        try database.run("UPDATE outbox_group SET state = 1, reason = NULL WHERE state = 2")
        for group in held {
            try database.run(
                "UPDATE outbox_group SET state = 2, reason = ? WHERE number = ? AND state <> 4",
                .integer(Int64(group.reason.rawValue)),
                .integer(Int64(clamping: group.number)))
        }
        for number in before where !held.contains(where: { $0.number == number }) {
            // Its work left this device with its area; there is nothing to settle.
            try database.run(
                """
                DELETE FROM outbox_group WHERE number = ?1
                AND NOT EXISTS (SELECT 1 FROM outbox_change WHERE group_number = ?1)
                """, .integer(Int64(clamping: number)))
        }
    }

    /// Notes that groups of a device that was shut out are at the office, for checking.
    func markDeposited(_ numbers: ClosedRange<Int64>) throws {
        try database.run(
            "UPDATE outbox_group SET state = 2, reason = ? WHERE number BETWEEN ? AND ? AND state = 0",
            .integer(Int64(HoldReason.revoked.rawValue)), .integer(numbers.lowerBound), .integer(numbers.upperBound))
    }

    /// Notes that a group will not come into force.
    func markDropped(_ number: Int64) throws {
        try database.run("UPDATE outbox_group SET state = 4, reason = NULL WHERE number = ?", .integer(number))
    }

    /// The groups that will not come into force and are still here.
    func droppedGroups() throws -> Set<Int64> {
        var numbers: Set<Int64> = []
        for row in try database.query("SELECT number FROM outbox_group WHERE state = 4") {
            if case .integer(let number)? = row.first { numbers.insert(number) }
        }
        return numbers
    }

    /// Groups that wait, are held or will not come into force, by number, with the reason of the held ones.
    func unacknowledged() throws -> [(number: Int64, state: State, reason: HoldReason)] {
        let statement = try database.statement(
            "SELECT number, state, reason FROM outbox_group WHERE state IN (0, 2, 4) ORDER BY number")
        defer { statement.reset() }
        var groups: [(number: Int64, state: State, reason: HoldReason)] = []
        while try statement.step() {
            guard let state = State(rawValue: statement.integer(1)) else {
                throw ReplicaError.damaged("the state of a group")
            }
            groups.append((statement.integer(0), state, HoldReason(rawValue: Int(statement.integer(2)))))
        }
        return groups
    }

    /// Groups up to a number that the server has, as far as something of them is here, with the reason of the held ones.
    func receipted(through number: Int64) throws -> [(number: Int64, reason: HoldReason)] {
        let statement = try database.statement(
            "SELECT number, reason FROM outbox_group WHERE number <= ? AND state IN (1, 2, 3) ORDER BY number")
        defer { statement.reset() }
        try statement.bind(1, number)
        var groups: [(number: Int64, reason: HoldReason)] = []
        while try statement.step() {
            groups.append((statement.integer(0), HoldReason(rawValue: Int(statement.integer(1)))))
        }
        return groups
    }

    func held() throws -> [HeldGroup] {
        let statement = try database.statement(
            "SELECT number, reason FROM outbox_group WHERE state = 2 ORDER BY number")
        defer { statement.reset() }
        var held: [HeldGroup] = []
        while try statement.step() {
            held.append(
                HeldGroup(
                    number: UInt64(clamping: statement.integer(0)),
                    reason: HoldReason(rawValue: Int(statement.integer(1)))))
        }
        return held
    }

    /// The changes of groups that the server has accepted, in order.
    ///
    /// - Parameter receipt: the greatest number on the server's disk, so that what waits behind it is not looked at.
    func receiptedEntries(through receipt: Int64) throws -> [Entry] {
        // The order of a CROSS JOIN is the one written: changes first, of which few are left.
        let statement = try database.statement(
            """
            SELECT group_number, table_number, record_key, previous, detail
            FROM outbox_change CROSS JOIN outbox_group ON number = group_number
            WHERE group_number <= ? AND state IN (1, 3) ORDER BY group_number, table_number, record_key
            """)
        defer { statement.reset() }
        try statement.bind(1, receipt)
        return try Self.entries(statement)
    }

    /// The records that groups of a range change.
    func rows(in groups: ClosedRange<Int64>) throws -> Set<RowKey> {
        let statement = try database.statement(
            "SELECT table_number, record_key FROM outbox_change WHERE group_number BETWEEN ? AND ?")
        defer { statement.reset() }
        try statement.bind(1, groups.lowerBound)
        try statement.bind(2, groups.upperBound)
        var rows: Set<RowKey> = []
        while try statement.step() { rows.insert(RowKey(table: Int(statement.integer(0)), key: statement.integer(1))) }
        return rows
    }

    /// Forgets groups of which no change is left, but for those that are held, and notes which ones are no longer whole.
    ///
    /// - Returns: the greatest number that was forgotten or is not whole, or 0.
    func dropSettled(_ touched: Set<Int64>) throws -> Int64 {
        let rest = "EXISTS (SELECT 1 FROM outbox_change WHERE group_number = outbox_group.number)"
        for range in Self.ranges(touched) {
            let (first, last) = (SQLValue.integer(range.lowerBound), SQLValue.integer(range.upperBound))
            try database.run(
                "UPDATE outbox_group SET state = 3 WHERE number BETWEEN ? AND ? AND state NOT IN (2, 4) AND \(rest)",
                first, last
            )
            try database.run(
                "DELETE FROM outbox_group WHERE number BETWEEN ? AND ? AND state <> 2 AND NOT \(rest)", first, last)
        }
        return touched.max() ?? 0
    }

    /// Numbers as ranges without gaps, ascending.
    private static func ranges(_ numbers: Set<Int64>) -> [ClosedRange<Int64>] {
        var ranges: [ClosedRange<Int64>] = []
        for number in numbers.sorted() {
            if let last = ranges.last, number == last.upperBound + 1 {
                ranges[ranges.count - 1] = last.lowerBound...number
            } else {
                ranges.append(number...number)
            }
        }
        return ranges
    }
}
