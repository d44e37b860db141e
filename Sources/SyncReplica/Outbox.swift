import Database
import SyncCore

/// Groups that are not settled, and their changes record by record.
struct Outbox {
    /// Where a group stands on its way.
    enum State: Int64 {
        case waiting = 0
        /// On the server's disk; its rows have not come back yet.
        case receipted = 1
        /// On the server's disk, for checking.
        case held = 2
        /// Receipted, and some of its changes have been dropped here.
        case partly = 3
        /// It will not come into force; later work on the records that it makes still needs it here.
        case dropped = 4
    }

    /// One group's change of one record.
    struct Entry {
        var group: Int64
        var row: RowKey
        /// The earlier group that changed the same record, if that one was in the outbox.
        var previous: Int64?
        /// The change as a group of one, or empty for a creation whose values stand in the record's row.
        var detail: [UInt8]
    }

    /// How large a group is.
    struct Size {
        var changes: Int
        var bytes: Int
    }

    let database: Database
    private let insertion = RowInsertion(into: "outbox_change", columnCount: 5, meeting: .replaces)
    private let finding = Query(
        "SELECT 1 FROM outbox_change WHERE group_number = ?1 AND table_number = ?2 AND record_key = ?3")
    private let removingOfGroup = Query(
        """
        DELETE FROM outbox_change WHERE group_number = ?1 AND table_number = ?2 AND record_key BETWEEN ?3 AND ?4
        AND detail = x''
        """)
    private let removingOfGroups = Query(
        """
        DELETE FROM outbox_change WHERE group_number BETWEEN ?1 AND ?5 AND table_number = ?2
        AND record_key BETWEEN ?3 AND ?4 AND detail = x''
        """)

    init(database: Database) { self.database = database }

    // MARK: Groups

    func size(of group: Int64) throws -> Size? {
        let statement = try database.statement("SELECT changes, bytes FROM outbox_group WHERE number = ?")
        defer { statement.reset() }
        try statement.bind(1, group)
        guard try statement.step() else { return nil }
        return Size(changes: Int(statement.integer(0)), bytes: Int(statement.integer(1)))
    }

    func insertGroup(_ number: Int64, size: Size) throws {
        let statement = try database.statement("INSERT INTO outbox_group VALUES (?, 0, NULL, ?, ?)")
        try statement.bind(1, number)
        try statement.bind(2, Int64(size.changes))
        try statement.bind(3, Int64(size.bytes))
        try statement.run()
    }

    func resizeGroup(_ number: Int64, size: Size) throws {
        let statement = try database.statement("UPDATE outbox_group SET changes = ?, bytes = ? WHERE number = ?")
        try statement.bind(1, Int64(size.changes))
        try statement.bind(2, Int64(size.bytes))
        try statement.bind(3, number)
        try statement.run()
    }

    func state(of group: Int64) throws -> State? {
        let statement = try database.statement("SELECT state FROM outbox_group WHERE number = ?")
        defer { statement.reset() }
        try statement.bind(1, group)
        return try statement.step() ? State(rawValue: statement.integer(0)) : nil
    }

    /// The numbers of all groups.
    func numbers() throws -> Set<Int64> {
        let statement = try database.statement("SELECT number FROM outbox_group")
        defer { statement.reset() }
        var numbers: Set<Int64> = []
        while try statement.step() { numbers.insert(statement.integer(0)) }
        return numbers
    }

    /// The last group of the page that begins behind `after`: as many as fit the limits, at least one.
    func lastOfPage(after: Int64, frozen: Int64, limitCount: Int, limitBytes: Int) throws -> Int64? {
        let statement = try database.statement(
            "SELECT number, changes, bytes FROM outbox_group WHERE number > ? AND number <= ? ORDER BY number")
        defer { statement.reset() }
        try statement.bind(1, after)
        try statement.bind(2, frozen)
        var last: Int64?
        var total = Size(changes: 0, bytes: 0)
        while try statement.step() {
            // A group of which an erasure left nothing is sent too.
            total.changes += max(1, Int(statement.integer(1)))
            total.bytes += Int(statement.integer(2))
            if last != nil, total.changes > limitCount || total.bytes > limitBytes { break }
            last = statement.integer(0)
        }
        return last
    }

    // MARK: Changes

    func insert(_ entry: Entry) throws { try insert([entry]) }

    func insert(_ entries: [Entry]) throws {
        try insertion.insert(entries.indices, into: database) { statement, first, index in
            let entry = entries[index]
            try statement.bind(first, entry.group)
            try statement.bind(first + 1, Int64(entry.row.table))
            try statement.bind(first + 2, entry.row.key)
            try statement.bind(first + 3, optional: entry.previous)
            try statement.bind(first + 4, entry.detail)
        }
    }

