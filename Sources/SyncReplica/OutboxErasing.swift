import Database

/// Groups that lose changes to an order of erasure, or because somebody took them back before they were sent.
extension Outbox {
    /// Takes one change out of its group; the group stays, even without changes, so that its number can be sent. What it had said
    /// as a whole is forgotten: a hash of what is gone would tell of it.
    func take(_ entry: Entry) throws {
        try remove(entry.group, entry.row)
        try ReceiptChecks(database: database).remove([UInt64(clamping: entry.group)])
        try database.run("UPDATE outbox_group SET changes = changes - 1 WHERE number = ?", .integer(entry.group))
    }

    /// The groups of a range of which nothing is left.
    func emptied(in groups: ClosedRange<Int64>) throws -> [Int64] {
        let statement = try database.statement(
            "SELECT number FROM outbox_group WHERE number BETWEEN ? AND ? AND changes <= 0 ORDER BY number")
        defer { statement.reset() }
        try statement.bind(1, groups.lowerBound)
        try statement.bind(2, groups.upperBound)
        var numbers: [Int64] = []
        while try statement.step() { numbers.append(statement.integer(0)) }
        return numbers
    }

    /// Forgets groups of which nothing is left, once the server has their numbers.
    func dropEmptied(through receipt: Int64) throws {
        try database.run("DELETE FROM outbox_group WHERE changes <= 0 AND number <= ?", .integer(receipt))
    }

    /// Forgets a group if it has no changes; returns whether it had none.
    func dropIfEmpty(_ group: Int64) throws -> Bool {
        try database.run(
            """
            DELETE FROM outbox_group WHERE number = ?1
            AND NOT EXISTS (SELECT 1 FROM outbox_change WHERE group_number = ?1)
            """, .integer(group))
        return database.changes > 0
    }

    /// Forgets groups without changes: before their numbers are given anew nothing need be sent for them.
    func dropEmpty() throws {
        try database.run(
            "DELETE FROM outbox_group WHERE NOT EXISTS (SELECT 1 FROM outbox_change WHERE group_number = number)")
    }
}