    func remove(_ group: Int64, _ row: RowKey) throws {
        let statement = try database.statement(
            "DELETE FROM outbox_change WHERE group_number = ? AND table_number = ? AND record_key = ?")
        try statement.bind(1, group)
        try statement.bind(2, Int64(row.table))
        try statement.bind(3, row.key)
        try statement.run()
    }

    /// Removes all changes from one through another, in the order of groups, tables, keys.
    func remove(from first: Entry, through last: Entry) throws {
        let statement = try database.statement(
            """
            DELETE FROM outbox_change WHERE (group_number, table_number, record_key) >= (?, ?, ?)
            AND (group_number, table_number, record_key) <= (?, ?, ?)
            """)
        for (offset, entry) in [first, last].enumerated() {
            try statement.bind(3 * offset + 1, entry.group)
            try statement.bind(3 * offset + 2, Int64(entry.row.table))
            try statement.bind(3 * offset + 3, entry.row.key)
        }
        try statement.run()
    }

    /// Removes creations whose values stand in their rows alone.
    ///
    /// An edit over one of them has copied its values here first, so that its detail is not empty any more.
    /// - Parameter entries: of one table; keys and groups ascend.
    /// - Returns: false, and nothing is changed, where one of them is not here so.
    func removeUntouched(_ entries: [Entry]) throws -> Bool {
        struct Touched: Error {}
        do {
            try database.savepoint {
                var start = 0
                while start < entries.count {
                    let end = Self.end(of: entries, from: start)
                    guard try remove(untouched: entries[start..<end]) == end - start else { throw Touched() }
                    start = end
                }
            }
            return true
        } catch is Touched {
            return false
        }
    }

    /// The end of what one statement removes: the changes of a group that has several, for it finds those sooner, or all
    /// that follow.
    private static func end(of entries: [Entry], from start: Int) -> Int {
        let group = entries[start].group
        if start + 1 < entries.count, entries[start + 1].group != group { return entries.count }
        return entries[start...].firstIndex { $0.group != group } ?? entries.count
    }

    /// Returns how many were removed.
    private func remove(untouched entries: ArraySlice<Entry>) throws -> Int {
        guard let first = entries.first, let last = entries.last else { return 0 }
        let isOneGroup = first.group == last.group
        let statement = try database.statement(isOneGroup ? removingOfGroup : removingOfGroups)
        try statement.bind(1, first.group)
        try statement.bind(2, Int64(first.row.table))
        try statement.bind(3, first.row.key)
        try statement.bind(4, last.row.key)
        if !isOneGroup { try statement.bind(5, last.group) }
        try statement.run()
        return database.changes
    }

    /// Whether a group's change of a record is here, and so not settled.
    func contains(_ group: Int64, _ row: RowKey) throws -> Bool {
        let statement = try database.statement(finding)
        defer { statement.reset() }
        try statement.bind(1, group)
        try statement.bind(2, Int64(row.table))
        try statement.bind(3, row.key)
        return try statement.step()
    }

    func entry(_ group: Int64, _ row: RowKey) throws -> Entry? {
        let statement = try database.statement(
            """
            SELECT previous, detail FROM outbox_change
            WHERE group_number = ? AND table_number = ? AND record_key = ?
            """)
        defer { statement.reset() }
        try statement.bind(1, group)
        try statement.bind(2, Int64(row.table))
        try statement.bind(3, row.key)
        guard try statement.step() else { return nil }
        return Entry(
            group: group, row: row, previous: statement.isNull(0) ? nil : statement.integer(0),
            detail: statement.blob(1))
    }

    /// Everything that waits for one record, oldest first; `newest` is what the record's row names.
    func chain(of row: RowKey, newest: Int64?) throws -> [Entry] {
        var chain: [Entry] = []
        var next = newest
        while let group = next, let entry = try entry(group, row) {
            chain.append(entry)
            // Links lead to smaller numbers only, so the walk ends.
            next = entry.previous.flatMap { $0 < group ? $0 : nil }
        }
        return chain.reversed()
    }

    func entries(in groups: ClosedRange<Int64>) throws -> [Entry] {
        let statement = try database.statement(
            """
            SELECT group_number, table_number, record_key, previous, detail FROM outbox_change
            WHERE group_number BETWEEN ? AND ? ORDER BY group_number, table_number, record_key
            """)
        defer { statement.reset() }
        try statement.bind(1, groups.lowerBound)
        try statement.bind(2, groups.upperBound)
        return try Self.entries(statement)
    }

    /// Reads rows of group, table, record, previous group, detail.
    static func entries(_ statement: Statement) throws -> [Entry] {
        var entries: [Entry] = []
        while try statement.step() {
            entries.append(
                Entry(
                    group: statement.integer(0),
                    row: RowKey(table: Int(statement.integer(1)), key: statement.integer(2)),
                    previous: statement.isNull(3) ? nil : statement.integer(3), detail: statement.blob(4)))
        }
        return entries
    }
}
